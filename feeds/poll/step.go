package poll

import (
	"container/heap"
	"time"

	"aggregator/feeds"
)

// settle puts right a state from the future: the clock has been set back since,
// and what is left of each wait counts from now.
func settle(s *feeds.State, now time.Time) {
	was := s.LastRequest
	if !was.After(now) {
		return
	}
	s.LastRequest = now
	for _, t := range []*time.Time{&s.NotBefore, &s.NextDue} {
		if !t.IsZero() {
			*t = now.Add(t.Sub(was)) // not by now.Sub(was), which may be more than a Duration holds
		}
	}
}

// ours puts right the state after a poll that was made elsewhere between two moments, by a
// clock that ours may differ from: what is left of each wait counts from the end of it, so
// that none is shorter.
func ours(s *feeds.State, from, to time.Time) {
	if !s.LastRequest.IsZero() && s.LastRequest.Before(from) {
		s.Shift(to.Sub(s.LastRequest))
	}
	settle(s, to)
}

// look reads the clocks. When somebody has set the wall clock, everything that
// was measured by it moves along, so that no wait becomes shorter.
func (l *loop) look() time.Time {
	now, run := l.clock.both()
	d := now.Sub(l.lastWall) - (run - l.lastRun)
	l.lastWall, l.lastRun = now, run
	l.looked.Store(int64(time.Since(started)))
	if d.Abs() > stepped {
		l.log.Warn("the clock was set", "by", d.Round(time.Millisecond).String())
		l.moved += d
		l.step(d, now)
	}
	return now
}

// step moves what the old clock measured by d. now is by the new clock.
func (l *loop) step(d time.Duration, now time.Time) {
	for _, f := range l.feeds {
		f.booted = f.booted.Add(d)
		switch s := &f.state; {
		case f.busy:
			// finish moves it
		case f.here || s.LastRequest.IsZero():
			s.Shift(d)
			f.due = f.due.Add(d)
		case d > 0:
			// An earlier run wrote it, by a clock that may have been this one or
			// the right one: it moves along, to an interval from now at most.
			latest := now.Add(s.NextDue.Sub(s.LastRequest) + f.catchUpPhase())
			if d := min(d, latest.Sub(f.due)); d > 0 {
				s.Shift(d)
				f.due = f.due.Add(d)
			}
		case s.LastRequest.After(now):
			f.due = f.due.Add(now.Sub(s.LastRequest) + f.catchUpPhase())
			settle(s, now)
		case f.index >= 0:
			l.place(f, now) // what seemed missed by the clock of before need not be
		}
	}
	for _, h := range l.hosts {
		h.next = h.next.Add(d)
		if !h.paused.IsZero() {
			h.paused = h.paused.Add(d)
			l.show(h)
		}
	}
	heap.Init(&l.due)
	heap.Init(&l.waiting)
}
