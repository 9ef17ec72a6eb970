package store

import (
	"time"

	"aggregator/feeds"
)

// Polls carry the time at which their request started, and come in the order in
// which they ended: a little disorder is usual. More than slack behind the
// latest one means that the clock was set back; more than dayBack means that
// the latest one was the wrong one.
const (
	slack   = 2 * time.Minute
	dayBack = 24 * time.Hour
)

// interval says when an entry appeared that a poll at the given time found and
// the feed's previous observation did not. latest is the latest time of any
// poll before.
//
// While the clock stands behind what was seen before, nobody knows which of the
// two was wrong. Then the interval is unbounded and ends at the later of both:
// it is too wide, never wrong, and nothing is certain because of it.
func interval(at, previous, latest time.Time) (seen feeds.Seen, newLatest time.Time) {
	if latest.Sub(at) > dayBack {
		latest = at
	}
	if latest.Sub(at) > slack {
		return feeds.Seen{At: latest}, latest
	}
	if at.After(latest) {
		latest = at
	}
	if previous.IsZero() || !previous.Before(at) {
		return feeds.Seen{At: at}, latest
	}
	return feeds.Seen{After: previous, At: at}, latest
}
