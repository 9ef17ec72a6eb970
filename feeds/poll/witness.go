package poll

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

const (
	// near is how far a server's clock and ours may differ to agree.
	near = 2 * time.Minute
	// fewest is how many hosts must agree with our clock, and be most of those that were
	// heard, for it to be right: less may be one badly set machine with several names.
	fewest = 3
)

// witnesses are the servers that were asked since the wall clock was set: each of their
// answers says what time it is there. It is safe for concurrent use.
type witnesses struct {
	mu     sync.Mutex
	zero   time.Time       // what the wall clock would show at the running clock's zero
	agree  map[string]bool // by host
	agrees int             // how many of them do
}

// hear takes in an answer that came from one reading of the clocks to the other, with what
// the server's clock showed (zero: it did not say). It reports whether our clock is right.
func (w *witnesses) hear(host string, from time.Time, ranFrom time.Duration, to time.Time, ranTo time.Duration, server time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	zero := to.Add(-ranTo)
	if w.agree == nil || zero.Sub(w.zero).Abs() > stepped {
		w.agree, w.agrees, w.zero = map[string]bool{}, 0, zero
	}
	if from.Add(-ranFrom).Sub(zero).Abs() > stepped {
		return false // it was set meanwhile
	}
	if was, heard := w.agree[host]; !server.IsZero() && (heard || public(host)) {
		if was {
			w.agrees--
		}
		agrees := !server.Before(from.Add(-near)) && !server.After(to.Add(near))
		if w.agree[host] = agrees; agrees {
			w.agrees++
		}
	}
	return w.agrees >= fewest && 2*w.agrees > len(w.agree)
}

// public reports whether a host is named as one of the internet is, so that its clock is
// hardly ours.
func public(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(host, ".")
}

// now reads both clocks.
func (p *Poller) now() (time.Time, feeds.Ran) {
	at, ran := p.clock.both()
	return at, feeds.Ran{Boot: p.boot, For: ran}
}

// witness notes what an answer says of the time.
func (p *Poller) witness(a *answer, host string) {
	if len(a.resp.Redirects) > 0 {
		if to, err := hostName(a.resp.FinalURL); err == nil {
			host = to
		}
	}
	server, _ := fetch.ServerTime(a.resp.Header)
	now, ran := p.now()
	a.ran.Right = p.witnesses.hear(host, a.at, a.ran.For, now, ran.For, server)
}

// boot names what the running clock counts from: the boot of the machine, or this program.
func boot() string {
	id := bootID()
	if id == [16]byte{} {
		_, _ = rand.Read(id[:]) // fails never
	}
	return hex.EncodeToString(id[:])
}
