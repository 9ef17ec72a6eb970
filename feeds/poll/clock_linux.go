package poll

import (
	"encoding/hex"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// slept is how far the clock that counts sleep is ahead of the one that does not, and by how
// much the wall clock was ahead of the latter when that was read.
type slept struct{ ahead, wall time.Duration }

var lastSlept atomic.Pointer[slept]

// running is the time since the machine started, sleep included. Asking the kernel takes a
// system call, unlike the two other clocks: while these have not parted, the machine has
// not slept, and what was read last still holds.
func running() time.Duration {
	for {
		now := time.Now()
		since := now.Sub(started)
		wall := now.Round(0).Sub(started.Round(0)) - since
		if last := lastSlept.Load(); last != nil && (wall-last.wall).Abs() < time.Millisecond {
			return last.ahead + since
		}
		run, err := kernel()
		if err != nil {
			return since
		}
		if time.Since(now) < heldUp { // else it would seem ahead by that for as long as the program runs
			lastSlept.Store(&slept{run - since, wall})
			return run
		}
	}
}

// kernel is the running clock itself.
var kernel = func() (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return time.Duration(ts.Nano()), err
}

// bootID says which boot of the machine running counts from; zero when nobody knows.
func bootID() (id [16]byte) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return id
	}
	if b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(string(text)), "-", "")); err == nil {
		copy(id[:], b)
	}
	return id
}
