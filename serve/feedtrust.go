package serve

import (
	"time"

	"aggregator/feeds"
)

// trustOut is what is believed of the server, and the evidence.
type trustOut struct {
	Ignored    int        `json:"validators_ignored"` // times in a row
	Lies       int        `json:"validators_lied"`
	PollURL    string     `json:"poll_url,omitempty"` // the learned address
	MovedTo    string     `json:"moved_to,omitempty"` // not yet trusted
	MovedSince *time.Time `json:"moved_since"`
	MovedPolls int        `json:"moved_polls"`
	Identities identities `json:"identities"`
	Host       hostOut    `json:"host"`
	// Frozen are redirects that teach nothing, because they look like a captive portal's.
	Frozen  []frozenOut `json:"frozen_redirects"`
	Offline bool        `json:"offline"`
}

// identities are the entries that stand in the feed, and those of them that have borne
// another guid or address.
type identities struct {
	Entries int `json:"entries"`
	Renamed int `json:"renamed"`
}

type hostOut struct {
	Name   string     `json:"name"`
	Paused *time.Time `json:"paused_until"`
	Why    string     `json:"why,omitempty"`
}

type frozenOut struct {
	Target string     `json:"target"`
	Until  *time.Time `json:"until"`
	Hosts  []string   `json:"hosts"`
}

func trustOf(s *feeds.State, a *feeds.Around, now time.Time) trustOut {
	out := trustOut{Ignored: s.Ignored, Lies: s.Lies, PollURL: s.PollURL, MovedTo: s.MovedTo, MovedSince: timeOut(s.MovedSince), MovedPolls: s.MovedPolls,
		Identities: identities{a.Present, a.Renamed}, Host: hostOut{Name: a.Host}, Frozen: []frozenOut{}, Offline: a.Offline}
	if a.Paused.After(now) {
		out.Host.Paused, out.Host.Why = timeOut(a.Paused), a.PauseWhy
	}
	for _, f := range a.Frozen {
		if f.Until.After(now) {
			out.Frozen = append(out.Frozen, frozenOut{f.Target, timeOut(f.Until), f.Hosts})
		}
	}
	return out
}

// webSubOut is a feed's subscription at its hub. Token and secret are the hub's to know.
type webSubOut struct {
	Hub        string     `json:"hub"`
	Topic      string     `json:"topic"`
	Subscribed bool       `json:"subscribed"` // a lease runs
	Awaiting   bool       `json:"awaiting_verification"`
	Since      *time.Time `json:"since"`
	Until      *time.Time `json:"until"`
	Asked      *time.Time `json:"asked"`
	Next       *time.Time `json:"next_request"`
	Failures   int        `json:"failures"`
	Problem    string     `json:"problem,omitempty"`
	Pushes     int64      `json:"pushes"`
	LastPush   *time.Time `json:"last_push"`
	Late       int        `json:"late"` // entries that it kept back
	LateAt     *time.Time `json:"late_at"`
}

func webSubOf(w *feeds.WebSub, now time.Time) *webSubOut {
	if w == nil {
		return nil
	}
	return &webSubOut{w.Hub, w.Topic, w.Until.After(now), w.Awaiting, timeOut(w.Since), timeOut(w.Until), timeOut(w.Asked), timeOut(w.Next),
		w.Failures, w.Problem, w.Pushes, timeOut(w.LastPush), w.Late, timeOut(w.LateAt)}
}
