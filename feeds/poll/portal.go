package poll

import (
	"maps"
	"slices"
	"time"

	"aggregator/feeds"
)

const (
	portalWindow = time.Hour
	// portalHosts is how many hosts must redirect to one host within portalWindow
	// to look like a captive portal rather than like publishers that moved.
	portalHosts  = 4
	portalFreeze = 24 * time.Hour
	// offlineHosts is how many different hosts in a row must go unheard to mean that
	// this machine is offline.
	offlineHosts = 5
)

// trust is what the loop knows about the network when a poll starts. It is shared
// between polls and not changed.
type trust struct {
	frozen  map[string]bool // hosts that are not learned as the target of a redirect
	offline bool            // no publisher is heard
}

// portal watches for a network that answers in the place of publishers, or not at
// all. The zero value is ready. The loop owns it.
type portal struct {
	led    map[string]map[string]time.Time // target host -> redirecting host -> when last
	until  map[string]time.Time            // target hosts that are not learned before
	known  trust                           // what was handed out last; rebuilt when it changes
	silent map[string]bool                 // hosts that went unheard since one was heard
}

// trust is what polls that start now may believe.
func (p *portal) trust(now time.Time) trust {
	for host, until := range p.until {
		if !now.Before(until) {
			delete(p.until, host)
			p.rebuild()
		}
	}
	p.known.offline = p.offline()
	return p.known
}

// offline reports whether so many hosts in a row went unheard that it is this machine.
func (p *portal) offline() bool { return len(p.silent) >= offlineHosts }

// freezes lists what is not learned, by target.
func (p *portal) freezes() []feeds.Freeze {
	var out []feeds.Freeze
	for _, to := range slices.Sorted(maps.Keys(p.until)) {
		out = append(out, feeds.Freeze{Target: to, Until: p.until[to], Hosts: slices.Sorted(maps.Keys(p.led[to]))})
	}
	return out
}

func (p *portal) rebuild() {
	p.known.frozen = make(map[string]bool, len(p.until))
	for host := range p.until {
		p.known.frozen[host] = true
	}
}

// see takes note of one answer to a request to a host, and reports whether a target is
// frozen because of it.
func (p *portal) see(a *answer, from string) (froze bool) {
	if a.unheard(from) {
		if p.silent == nil {
			p.silent = map[string]bool{}
		}
		p.silent[from] = true
	} else {
		clear(p.silent)
	}
	if len(a.resp.Redirects) == 0 || !allPermanent(a) {
		return false // never learned from
	}
	to, err := hostName(a.resp.FinalURL)
	if err != nil || to == from {
		return false
	}
	if p.led == nil {
		p.led, p.until = map[string]map[string]time.Time{}, map[string]time.Time{}
	}
	if p.led[to] == nil {
		p.led[to] = map[string]time.Time{}
	}
	p.led[to][from] = a.at
	for host, when := range p.led[to] {
		if a.at.Sub(when) > portalWindow {
			delete(p.led[to], host)
		}
	}
	if len(p.led[to]) < portalHosts {
		return false
	}
	p.until[to] = a.at.Add(portalFreeze)
	p.rebuild()
	return true
}
