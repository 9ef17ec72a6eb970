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
	frozen  map[string]time.Time // hosts that are not learned as the target of a redirect before
	offline bool                 // no publisher is heard
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
	p.known.frozen = maps.Clone(p.until)
}

// see takes note of one answer to a request to a host, and reports whether a target is
// frozen because of it.
func (p *portal) see(a *answer, from string) (froze bool) {
	if a.unheard {
		if p.silent == nil {
			p.silent = map[string]bool{}
		}
		p.silent[from] = true
	} else {
		clear(p.silent)
	}
	to := a.ledFrom(from)
	return to != "" && p.lead(to, from, a.at)
}

// led is the other host that an answer for a feed in state s led to for good; empty
// when it led to none.
func (a *answer) led(s *feeds.State) string {
	if len(a.resp.Redirects) == 0 {
		return ""
	}
	from, _ := hostName(asked(s))
	return a.ledFrom(from)
}

func (a *answer) ledFrom(from string) string {
	if len(a.resp.Redirects) == 0 || !allPermanent(a) {
		return "" // never learned from
	}
	to, err := hostName(a.resp.FinalURL)
	if err != nil || to == from {
		return ""
	}
	return to
}

// lead notes that a host led to another one, and reports whether that one is frozen now.
func (p *portal) lead(to, from string, at time.Time) bool {
	if p.led == nil {
		p.led, p.until = map[string]map[string]time.Time{}, map[string]time.Time{}
	}
	if p.led[to] == nil {
		p.led[to] = map[string]time.Time{}
	}
	p.led[to][from] = at
	for host, when := range p.led[to] {
		if at.Sub(when) > portalWindow {
			delete(p.led[to], host)
		}
	}
	if len(p.led[to]) < portalHosts {
		return false
	}
	p.freeze(to, at.Add(portalFreeze))
	return true
}

func (p *portal) freeze(to string, until time.Time) {
	if p.until[to].Before(until) {
		p.until[to] = until
		p.rebuild()
	}
}

// recall takes over what the states of feeds tell of the network: where permanent
// redirects led, what taught nothing because of it, and which hosts went unheard last.
func (p *portal) recall(list []*feed) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *feed) int { return a.state.LedAt.Compare(b.state.LedAt) })
	for _, f := range list {
		if s := &f.state; s.LedTo != "" {
			p.lead(s.LedTo, f.host.name, s.LedAt)
			p.freeze(s.LedTo, s.FrozenUntil)
		}
	}
	slices.SortStableFunc(list, func(a, b *feed) int { return a.state.LastRequest.Compare(b.state.LastRequest) })
	p.silent = map[string]bool{}
	for _, f := range list {
		switch s := &f.state; {
		case s.LastRequest.IsZero() || s.Outcome == feeds.NotAFeed:
			// It tells nothing, or not who answered.
		case s.Status != 0:
			clear(p.silent)
		case len(s.Recent) > 0 && s.Recent[len(s.Recent)-1].At.Equal(s.LastRequest): // not given up at a stop
			p.silent[f.host.name] = true
		}
	}
}
