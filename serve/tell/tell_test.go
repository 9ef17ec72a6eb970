package tell

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/store"
	"aggregator/stories"
)

// direct answers requests by a handler, without a network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

var outlets = []feeds.Outlet{
	{ID: "herald", Name: "The Herald", Home: "https://herald.example"},
	{ID: "courier", Name: "The Courier", Home: "https://courier.example"},
	{ID: "tribune", Name: "The Tribune", Home: "https://tribune.example"},
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, store.Options{Outlets: outlets})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMain has a store compress and read once outside of any bubble of synctest:
// what compressors keep for later belongs to the bubble in which it was made.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tell")
	if err != nil {
		panic(err)
	}
	s, err := store.Open(filepath.Join(dir, "store.db"), store.Options{Outlets: outlets})
	if err != nil {
		panic(err)
	}
	for _, o := range outlets {
		if err := s.Append(context.Background(), carrying(o.ID, 1)); err != nil {
			panic(err)
		}
	}
	if list, _, err := s.News(0, 10); err != nil || len(list) != 2 {
		panic(fmt.Sprint(list, err))
	}
	if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// carry has an outlet carry the text of a number, and every other of its texts.
func carry(t *testing.T, s *store.Store, outlet string, numbers ...int) {
	t.Helper()
	if err := s.Append(context.Background(), carrying(outlet, numbers...)); err != nil {
		t.Fatal(err)
	}
}

func carrying(outlet string, numbers ...int) feeds.Poll {
	p := feeds.Poll{Feed: "https://" + outlet + ".example/feed", Outlet: outlet, At: time.Now(), Outcome: feeds.Changed}
	p.State = feeds.State{URL: p.Feed, LastRequest: p.At, LastObserved: p.At}
	for _, n := range numbers {
		words := make([]string, 60)
		for i := range words {
			words[i] = fmt.Sprintf("w%dx%d", n, i*i%53)
		}
		link := fmt.Sprintf("https://%s.example/%d", outlet, n)
		text := strings.Join(words, " ")
		p.Items = append(p.Items, feeds.Item{Raw: uint64(n), Entry: &feeds.Entry{Outlet: outlet, GUID: link, Link: link, Canonical: link[8:], Title: strings.Join(words[:8], " "), Summary: text, Text: text}})
	}
	return p
}

// receiver is the other end of a webhook. It refuses while down is set.
type receiver struct {
	t      *testing.T
	secret []byte
	mu     sync.Mutex
	down   bool
	tries  int
	got    []string // accepted: ids and types, in order
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries++
	if r.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(q.Body)
	if err != nil {
		r.t.Error(err)
	}
	h := http.Header{}
	var stamp int64
	if _, err := fmt.Sscan(q.Header.Get("Webhook-Timestamp"), &stamp); err != nil {
		r.t.Error(err)
	}
	sign(h, q.Header.Get("Webhook-Id"), time.Unix(stamp, 0), body, r.secret)
	if h.Get("Webhook-Signature") != q.Header.Get("Webhook-Signature") {
		r.t.Errorf("a wrong signature: %v", q.Header)
	}
	var e struct {
		Type string
		Data struct {
			Outlets int
			Of      string `json:"copied_from"`
			Story   struct{ ID int }
		}
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Data.Story.ID == 0 {
		r.t.Errorf("%v: %s", err, body)
	}
	r.got = append(r.got, fmt.Sprintf("%s %d %d%s", e.Type, e.Data.Story.ID, e.Data.Outlets, e.Data.Of))
}

func (r *receiver) set(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

func sender(s *store.Store, r *receiver, more func(*Webhook)) func(context.Context) error {
	w := Webhook{URL: "https://receiver.example/hook", Secret: r.secret, Outlets: 3, CopiesOf: []string{"herald"}}
	send := Sender{Webhook: w, Source: s, Client: &http.Client{Transport: direct{r}}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Story: func(id uint64) json.RawMessage { return json.RawMessage(fmt.Sprintf(`{"id":%d}`, id)) }}
	if more != nil {
		more(&send.Webhook)
	}
	if err := send.Open(context.Background()); err != nil {
		r.t.Fatal(err)
	}
	return send.Run
}

// running runs until the function that it returns is called.
func running(t *testing.T, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// Every event is told once, in order: not what was before the webhook, again
// after failures, and after a restart in the middle of them.
func TestEventsReachTheReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s := open(t, path)
		r := &receiver{t: t, secret: []byte("a secret of some length")}
		for _, o := range outlets {
			carry(t, s, o.ID) // an empty first poll: what follows is news
		}
		time.Sleep(time.Minute)
		carry(t, s, "herald", 1)
		time.Sleep(time.Minute)
		carry(t, s, "courier", 1) // before the webhook
		stop := running(t, sender(s, r, nil))
		synctest.Wait()
		time.Sleep(time.Minute)
		carry(t, s, "tribune", 1)
		synctest.Wait()
		want := "[story.outlets 1 3 story.copy 1 0herald]"
		if got := fmt.Sprint(r.got); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}

		r.set(true)
		time.Sleep(time.Minute)
		carry(t, s, "herald", 1, 2)
		time.Sleep(time.Minute)
		carry(t, s, "courier", 1, 2)
		time.Sleep(time.Hour)
		synctest.Wait()
		stop()
		tries := r.tries
		if tries < 6 || tries > 10 {
			t.Errorf("%d attempts in an hour", tries)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r.set(false)
		s = open(t, path)
		defer s.Close()
		stop = running(t, sender(s, r, nil))
		synctest.Wait()
		stop()
		want = strings.TrimSuffix(want, "]") + " story.copy 2 0herald]"
		if got := fmt.Sprint(r.got); got != want || r.tries != tries+1 {
			t.Fatalf("after a restart: got %s in %d attempts, want %s", got, r.tries-tries, want)
		}
		stop = running(t, sender(s, r, nil))
		synctest.Wait()
		stop()
		if got := fmt.Sprint(r.got); got != want {
			t.Fatalf("told again: %s", got)
		}
	})
}

func TestEventsAreThoseThatWereAskedFor(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	was, is := stories.Claim{Outlet: "courier", Confidence: stories.Likely}, stories.Claim{Outlet: "herald", Confidence: stories.Certain}
	st := &stories.Story{ID: 1, Members: []stories.Member{{Entry: 1, Outlet: "herald"}, {Entry: 2, Outlet: "courier", CopyOf: 1}, {Entry: 3, Outlet: "tribune"}}}
	for name, c := range map[string]struct {
		hook Webhook
		news stories.News
		gone bool
		want string
	}{
		"another verdict":      {Webhook{Verdicts: true}, stories.News{Was: was, Is: is}, false, "[story.verdict]"},
		"the same verdict":     {Webhook{Verdicts: true}, stories.News{Was: is, Is: is}, false, "[]"},
		"verdicts not asked":   {Webhook{Outlets: 2}, stories.News{Was: was, Is: is}, false, "[]"},
		"enough outlets":       {Webhook{Outlets: 3}, stories.News{Before: 1, Now: 3}, false, "[story.outlets]"},
		"enough before":        {Webhook{Outlets: 3}, stories.News{Before: 3, Now: 4}, false, "[]"},
		"too few":              {Webhook{Outlets: 3}, stories.News{Before: 1, Now: 2}, false, "[]"},
		"a copy":               {Webhook{CopiesOf: []string{"tribune", "herald"}}, stories.News{Copies: []uint64{2}}, false, "[story.copy]"},
		"a copy of another":    {Webhook{CopiesOf: []string{"tribune"}}, stories.News{Copies: []uint64{2}}, false, "[]"},
		"a copy that is gone":  {Webhook{CopiesOf: []string{"herald"}}, stories.News{Copies: []uint64{2}}, true, "[]"},
		"all that it asks for": {Webhook{Outlets: 2, CopiesOf: []string{"herald"}, Verdicts: true}, stories.News{Now: 3, Copies: []uint64{2}, Was: was, Is: is}, false, "[story.outlets story.copy story.verdict]"},
	} {
		c.news.Seq, c.news.Story, c.news.At = 7, 1, at
		story := st
		if c.gone {
			story = nil
		}
		got := []string{}
		ids := map[string]bool{}
		for _, e := range c.hook.events(&c.news, story) {
			got = append(got, e.Type)
			ids[e.id] = true
		}
		if fmt.Sprint(got) != c.want || len(ids) != len(got) {
			t.Errorf("%s: %v %v, want %s", name, got, ids, c.want)
		}
	}
}

// A receiver that is never well does not hold the later events back for ever.
func TestAnEventIsGivenUpAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, filepath.Join(t.TempDir(), "store.db"))
		defer s.Close()
		r := &receiver{t: t, secret: []byte("s"), down: true}
		stop := running(t, sender(s, r, func(w *Webhook) { w.Outlets = 2; w.CopiesOf = nil }))
		for _, o := range outlets {
			carry(t, s, o.ID)
		}
		for n := range 2 {
			time.Sleep(time.Minute)
			carry(t, s, "herald", n+1)
			time.Sleep(time.Minute)
			carry(t, s, "courier", n+1)
		}
		time.Sleep(25 * time.Hour)
		r.set(false)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		stop()
		if got := fmt.Sprint(r.got); got != "[story.outlets 2 2]" || r.tries > 40 {
			t.Errorf("got %s in %d attempts", got, r.tries)
		}
	})
}

// The hub hears once of a burst of changes, again after a failure, and not when
// the feed stays the same.
func TestAskedFor(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-1": 0, "1.5": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0,
		"0": 0, "120": 2 * time.Minute, "3600": time.Hour, "3601": time.Hour,
		"9223372037": time.Hour, "18446744074": time.Hour, // seconds; as nanoseconds they are more than an int64 and a uint64 hold
		"9223372036854775807": time.Hour, "99999999999999999999999": time.Hour,
	} {
		if got := askedFor(value); got != want {
			t.Errorf("Retry-After %q: %v, not %v", value, got, want)
		}
	}
}

func TestPoliteness48TheHubIsToldOfChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, filepath.Join(t.TempDir(), "store.db"))
		defer s.Close()
		var mu sync.Mutex
		version, status := "1", 204
		var at []time.Duration
		begun := time.Now()
		topics := []string{"https://news.example.org/feed.atom", "https://news.example.org/feed.rss"}
		h := Hub{URL: "https://hub.example/", Topics: topics, Changed: s.Changed, Log: slog.New(slog.DiscardHandler),
			Version: func() string { mu.Lock(); defer mu.Unlock(); return version },
			Client: &http.Client{Transport: direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if err := r.ParseForm(); err != nil || r.Form.Get("hub.mode") != "publish" || fmt.Sprint(r.Form["hub.url"]) != fmt.Sprint(topics) {
					t.Errorf("%v %v", r.Form, err)
				}
				at = append(at, time.Since(begun).Round(time.Second))
				w.WriteHeader(status)
			})}}}
		set := func(v string, st int) { mu.Lock(); defer mu.Unlock(); version, status = v, st }
		stop := running(t, h.Run)
		time.Sleep(time.Minute) // the start
		carry(t, s, "herald")   // no story changed
		time.Sleep(time.Minute)
		for n := range 20 { // 2:00
			set(fmt.Sprint(2+n), 503)
			carry(t, s, "herald", n+1)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(58 * time.Second)
		set("21", 204) // 3:00, and nothing new since it refused
		time.Sleep(10 * time.Minute)
		set("31", 204) // a story settled
		time.Sleep(time.Minute)
		stop()
		mu.Lock()
		defer mu.Unlock()
		ok := len(at) >= 5 && len(at) <= 8 && at[0] == 0 && at[1] >= 2*time.Minute && at[len(at)-1] >= 13*time.Minute && at[len(at)-2] >= 3*time.Minute && at[len(at)-2] < 5*time.Minute
		if !ok {
			t.Errorf("the hub was told at %v", at)
		}
	})
}

// Deliveries obey the same guard as polls: a private address only when it is
// allowed, and no redirect leads anywhere.
func TestDeliveryObeysAddressSafety(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	for allow, want := range map[string]int{"": 0, "127.0.0.0/8": http.StatusTemporaryRedirect} {
		client, err := fetch.Guarded(strings.Fields(allow))
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest("POST", server.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if status, _, err := send(context.Background(), client, r); status != want || (err != nil) != (want == 0) {
			t.Errorf("allowed %q: %d, %v", allow, status, err)
		}
	}
	if asked != 1 {
		t.Errorf("the private address was asked %d times", asked)
	}
}

// The vector of the Standard Webhooks library (standardwebhooks.com).
func TestSignature(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), secret)
	if got := h.Get("Webhook-Signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}
