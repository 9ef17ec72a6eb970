package poll

import (
	"time"

	"aggregator/feeds"
)

const (
	portalWindow = time.Hour
	// portalFeeds is how many feeds from different hosts must be led to one host
	// within portalWindow to look like a captive portal rather than like moves.
	portalFeeds  = 4
	portalFreeze = 24 * time.Hour
	// offlineHosts is how many different hosts in a row must give no answer at all
	// to mean that this machine is offline.
	offlineHosts = 5
)

// trust is what the loop knows about the network when a poll starts.
type trust struct {
	frozen  bool // redirects are not learned
	offline bool // nobody answers
}

// portal watches for a network that answers in the place of publishers, or not at
// all. The zero value is ready.
type portal struct {
	led    []lead
	until  time.Time       // redirects are not learned before
	silent map[string]bool // hosts that gave no answer since the last that did
}

type lead struct {
	at       time.Time
	from, to string // hosts
}

func (p *portal) frozen(now time.Time) bool { return now.Before(p.until) }
func (p *portal) offline() bool             { return len(p.silent) >= offlineHosts }

// see takes note of one answer.
func (p *portal) see(old *feeds.State, a *answer, from string) {
	if unanswered(&a.resp) {
		if p.silent == nil {
			p.silent = map[string]bool{}
		}
		p.silent[from] = true
	} else {
		clear(p.silent)
	}
	to, err := hostName(a.resp.FinalURL)
	if len(a.resp.Redirects) == 0 || err != nil || to == from || a.resp.FinalURL == old.ValidatorsOf {
		return
	}
	kept := p.led[:0]
	for _, l := range p.led {
		if a.at.Sub(l.at) < portalWindow {
			kept = append(kept, l)
		}
	}
	p.led = append(kept, lead{a.at, from, to})
	hosts := map[string]bool{}
	for _, l := range p.led {
		if l.to == to {
			hosts[l.from] = true
		}
	}
	if len(hosts) >= portalFeeds {
		p.until = a.at.Add(portalFreeze)
	}
}
