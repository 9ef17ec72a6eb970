package feeds

import "time"

// Started says when a poll started that one of several machines made, each with a clock of
// its own: between two moments, by a clock that was believed. at is what its wall clock
// showed, and zero what that would have shown at the running clock's zero when it was
// believed last: at the machine's first poll since its boot, or when most servers had its time.
// believed is the same from now on.
//
// A clock that was set back since is known by how much. One that is further ahead than it was
// may have been set, or the machine stood still, as a paused virtual one does, and its clock
// is right again: who takes both for possible is wrong in neither case.
func Started(at time.Time, ran Ran, zero time.Time) (least, most, believed time.Time) {
	now := at.Add(-ran.For)
	unset := zero.Add(ran.For)
	switch by := now.Sub(zero); {
	case by.Abs() <= parted:
		return at, at, zero
	case ran.Right:
		return at, at, now
	case by > 0:
		return unset, unset.Add(min(by, dayBack)), zero
	}
	return unset, unset, zero
}
