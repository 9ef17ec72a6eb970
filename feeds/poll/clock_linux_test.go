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
	near := 0
	for i := range 1000 {
		if i%10 == 0 {
			lastSlept.Store(nil) // the kernel is asked again
		}
		before := kernel()
		got := running()
		after := kernel()
		if got < before-heldUp || got > after+heldUp {
			t.Fatalf("%v is not between %v and %v", got, before, after)
		}
		if got > before-time.Millisecond && got < after+time.Millisecond {
			near++
		}
	}
	if near < 900 { // who is held up while asking, by less than heldUp, keeps that for ten
		t.Errorf("%d of 1000 readings are within a millisecond", near)
	}
	last := lastSlept.Load()
	lastSlept.Store(&slept{last.ahead - time.Hour, last.wall - time.Hour}) // as read before it slept for an hour
	if got, now := running(), kernel(); (now - got).Abs() > time.Minute {
		t.Errorf("after sleeping it is %v, and not %v", got, now)
	}
}

// Who is held up while asking the kernel keeps nothing of it.
func TestRunningWhenHeldUp(t *testing.T) {
	asked, was, known := 0, kernel, lastSlept.Load()
	defer func() { kernel = was; lastSlept.Store(known) }()
	kernel = func() (time.Duration, error) {
		if asked++; asked == 1 {
			for began := time.Now(); time.Since(began) < heldUp; {
			}
		}
		return was()
	}
	lastSlept.Store(nil)
	running()
	got := running()
	after, _ := was()
	if ahead := got - after; ahead > heldUp/2 || asked < 2 {
		t.Errorf("the running clock is %v ahead of the kernel's, which was asked %d times", ahead, asked)
	}
}

func BenchmarkRunning(b *testing.B) {
	for b.Loop() {
		running()
	}
}
