package feeds

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestAppeared(t *testing.T) {
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	zero := time.Time{}
	for _, c := range []struct {
		name                 string
		at, previous, latest time.Time
		after, seen          time.Time
	}{
		{"first poll", at(0), zero, zero, zero, at(0)},
		{"usual", at(60), at(30), at(59), at(30), at(60)},
		{"two polls end out of order", at(60), at(30), at(61), at(30), at(61).Add(resolution)},
		{"an hour back", at(60), at(30), at(120), zero, at(120).Add(resolution)},
		{"an hour back, own poll later than now", at(60), at(115), at(120), zero, at(120).Add(resolution)},
		{"just behind its own last poll", at(60), at(61), at(61), zero, at(61).Add(resolution)},
		{"it waited for two days to be kept", at(60), at(30), at(60 + 48*60), zero, at(60 + 48*60).Add(resolution)},
		{"hours forward", at(600), at(30), at(60), at(30), at(600)},
	} {
		seen, latest := Appeared(c.at, c.previous, c.latest)
		if !seen.After.Equal(c.after) || !seen.At.Equal(c.seen) {
			t.Errorf("%s: %v, want (%v, %v]", c.name, seen, c.after, c.seen)
		}
		if latest.Before(c.at) {
			t.Errorf("%s: latest %v is before the poll", c.name, latest)
		}
	}
}
