package poll

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// faulty are the ways in which a third of the feeds misbehave.
var faulty = []func(w http.ResponseWriter, r *http.Request){
	func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, // hangs
	func(w http.ResponseWriter, r *http.Request) { // drips
		for r.Context().Err() == nil {
			w.Write([]byte(" "))
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	},
	func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, // breaks off
	func(w http.ResponseWriter, r *http.Request) { // resets
		c, _, _ := w.(http.Hijacker).Hijack()
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	},
	status(500, "oops"), status(429, ""), status(404, ""), status(403, "", "cf-mitigated", "challenge"),
	func(w http.ResponseWriter, r *http.Request) { // truncated
		w.Header().Set("Content-Length", "100000")
		w.Write([]byte(document(1)))
	},
	func(w http.ResponseWriter, r *http.Request) { // huge
		for chunk := bytes.Repeat([]byte("<item>"), 10000); r.Context().Err() == nil; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	},
	ok("\x00\x01\x02\x03", "Content-Type", "image/png"), ok("<html>"), ok(""),
	func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
	ok("<<<garbage", "Content-Encoding", "gzip", "ETag", "\x7f"),
}

// Of a thousand feeds on a thousand hosts a third misbehave; the others are polled
// in every window, memory stays bounded, and nothing is left running. Windows are longer where
// polling all of them at once takes long.
func TestFaultsOfAThirdLeaveTheOthersOnTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	const n = 1000
	before := runtime.NumGoroutine()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, _ := strconv.Atoi(r.URL.Path[1:])
		if i%3 == 0 {
			faulty[i/3%len(faulty)](w, r)
			return
		}
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(304)
			return
		}
		ok(document(i, i+1), "ETag", `"a"`)(w, r)
	}))
	secure := httptest.NewUnstartedServer(srv.Config.Handler) // whose certificate is for other names
	ports := map[string]int{}
	for scheme, s := range map[string]*httptest.Server{"http": srv, "https": secure} {
		s.Listener.Close()
		l, err := net.Listen("tcp", "0.0.0.0:0")
		if err != nil {
			t.Skip("no listener on all addresses: ", err)
		}
		s.Listener, s.Config.ErrorLog = l, quietLog()
		ports[scheme] = l.Addr().(*net.TCPAddr).Port
	}
	srv.Start()
	secure.StartTLS()

	set := quick()
	set.MaxBody = 1 << 20
	var subs []Subscription
	for i := range n {
		subs = append(subs, subscription(fmt.Sprintf("http://127.1.%d.%d:%d/1", i/250, 1+i%250, ports["http"]), set))
	}
	begun := time.Now()
	round(t, &memory{}, Options{Parallel: 64}, subs...)
	atOnce := time.Since(begun)
	window := max(8*time.Second, 8*atOnce).Round(time.Second)
	patience := window / 8 // with the faulty ones
	set.Schedule, set.Spread = "@every "+window.String(), window
	subs = nil
	for i := range n {
		set.Timeout = 2 * time.Minute
		if i%3 == 0 {
			set.Timeout = patience
		}
		scheme, port := "http", ports["http"]
		switch i % 48 {
		case 0:
			scheme = "https" // no TLS there
		case 24:
			scheme, port = "https", ports["https"]
		}
		subs = append(subs, subscription(fmt.Sprintf("%s://127.1.%d.%d:%d/%d", scheme, i/250, 1+i%250, port, i), set))
	}
	ctx, cancel := context.WithCancel(t.Context())
	m := &memory{}
	var peak uint64
	healthy := 0
	m.after = func(p feeds.Poll) {
		if p.Outcome.Observed() {
			healthy++
		}
		if len(m.polls)%200 == 0 {
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			peak = max(peak, s.HeapInuse)
		}
		if healthy == n*2/3*4 { // four windows
			cancel()
		}
	}
	p, err := New(subs, nil, m, Options{Parallel: 64})
	if err != nil {
		t.Fatal(err)
	}
	stalled := stalls(ctx)
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	last, worst := map[string]time.Time{}, time.Duration(0)
	foreign := 0
	for _, poll := range m.polls {
		if strings.Contains(poll.State.Problem, "certificate") {
			foreign++
		}
		i, _ := strconv.Atoi(poll.Feed[strings.LastIndex(poll.Feed, "/")+1:])
		if i%3 == 0 {
			if poll.Outcome.Observed() || poll.State.Problem == "" {
				t.Errorf("faulty feed %d: %s", i, poll.Outcome)
			}
			continue
		}
		if !poll.Outcome.Observed() && ctx.Err() == nil {
			t.Errorf("healthy feed %d: %s %s", i, poll.Outcome, poll.State.Problem)
		}
		if at, ok := last[poll.Feed]; ok {
			worst = max(worst, poll.At.Sub(at)-window)
		}
		last[poll.Feed] = poll.At
	}
	// A feed that hangs holds its place for as long as the time-out. Whoever waited for
	// more than two of those, or for the machine and for what it left undone, was held up by others.
	stall := <-stalled
	if foreign == 0 {
		t.Error("no certificate was refused")
	}
	if len(last) != n-(n+2)/3 || worst > 2*(patience+stall) {
		t.Errorf("%d healthy feeds were polled, at worst %s late; the machine stalled for %s", len(last), worst, stall)
	}
	if peak > 200<<20 {
		t.Errorf("%d MiB of heap in use", peak>>20)
	}
	t.Logf("%d polls, windows of %s (all at once take %s), healthy ones at worst %s late, at most %d MiB of heap in use (server included)", len(m.polls), window, atOnce, worst, peak>>20)
	srv.Close()
	secure.Close()
	settled(t, before)
}

// stalls tells, when ctx has ended, for how long at most this process did not come to run
// what was due: a busy machine is not the subject.
func stalls(ctx context.Context) <-chan time.Duration {
	worst := make(chan time.Duration, 1)
	go func() {
		const nap = 10 * time.Millisecond
		most := time.Duration(0)
		for ctx.Err() == nil {
			before := time.Now()
			<-time.After(nap)
			most = max(most, time.Since(before)-nap)
		}
		worst <- most
	}()
	return worst
}

// settled fails when goroutines outlive what they belong to.
func settled(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

func TestAStopLosesNoPollUnderWay(t *testing.T) {
	before := runtime.NumGoroutine()
	arrived := make(chan struct{}, 1)
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		ok(document(1), "ETag", `"a"`)(w, r)
	}))
	ctx, cancel := context.WithCancel(t.Context())
	m := &memory{}
	p, err := New([]Subscription{subscription(srv.URL, quick())}, nil, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	<-arrived
	cancel()
	close(release)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if len(m.polls) != 1 || m.polls[0].Outcome != feeds.Changed {
		t.Errorf("%d polls", len(m.polls))
	}
	srv.Close()
	settled(t, before)
}

func TestAStopGivesUpOnAHangingServerAfterItsGrace(t *testing.T) {
	arrived := make(chan struct{}, 1)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) { arrived <- struct{}{}; <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	m := &memory{states: map[string]feeds.State{srv: {URL: srv, ETag: `"kept"`, Polls: 7}}}
	p, err := New([]Subscription{subscription(srv, quick())}, m.states, m, Options{Grace: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-arrived; cancel() }()
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	// The request counts, and says nothing against the feed.
	if s := m.states[srv]; s.Polls != 8 || s.Failures != 0 || s.ETag != `"kept"` || s.LastRequest.IsZero() {
		t.Errorf("%+v", s)
	}
}
