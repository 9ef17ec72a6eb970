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
