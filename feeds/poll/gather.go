package poll

import (
	"context"
	"slices"
	"sync"
	"time"

	"aggregator/feeds"
)

const (
	// gatherFor is how long a poll that brought nothing waits for others: a transaction
	// costs about as much for one of them as for all.
	gatherFor = time.Second
	// gatherMost is how many are kept without waiting longer.
	gatherMost = 1024
	// gatherFew is from how many on there is room made for all: a poll has 768 bytes.
	gatherFew = 64
)

// idle reports whether a poll brought nothing that a kill may lose: no entry, and no
// wait that the state before does not know, since when the feed was asked stands in
// the diary. What is lost then are a count, and that nothing was new at that moment.
func idle(old, s *feeds.State) bool {
	return (s.Outcome == feeds.NotModified || s.Outcome == feeds.SameBody) && s.NotBefore.IsZero() && s.FreshFor <= old.FreshFor &&
		(validatorsWork(s) || !validatorsWork(old)) && !distrusted(s) && s.WebSub == old.WebSub
}

// gather puts an idle poll with those that are kept together. Its feed stays busy until
// they are, so that a later poll of it is kept later; the places that it took are free.
func (l *loop) gather(f *feed, poll feeds.Poll) {
	if f.moved = l.moved; len(l.gathered) == 0 {
		l.keepAt = l.lastRun + gatherFor
	}
	if n := len(l.gathered); n == cap(l.gathered) && n >= gatherFew { // many more will come: it grows once
		l.gathered = slices.Grow(l.gathered, max(1, min(gatherMost, len(l.feeds))-n))
	}
	l.gathered = append(l.gathered, poll)
}

// keepGathered hands over what was gathered when it is time, or at once; one hand after
// the other, so that a slow disk makes larger ones.
func (l *loop) keepGathered(work context.Context, atOnce bool) {
	if len(l.gathered) == 0 || l.keeping > 0 || !atOnce && l.lastRun < l.keepAt && len(l.gathered) < gatherMost {
		return
	}
	polls := l.gathered
	l.gathered, l.spare, l.keeping = l.spare, nil, len(polls)
	l.crew.Go(func() {
		l.keepAll(work, polls)
		l.together <- polls
	})
}

// keepAll keeps polls together, or each by itself when they are refused so.
func (l *loop) keepAll(work context.Context, polls []feeds.Poll) {
	if l.sink.Append(context.WithoutCancel(work), polls...) == nil {
		l.kept.Add(int64(len(polls)))
		return
	}
	// The feeds of those that are kept now wait for the others, so that no further one
	// may be kept before these are given up.
	since := l.kept.Load()
	var each sync.WaitGroup
	for _, poll := range polls {
		each.Go(func() {
			if err := l.keep(work, poll, !l.once, since); err != nil { // the state of the next poll holds all of this one's
				l.log.Error("that a feed brought nothing new could not be stored", "feed", poll.Feed, "err", err)
			}
		})
	}
	each.Wait()
}

// wereKept lets the feeds of polls that were gathered go on.
func (l *loop) wereKept(polls []feeds.Poll) {
	l.keeping = 0
	for i := range polls {
		f := l.byURL[polls[i].Feed]
		f.state.Shift(l.moved - f.moved) // the clock may have been set meanwhile
		l.settleDown(f)
	}
	clear(polls)
	l.spare = polls[:0]
}
