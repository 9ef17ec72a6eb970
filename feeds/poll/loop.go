package poll

import (
	"container/heap"
	"context"
	"fmt"
	"sync"
	"time"

	"aggregator/feeds"
)

const (
	// maxNap is the longest sleep between two looks at the clocks.
	maxNap = 30 * time.Second
	// maxCatchUp is how far missed polls are spread after the program or the
	// machine was down.
	maxCatchUp = 10 * time.Minute
	// maxFirst is how far the first polls of new feeds are spread: somebody waits
	// for them.
	maxFirst = time.Minute
	// stepped is how far the wall clock must part from the running clock to count
	// as set by somebody.
	stepped = 2 * time.Second
)

// loop is one Run or Once. All of it is owned by the goroutine that runs it.
type loop struct {
	*Poller
	once     bool
	due      dueHeap
	waiting  hostHeap
	flying   int
	jobs     chan job
	workers  int
	crew     sync.WaitGroup
	done     chan result
	lastWall time.Time
	lastRun  time.Duration
	moved    time.Duration // how far the wall clock was set so far in this run
}

// job is a poll for a worker to make.
type job struct {
	feed  *feed
	trust trust
}

// Run polls until ctx ends, and returns nil when the polls under way then have
// been finished and appended: within Options.Grace for those that wait for an
// answer. Sink errors are logged; the feed is asked again later, as if it had
// failed.
func (p *Poller) Run(ctx context.Context) error {
	defer p.Close()
	l := p.newLoop()
	now := l.lastWall
	l.settleAll(now)
	for _, f := range p.feeds {
		l.enter(f, now)
	}
	return l.run(ctx)
}

// Once asks every feed once, now, within the limits of its host. Feeds whose
// server wants no request yet, or that were asked less than their floor ago, are
// left out and logged, unless Options.Force is set. It returns ctx's error when
// ctx ended before all were asked.
func (p *Poller) Once(ctx context.Context) error {
	l := p.newLoop()
	l.once = true
	now := l.lastWall
	l.settleAll(now)
	for _, f := range p.feeds {
		if why := early(f, now); why != "" {
			if !p.opts.Force {
				p.log.Info("a feed is left out", "feed", f.state.URL, "why", why)
				continue
			}
			p.log.Warn("a feed is asked before it should be, because that was forced", "feed", f.state.URL, "why", why)
			f.host.paused = time.Time{}
		}
		f.due = now
		l.queue(f)
	}
	if err := l.run(ctx); err != nil {
		return err
	}
	return ctx.Err()
}

// early says why a feed may not be asked yet; empty when it may.
func early(f *feed, now time.Time) string {
	switch s := &f.state; {
	case now.Before(s.NotBefore):
		return "the server wants no request before " + s.NotBefore.Format(time.RFC3339)
	case !s.LastRequest.IsZero() && now.Before(s.LastRequest.Add(f.rules.settings.Floor)):
		return fmt.Sprintf("it was asked less than %s ago", words(f.rules.settings.Floor))
	case now.Before(f.host.paused):
		return f.host.why
	}
	return ""
}

func (p *Poller) newLoop() *loop {
	return &loop{
		Poller: p, jobs: make(chan job, p.opts.Parallel), done: make(chan result, p.opts.Parallel),
		lastWall: p.clock.wall(), lastRun: p.clock.running(),
	}
}

// enter places a feed at the start of a run.
func (l *loop) enter(f *feed, now time.Time) {
	s := &f.state
	switch {
	case s.LastRequest.IsZero():
		f.due, f.fresh = now.Add(phaseOf(s.URL, min(f.rules.settings.Spread, maxFirst))), true
		s.NextDue, s.DueReason = f.due, "the first poll of a new feed"
	default:
		// The schedule may be another one than last time; what was decided holds
		// only as far as it still follows from the state.
		s.NextDue, s.DueReason = next(s, &f.rules)
		f.due, f.fresh = s.NextDue, false
		if f.due.Before(now) {
			l.catchUp(f, now)
		}
	}
	heap.Push(&l.due, f)
}

// settleAll makes the states fit the clock, and puts back the hosts' gaps and
// pauses that were known before a restart.
func (l *loop) settleAll(now time.Time) {
	for _, f := range l.feeds {
		settle(&f.state, now)
		if !f.state.LastRequest.IsZero() {
			f.host.next = later(f.host.next, f.state.LastRequest.Add(f.host.gap))
		}
		if f.state.NotBefore.After(now) && pauses(&f.state, &f.rules.settings) {
			f.host.pause(f.state.NotBefore, pauseReason(f))
		}
	}
}

func pauseReason(f *feed) string {
	return fmt.Sprintf("the host %s wants no request before %s (said for %s)",
		f.host.name, f.state.NotBefore.UTC().Format("2006-01-02 15:04:05 UTC"), f.state.URL)
}

// settle puts right a state from the future: the clock has been set back since,
// and what is left of each wait counts from now.
func settle(s *feeds.State, now time.Time) {
	if s.LastRequest.After(now) {
		shift(s, now.Sub(s.LastRequest))
	}
}

// shift moves the moments that decide about the next poll.
func shift(s *feeds.State, d time.Duration) {
	for _, t := range []*time.Time{&s.LastRequest, &s.NotBefore, &s.NextDue} {
		if !t.IsZero() {
			*t = t.Add(d)
		}
	}
}

func (l *loop) run(ctx context.Context) error {
	// Requests outlive ctx by the grace, so that a stop loses no answer.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer l.crew.Wait()
	defer close(l.jobs)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := l.look()
		l.release(now)
		l.start(work, now)
		if l.once && l.flying == 0 && len(l.waiting) == 0 {
			return nil
		}
		timer.Reset(l.nap(now))
		select {
		case <-timer.C:
		case r := <-l.done:
			l.finish(r)
			l.finishMore()
		case <-ctx.Done():
			return l.drain(timer, cancel)
		}
	}
}

// finishMore takes back what has ended meanwhile, for one look at the clocks.
func (l *loop) finishMore() {
	for {
		select {
		case r := <-l.done:
			l.finish(r)
		default:
			return
		}
	}
}

// drain waits for the polls under way.
func (l *loop) drain(timer *time.Timer, cancel context.CancelFunc) error {
	timer.Reset(l.opts.Grace)
	for l.flying > 0 {
		select {
		case <-timer.C:
			cancel()
		case r := <-l.done:
			l.finish(r)
		}
	}
	return nil
}

// look reads the clocks. When somebody has set the wall clock, everything that
// was measured by it moves along, so that no wait becomes shorter.
func (l *loop) look() time.Time {
	now, run := l.clock.wall(), l.clock.running()
	d := now.Sub(l.lastWall) - (run - l.lastRun)
	l.lastWall, l.lastRun = now, run
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
		switch s := &f.state; {
		case f.busy:
			// finish moves it
		case f.here || s.LastRequest.IsZero():
			shift(s, d)
			f.due = f.due.Add(d)
		case d > 0:
			// An earlier run wrote it, by a clock that may have been this one or
			// the right one: it moves along, to an interval from now at most.
			latest := now.Add(s.NextDue.Sub(s.LastRequest) + f.catchUpPhase())
			if d := min(d, latest.Sub(f.due)); d > 0 {
				shift(s, d)
				f.due = f.due.Add(d)
			}
		case s.LastRequest.After(now):
			f.due = f.due.Add(now.Sub(s.LastRequest) + f.catchUpPhase())
			settle(s, now)
		}
	}
	for _, h := range l.hosts {
		h.next = h.next.Add(d)
		if !h.paused.IsZero() {
			h.paused = h.paused.Add(d)
		}
	}
	heap.Init(&l.due)
	heap.Init(&l.waiting)
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

func (l *loop) queue(f *feed) {
	h := f.host
	h.queue = append(h.queue, f)
	l.offer(h)
}

// offer puts a host among those that may start a request.
func (l *loop) offer(h *host) {
	switch {
	case len(h.queue) == 0 || h.flying >= h.parallel:
		if h.index >= 0 {
			heap.Remove(&l.waiting, h.index)
		}
	case h.index < 0:
		heap.Push(&l.waiting, h)
	default:
		heap.Fix(&l.waiting, h.index)
	}
}

// start begins as many polls as the limits allow.
func (l *loop) start(work context.Context, now time.Time) {
	for l.flying < l.opts.Parallel && len(l.waiting) > 0 && !l.waiting[0].ready().After(now) {
		h := l.waiting[0]
		f := h.queue[0]
		h.queue[0] = nil
		h.queue = h.queue[1:]
		h.flying++
		h.next = now.Add(h.gap)
		l.flying++
		l.offer(h)
		f.busy, f.fresh, f.moved = true, false, l.moved
		if l.flying > l.workers {
			l.workers++
			l.crew.Go(func() { l.labour(work) })
		}
		l.jobs <- job{f, l.portal.trust(now)} // there is room for as many as may fly
	}
}

// labour makes polls until there are no more.
func (l *loop) labour(work context.Context) {
	for j := range l.jobs {
		l.done <- l.poll(work, j.feed, j.trust)
	}
}

// nap is how long nothing can happen unless a poll ends.
func (l *loop) nap(now time.Time) time.Duration {
	d := maxNap
	if len(l.due) > 0 {
		d = min(d, l.due[0].due.Sub(now))
	}
	if len(l.waiting) > 0 && l.flying < l.opts.Parallel {
		d = min(d, l.waiting[0].ready().Sub(now))
	}
	return max(d, 0)
}

// finish takes back a feed whose poll has ended.
func (l *loop) finish(r result) {
	f, h := r.feed, r.feed.host
	f.busy, f.here = false, true
	l.flying--
	h.flying--
	if r.err != nil {
		l.log.Error("a poll could not be stored; the feed will be asked again", "feed", f.state.URL, "err", r.err)
		r.state = unstored(f, &r.answer)
	} else if !r.aborted {
		l.note(f, &r)
	}
	f.state = r.state
	shift(&f.state, l.moved-f.moved) // the clock may have been set meanwhile
	if pauses(&f.state, &f.rules.settings) {
		h.pause(f.state.NotBefore, pauseReason(f))
		l.disperse(h)
	}
	l.offer(h)
	l.rehost(f)
	if !l.once {
		f.due = f.state.NextDue
		heap.Push(&l.due, f)
	}
}

// disperse sends those who wait for a host that now wants a pause away: back to
// the due feeds, or, in Once, home.
func (l *loop) disperse(h *host) {
	if !h.paused.After(l.lastWall) {
		return
	}
	for _, f := range h.queue {
		if l.once {
			l.log.Info("a feed is left out", "feed", f.state.URL, "why", h.why)
			continue
		}
		heap.Push(&l.due, f)
	}
	h.queue = nil
}

// unstored is the state after a poll that the sink refused: the request was made,
// and nothing of what it brought may be built upon.
func unstored(f *feed, a *answer) feeds.State {
	s := f.state
	s.LastRequest, s.NotBefore = a.at, a.resp.RetryAfter
	s.Outcome, s.Problem = feeds.Failed, "what the last poll brought could not be stored"
	s.Failures++
	s.NextDue, s.DueReason = next(&s, &f.rules)
	return s
}

// rehost follows a feed whose learned address lies on another host.
func (l *loop) rehost(f *feed) {
	if h, err := l.hostOf(asked(&f.state), &f.rules.settings); err == nil {
		f.host = h
	}
}

// note logs what an operator should see, and tells the portal watch.
func (l *loop) note(f *feed, r *result) {
	old, s := &f.state, &r.state
	l.portal.see(&r.answer, f.host.name)
	switch {
	case !s.Outcome.Observed() && (old.Failures == 0 || old.Outcome != s.Outcome):
		l.log.Warn("a poll failed", "feed", s.URL, "outcome", string(s.Outcome), "problem", s.Problem, "next", s.NextDue, "why", s.DueReason)
	case old.PollURL != s.PollURL:
		l.log.Info("a feed is asked at another address from now on", "feed", s.URL, "address", asked(s))
	}
	if s.Lies == maxLies && old.Lies < maxLies {
		l.log.Warn("a server sends the same ETag for different documents; its 304 is not believed any more", "feed", s.URL)
	}
}
