package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// gcPercent is how far the heap grows between two collections, as GOGC has it. Between
	// 50 and 30 lies a twelfth of the daemon's memory, for a fiftieth more work; less than
	// that costs more than it takes off (docs/performance.md).
	gcPercent = 30
	// busyHeap is to what size in bytes it may grow nevertheless while one collection follows
	// another within busyFor, as when many feeds are new: a heap that is small then
	// would be gone through again and again, and what it grows to later is no smaller.
	busyHeap = 50 << 20
	busyFor  = time.Second
	// calmPercent is how far it may grow within busyHeap at other times: as when feeds are
	// asked that have nothing new, which costs a third more with a collection for every
	// second round of a thousand (docs/performance.md).
	calmPercent = 50
)

// collections decides after each collection how far the heap grows until the next one.
type collections struct {
	last    time.Time // when the last one ended
	percent int       // that was set last
}

// paceCollections sets the pace of collections for as long as the program runs. GOGC in
// the environment goes before it: then it is not to be called.
func paceCollections() { (&collections{}).watch() }

// watch is called after each collection, by the runtime's goroutine for cleanups.
func (c *collections) watch() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	c.ended(live[0].Value.Uint64(), time.Now())
	// What nothing refers to is cleaned up after the next one.
	runtime.AddCleanup(new(*collections), (*collections).watch, c)
}

// ended takes note of a collection that left so many bytes.
func (c *collections) ended(live uint64, at time.Time) {
	if p := percentAfter(live, at.Sub(c.last)); p != c.percent {
		debug.SetGCPercent(p)
		c.percent = p
	}
	c.last = at
}

// percentAfter gives how far in percent the heap may grow after a collection that left
// so many bytes and ended so long after the one before. It goes by steps of ten, since
// changing it stops the program for an instant.
func percentAfter(live uint64, since time.Duration) int {
	if live >= busyHeap {
		return gcPercent
	}
	most := uint64(1000)
	if since > busyFor {
		most = calmPercent
	}
	return max(gcPercent, int(min(most, (busyHeap-live)*100/max(live, 1)))/10*10)
}
