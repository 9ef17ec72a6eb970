package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

// Sink takes what polls bring. Append returns when all of polls are durable, each with
// its state and its items, or none is; no two are of one feed. It is called from
// several goroutines at once.
type Sink interface {
	Append(ctx context.Context, polls ...feeds.Poll) error
}

// Subscription is one feed, who owns it, and how it is polled.
type Subscription struct {
	Feed     feeds.Feed
	Outlet   feeds.Outlet
	Settings feeds.Settings
}

// Options are about the poller as a whole. The zero value is usable.
type Options struct {
	// Parallel is how many requests may be under way at once; 0 means 16.
	Parallel int
	// Log takes what an operator should see; nil discards it.
	Log *slog.Logger
	// Seed makes the phases of this installation its own, so that many
	// installations do not ask the same feed at the same second. It must stay the
	// same over restarts; the machine's name will do.
	Seed string
	// Force lets Once ask feeds whose server wants no request yet, or that were
	// asked less than their floor ago. It is logged for each such feed.
	Force bool
	// Elsewhere makes the polls on other machines; nil makes them here. The sink is
	// then not used.
	Elsewhere Elsewhere
	// Hubs subscribes at the feeds' hubs; nil does not, and forgets subscriptions
	// but for the hubs' names.
	Hubs Hubs
	// Diary remembers the requests under way over a kill; nil does not. It is not used
	// with Elsewhere.
	Diary *Diary
	// Grace is how long requests under way may go on after the context of Run
	// or Once has ended; 0 means 10 s.
	Grace time.Duration
}

// Poller polls feeds. Run and Once must not run at the same time.
type Poller struct {
	feeds  []*feed
	rules  map[string]*rules // by URL
	hosts  map[string]*host
	sink   Sink
	opts   Options
	log    *slog.Logger
	get    func(context.Context, fetch.Request) fetch.Response
	close  func()
	clock  clock
	boot   string       // what clock.running counts from
	looked atomic.Int64 // when the loop last looked at the clocks, in ns after started; 0: never
	kept   atomic.Int64 // polls that the sink took
	// refused is why it took none of late; nil when it takes them.
	refused atomic.Pointer[string]
	// portal is what the answers so far say about the network around this machine.
	portal    portal
	witnesses witnesses
	notices   notices

	byURL    map[string]*feed
	told     map[string]entry // what the diary said, by URL; not changed after New
	wishes   chan *loan       // from those who want a feed lent
	returned chan *loan       // from those who have done with one
}

// feed is one polled feed. The loop owns it; while busy is set, the poll under way
// reads state, and nobody writes it.
type feed struct {
	sub   *Subscription // one of New's, which nobody changes
	rules rules
	state feeds.State
	host  *host
	via   *host     // where redirects lead from host; nil when to no other
	path  [2]string // the addresses that host and via were found by
	// address is path[0] as it is asked; nil when it cannot be read.
	address *fetch.Address
	due     time.Time
	fresh   bool // a missed window is being made up: due already has its spread
	here    bool // state is by the clock of this run: it wrote it, or the diary tells
	wait    bool // somebody set the clock before this run: the wait that was decided then holds
	// booted is set when the machine started after the last request, its floor later: for
	// how long it was off only a clock tells that may have been set meanwhile.
	booted time.Time
	busy   bool
	// refused: what the last poll brought was given up because it could not be stored.
	refused bool
	moved   time.Duration // loop.moved when the poll under way began
	place   int64         // of its row in the diary
	index   int           // in the heap of due feeds; -1 when it is not there
	// wishes are those who want it lent, in the order in which they came.
	wishes []*loan
}

// New prepares polling. states are what was remembered of each feed, by URL; feeds
// without one are new; subs are kept, and must not change. A URL that is subscribed twice is polled once, with the
// first subscription's settings. The error names every subscription whose schedule
// or address cannot be used.
func New(subs []Subscription, states map[string]feeds.State, sink Sink, o Options) (*Poller, error) {
	client := fetch.New()
	p := &Poller{sink: sink, opts: o, log: o.Log, get: client.Get, close: client.Close, hosts: map[string]*host{}, rules: map[string]*rules{}, clock: systemClock(), boot: boot(),
		byURL: map[string]*feed{}, wishes: make(chan *loan), returned: make(chan *loan)}
	if p.opts.Parallel <= 0 {
		p.opts.Parallel = 16
	}
	p.opts.Grace = orDuration(o.Grace, 10*time.Second)
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	plans := map[string]*plan{}
	seen := map[string]bool{}
	var errs []error
	for i := range subs {
		sub := &subs[i]
		url := sub.Feed.URL
		if seen[url] {
			p.log.Info("a feed is subscribed twice and polled once", "feed", url, "outlet", sub.Outlet.ID)
			continue
		}
		seen[url] = true
		pl, ok := plans[sub.Settings.Schedule]
		if !ok {
			var err error
			if pl, err = newPlan(sub.Settings.Schedule); err != nil {
				errs = append(errs, fmt.Errorf("feed %s: %w", url, err))
				continue
			}
			plans[sub.Settings.Schedule] = pl
		}
		f := &feed{sub: sub, index: -1, state: states[url]}
		f.state.URL = url
		f.rules = rules{&sub.Settings, newSlots(pl, o.Seed+url, sub.Settings.Spread)}
		if o.Hubs == nil {
			f.state.WebSub = named(f.state.WebSub)
		}
		var err error
		if f.host, err = p.hostOf(asked(&f.state), &sub.Settings); err != nil {
			errs = append(errs, fmt.Errorf("feed %s: %w", url, err))
			continue
		}
		f.via, f.path = p.viaOf(f, f.state.ValidatorsOf), [2]string{asked(&f.state), f.state.ValidatorsOf}
		f.address, _ = fetch.ReadAddress(f.path[0])
		if o.Hubs != nil && f.state.WebSub != nil {
			o.Hubs.Changed(url, f.state.WebSub) // before a hub can call
		}
		p.feeds, p.rules[url], p.byURL[url] = append(p.feeds, f), &f.rules, f
	}
	p.reportTwins()
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if o.Elsewhere != nil {
		p.opts.Diary = nil
	}
	p.portal.recall(p.feeds)
	p.notices.frozen, p.notices.offline = p.portal.freezes(), p.portal.offline()
	p.recall()
	return p, nil
}

// Close closes connections that Once has left idle; they would close by
// themselves a minute and a half later. Run needs no Close.
func (p *Poller) Close() { p.close() }

// Idle is how long ago Run last looked for what is due, which it does at least
// every 30 s while the machine is awake; very long when it never did. It is safe
// for concurrent use.
func (p *Poller) Idle() time.Duration {
	at := p.looked.Load()
	if at == 0 {
		return math.MaxInt64
	}
	return time.Since(started) - time.Duration(at)
}

// States gives the state of every feed, by URL, when Run or Once has returned. It
// is newer than what the sink keeps where the sink refused a poll.
func (p *Poller) States() map[string]feeds.State {
	states := make(map[string]feeds.State, len(p.feeds))
	for _, f := range p.feeds {
		states[f.state.URL] = f.state
	}
	return states
}

// Plan gives the state of a feed, as a store keeps it, with the next poll that
// follows from it under the settings of this poller: another one than it says when
// the settings have changed since. It is safe for concurrent use.
func (p *Poller) Plan(s feeds.State) feeds.State {
	recall(&s, p.told[s.URL])
	if r, ok := p.rules[s.URL]; ok && !s.LastRequest.IsZero() {
		s.NextDue, s.DueReason = next(&s, r)
		if a := p.Around(s); a.Paused.After(s.NextDue) {
			s.NextDue, s.DueReason = a.Paused, a.PauseWhy
		}
	}
	return s
}
