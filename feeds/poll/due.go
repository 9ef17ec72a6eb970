package poll

import (
	"container/heap"
	"fmt"
	"time"
)

// early says why a feed may not be asked yet; empty when it may.
func early(f *feed, now time.Time) string {
	switch s := &f.state; {
	case now.Before(s.NotBefore):
		return "the server wants no request before " + s.NotBefore.Format(time.RFC3339)
	case !s.LastRequest.IsZero() && now.Before(s.LastRequest.Add(f.rules.settings.Floor)):
		return fmt.Sprintf("it was asked less than %s ago", words(f.rules.settings.Floor))
	case !s.LastRequest.IsZero() && now.Before(f.booted):
		return fmt.Sprintf("the machine was started less than %s ago, and when it was asked before that is not certain", words(f.rules.settings.Floor))
	case now.Before(f.host.paused):
		return f.host.why
	case f.via != nil && now.Before(f.via.paused):
		return f.via.why
	}
	return ""
}

// enter takes a feed in at the start of a run.
func (l *loop) enter(f *feed, now time.Time) {
	l.place(f, now)
	heap.Push(&l.due, f)
}

// place finds when a feed is due that an earlier run knew, or nobody.
func (l *loop) place(f *feed, now time.Time) {
	s := &f.state
	switch {
	case s.LastRequest.IsZero():
		f.due, f.fresh = now.Add(phaseOf(s.URL, min(f.rules.settings.Spread, maxFirst))), true
		s.NextDue, s.DueReason = f.due, "the first poll of a new feed"
	default:
		// The schedule may be another one than last time; what was decided holds
		// only as far as it still follows from the state.
		decided, why := s.NextDue, s.DueReason
		if s.NextDue, s.DueReason = next(s, &f.rules); f.wait && decided.After(s.NextDue) {
			s.NextDue, s.DueReason = decided, why
		}
		if s.LastRequest.Equal(now) { // settle put it there, and those of all others
			s.NextDue = s.NextDue.Add(f.catchUpPhase())
		}
		f.due, f.fresh = s.NextDue, false
		if soonest := later(now, f.booted); f.due.Before(soonest) {
			l.catchUp(f, soonest)
		}
	}
}

// settleAll makes the states fit the clock, and puts back the hosts' gaps and
// pauses that were known before a restart.
func (l *loop) settleAll(now time.Time) {
	for _, f := range l.feeds {
		settle(&f.state, now)
		if !f.state.LastRequest.IsZero() {
			for _, h := range []*host{f.host, f.answering()} {
				h.next = later(h.next, f.state.LastRequest.Add(h.gap))
			}
		}
		if f.state.NotBefore.After(now) && pauses(&f.state, f.rules.settings) {
			l.pause(f.answering(), f.state.NotBefore, pauseReason(f))
		}
	}
}

func pauseReason(f *feed) string {
	return fmt.Sprintf("the host %s wants no request before %s (said for %s)",
		f.answering().name, f.state.NotBefore.UTC().Format("2006-01-02 15:04:05 UTC"), f.state.URL)
}

// release moves feeds that are due to their hosts' queues. Those that are late,
// because the machine slept or the program was down, get a spread first; those of
// a paused host wait outside.
func (l *loop) release(now time.Time) {
	for len(l.due) > 0 && !l.due[0].due.After(now) {
		f := heap.Pop(&l.due).(*feed)
		if l.postpone(f, now); f.due.After(now) {
			heap.Push(&l.due, f)
			continue
		}
		l.queue(f)
	}
}

func (l *loop) postpone(f *feed, now time.Time) {
	switch {
	case f.host.paused.After(now):
		f.due = f.host.paused
		f.state.NextDue, f.state.DueReason = f.due, f.host.why
	case f.via != nil && f.via.paused.After(now):
		f.due = f.via.paused
		f.state.NextDue, f.state.DueReason = f.due, f.via.why
	case !f.fresh && now.Sub(f.due) > maxNap+stepped:
		l.catchUp(f, now)
	}
}

// catchUp gives a feed that missed its window a moment soon, once, or leaves it to
// its next slot when that comes first.
func (l *loop) catchUp(f *feed, now time.Time) {
	f.fresh = true
	f.due = now.Add(f.catchUpPhase())
	if slot := f.rules.slots.after(now); slot.Before(f.due) {
		f.due = slot
	}
	f.state.NextDue = f.due
	f.state.DueReason = "a poll was missed while the program or the machine was down, and is made up for"
}

// catchUpPhase is a feed's place among those that are made up for.
func (f *feed) catchUpPhase() time.Duration {
	return phaseOf(f.state.URL+"catch up", min(f.rules.settings.Spread, maxCatchUp))
}
