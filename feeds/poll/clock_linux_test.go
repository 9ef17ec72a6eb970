package poll

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The running clock is the kernel's, whether it was asked or not, and is asked again when the
// wall clock was set or the machine slept.
func TestRunningIsTheKernels(t *testing.T) {
	kernel := func() time.Duration {
		var ts unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
			t.Skip(err)
		}
		return time.Duration(ts.Nano())
	}
	for range 1000 {
		before := kernel()
		got := running()
		if after := kernel(); got < before-time.Millisecond || got > after+time.Millisecond {
			t.Fatalf("%v is not between %v and %v", got, before, after)
		}
	}
	last := lastSlept.Load()
	lastSlept.Store(&slept{last.ahead - time.Hour, last.wall - time.Hour}) // as read before it slept for an hour
	if got, now := running(), kernel(); (now - got).Abs() > time.Minute {
		t.Errorf("after sleeping it is %v, and not %v", got, now)
	}
}

func BenchmarkRunning(b *testing.B) {
	for b.Loop() {
		running()
	}
}
