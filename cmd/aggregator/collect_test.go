package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPercentAfterACollection(t *testing.T) {
	for _, c := range []struct {
		live  uint64
		since time.Duration
		want  int
	}{
		{20 << 20, time.Minute, 50}, // little to do
		{35 << 20, time.Minute, 40}, // not beyond 50 MiB
		{40 << 20, time.Minute, 30},
		{20 << 20, time.Millisecond, 150}, // 50 MiB
		{40 << 20, time.Millisecond, 30},  // to 52 MiB
		{45 << 20, time.Millisecond, 30},
		{500 << 20, time.Millisecond, 30},
		{0, time.Millisecond, 1000},
	} {
		if got := percentAfter(c.live, c.since); got != c.want {
			t.Errorf("%d bytes after %v: %d %%, not %d", c.live, c.since, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		live := rapid.Uint64Max(200<<20).Draw(t, "live")
		p := percentAfter(live, 0)
		if heap := live + live*uint64(p)/100; p < gcPercent || p > gcPercent && heap > busyHeap {
			t.Fatalf("%d bytes grow to %d", live, heap)
		}
	})
}

func TestPaceCollections(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	now := time.Now()
	c := &collections{}
	for i, want := range []uint64{50, 150, 150, 50} {
		c.ended(20<<20, now)
		pace := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(pace)
		if got := pace[0].Value.Uint64(); got != want {
			t.Errorf("after collection %d: %d %%, not %d", i, got, want)
		}
		now = now.Add(busyFor)
		if i == 2 {
			now = now.Add(busyFor)
		}
	}
}

// A collection of which no cleanup told is seen by the next look, once.
func TestCollectionsAreSeenWithoutACleanup(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no other collections
	c := &collections{again: time.NewTimer(time.Hour)}
	defer c.again.Stop()
	for range 3 {
		runtime.GC()
		was := c.last
		c.look()
		debug.SetGCPercent(-1)
		seen := c.last
		if !seen.After(was) || c.percent < gcPercent {
			t.Errorf("a collection was not seen: %+v", c)
		}
		if c.look(); !c.last.Equal(seen) {
			t.Error("a collection was seen twice")
		}
	}
}
