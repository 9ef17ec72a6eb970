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

// heldUp is how long reading two clocks may take for the readings to be of one moment.
const heldUp = 100 * time.Millisecond

// both reads the two clocks as of one moment. Who is held up between the readings, since the
// processor has other work or the machine sleeps, would take the wall clock for set, and
// reads again.
func (c clock) both() (time.Time, time.Duration) {
	for before := c.running(); ; {
		wall, run := c.wall(), c.running()
		if run-before < heldUp {
			return wall, run
		}
		before = run
	}
}

// started is when the program did, on the clock that stands still while the machine sleeps.
var started = time.Now()
