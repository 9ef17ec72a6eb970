package websub_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/feeds/websub"
)

// memory is a sink.
type memory struct {
	mu     sync.Mutex
	polls  []feeds.Poll
	states map[string]feeds.State
}

func (m *memory) Append(_ context.Context, polls ...feeds.Poll) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.polls = append(m.polls, polls...)
	for _, p := range polls {
		m.states[p.Feed] = p.State
	}
	return nil
}

// guids are those of the entries that came, in their order.
func (m *memory) guids() (list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.polls {
		for _, item := range p.Items {
			if item.Entry != nil {
				list = append(list, item.Entry.GUID)
			}
		}
	}
	return list
}

func (m *memory) webSub(feed string) feeds.WebSub {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.states[feed].WebSub; w != nil {
		return *w
	}
	return feeds.WebSub{}
}

// publisher is a loopback server with one feed, and the subscriber's callback.
type publisher struct {
	t          *testing.T
	site, door *httptest.Server
	mu         sync.Mutex
	hub        string
	links      bool // in the header, too, which some hubs insist on
	guids      []string
	asked      int
	sink       *memory
	sub        *websub.Subscriber
	feed       string
	stop       func()
}

func newPublisher(t *testing.T, hub string) *publisher {
	p := &publisher{t: t, hub: hub, guids: []string{"a"}, sink: &memory{states: map[string]feeds.State{}}}
	p.site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked++
		if p.links {
			w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="hub", <%s>; rel="self"`, p.hub, p.feed))
		}
		p.mu.Unlock()
		io.WriteString(w, p.document())
	}))
	t.Cleanup(p.site.Close)
	p.door = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.sub.ServeHTTP(w, r) }))
	t.Cleanup(p.door.Close)
	p.feed = p.site.URL + "/feed"
	p.start()
	t.Cleanup(func() { p.stop() })
	return p
}

// start runs poller and subscriber with what the sink remembers.
func (p *publisher) start() {
	set := feeds.Settings{Schedule: "@every 1h", AllowPrivate: []string{"127.0.0.0/8"}, Timeout: 2 * time.Minute}
	p.sub = websub.New(websub.Options{Callback: p.door.URL, Settings: map[string]feeds.Settings{p.feed: set}, Now: func() time.Time { return time.Now().UTC() }, Gap: time.Millisecond})
	states := map[string]feeds.State{}
	for k, v := range p.sink.states {
		states[k] = v
	}
	poller, err := poll.New([]poll.Subscription{{Feed: feeds.Feed{URL: p.feed, Outlet: "courier"}, Outlet: feeds.Outlet{ID: "courier"}, Settings: set}},
		states, p.sink, poll.Options{Hubs: p.sub})
	if err != nil {
		p.t.Fatal(err)
	}
	p.sub.Bind(poller)
	ctx, stop := context.WithCancel(context.Background())
	polling, halt := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() { defer halt(); p.sub.Run(ctx) })
	both.Go(func() { poller.Run(polling) })
	p.stop = func() { stop(); both.Wait() }
}

func (p *publisher) document() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, `<feed xmlns="http://www.w3.org/2005/Atom"><title>The Courier</title><id>x</id><link rel="self" href="%s/feed"/><link rel="hub" href="%s"/>`, p.site.URL, p.hub)
	for _, g := range p.guids {
		fmt.Fprintf(&b, "<entry><id>%s</id><title>Bridge %s opens</title></entry>", g, g)
	}
	return b.String() + "</feed>"
}

func (p *publisher) publish(guid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.guids = append([]string{guid}, p.guids...)
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within two minutes: %s", what)
		}
	}
}

// hostile is a hub that keeps what it was asked for and does nothing by itself.
type hostile struct {
	*httptest.Server
	mu    sync.Mutex
	forms []url.Values
	code  int
}

func newHostile(t *testing.T) *hostile {
	h := &hostile{code: 202}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
			return
		}
		h.forms = append(h.forms, r.PostForm)
		w.WriteHeader(h.code)
		fmt.Fprint(w, "as you\nsay")
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hostile) asked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.forms)
}

// get asks the callback as a hub does.
func get(t *testing.T, callback, mode, topic, challenge string) (int, string) {
	t.Helper()
	res, err := http.Get(callback + "?" + url.Values{"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {challenge}, "hub.lease_seconds": {"864000"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

func post(t *testing.T, callback, body, signature string) int {
	t.Helper()
	req, err := http.NewRequest("POST", callback, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/atom+xml")
	req.Header.Set("X-Hub-Signature", signature)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func sign(secret, body string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	io.WriteString(mac, body)
	return "sha1=" + hex.EncodeToString(mac.Sum(nil))
}

func entry(guid string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>x</id><entry><id>` + guid + `</id><title>Bridge</title></entry></feed>`
}

func TestPoliteness41To43AHostileHub(t *testing.T) {
	h := newHostile(t)
	p := newPublisher(t, h.URL+"/moved")
	wait(t, "the hub is asked", func() bool { return h.asked() == 1 })
	form := h.forms[0]
	callback, topic, secret := form.Get("hub.callback"), form.Get("hub.topic"), form.Get("hub.secret")
	if form.Get("hub.mode") != "subscribe" || topic != p.feed || !strings.HasPrefix(callback, p.door.URL+websub.Path) || form.Has("hub.lease_seconds") {
		t.Fatalf("the hub was asked for %v", form)
	}
	if token := strings.TrimPrefix(callback, p.door.URL+websub.Path); len(token) < 26 || len(secret) < 32 || len(secret) >= 200 {
		t.Errorf("token %q, secret of %d bytes", token, len(secret))
	}
	for _, c := range []struct {
		what, callback, mode, topic, challenge string
	}{
		{"another topic", callback, "subscribe", topic + "x", "c"},
		{"no topic", callback, "subscribe", "", "c"},
		{"another callback", callback + "x", "subscribe", topic, "c"},
		{"no token", p.door.URL + websub.Path, "subscribe", topic, "c"},
		{"no challenge", callback, "subscribe", topic, ""},
		{"an end that nobody asked for", callback, "unsubscribe", topic, "c"},
		{"another mode", callback, "publish", topic, "c"},
	} {
		if code, body := get(t, c.callback, c.mode, c.topic, c.challenge); code != 404 || body != "" {
			t.Errorf("%s: %d %q", c.what, code, body)
		}
	}
	if p.sink.webSub(p.feed).Until.After(time.Now()) {
		t.Error("a wrong verification subscribed")
	}
	if code, body := get(t, callback, "subscribe", topic, "<b>c</b>"); code != 200 || body != "<b>c</b>" {
		t.Errorf("the right one: %d %q", code, body)
	}
	if code, _ := get(t, callback, "subscribe", topic, "c2"); code != 404 {
		t.Errorf("the right one again: %d", code)
	}
	wait(t, "the subscription is kept", func() bool { return p.sink.webSub(p.feed).Until.After(time.Now().Add(239 * time.Hour)) })

	right := entry("b")
	for _, c := range []struct {
		what, body, signature string
		code                  int
	}{
		{"no signature", entry("evil"), "", 202},
		{"a wrong signature", entry("evil"), sign("x", entry("evil")), 202},
		{"the signature of another body", entry("evil"), sign(secret, right), 202},
		{"the right one", right, sign(secret, right), 202},
		{"the same again", right, sign(secret, right), 202},
		{"an endless body", strings.Repeat("x", 17<<20), "", 413},
	} {
		if code := post(t, callback, c.body, c.signature); code != c.code {
			t.Errorf("%s: %d", c.what, code)
		}
	}
	if code := post(t, callback+"x", right, sign(secret, right)); code != 410 {
		t.Errorf("a push for nobody: %d", code)
	}
	last := entry("c")
	post(t, callback, last, sign(secret, last))
	wait(t, "the last push is read", func() bool { return strings.HasSuffix(strings.Join(p.sink.guids(), " "), "c") })
	if got := strings.Join(p.sink.guids(), " "); got != "a b c" {
		t.Errorf("entries came: %s", got)
	}
	if res, err := http.Head(callback); err != nil || res.StatusCode != 405 {
		t.Errorf("HEAD: %v %v", res, err)
	}
	if w := p.sink.webSub(p.feed); w.Pushes != 2 {
		t.Errorf("%+v", w)
	}
	if p.asked != 1 {
		t.Errorf("the publisher was asked %d times", p.asked)
	}
	// The hub ends it: the feed is polled again, and the hub asked again later.
	if code, _ := get(t, callback, "denied", topic, ""); code != 200 {
		t.Errorf("denied: %d", code)
	}
	wait(t, "the end is kept", func() bool {
		w := p.sink.webSub(p.feed)
		return w.Until.IsZero() && strings.Contains(w.Problem, "denies")
	})
	if s := p.sink.states[p.feed]; s.NextDue.Sub(s.LastRequest) > 2*time.Hour {
		t.Errorf("the next poll is at %s (%s)", s.NextDue, s.DueReason)
	}
}

func TestSubscriptionsSurviveARestart(t *testing.T) {
	h := newHostile(t)
	p := newPublisher(t, h.URL)
	wait(t, "the hub is asked", func() bool { return h.asked() == 1 })
	callback, topic, secret := h.forms[0].Get("hub.callback"), h.forms[0].Get("hub.topic"), h.forms[0].Get("hub.secret")
	p.stop()
	if code := post(t, callback, entry("b"), sign(secret, entry("b"))); code != 503 {
		t.Errorf("a push while it stops: %d", code)
	}
	p.start() // the hub verifies what was asked for before
	wait(t, "it is verified", func() bool { code, _ := get(t, callback, "subscribe", topic, "c"); return code == 200 })
	wait(t, "that is kept", func() bool { return !p.sink.webSub(p.feed).Until.IsZero() })
	p.stop()
	p.start()
	wait(t, "it is pushed to", func() bool { return post(t, callback, entry("b"), sign(secret, entry("b"))) == 202 })
	wait(t, "it is read", func() bool { return strings.Join(p.sink.guids(), " ") == "a b" })
	if h.asked() != 1 || p.asked != 1 {
		t.Errorf("the hub was asked %d times, the publisher %d times", h.asked(), p.asked)
	}
}

// What the feed says by the next poll is followed: another hub, and then none.
func TestPoliteness43TheOldSubscriptionEnds(t *testing.T) {
	first, second := newHostile(t), newHostile(t)
	p := newPublisher(t, first.URL)
	wait(t, "the hub is asked", func() bool { return first.asked() == 1 })
	callback, topic := first.forms[0].Get("hub.callback"), first.forms[0].Get("hub.topic")
	p.sub.Changed(p.feed, &feeds.WebSub{Hub: second.URL, Topic: topic, Token: "other", Next: time.Now().Add(time.Hour)})
	wait(t, "the old hub is told", func() bool { return first.asked() == 2 })
	if f := first.forms[1]; f.Get("hub.mode") != "unsubscribe" || f.Get("hub.callback") != callback || f.Get("hub.topic") != topic {
		t.Errorf("%v", f)
	}
	if code := post(t, callback, "x", ""); code != 410 {
		t.Errorf("a push after the end: %d", code)
	}
	if code, _ := get(t, callback, "unsubscribe", topic+"x", "c"); code != 404 {
		t.Errorf("the end of another topic: %d", code)
	}
	if code, body := get(t, callback, "unsubscribe", topic, "c"); code != 200 || body != "c" {
		t.Errorf("the end: %d %q", code, body)
	}
	if code, _ := get(t, callback, "unsubscribe", topic, "c"); code != 404 {
		t.Errorf("the end again: %d", code)
	}
}

func TestAHubThatRefusesIsLeftAlone(t *testing.T) {
	h := newHostile(t)
	h.code = 500
	p := newPublisher(t, h.URL)
	wait(t, "the refusal is kept", func() bool { return p.sink.webSub(p.feed).Problem != "" })
	w := p.sink.webSub(p.feed)
	if w.Problem != "the hub answered 500 as you say" || w.Awaiting || w.Next.Sub(w.Asked) < 59*time.Minute {
		t.Errorf("%+v", w)
	}
	if code, _ := get(t, h.forms[0].Get("hub.callback"), "subscribe", p.feed, "c"); code != 404 {
		t.Errorf("a verification of what the hub refused: %d", code)
	}
}

// AGGREGATOR_HUB is the address of a real hub on this machine, which takes
// hub.mode=publish from anybody and may reach loopback addresses.
func TestARealHub(t *testing.T) {
	hub := os.Getenv("AGGREGATOR_HUB")
	if hub == "" {
		t.Skip("AGGREGATOR_HUB is not set: it is the address of a hub on this machine, as docs/politeness.md says")
	}
	p := newPublisher(t, hub)
	p.mu.Lock()
	p.links = true
	p.mu.Unlock()
	wait(t, "the hub verifies", func() bool { return p.sink.webSub(p.feed).Until.After(time.Now()) })
	// The hub subscribes after our answer, so that its first notice may come too early
	// and be refused.
	push := func(guid string, pushes int64) {
		p.publish(guid)
		var told time.Time
		wait(t, "the hub pushes "+guid, func() bool {
			if time.Since(told) > 200*time.Millisecond {
				told = time.Now()
				res, err := http.PostForm(hub, url.Values{"hub.mode": {"publish"}, "hub.topic": {p.feed}, "hub.url": {p.feed}})
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
			}
			return p.sink.webSub(p.feed).Pushes == pushes
		})
	}
	push("b", 1)
	push("c", 2)
	if got := strings.Join(p.sink.guids(), " "); got != "a b c" {
		t.Errorf("entries came: %s", got)
	}
	w := p.sink.webSub(p.feed)
	t.Logf("subscribed until %s, %d pushes", w.Until, w.Pushes)
	p.stop() // and again: the hub knows the subscription, and its secret
	p.sink.mu.Lock()
	s := p.sink.states[p.feed]
	again := *s.WebSub
	again.Next = time.Time{}
	s.WebSub = &again
	p.sink.states[p.feed] = s
	p.sink.mu.Unlock()
	p.start()
	wait(t, "the hub verifies the renewal", func() bool { return p.sink.webSub(p.feed).Until.After(w.Until) })
	push("d", 3)
}
