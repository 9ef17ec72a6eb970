package poll

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"aggregator/feeds"
)

// Elsewhere has polls made on other machines, for a Poller that only decides which
// feed is asked, when. It is called from several goroutines at once.
type Elsewhere interface {
	// Poll has a feed asked that is in state old, and returns its state afterwards,
	// once that is durable here; at once when it already was asked by somebody
	// since. made is false when ctx ended before.
	Poll(ctx context.Context, old feeds.State) (state feeds.State, made bool)
}

// Maker makes single polls for a Poller that runs elsewhere: it remembers nothing
// of a feed, whose state comes with each call, but it knows the network that it
// stands in. It is safe for concurrent use.
type Maker struct {
	poller *Poller                          // of the first subscriptions; asks for all of them
	feeds  atomic.Pointer[map[string]*feed] // by URL; replaced, never changed
	mu     sync.Mutex                       // of poller.portal
}

// NewMaker prepares for the feeds of subs; the error is that of New.
func NewMaker(subs []Subscription, o Options) (*Maker, error) {
	p, err := New(subs, nil, nil, o)
	if err != nil {
		return nil, err
	}
	m := &Maker{poller: p}
	m.set(p)
	return m, nil
}

// Subscribe puts other subscriptions in the place of those before; the error is
// that of New, and changes nothing.
func (m *Maker) Subscribe(subs []Subscription) error {
	p, err := New(subs, nil, nil, m.poller.opts)
	if err == nil {
		m.set(p)
		p.Close()
	}
	return err
}

func (m *Maker) set(p *Poller) {
	feeds := make(map[string]*feed, len(p.feeds))
	for _, f := range p.feeds {
		feeds[f.state.URL] = f
	}
	m.feeds.Store(&feeds)
}

func (m *Maker) feed(url string) (*feed, bool) {
	f, ok := (*m.feeds.Load())[url]
	return f, ok
}

// Make asks a feed that is in the given state. A feed that is not among the
// subscriptions is an error, and nothing is asked. A poll that was given up because
// ctx ended says nothing about the feed but that it was asked.
func (m *Maker) Make(ctx context.Context, state feeds.State) (feeds.Poll, error) {
	known, ok := m.feed(state.URL)
	if !ok {
		return feeds.Poll{}, fmt.Errorf("%s is not among the configured feeds", state.URL)
	}
	f := &feed{sub: known.sub, rules: known.rules, host: known.host, state: state}
	if asked(&state) != state.URL { // the host it moved to
		if name, err := hostName(asked(&state)); err == nil {
			f.host = &host{name: name}
		}
	}
	m.mu.Lock()
	trust := m.poller.portal.trust(m.poller.clock.wall())
	m.mu.Unlock()
	r := result{feed: f}
	m.poller.ask(ctx, f, trust, &r)
	if !r.aborted {
		m.mu.Lock()
		m.poller.portal.see(&r.answer, f.host.name)
		m.mu.Unlock()
	}
	return r.poll(f.sub.Outlet.ID), nil
}

// Turn says whose turn a feed in this state waits for: its host (a name and a
// port), which of the host's places it takes (0 to HostParallel-1, always the same
// for a feed), and how long after a start the place stays taken. ok is false for a
// feed that is not among the subscriptions.
func (m *Maker) Turn(state *feeds.State) (host string, place int, gap time.Duration, ok bool) {
	f, ok := m.feed(state.URL)
	if !ok {
		return "", 0, 0, false
	}
	name, err := hostName(asked(state))
	if err != nil {
		return "", 0, 0, false
	}
	set := &f.sub.Settings
	return name, int(phaseOf(state.URL, time.Duration(max(1, set.HostParallel)))), set.HostGap, true
}

// Floor is the shortest time between two requests for a feed; 0 for one that is not
// among the subscriptions.
func (m *Maker) Floor(url string) time.Duration {
	if f, ok := m.feed(url); ok {
		return f.sub.Settings.Floor
	}
	return 0
}

// Close closes idle connections.
func (m *Maker) Close() { m.poller.Close() }
