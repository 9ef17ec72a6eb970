package poll

import (
	"container/heap"
	"context"

	"aggregator/feeds"
)

// loan is a wish to change a feed's state between two of its polls. The loop lends the
// feed to whoever asks and leaves it alone until it is given back, so that what a hub
// says and what a poll brings never overwrite each other, and the loop waits for neither.
type loan struct {
	ctx   context.Context
	url   string
	lent  chan *feed // nil: there is no such feed
	state feeds.State
	back  chan struct{} // closed when the loop has taken it back
}

// change lends a feed to f, which changes the state, and keeps it with the items that
// f returns.
func (p *Poller) change(ctx context.Context, url string, f func(*feed, *feeds.State) []feeds.Item) error {
	l := &loan{ctx: ctx, url: url, lent: make(chan *feed), back: make(chan struct{})}
	select {
	case p.wishes <- l:
	case <-ctx.Done():
		return ctx.Err()
	}
	var fd *feed
	select {
	case fd = <-l.lent:
	case <-ctx.Done():
		return ctx.Err()
	}
	if fd == nil {
		return errNoFeed
	}
	at, ran := p.now()
	l.state = fd.state
	items := f(fd, &l.state)
	if s := &l.state; !s.LastRequest.IsZero() {
		s.NextDue, s.DueReason = next(s, &fd.rules)
		if s.NextDue.Before(at) { // a lease has ended that nobody counted on
			s.NextDue = fd.rules.slots.after(at)
		}
	}
	out := feeds.Poll{Feed: url, Outlet: fd.sub.Outlet.ID, At: at, Ran: ran, Outcome: feeds.Told, State: l.state}
	if items != nil {
		out.Outcome, out.Items = feeds.Changed, items
	}
	err := p.keep(ctx, out, true, -1)
	if err != nil {
		l.state = fd.state
	}
	p.returned <- l
	<-l.back
	return err
}

// wish lends the feed that somebody wishes to change, now or when its poll has ended.
func (l *loop) wish(w *loan) {
	f := l.byURL[w.url]
	switch {
	case f == nil:
		select {
		case w.lent <- nil:
		case <-w.ctx.Done():
		}
	case f.busy || f.index < 0: // being polled, or about to be
		f.wishes = append(f.wishes, w)
	default:
		l.lend(f, w)
	}
}

// lend gives a feed away. Nobody else waits long: who wished for it is waiting, or has
// given up.
func (l *loop) lend(f *feed, w *loan) {
	if f.index >= 0 {
		heap.Remove(&l.due, f.index)
	}
	f.busy, f.moved = true, l.moved
	select {
	case w.lent <- f:
		l.lent++
	case <-w.ctx.Done():
		l.settleDown(f)
	}
}

// takeBack takes a feed back from whoever changed it.
func (l *loop) takeBack(w *loan) {
	f := l.byURL[w.url]
	l.lent--
	l.adopt(f, w.state)
	l.settleDown(f)
	close(w.back)
}

// adopt makes a state the feed's own.
func (l *loop) adopt(f *feed, s feeds.State) {
	told := f.state.WebSub != s.WebSub
	f.state = s
	f.state.Shift(l.moved - f.moved) // the clock may have been set meanwhile
	if told && l.opts.Hubs != nil {
		l.opts.Hubs.Changed(f.state.URL, s.WebSub)
	}
}

// settleDown puts a feed that is not busy any more where it belongs: lent to the next
// who wishes for it, or among the due ones.
func (l *loop) settleDown(f *feed) {
	f.busy = false
	if len(f.wishes) > 0 {
		w := f.wishes[0]
		f.wishes = f.wishes[1:]
		l.lend(f, w)
		return
	}
	if !l.once {
		f.due = f.state.NextDue
		heap.Push(&l.due, f)
	}
}

// hear takes the new entries of a push into the rhythm; how long the feed was watched
// counts with its polls.
func hear(old *feeds.Rhythm, a *answer) *feeds.Rhythm {
	if old == nil {
		return nil
	}
	r := *old
	for _, item := range a.document.Items {
		if item.Entry == nil {
			continue
		}
		if at := item.Entry.Published.Time; at.After(a.at.Add(-safetyEvery)) && !at.After(a.at) {
			count(&r, at)
		} else if at.IsZero() || at.After(a.at) {
			count(&r, a.at)
		}
	}
	return &r
}
