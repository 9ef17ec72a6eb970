package poll

import (
	"context"
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
	lent     int // feeds that somebody else changes
	jobs     chan job
	workers  int
	crew     sync.WaitGroup
	done     chan *result
	results  []*result         // for polls to come: as many as were under way at once
	gathered []feeds.Poll      // idle, to be kept together
	keepAt   time.Duration     // on the running clock: when they are
	keeping  int               // idle polls that are with the sink
	together chan []feeds.Poll // those that are kept, or given up
	spare    []feeds.Poll      // to gather in while the others are kept
	lastWall time.Time
	lastRun  time.Duration
	moved    time.Duration // how far the wall clock was set so far in this run
}

// job is a poll for a worker to make.
type job struct {
	feed   *feed
	trust  trust
	result *result // empty
}

// Run polls until ctx ends, and returns nil when the polls under way then have
// been finished and appended: within Options.Grace for those that wait for an
// answer. A poll that the sink refuses is handed over again until the sink takes it,
// or takes others: then it is given up and logged, and the feed is asked again soon.
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
			f.host.paused, f.answering().paused = time.Time{}, time.Time{}
			l.show(f.host)
			l.show(f.answering())
		}
		f.due = now
		l.queue(f)
	}
	if err := l.run(ctx); err != nil {
		return err
	}
	return ctx.Err()
}

func (p *Poller) newLoop() *loop {
	wall, run := p.clock.both()
	return &loop{
		Poller: p, jobs: make(chan job, p.opts.Parallel), done: make(chan *result, p.opts.Parallel), together: make(chan []feeds.Poll, 1),
		lastWall: wall, lastRun: run,
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
		last := l.once && l.flying == 0 && len(l.waiting) == 0
		if l.keepGathered(work, last); last && l.keeping == 0 {
			return nil
		}
		timer.Reset(l.nap(now))
		select {
		case <-timer.C:
		case r := <-l.done:
			l.finish(r)
			l.finishMore()
		case polls := <-l.together:
			l.wereKept(polls)
		case w := <-l.wishes:
			l.wish(w)
		case w := <-l.returned:
			l.takeBack(w)
		case <-ctx.Done():
			return l.drain(work, timer, cancel)
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
func (l *loop) drain(work context.Context, timer *time.Timer, cancel context.CancelFunc) error {
	timer.Reset(l.opts.Grace)
	for {
		if l.keepGathered(work, true); l.flying == 0 && l.lent == 0 && l.keeping == 0 {
			return nil
		}
		select {
		case <-timer.C:
			cancel()
		case w := <-l.returned:
			l.takeBack(w)
		case r := <-l.done:
			l.finish(r)
		case polls := <-l.together:
			l.wereKept(polls)
		}
	}
}

// labour makes polls until there are no more.
func (l *loop) labour(work context.Context) {
	for j := range l.jobs {
		l.poll(work, j.feed, j.trust, !l.once, j.result)
		l.done <- j.result
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
	if len(l.gathered) > 0 && l.keeping == 0 {
		d = min(d, l.keepAt-l.lastRun)
	}
	return max(d, 0)
}
