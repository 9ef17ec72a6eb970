package poll

import (
	"context"
	"time"

	"aggregator/feeds"
)

// How long a poll that the sink refused waits for its next try: doubled each time.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// keep hands a poll to the sink. A patient one is handed over again while the sink
// takes nothing at all, as with a full disk: what was asked for is not thrown away,
// and the places that it holds keep other feeds from being asked for what cannot be
// kept. When others were kept meanwhile, it is this poll that is refused: since it was
// refused last, or, when since is not negative, since so many were kept. It gives up
// when ctx ends.
func (p *Poller) keep(ctx context.Context, poll feeds.Poll, patient bool, since int64) error {
	others := since
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		// Not given up with ctx: a poll that was made is a poll that counts.
		err := p.sink.Append(context.WithoutCancel(ctx), poll)
		if err == nil {
			p.kept.Add(1)
			if p.refused.Swap(nil) != nil {
				p.log.Info("polls can be stored again")
			}
			return nil
		}
		kept := p.kept.Load()
		if !patient || wait > firstRetry && kept > others {
			return err
		}
		if since < 0 {
			others = kept
		}
		// The first failure may be of the write that was under way, and the next ones say what ails the disk.
		why := err.Error()
		if was := p.refused.Swap(&why); was == nil || *was != why {
			p.log.Error("a poll could not be stored; it is tried again until it can be, and few further feeds are asked meanwhile", "feed", poll.Feed, "err", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// unstored is the state after a poll that was given up because the sink refused it.
// Nothing of what the publisher sent may be built upon; it is no failure of the feed,
// which is asked once more as soon as nobody minds, and by its schedule when that is
// refused, too.
func unstored(f *feed, r *result) feeds.State {
	if !r.state.Outcome.Observed() {
		return r.state // a failure of the feed brings nothing, and counts
	}
	s := f.state
	s.LastRequest, s.NotBefore = r.answer.at, r.answer.resp.RetryAfter
	s.Outcome, s.Problem = feeds.Failed, "what the last poll brought could not be stored"
	s.NextDue, s.DueReason = next(&s, &f.rules)
	soon := later(s.LastRequest, bounds(&s, &f.rules, time.Time{}).at)
	if free, _ := skip(&s, &f.rules, soon); !f.refused && free.Before(s.NextDue) {
		s.NextDue, s.DueReason = free, s.Problem+" here: it is asked once more as soon as its publisher allows"
	}
	return s
}
