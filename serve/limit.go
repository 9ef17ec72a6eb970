package serve

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter bounds how often one address may ask for what costs more than a
// cached answer. Safe for concurrent use.
type limiter struct {
	every time.Duration
	burst int

	mu    sync.Mutex
	known map[netip.Prefix]*rate.Limiter
}

const (
	askEvery  = 500 * time.Millisecond // texts and links
	askBurst  = 20
	tryEvery  = 10 * time.Second // passwords
	tryBurst  = 10
	maxAskers = 10000
)

// newLimiter allows burst at once and then one every so long.
func newLimiter(every time.Duration, burst int) *limiter {
	return &limiter{every: every, burst: burst, known: map[netip.Prefix]*rate.Limiter{}}
}

// allow reports whether an address ("host:port", as in http.Request.RemoteAddr)
// may ask now. All of an IPv6 /64 counts as one address: it is one customer's.
// What has no such address came over the unix socket, whose users are trusted.
func (l *limiter) allow(remote string, now time.Time) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return true
	}
	bits := 32
	if addr = addr.Unmap(); addr.Is6() {
		bits = 64
	}
	asker, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[asker] == nil {
		if len(l.known) >= maxAskers { // begin anew rather than grow for ever
			clear(l.known)
		}
		l.known[asker] = rate.NewLimiter(rate.Every(l.every), l.burst)
	}
	return l.known[asker].AllowN(now, 1)
}
