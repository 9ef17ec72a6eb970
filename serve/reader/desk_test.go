package reader_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
	"aggregator/serve"
	"aggregator/store"
)

var (
	noon    = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	outlets = []feeds.Outlet{
		{ID: "harbour", Name: "Harbour Post", Home: "https://harbour.example/", Category: "coast"},
		{ID: "relay", Name: "Daily Relay", Home: "https://relay.example/", Category: "coast"},
		{ID: "inland", Name: "Inland Times", Home: "https://inland.example/"},
	}
)

// desk is a server over a real store, with one user.
type desk struct {
	t     testing.TB
	store *store.Store
	http.Handler
	now  time.Time
	auth string
	log  strings.Builder
}

const word = "correct horse"

func newDesk(t testing.TB, settle time.Duration) *desk {
	st, err := store.Open(filepath.Join(t.TempDir(), "d.db"), store.Options{Outlets: outlets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	d := &desk{t: t, store: st, now: noon}
	d.Handler = serve.New(st, serve.Options{BaseURL: "https://news.example", Title: "News", Outlets: outlets, Users: st, Settle: settle, Log: slog.New(slog.NewTextHandler(&d.log, nil)),
		Now: func() time.Time { return d.now }})
	if err := st.AddUser(context.Background(), "ada", word, noon); err != nil {
		t.Fatal(err)
	}
	for _, o := range outlets {
		d.poll(o.ID) // the first poll of a feed: what comes later is new
	}
	return d
}

// poll brings entries of an outlet, one story each, a minute later.
func (d *desk) poll(outlet string, titles ...string) {
	d.t.Helper()
	d.now = d.now.Add(time.Minute)
	url := "https://" + outlet + ".example/feed"
	p := feeds.Poll{Feed: url, Outlet: outlet, At: d.now, Outcome: feeds.Changed,
		State: feeds.State{URL: url, LastRequest: d.now, LastObserved: d.now, Outcome: feeds.Changed}}
	for _, title := range titles {
		link := "https://" + outlet + ".example/" + strconv.FormatUint(xxhash.Sum64String(title), 36)
		p.Items = append(p.Items, feeds.Item{Raw: xxhash.Sum64String(link), Entry: &feeds.Entry{Outlet: outlet, Feed: url, GUID: link, Link: link, Canonical: link,
			Title: title, Summary: "<p>" + title + " in <b>bold</b></p><script>alert(1)</script>", Text: title,
			Published:  feeds.Date{Time: d.now, Raw: d.now.Format(time.RFC3339), Element: "published"},
			Enclosures: []feeds.Enclosure{{URL: link + ".mp3", Type: "audio/mpeg", Length: 42}}}})
	}
	if err := d.store.Append(context.Background(), p); err != nil {
		d.t.Fatal(err)
	}
}

// request asks, logged in when there is a session.
func (d *desk) request(method, target string, form url.Values) *http.Response {
	d.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if d.auth != "" {
		r.Header.Set("Authorization", "GoogleLogin auth="+d.auth)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

func (d *desk) text(resp *http.Response) string {
	d.t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

func (d *desk) login() {
	d.t.Helper()
	resp := d.request("POST", "/accounts/ClientLogin", url.Values{"Email": {"ada"}, "Passwd": {word}})
	for line := range strings.Lines(d.text(resp)) {
		if auth, ok := strings.CutPrefix(strings.TrimSpace(line), "Auth="); ok {
			d.auth = auth
		}
	}
	if resp.StatusCode != 200 || d.auth == "" {
		d.t.Fatal(resp.Status)
	}
}

// read asks for JSON.
func read[T any](d *desk, target string) (v T) {
	d.t.Helper()
	resp := d.request("GET", target, nil)
	body := d.text(resp)
	if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		d.t.Fatalf("%s: %s %s", target, resp.Status, body)
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		d.t.Fatalf("%s: %v\n%s", target, err, body)
	}
	return v
}

func (d *desk) change(target string, form url.Values, want int) {
	d.t.Helper()
	resp := d.request("POST", target, form)
	if body := d.text(resp); resp.StatusCode != want || want == 200 && body != "OK" {
		d.t.Errorf("%s %v: %s %s, want %d", target, form, resp.Status, body, want)
	}
}

type idsAnswer struct {
	ItemRefs     []struct{ ID, TimestampUsec string }
	Continuation string
}

const (
	ids      = "/reader/api/0/stream/items/ids?output=json&s="
	state    = "user/-/state/com.google/"
	contents = "/reader/api/0/stream/contents/"
)

// in lists a stream's stories, over as many pages as there are.
func (d *desk) in(query string) (list []string) {
	d.t.Helper()
	for c := ""; ; {
		a := read[idsAnswer](d, ids+query+c)
		for _, r := range a.ItemRefs {
			list = append(list, r.ID)
		}
		if a.Continuation == "" {
			return list
		}
		c = "&c=" + a.Continuation
	}
}

func (d *desk) has(query string, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.in(query)); diff != "" {
		d.t.Errorf("%s: %s", query, diff)
	}
}

// filled has four stories: 1 and 2 of harbour, 3 of relay, 4 of inland.
func filled(t testing.TB) *desk {
	d := newDesk(t, 0)
	d.poll("harbour", "Ferry resumes after the storm")
	d.poll("harbour", "Library opens at night", "Ferry resumes after the storm")
	d.poll("relay", "Copper price at a four-month high")
	d.poll("inland", "Wheat harvest begins early & well")
	d.login()
	return d
}
