package poll

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"aggregator/feeds"
)

// notices are what the loop shows of hosts and the network to those beside it.
type notices struct {
	mu      sync.RWMutex
	paused  map[string]bound // by host
	frozen  []feeds.Freeze
	offline bool
}

// pause keeps everybody away from a host until a moment, and shows it.
func (p *Poller) pause(h *host, until time.Time, why string) {
	h.pause(until, why)
	p.show(h)
}

func (p *Poller) show(h *host) {
	n := &p.notices
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.paused == nil {
		n.paused = map[string]bound{}
	}
	if n.paused[h.name] = (bound{h.paused, h.why}); h.paused.IsZero() {
		delete(n.paused, h.name)
	}
}

// see takes note of an answer for the portal watch, and shows what follows.
func (p *Poller) see(a *answer, from string) {
	froze := p.portal.see(a, from)
	offline := p.portal.offline()
	n := &p.notices
	if !froze && offline == n.offline { // nobody else writes it
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.offline = offline; froze {
		n.frozen = p.portal.freezes()
	}
}

// Around says what is known around a feed in state s, but for its entries. It is safe
// for concurrent use.
func (p *Poller) Around(s feeds.State) feeds.Around {
	var a feeds.Around
	a.Host, _ = hostName(asked(&s))
	n := &p.notices
	n.mu.RLock()
	defer n.mu.RUnlock()
	a.Offline = n.offline
	via, _ := hostName(s.ValidatorsOf)
	for _, name := range []string{a.Host, via} {
		if b := n.paused[name]; b.at.After(a.Paused) {
			a.Paused, a.PauseWhy = b.at, b.why
		}
	}
	for _, f := range n.frozen {
		if slices.Contains(f.Hosts, a.Host) {
			a.Frozen = append(a.Frozen, f)
		}
	}
	return a
}

// whyAround says what keeps a feed from being asked, or believed, that is not its own.
func whyAround(a feeds.Around, now time.Time) []string {
	var out []string
	if a.Paused.After(now) {
		out = append(out, strings.ToUpper(a.PauseWhy[:1])+a.PauseWhy[1:]+".")
	}
	for _, f := range a.Frozen {
		if f.Until.After(now) {
			out = append(out, fmt.Sprintf("Redirects to %s teach nothing before %s: %d hosts led there within an hour, as behind a captive portal (%s).",
				f.Target, stamp(f.Until), len(f.Hosts), strings.Join(f.Hosts[:min(len(f.Hosts), 5)], ", ")))
		}
	}
	if a.Offline {
		out = append(out, "No publisher was heard of late: this machine seems to be offline, and failures count against nobody.")
	}
	if a.Renamed > 0 {
		out = append(out, fmt.Sprintf("%d of its %d entries have borne another guid or address before; they are still told apart, by what did not change.", a.Renamed, a.Present))
	}
	return out
}
