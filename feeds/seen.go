package feeds

import "time"

// Seen is the interval (After, At] in which an entry first appeared in its
// outlet's feeds: At is the first poll that had it, After the last poll of the
// same feed that did not. A zero After means that no earlier poll is known (the
// first poll of a feed is a back-filled archive): then At is only the latest
// that it can have appeared. Statisticians call it an interval-censored
// observation.
type Seen struct {
	After time.Time
	At    time.Time
}

// Bounded reports whether both ends were observed.
func (s Seen) Bounded() bool { return !s.After.IsZero() && !s.At.IsZero() }

// Before reports whether s appeared before t for certain: s had been seen at or
// before the moment at which t was still absent. An unbounded t is never after
// anything.
func (s Seen) Before(t Seen) bool {
	return !s.At.IsZero() && !t.After.IsZero() && !s.At.After(t.After)
}

// Polls carry the time at which their request started, and come in the order in
// which they ended: a little disorder is usual.
const (
	slack = 2 * time.Minute
	// dayBack is how far the times of polls may part of which no running clock tells,
	// before the wall clock counts as set by somebody.
	dayBack = 24 * time.Hour
	// resolution is the least difference of two times that is kept.
	resolution = time.Microsecond
)

// Appeared says when an entry appeared that a poll at the given time found and the
// feed's previous observation (zero when there was none) did not. latest is the
// latest time of any poll before, of whatever feed. All are as the clock is set now
// (Clock.Poll).
//
// When more than slack lies between a poll and a later one that came before it, either
// it waited long to be kept or the clock was set back unnoticed. Then the interval is
// unbounded and ends just after the later of both, so that it lies before nothing that
// was absent earlier: it is too wide, never wrong, and nothing is certain because of it.
// A poll that is a little behind may be the last of those, so that its interval ends
// there too.
func Appeared(at, previous, latest time.Time) (seen Seen, newLatest time.Time) {
	bounded := latest.Sub(at) <= slack && !previous.IsZero() && previous.Before(at)
	if at.Before(latest) {
		at = latest.Add(resolution)
	} else {
		latest = at
	}
	if !bounded {
		previous = time.Time{}
	}
	return Seen{After: previous, At: at}, latest
}
