package poll

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

func logLines() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

func TestPoliteness27OneRequestAtATimeToAHost(t *testing.T) {
	for parallel := 1; parallel <= 3; parallel++ {
		var mu sync.Mutex
		flying, most := 0, 0
		full := make(chan struct{})
		w := newWorld(t, nil)
		srv := serve(t, func(rw http.ResponseWriter, r *http.Request) {
			mu.Lock()
			flying++
			if most = max(most, flying); flying == parallel {
				select {
				case <-full:
				default:
					close(full)
				}
			}
			mu.Unlock()
			<-full // every request waits until as many as may are there
			mu.Lock()
			flying--
			mu.Unlock()
			ok(document(1))(rw, r)
		})
		s := quick()
		s.HostParallel = parallel
		var subs []Subscription
		for i := range 12 {
			subs = append(subs, subscription(fmt.Sprintf("%s/%d", srv, i), s))
		}
		w.poll(Options{}, subs...)
		if most != parallel || len(w.polls) != 12 {
			t.Errorf("allowed %d: %d at once, %d polls", parallel, most, len(w.polls))
		}
	}
}

func TestPoliteness27GapBetweenStartsToAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := quick()
		s.HostGap, s.HostParallel = 40*time.Millisecond, 4
		var subs []Subscription
		for i := range 5 {
			subs = append(subs, subscription(fmt.Sprintf("https://courier.example/%d", i), s))
		}
		p := must(New(subs, nil, &memory{}, Options{}))
		starts := startsOf(p, 100*time.Millisecond)
		if err := p.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(*starts); i++ {
			if gap := (*starts)[i].Sub((*starts)[i-1]); gap != s.HostGap {
				t.Errorf("request %d started %s after the one before", i, gap)
			}
		}
		if len(*starts) != 5 {
			t.Errorf("%d requests", len(*starts))
		}
	})
}

// startsOf has a poller ask nobody: each request takes so long, of simulated time, and says that
// nothing is new. It gives the moments at which they started.
func startsOf(p *Poller, takes time.Duration) *[]time.Time {
	var mu sync.Mutex
	starts := new([]time.Time)
	p.get = func(context.Context, fetch.Request) fetch.Response {
		mu.Lock()
		*starts = append(*starts, time.Now())
		mu.Unlock()
		time.Sleep(takes)
		return fetch.Response{Outcome: feeds.NotModified, Status: 304, Took: takes}
	}
	return starts
}

// Feeds of many hosts that redirect to one wait for each other there, once that is
// known; its 429 pauses it and not them.
func TestPoliteness27RedirectTargetsCount(t *testing.T) {
	var mu sync.Mutex
	starts, flying, most, code := 0, 0, 0, 200
	target := serve(t, func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		starts++
		flying++
		most = max(most, flying)
		mu.Unlock()
		time.Sleep(2 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		flying--
		status(code, document(1))(rw, r)
	})
	set := quick()
	set.HostGap = 30 * time.Millisecond
	var subs []Subscription
	for i := range 5 {
		from := serve(t, func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, target+r.URL.Path, http.StatusFound)
		})
		subs = append(subs, subscription(fmt.Sprintf("%s/%d", from, i), set))
	}
	subs = append(subs, subscription(target+"/own", set))
	m := &memory{}
	round(t, m, Options{}, subs...)
	states := m.states
	starts, most = 0, 0
	p := must(New(subs, states, m, Options{Force: true}))
	if err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if starts != len(subs) || most != 1 {
		t.Errorf("%d requests, %d at once", starts, most)
	}
	code, starts = 429, 0
	p = must(New(subs, m.states, m, Options{Force: true}))
	if err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if starts != 1 {
		t.Errorf("%d requests although the first was answered 429", starts)
	}
}

// The gap is kept at the host that redirects lead to. When a request reaches it is not known:
// at its answer at the latest, and there the gap begins. Without a gap, too, only one request
// is under way there.
func TestPoliteness27OneRequestAtATimeToARedirectsTarget(t *testing.T) {
	t.Run("no gap", func(t *testing.T) { redirectsTarget(t, 0) })
	t.Run("a gap", func(t *testing.T) { redirectsTarget(t, 30*time.Second) })
}

func redirectsTarget(t *testing.T, gap time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		set, states := normal(), map[string]feeds.State{}
		set.HostGap = gap
		subs := []Subscription{subscription("https://target.example/own", set)}
		for i := range 6 {
			s := subscription(fmt.Sprintf("https://from%d.example/", i), set)
			states[s.Feed.URL] = feeds.State{ValidatorsOf: fmt.Sprintf("https://target.example/%d", i)}
			subs = append(subs, s)
		}
		p := must(New(subs, states, &memory{}, Options{}))
		starts := startsOf(p, time.Second)
		if err := p.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(*starts) != len(subs) {
			t.Errorf("%d requests", len(*starts))
		}
		sooner := 0
		for i := 1; i < len(*starts); i++ {
			apart := (*starts)[i].Sub((*starts)[i-1])
			if apart < max(gap, time.Second) {
				t.Errorf("request %d started %s after the one before", i, apart)
			}
			if apart < gap+time.Second {
				sooner++
			}
		}
		if sooner > 1 { // after the target's own feed, of which it is known when it was asked
			t.Errorf("%d gaps began before the answer", sooner)
		}
	})
}

func TestPoliteness27ASlowHostHoldsUpNobody(t *testing.T) {
	release := make(chan struct{})
	slow := serve(t, func(rw http.ResponseWriter, r *http.Request) { <-release; ok(document(1))(rw, r) })
	healthy := serve(t, ok(document(1)))
	m := &memory{}
	m.after = func(p feeds.Poll) {
		if len(m.polls) == 10 { // all of the healthy ones, before any of the slow
			close(release)
		}
	}
	var subs []Subscription
	for i := range 10 {
		subs = append(subs, subscription(fmt.Sprintf("%s/%d", slow, i), quick()), subscription(fmt.Sprintf("%s/%d", healthy, i), quick()))
	}
	round(t, m, Options{Parallel: 2}, subs...)
	for i, p := range m.polls[:10] {
		if !strings.HasPrefix(p.Feed, healthy) {
			t.Errorf("poll %d is of the slow host", i)
		}
	}
	if len(m.polls) != 20 {
		t.Errorf("%d polls", len(m.polls))
	}
}

func TestPoliteness28OneURLOneRequest(t *testing.T) {
	w := newWorld(t, ok(document(1)))
	log, lines := logLines()
	sub, twin := subscription(w.URL+"/feed", normal()), subscription(w.URL+"/feed/", normal())
	w.poll(Options{Log: log}, sub, sub, twin)
	if len(w.seen) != 2 {
		t.Errorf("%d requests", len(w.seen))
	}
	for _, want := range []string{"subscribed twice", "look like one"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, lines)
		}
	}
}

// moving answers /feed with a redirect to /new, which delivers one more item every
// time.
func moving(code int) http.HandlerFunc {
	n := 1
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			http.Redirect(w, r, "/new", code)
			return
		}
		n++
		ok(document(n, n-1))(w, r)
	}
}

func TestPoliteness29PermanentRedirectsAreLearnedOverDays(t *testing.T) {
	for code, learns := range map[int]bool{301: true, 308: true, 302: false, 303: false, 307: false} {
		w := newWorld(t, moving(code))
		asked := func() string { // what the first request of a poll asks for
			n := len(w.seen)
			w.ask(24 * time.Hour)
			return w.seen[n].URL.Path
		}
		for day := 1; day <= 9; day++ {
			if got := asked(); got != "/feed" {
				t.Errorf("%d: day %d asks %s already", code, day, got)
			}
		}
		for range 2 {
			if got := asked(); (got == "/new") != learns {
				t.Errorf("%d: after days of it %s is asked", code, got)
			}
		}
		if s := w.states[w.URL+"/feed"]; s.URL != w.URL+"/feed" || s.Entries != 2 {
			t.Errorf("%d: the feed's key became %s", code, s.URL)
		}
	}
}

// Many days are not enough when they were few polls.
func TestPoliteness29FewPollsTeachNothing(t *testing.T) {
	w := newWorld(t, moving(301))
	for poll := 1; poll <= 8; poll++ { // the first knows of no item that was there before
		n := len(w.seen)
		w.ask(4 * 24 * time.Hour)
		if got, want := w.seen[n].URL.Path, map[bool]string{true: "/new", false: "/feed"}[poll > 6]; got != want {
			t.Errorf("poll %d, after %d that showed the move, asks %s, want %s", poll, max(0, poll-2), got, want)
		}
	}
}

func TestPoliteness29WhenTheOldAddressIsGoneItsTargetIsAsked(t *testing.T) {
	w := newWorld(t, moving(301))
	w.ask(0)
	w.ask(halfHour) // seen once with an item that was there before
	moved := w.answer
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			rw.WriteHeader(404)
			return
		}
		moved(rw, r)
	}
	w.ask(halfHour)
	if s := w.ask(halfHour); s.Outcome != feeds.Changed || w.last().URL.Path != "/new" {
		t.Errorf("%s: %s from %s", s.Outcome, s.Problem, w.last().URL.Path)
	}
	// The learned address fails in its turn: back to what the operator wrote.
	w.answer = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			ok(document(1))(rw, r)
			return
		}
		rw.WriteHeader(404)
	}
	w.ask(halfHour)
	if s := w.ask(halfHour); s.Outcome != feeds.Changed || w.last().URL.Path != "/feed" {
		t.Errorf("%s: %s from %s", s.Outcome, s.Problem, w.last().URL.Path)
	}
}

// A learned address that does not work leads back to what the operator wrote.
func TestPoliteness29WhatWasLearnedIsForgotten(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		asks   int // of the learned address; of 6
	}{
		"the feed": {ok(document(1)), 6}, "not modified": {status(304, ""), 6},
		"404": {status(404, ""), 1}, "410": {status(410, ""), 1},
		"500": {status(500, ""), 3}, "429": {status(429, ""), 3}, "a page": {ok("<html>"), 3},
	} {
		w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/feed" {
				ok(document(1), "ETag", `"a"`)(rw, r)
				return
			}
			c.answer(rw, r)
		})
		w.states[w.URL+"/feed"] = feeds.State{URL: w.URL + "/feed", PollURL: w.URL + "/new", ETag: `"a"`, ValidatorsOf: w.URL + "/new"}
		asks := 0
		for range 6 {
			w.ask(halfHour)
			if w.last().URL.Path == "/new" {
				asks++
			}
		}
		if asks != c.asks {
			t.Errorf("%s: the learned address was asked %d times, want %d", name, asks, c.asks)
		}
	}
}

func TestPoliteness29AnotherFeedIsNoMove(t *testing.T) {
	n := 0
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			http.Redirect(rw, r, "/ads", http.StatusMovedPermanently)
			return
		}
		n += 2
		ok(document(n, n+1))(rw, r) // never an item that was there before
	})
	for range 20 {
		if s := w.ask(24 * time.Hour); s.PollURL != "" || s.MovedPolls > 1 {
			t.Fatalf("moved to %q after %d polls", s.PollURL, s.MovedPolls)
		}
	}
}

func TestPoliteness29UpgradeToHTTPSAtOnce(t *testing.T) {
	for from, want := range map[string]bool{
		"http://a.example/feed https://a.example/feed":         true,
		"http://a.example/feed?x=1 https://A.example/feed?x=1": true,
		"http://a.example/feed https://b.example/feed":         false,
		"http://a.example/feed https://a.example/other":        false,
		"https://a.example/feed https://a.example/feed":        false,
		"https://a.example/feed http://a.example/feed":         false,
	} {
		a, b, _ := strings.Cut(from, " ")
		if upgrade(a, b) != want {
			t.Errorf("%s: %v", from, !want)
		}
	}
	// One poll is enough, when the redirect is permanent.
	secure := httptest.NewTLSServer(ok(document(1)))
	defer secure.Close()
	for code, learns := range map[int]bool{301: true, 308: true, 302: false} {
		plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, secure.URL+r.URL.Path, code)
		}))
		m, feed := &memory{}, plain.URL+"/feed"
		round(t, m, Options{}, subscription(feed, quick()))
		if s := m.states[feed]; (s.PollURL == secure.URL+"/feed") != learns || !s.Outcome.Observed() {
			t.Errorf("%d: %s %s, asked at %q from now on", code, s.Outcome, s.Problem, s.PollURL)
		}
		plain.Close()
	}
}

// A captive portal leads everybody to its own page; here even to something that
// reads as a feed.
func TestPoliteness31CaptivePortalTeachesNothing(t *testing.T) {
	t.Run("one run", func(t *testing.T) { captive(t, false) })
	t.Run("a restart before each round", func(t *testing.T) { captive(t, true) })
}

func captive(t *testing.T, restarts bool) {
	hotel := serve(t, ok(document(1)))
	w := newWorld(t, nil)
	var subs []Subscription
	for range 6 {
		srv := serve(t, http.RedirectHandler(hotel+"/login", http.StatusMovedPermanently).ServeHTTP)
		subs = append(subs, subscription(srv+"/feed", quick()))
	}
	var p *Poller
	for i := range 12 {
		if i == 0 || restarts {
			var err error
			if p, err = New(subs, maps.Clone(w.states), &w.memory, Options{Force: true, Parallel: 1}); err != nil {
				t.Fatal(err)
			}
			p.clock.wall = func() time.Time { return w.now }
			p.clock.running = func() time.Duration { return w.now.Sub(time.Unix(0, 0)) }
		}
		if frozen := p.Around(w.states[subs[0].Feed.URL]).Frozen; i > 0 && (len(frozen) != 1 || len(frozen[0].Hosts) < portalHosts) {
			t.Fatalf("round %d: frozen is %v", i, frozen)
		}
		if err := p.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(20 * time.Hour)
	}
	for url, s := range w.states {
		if s.PollURL != "" {
			t.Errorf("%s was learned to be at %s", url, s.PollURL)
		}
	}
}

// That the machine seems offline outlives a restart, too: no feed is blamed anew.
func TestOfflineOutlivesARestart(t *testing.T) {
	m := &memory{}
	var subs []Subscription
	for i := range 12 {
		subs = append(subs, subscription(fmt.Sprintf("https://h%d.example/", i), quick()))
	}
	failures := func() (n int) {
		p, err := New(subs, maps.Clone(m.states), m, Options{Force: true, Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		p.get = func(context.Context, fetch.Request) fetch.Response {
			return fetch.Response{Outcome: feeds.Failed, Problem: "the network does not lead to the server"}
		}
		if err := p.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range m.states {
			n += s.Failures
		}
		return n
	}
	if n := failures(); n != offlineHosts {
		t.Fatalf("%d failures were counted before the machine seemed offline", n)
	}
	if n := failures(); n != offlineHosts {
		t.Errorf("%d failures after a restart", n-offlineHosts)
	}
	if a := m.states[subs[0].Feed.URL]; a.Outcome != feeds.Failed || len(a.Recent) != 2 {
		t.Errorf("%+v", a)
	}
}

func TestPoliteness32RelSelfIsNoMove(t *testing.T) {
	body := strings.Replace(document(1), "<title>", `<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="http://elsewhere.example/feed"/><title>`, 1)
	w := newWorld(t, ok(body))
	for range 12 {
		if s := w.ask(24 * time.Hour); s.PollURL != "" || s.MovedTo != "" {
			t.Fatalf("moved to %s %s", s.PollURL, s.MovedTo)
		}
	}
	if w.last().URL.Path != "/feed" {
		t.Errorf("asked for %s", w.last().URL.Path)
	}
}

// Nothing but the feed is asked for: no robots.txt, favicon, page or image.
func TestPoliteness38And39OnlyTheFeedIsAskedFor(t *testing.T) {
	body := strings.Replace(document(2, 1), "<item>", `<image><url>/logo.png</url></image><item>`, 1)
	w := newWorld(t, ok(body, "Link", `</hub>; rel="hub"`))
	for range 3 {
		w.ask(time.Hour)
	}
	for _, r := range w.seen {
		if r.Method != http.MethodGet || r.URL.Path != "/feed" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
	}
}
