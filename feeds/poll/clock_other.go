//go:build !linux

package poll

import "time"

// running is the time since the program started. Where it stops while the machine
// sleeps, a wake-up looks like a wall clock set forward, and feeds polled before
// wait out their full interval: late, never early.
func running() time.Duration { return time.Since(started) }

// bootID is zero: running means nothing to another process.
func bootID() (id [16]byte) { return id }
