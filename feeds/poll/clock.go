package poll

import "time"

// clock reads the two clocks that a poller needs. The wall clock says what time it
// is and may be set; the running clock only ever counts real seconds, those asleep
// included. When the two part, somebody set the wall clock.
type clock struct {
	wall    func() time.Time
	running func() time.Duration
}

func systemClock() clock {
	return clock{
		// Microseconds, so that a store can keep moments exactly.
		wall:    func() time.Time { return time.Now().UTC().Round(0).Truncate(time.Microsecond) },
		running: running,
	}
}

// started is when the program did, on the clock that stands still while the machine sleeps.
var started = time.Now()
