package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
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
	// asked that have nothing new: a collection costs up to half as much as asking a
	// thousand of them (docs/performance.md).
	calmPercent = 50
)

// collections decides after each collection how far the heap grows until the next one.
type collections struct {
	mu      sync.Mutex
	cycles  uint64    // that have ended
	last    time.Time // when the last one did
	percent int       // that was set last
	again   *time.Timer
}

// lookAgain is how long after a look at the collections the next one comes, for as long as
// they may follow one another.
const lookAgain = 50 * time.Millisecond

// paceCollections sets the pace of collections for as long as the program runs. GOGC in
// the environment goes before it: then it is not to be called.
func paceCollections() {
	c := &collections{}
	c.again = time.AfterFunc(lookAgain, c.look)
	c.watch()
}

// watch is called after a collection, by the runtime's goroutine for cleanups: not after
// one that had begun when the last call came, since what is made meanwhile lives on. What
// was right for a heap of few bytes would let it grow to twice what it may until the one
// after that, so that look is called for a while, too.
func (c *collections) watch() {
	c.look()
	// What nothing refers to is cleaned up after the next one.
	runtime.AddCleanup(new(*collections), (*collections).watch, c)
}

// look takes note of collections that have ended since the last look. It is safe for
// concurrent use.
func (c *collections) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(now)
	if cycles, at := now[0].Value.Uint64(), time.Now(); cycles != c.cycles {
		c.cycles = cycles
		c.ended(now[1].Value.Uint64(), at)
	}
	if time.Since(c.last) < busyFor {
		c.again.Reset(lookAgain)
	}
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
