package poll

import (
	"fmt"
	"time"

	"aggregator/feeds"
)

// whyHub says how things stand with the feed's hub; nothing without one.
func whyHub(w *feeds.WebSub, now time.Time) []string {
	if w == nil {
		return nil
	}
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case w.Until.After(now):
		say("Its hub %s pushes what is new, by a subscription from %s to %s.", w.Hub, stamp(w.Since), stamp(w.Until))
	case w.Awaiting:
		say("Its hub %s was asked for a subscription %s and has not verified it yet; until then the feed is polled by its schedule.", w.Hub, when(w.Asked, now))
	case w.Asked.IsZero():
		say("It names the hub %s, which could push what is new; it has not been asked to (that takes a public address, [websub] callback).", w.Hub)
	default:
		say("It names the hub %s; there is no subscription, and the feed is polled by its schedule.", w.Hub)
	}
	if w.Problem != "" {
		say("The last request to the hub failed (%d in a row): %s.", w.Failures, w.Problem)
	}
	if !w.Next.IsZero() && w.Next.After(now) {
		say("The hub will be asked again %s.", when(w.Next, now))
	}
	if w.Pushes > 0 {
		say("The hub has pushed %d times, last %s.", w.Pushes, when(w.LastPush, now))
	} else if w.Until.After(now) {
		say("The hub has pushed nothing yet.")
	}
	if w.Late > 0 {
		say("The hub is late: a poll %s brought entries that it had not pushed, %d so far. The feed is polled by its schedule until nothing is missing.", when(w.LateAt, now), w.Late)
	}
	if w.Hint.After(w.LastPush) {
		say("What the hub pushed %s was no feed.", when(w.Hint, now))
	}
	return out
}
