package poll

import (
	"time"

	"golang.org/x/sys/unix"
)

// running is the time since the machine started, sleep included.
func running() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return time.Since(started)
	}
	return time.Duration(ts.Nano())
}
