package poll

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aggregator/feeds"
)

// withHub is document with a hub and a name of its own.
func withHub(hub, self string, items ...int) string {
	return strings.Replace(document(items...), "<description>d", `<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="`+hub+`"/>`+
		`<link xmlns="http://www.w3.org/2005/Atom" rel="self" href="`+self+`"/><description>d`, 1)
}

// hearer notes what it hears.
type hearer struct {
	mu    sync.Mutex
	heard []*feeds.WebSub
}

func (h *hearer) Changed(_ string, w *feeds.WebSub) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, w)
}

func TestPoliteness40HubsOfAFeed(t *testing.T) {
	w := newWorld(t, nil)
	const hub, other = "http://hub.example/", "http://other.example/"
	for _, step := range []struct {
		what       string
		answer     http.HandlerFunc
		hub, topic string
	}{
		{"the document names it", ok(withHub(hub, "http://c.example/feed", 1)), hub, "http://c.example/feed"},
		{"the same body, and a 304, say nothing", ok(withHub(hub, "http://c.example/feed", 1)), hub, "http://c.example/feed"},
		{"an answer that fails changes nothing", status(500, ""), hub, "http://c.example/feed"},
		{"the header goes before the document", ok(withHub(hub, "http://c.example/feed", 2), "Link", `<`+other+`>; rel="hub", </self>; rel="self"`), other, "/self"},
		{"a feed that names none any more", ok(document(3)), "", ""},
	} {
		w.answer = step.answer
		s := w.poll1(Options{Force: true, Hubs: &hearer{}})
		topic := step.topic
		if strings.HasPrefix(topic, "/") {
			topic = w.URL + topic
		}
		if got := orNone(s.WebSub); got.Hub != step.hub || got.Topic != topic {
			t.Errorf("%s: %q %q", step.what, got.Hub, got.Topic)
		}
	}
	w.answer = ok(withHub(hub, "http://c.example/feed", 4))
	s := w.poll1(Options{Force: true, Hubs: &hearer{}})
	s.WebSub = &feeds.WebSub{Hub: hub, Topic: "http://c.example/feed", Token: "t", Until: w.now.Add(time.Hour)}
	w.states[s.URL] = s
	if s := w.poll1(Options{Force: true}); s.WebSub.Hub != hub || s.WebSub.Token != "" || !s.WebSub.Until.IsZero() {
		t.Errorf("nobody subscribes, and yet %+v", s.WebSub)
	}
}

func (w *world) poll1(o Options) feeds.State {
	w.now = w.now.Add(time.Hour)
	sub := subscription(w.URL+"/feed", normal())
	w.poll(o, sub)
	return w.states[sub.Feed.URL]
}

// subscribed is the state of a feed whose hub pushes.
func subscribed(now time.Time) feeds.State {
	return feeds.State{URL: "http://c.example/feed", LastRequest: now, LastObserved: now, LastFull: now, Polls: 9, Outcome: feeds.Changed, ETag: "x", Known: []uint64{7},
		WebSub: &feeds.WebSub{Hub: "http://hub.example/", Topic: "http://c.example/feed", Token: "t", Secret: "s", Since: now.Add(-time.Hour), Until: now.Add(240 * time.Hour)}}
}

func TestPoliteness44PollsForSafetyWhileAHubPushes(t *testing.T) {
	set := normal()
	r := &rules{&set, newSlots(must(newPlan(set.Schedule)), "u", set.Spread)}
	now := at("2026-03-02T10:00:00Z")
	with := func(f func(w *feeds.WebSub)) feeds.State {
		s := subscribed(now)
		f(s.WebSub)
		return s
	}
	usual := 30 * time.Minute
	for _, c := range []struct {
		what     string
		s        feeds.State
		min, max time.Duration
	}{
		{"subscribed: a day", subscribed(now), 24 * time.Hour, 24*time.Hour + usual},
		{"the lease ends before", with(func(w *feeds.WebSub) { w.Until = now.Add(5 * time.Hour) }), 5 * time.Hour, 5*time.Hour + usual},
		{"not yet verified", with(func(w *feeds.WebSub) { w.Until = time.Time{} }), 0, usual},
		{"the lease has ended", with(func(w *feeds.WebSub) { w.Until = now.Add(-time.Second) }), 0, usual},
		{"the hub is late", with(func(w *feeds.WebSub) { w.Late = 1 }), 0, usual},
		{"it pushed something useless", with(func(w *feeds.WebSub) { w.Hint = now.Add(time.Minute) }), 0, usual},
		{"that was before the last poll", with(func(w *feeds.WebSub) { w.Hint = now.Add(-time.Minute) }), 24 * time.Hour, 24*time.Hour + usual},
	} {
		due, why := next(&c.s, r)
		if wait := due.Sub(now); wait < c.min || wait > c.max {
			t.Errorf("%s: the next poll is in %s (%s)", c.what, wait, why)
		}
	}
}

func TestPoliteness44AHubThatIsLateIsNoticed(t *testing.T) {
	now := at("2026-03-02T10:00:00Z")
	dated := func(pub time.Time, n int) string {
		return fmt.Sprintf("<item><title>Bridge %d</title><guid>g%d</guid><pubDate>%s</pubDate></item>", n, n, pub.Format(time.RFC1123Z))
	}
	doc := func(items ...string) string {
		return strings.Replace(withHub("http://hub.example/", "http://c.example/feed"), "</channel>", strings.Join(items, "")+"</channel>", 1)
	}
	set := normal()
	f := &feed{sub: new(subscription("http://c.example/feed", set)), rules: rules{&set, newSlots(must(newPlan(set.Schedule)), "u", 0)}}
	poll := func(old feeds.State, at time.Time, body string) feeds.State {
		a := answer{at: at, hash: uint64(at.Unix())}
		a.resp.Outcome, a.resp.Status, a.resp.Body, a.resp.FinalURL = feeds.Changed, 200, []byte(body), old.URL
		a.parse(&old, f)
		return decide(old, &a, &f.rules)
	}
	push := func(old feeds.State, at time.Time, body string) feeds.State {
		a := answer{at: at, hash: uint64(at.Unix())}
		a.resp.Body = []byte(body)
		a.parse(&old, f)
		pushed(&old, &a)
		return old
	}
	hour := func(n float64) time.Time { return now.Add(time.Duration(n * float64(time.Hour))) }
	s := push(subscribed(now), hour(2), doc(dated(hour(2), 1)))
	if s.WebSub.Pushes != 1 || s.Polls != 9 {
		t.Fatalf("the push was not taken: %+v", s.WebSub)
	}
	// The same entry, written otherwise, and one so new that its push is on its way.
	s = poll(s, hour(24), doc(" "+dated(hour(2), 1)+" ", dated(hour(23.95), 2)))
	if s.WebSub.Late != 0 {
		t.Errorf("the hub is called late: %+v", s.WebSub)
	}
	// An old entry that was edited, and one that the hub kept back.
	s = poll(s, hour(48), doc(strings.Replace(dated(hour(2), 1), "Bridge", "The bridge", 1), dated(hour(47.5), 3)))
	if s.WebSub.Late != 1 || !s.WebSub.LateAt.Equal(hour(48)) {
		t.Errorf("the hub is not called late: %+v", s.WebSub)
	}
	text := strings.Join(Why(s, set, feeds.Around{}, hour(49)), "\n")
	if !strings.Contains(text, "late") {
		t.Errorf("why does not say it:\n%s", text)
	}
	// It pushes again, and nothing was missing.
	s = push(s, hour(49), doc(dated(hour(49), 4)))
	if s = poll(s, hour(50), doc(dated(hour(49), 4), dated(hour(47.5), 3))); s.WebSub.Late != 0 {
		t.Errorf("the hub is late for ever: %+v", s.WebSub)
	}
}

// A push is taken like a poll's document, but for what follows from having asked.
func TestPoliteness45APushChangesNothingThatFollowsFromAsking(t *testing.T) {
	w := newWorld(t, answers(
		ok(withHub("http://hub.example/", "http://c.example/feed", 2, 1), "ETag", `"two"`, "Last-Modified", "yesterday", "Cache-Control", "max-age=600"),
		ok(withHub("http://hub.example/", "http://c.example/feed", 3, 2, 1), "ETag", `"three"`),
	))
	set := normal()
	set.Spread = 0
	sub := subscription(w.URL+"/feed", set)
	p := must(New([]Subscription{sub}, nil, &w.memory, Options{Hubs: &hearer{}}))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	defer func() { stop(); running.Wait() }()
	for len(w.of(sub.Feed.URL)) == 0 {
		time.Sleep(time.Millisecond)
	}
	before := w.of(sub.Feed.URL)[0].State
	// A hub may push what is new alone.
	if err := p.Push(ctx, sub.Feed.URL, []byte(document(3)), "application/rss+xml"); err != nil {
		t.Fatal(err)
	}
	polls := w.of(sub.Feed.URL)
	got := polls[1]
	if got.Outcome != feeds.Changed || len(got.Items) != 3 || got.Items[0].Entry == nil || got.Items[0].Entry.GUID != "g3" || got.Items[1].Entry != nil {
		t.Errorf("the push brought %+v", got.Items)
	}
	if got.Items[0].Entry.Feed != sub.Feed.URL || got.Items[0].Entry.Outlet != "courier" {
		t.Errorf("the entry belongs to %q of %q", got.Items[0].Entry.Feed, got.Items[0].Entry.Outlet)
	}
	after := got.State
	if !slices.Equal(after.Known[1:], before.Known) || after.WebSub.Pushes != 1 {
		t.Errorf("known %v, was %v; %+v", after.Known, before.Known, after.WebSub)
	}
	after.Known, after.WebSub, after.LastChange, after.NextDue, after.DueReason = before.Known, before.WebSub, before.LastChange, before.NextDue, before.DueReason
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the push changed more of the state:\n%+v\n%+v", before, after)
	}
	// The same push again, and something that is no feed, bring nothing.
	for _, body := range []string{document(3), "<html><title>hello</title>"} {
		if err := p.Push(ctx, sub.Feed.URL, []byte(body), ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range w.of(sub.Feed.URL)[2:] {
		if p.Items != nil || p.State.WebSub.Pushes != 1 {
			t.Errorf("a push of no use brought %+v", p)
		}
	}
	if err := p.Push(ctx, "http://nobody.example/", nil, ""); err != errNoFeed {
		t.Errorf("a push for nobody: %v", err)
	}
	// The next poll sends the validators of the last poll. That what is new is known
	// already does not mean that the server ignored them.
	stop()
	running.Wait()
	s := w.states[sub.Feed.URL]
	w.now = s.LastRequest.Add(25 * time.Hour)
	w.poll(Options{Hubs: &hearer{}}, sub)
	if sent := w.sent(); sent != [2]string{`"two"`, "yesterday"} {
		t.Errorf("the poll after it sent %q", sent)
	}
	if s := w.states[sub.Feed.URL]; s.Ignored != 0 || s.ETag != `"three"` {
		t.Errorf("after it: ignored %d, ETag %s", s.Ignored, s.ETag)
	}
}

// Whoever changes a feed's state waits for its poll, and nobody waits for them.
func TestChangesWaitForThePollUnderWay(t *testing.T) {
	asked, answer := make(chan bool), make(chan bool)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- true
		<-answer
		w.Write([]byte(withHub("http://hub.example/", "", 1)))
	})
	m := &memory{}
	h := &hearer{}
	set := quick()
	set.Schedule = "@every 1h"
	p := must(New([]Subscription{subscription(url, set)}, nil, m, Options{Hubs: h}))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	<-asked
	for range 20 {
		running.Go(func() {
			err := p.Subscribe(ctx, url, func(w feeds.WebSub) feeds.WebSub { w.Failures++; return w })
			if err != nil {
				t.Error(err)
			}
		})
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.Subscribe(gone, url, nil); err != context.Canceled {
		t.Errorf("who gave up got %v", err)
	}
	answer <- true
	for len(m.of(url)) < 21 {
		time.Sleep(time.Millisecond)
	}
	stop()
	running.Wait()
	if w := p.States()[url].WebSub; w == nil || w.Hub == "" || w.Failures != 20 {
		t.Errorf("a change was lost: %+v", w)
	}
	if n := len(h.heard); n != 21 {
		t.Errorf("%d changes were heard of", n)
	}
	for i, p := range m.of(url) {
		if i > 0 && (p.Outcome != feeds.Told || p.Items != nil) {
			t.Errorf("%+v", p)
		}
	}
}
