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
	switch {
	case offline && !n.offline:
		p.log.Warn("no publisher is heard: this machine seems to be offline, or the network wants it to log in; until one is heard, failures count against no feed and are not logged", "hosts", offlineHosts)
	case n.offline && !offline:
		p.log.Info("publishers are heard again", "first", from)
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
	a.Unkept = p.refused.Load() != nil
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
	if a.Unkept {
		out = append(out, "What feeds bring cannot be stored at present, and the log says why. What came is kept in hand and tried again; hardly any feed is asked until it can be stored.")
	}
	if a.Offline {
		out = append(out, fmt.Sprintf("No publisher is heard: the last %d hosts or more that were asked gave no answer, or a web page in the place of a feed. This machine seems to be offline, or the network wants it to log in. Until one is heard, failures count against no feed.", offlineHosts))
	}
	if a.Paused.After(now) {
		out = append(out, strings.ToUpper(a.PauseWhy[:1])+a.PauseWhy[1:]+".")
	}
	for _, f := range a.Frozen {
		if f.Until.After(now) {
			hosts := strings.Join(f.Hosts[:min(len(f.Hosts), 5)], ", ")
			if more := len(f.Hosts) - 5; more > 0 {
				hosts += fmt.Sprintf(" and %d more", more)
			}
			out = append(out, fmt.Sprintf("%d hosts (%s) redirected to %s within an hour, as a network has them do that wants one to log in. Before %s a redirect there is not taken for a move.",
				len(f.Hosts), hosts, f.Target, stamp(f.Until)))
		}
	}
	return out
}
