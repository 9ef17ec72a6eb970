package poll

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"aggregator/feeds"
)

// host is one server: a name and a port. Its limits are the strictest of its feeds.
// The loop owns it.
type host struct {
	name     string
	gap      time.Duration
	parallel int

	queue  []*feed   // due, waiting for their turn
	flying int       // requests under way
	next   time.Time // no start before
	paused time.Time // the server wants no request before; zero when it does not mind
	why    string
	index  int // in the heap of hosts with a queue; -1 when it is not there
}

// hostOf finds the host of an address, and tightens its limits to settings.
func (p *Poller) hostOf(address string, s *feeds.Settings) (*host, error) {
	name, err := hostName(address)
	if err != nil {
		return nil, err
	}
	parallel := max(1, s.HostParallel)
	h := p.hosts[name]
	if h == nil {
		h = &host{name: name, gap: s.HostGap, parallel: parallel, index: -1}
		p.hosts[name] = h
	}
	h.gap, h.parallel = max(h.gap, s.HostGap), min(h.parallel, parallel)
	return h, nil
}

// viaOf is the host that the address at the end of a feed's redirects lies on; nil
// when that is the feed's own. A request counts at both.
func (p *Poller) viaOf(f *feed, final string) *host {
	if final == "" {
		return nil
	}
	if h, err := p.hostOf(final, f.rules.settings); err == nil && h != f.host {
		return h
	}
	return nil
}

// other is the second host that a request for a feed counts at, h being the first.
func (f *feed) other(h *host) *host {
	if h == f.host {
		return f.via
	}
	return f.host
}

// answering is the host that a feed's answers come from.
func (f *feed) answering() *host {
	if f.via != nil {
		return f.via
	}
	return f.host
}

// free reports whether a request to the host may start.
func (h *host) free(now time.Time) bool { return h.flying < h.parallel && !h.ready().After(now) }

func (h *host) took(now time.Time) {
	h.flying++
	h.next = now.Add(h.gap)
}

// hostName is the server that an address leads to. http and https on their usual
// ports are one server; another port is another.
func hostName(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("the address must start with http:// or https:// and name a host")
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		name = net.JoinHostPort(name, port)
	}
	return name, nil
}

// ready is when the host's next request may start, as far as time goes.
func (h *host) ready() time.Time { return later(h.next, h.paused) }

// pause keeps everybody away from the host until a moment.
func (h *host) pause(until time.Time, why string) {
	if until.After(h.paused) {
		h.paused, h.why = until, why
	}
}

// pauses reports whether a feed in this state speaks for its whole host.
func pauses(s *feeds.State, set *feeds.Settings) bool {
	return !s.NotBefore.IsZero() && !set.SharedHost
}
