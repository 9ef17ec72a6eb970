package poll

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"aggregator/feeds"
)

// far makes each poll of a feed once, whoever asks for it, as a job queue does.
type far struct {
	*Maker
	memory
	one sync.Mutex
}

func (e *far) Poll(ctx context.Context, old feeds.State) (feeds.State, bool) {
	e.one.Lock()
	defer e.one.Unlock()
	if s := e.states[old.URL]; s.Polls > old.Polls {
		return s, true
	}
	p, err := e.Make(ctx, old)
	if err != nil || e.Append(ctx, p) != nil {
		return old, false
	}
	return p.State, true
}

func TestPollsMadeElsewhere(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`),
		func(rw http.ResponseWriter, r *http.Request) { rw.WriteHeader(http.StatusNotModified) },
	))
	sub := subscription(w.URL+"/feed", normal())
	m, err := NewMaker([]Subscription{sub}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	e := &far{Maker: m}
	states := map[string]feeds.State{}
	for round := range 2 {
		var now map[string]feeds.State
		for node := range 2 { // both decide the same; the feed is asked once
			p, err := New([]Subscription{sub}, states, nil, Options{Elsewhere: e, Force: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = map[string]feeds.State{sub.Feed.URL: p.feeds[0].state}
			if got := now[sub.Feed.URL].Polls; got != int64(round+1) {
				t.Errorf("round %d, node %d: the state is of poll %d", round, node, got)
			}
		}
		states = now
	}
	if len(w.seen) != 2 || len(e.polls) != 2 {
		t.Fatalf("%d requests, %d polls; want 2 of each", len(w.seen), len(e.polls))
	}
	if got := w.seen[1].Header.Get("If-None-Match"); got != `"a"` {
		t.Errorf("the validators did not travel: If-None-Match %q", got)
	}
	if got := e.polls[0].Items; len(got) != 1 || got[0].Entry == nil {
		t.Errorf("the first poll brought %v", got)
	}
	if _, err := m.Make(t.Context(), feeds.State{URL: "http://other.example/feed"}); err == nil {
		t.Error("a feed that is not configured was asked")
	}
}

func TestAStoppedPollElsewhereSaysNothing(t *testing.T) {
	sub := subscription("http://courier.example/feed", normal())
	p, err := New([]Subscription{sub}, nil, nil, Options{Elsewhere: never{}, Grace: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Once(ctx); err != context.Canceled {
		t.Fatal(err)
	}
	if s := p.feeds[0].state; s.Polls != 0 || s.Failures != 0 || !s.LastRequest.IsZero() {
		t.Errorf("a poll that nobody made left %+v", s)
	}
}

type never struct{}

func (never) Poll(ctx context.Context, old feeds.State) (feeds.State, bool) {
	<-ctx.Done()
	return old, false
}

// A poller whose clock is hours or weeks off has no feed asked too early, and none forgotten.
func TestPollsMadeElsewhereByAnotherClock(t *testing.T) {
	const interval = time.Hour
	for _, off := range []time.Duration{0, -3 * time.Hour, -30 * 24 * time.Hour, 3 * time.Hour, 30 * 24 * time.Hour} {
		w := newWorld(t, ok(document(1), "ETag", `"a"`))
		set := normal()
		set.Schedule = "@every 1h"
		sub := subscription(w.URL+"/feed", set)
		m, err := NewMaker([]Subscription{sub}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		m.poller.clock.wall = func() time.Time { return systemClock().wall().Add(off) }
		p, err := New([]Subscription{sub}, nil, nil, Options{Elsewhere: &far{Maker: m}, Force: true})
		if err != nil {
			t.Fatal(err)
		}
		from := time.Now()
		if err := p.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := p.feeds[0].state
		if s.Polls != 1 || s.LastRequest.Before(from.Add(-time.Millisecond)) || s.LastRequest.After(time.Now()) {
			t.Errorf("a clock that is off by %v: %d polls, the last at %v, which was at %v", off, s.Polls, s.LastRequest, from)
		}
		if wait := s.NextDue.Sub(s.LastRequest); wait <= 0 || wait > interval+set.Spread {
			t.Errorf("a clock that is off by %v: the next poll is due after %v", off, wait)
		}
		m.Close()
	}
}
