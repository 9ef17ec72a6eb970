package poll

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

// memory is a Sink that keeps polls, and can refuse them.
type memory struct {
	mu     sync.Mutex
	polls  []feeds.Poll
	states map[string]feeds.State
	refuse func(p feeds.Poll) error
	after  func(p feeds.Poll)
}

func (m *memory) Append(_ context.Context, polls ...feeds.Poll) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range polls {
		if m.refuse != nil {
			if err := m.refuse(p); err != nil {
				return err
			}
		}
	}
	for _, p := range polls {
		m.polls = append(m.polls, p)
		if m.states == nil {
			m.states = map[string]feeds.State{}
		}
		m.states[p.Feed] = p.State
		if m.after != nil {
			m.after(p)
		}
	}
	return nil
}

func (m *memory) of(url string) []feeds.Poll {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []feeds.Poll
	for _, p := range m.polls {
		if p.Feed == url {
			out = append(out, p)
		}
	}
	return out
}

// quick are settings for loopback servers: no waits, no floors.
func quick() feeds.Settings {
	return feeds.Settings{Schedule: "@every 1s", AllowPrivate: []string{"127.0.0.0/8", "::1/128"}, Timeout: 2 * time.Minute}
}

func subscription(url string, s feeds.Settings) Subscription {
	return Subscription{Feed: feeds.Feed{URL: url, Outlet: "courier"}, Outlet: feeds.Outlet{ID: "courier", Name: "The Courier"}, Settings: s}
}

// document is an RSS feed with the numbered items, newest first.
func document(items ...int) string {
	out := `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>The Courier</title><link>https://courier.example/</link><description>d</description>`
	for _, n := range items {
		out += fmt.Sprintf("<item><title>Bridge %d opens</title><link>https://courier.example/%d</link><guid>g%d</guid><description>Bridge number %d was opened.</description></item>", n, n, n, n)
	}
	return out + "</channel></rss>"
}

// round polls once from the states that the sink holds.
func round(t *testing.T, m *memory, o Options, subs ...Subscription) {
	t.Helper()
	states := map[string]feeds.State{}
	for k, v := range m.states {
		states[k] = v
	}
	p, err := New(subs, states, m, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestOnceThenUnchangedThenChanged(t *testing.T) {
	body, tag := document(2, 1), `"one"`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, body)
	}))
	defer srv.Close()
	m, sub := &memory{}, subscription(srv.URL+"/feed", quick())
	round(t, m, Options{}, sub)
	round(t, m, Options{}, sub)
	body, tag = document(3, 2, 1), `"two"`
	round(t, m, Options{}, sub)
	tag = `"three"`
	round(t, m, Options{}, sub)

	var got string
	for _, p := range m.polls {
		parsed := 0
		for _, i := range p.Items {
			if i.Entry != nil {
				parsed++
			}
		}
		got += fmt.Sprintf("%s %d/%d; ", p.Outcome, parsed, len(p.Items))
	}
	if want := "changed 2/2; not modified 0/0; changed 1/3; same body 0/0; "; got != want {
		t.Errorf("polls were %s\nwant %s", got, want)
	}
	s := m.states[sub.Feed.URL]
	if s.ETag != `"three"` || s.Entries != 3 || s.Polls != 4 || s.Failures != 0 || s.DueReason == "" {
		t.Errorf("state %+v", s)
	}
}

// A server that ignores validators costs no parsing while its document stays the same.
func TestTheSameBodyIsNotParsed(t *testing.T) {
	f := &feed{sub: new(subscription("https://courier.example/feed", quick()))}
	a := answer{resp: fetch.Response{Outcome: feeds.Changed, Body: []byte(document(2, 1))}}
	a.read(&feeds.State{BodyHash: 1}, f)
	if a.document == nil || len(a.raws) != 2 {
		t.Fatalf("another body was not parsed: %+v", a)
	}
	again := answer{resp: a.resp}
	if again.read(&feeds.State{BodyHash: a.hash}, f); again.document != nil {
		t.Error("the same body was parsed again")
	}
}

func TestRunPollsByItsScheduleAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		m := &memory{}
		m.after = func(feeds.Poll) {
			if len(m.polls) == 4 {
				cancel()
			}
		}
		p := must(New([]Subscription{subscription("https://courier.example/", quick())}, nil, m, Options{}))
		p.clock = (&machine{started: time.Now()}).clock()
		p.get = func(context.Context, fetch.Request) fetch.Response {
			time.Sleep(100 * time.Millisecond)
			return fetch.Response{Outcome: feeds.Changed, Status: 200, Body: []byte(document(1))}
		}
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		for i := 2; i < len(m.polls); i++ { // the first comes at once
			if gap := m.polls[i].At.Sub(m.polls[i-1].At); gap != time.Second {
				t.Errorf("poll %d came %s after the one before", i, gap)
			}
		}
		if len(m.polls) != 4 {
			t.Errorf("%d polls", len(m.polls))
		}
	})
}
