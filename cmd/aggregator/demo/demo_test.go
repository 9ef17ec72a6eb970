package demo

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"aggregator/feeds"
)

// clock is a time that tests set.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time           { return time.Unix(c.at.Load(), 0).UTC() }
func (c *clock) set(t time.Time)          { c.at.Store(t.Unix()) }
func seconds(n int) time.Duration         { return time.Duration(n) * time.Second }
func began() time.Time                    { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) }
func after(c *clock, since time.Duration) { c.set(began().Add(since)) }

func start(t *testing.T) (*Outlets, *clock) {
	t.Helper()
	c := &clock{}
	c.set(began())
	d, err := Start(t.Context(), Options{Start: began(), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, c
}

func get(t *testing.T, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// read gets a feed and parses it with gofeed alone.
func read(t *testing.T, url string) *gofeed.Feed {
	t.Helper()
	resp, body := get(t, url)
	if resp.StatusCode != 200 {
		t.Fatalf("%s: %s\n%s", url, resp.Status, body)
	}
	f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v\n%s", url, err, body)
	}
	return f
}

func TestEveryFeedParses(t *testing.T) {
	d, c := start(t)
	for _, since := range []time.Duration{0, time.Minute} {
		after(c, since)
		formats := map[string]int{}
		for _, f := range d.Feeds() {
			got := read(t, f.URL)
			formats[got.FeedType+" "+path.Base(got.FeedVersion)]++ // JSON Feed's version is an address
			if got.Title == "" || got.Link == "" || len(got.Items) < 2 {
				t.Errorf("%s: title %q, link %q, %d items", f.URL, got.Title, got.Link, len(got.Items))
			}
			for _, it := range got.Items {
				// RSS 1.0 has no guid, and gofeed drops rdf:about.
				if it.GUID == "" && got.FeedVersion != "1.0" || it.Title == "" || it.Link == "" || it.PublishedParsed == nil && it.UpdatedParsed == nil {
					t.Errorf("%s: %+v lacks something", f.URL, it)
				}
				if text := it.Description + it.Content; len(text) < 300 || strings.Contains(strings.ToLower(text), "lorem") {
					t.Errorf("%s: %q is no article", f.URL, text)
				}
			}
		}
		for _, want := range []string{"rss 2.0", "rss 1.0", "atom 1.0", "json 1.1"} {
			if formats[want] == 0 {
				t.Errorf("no feed is %s: %v", want, formats)
			}
		}
	}
}

// state is every feed's document at a moment.
func state(t *testing.T, d *Outlets) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range outlets {
		for _, f := range o.feeds {
			_, body := get(t, d.urls[f.file])
			out[f.file] = string(body)
		}
	}
	return out
}

// TestTimeline: each event of the timeline happens at its second, in its feed,
// to its entry; and nothing else changes in two minutes.
func TestTimeline(t *testing.T) {
	d, c := start(t)
	events := map[string]Event{}
	last := time.Duration(0)
	for _, e := range Timeline() {
		events[e.Feed+e.After.String()] = e
		if e.After <= last || e.After > time.Minute {
			t.Errorf("%s at %v: the timeline must be in order and within a minute", e.ID, e.After)
		}
		last = e.After
	}
	before := state(t, d)
	for s := 1; s <= 120; s++ {
		after(c, seconds(s))
		now := state(t, d)
		for file := range now {
			e, planned := events[file+seconds(s).String()]
			if changed := now[file] != before[file]; changed != planned {
				t.Errorf("%s changed at %d s: %v, planned: %v", file, s, changed, planned)
			}
			if !planned {
				continue
			}
			was, is := item(t, before[file], e.GUID), item(t, now[file], e.GUID)
			switch {
			case is == nil:
				t.Errorf("%s: %s has no entry %s", e.ID, file, e.GUID)
			case e.Edit && (was == nil || was.Title == is.Title || was.Content == is.Content):
				t.Errorf("%s: the entry was not edited in headline and text", e.ID)
			case !e.Edit && was != nil:
				t.Errorf("%s: the entry stood there before", e.ID)
			}
		}
		before = now
	}
}

func item(t *testing.T, document, guid string) *gofeed.Item {
	t.Helper()
	f, err := gofeed.NewParser().ParseString(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range f.Items {
		if it.GUID == guid {
			return it
		}
	}
	return nil
}

// TestCases: the cases that the package promises are all there.
func TestCases(t *testing.T) {
	d, c := start(t)
	after(c, time.Minute)
	byOutlet := map[string][]*gofeed.Item{}
	for _, f := range d.Feeds() {
		byOutlet[f.Outlet] = append(byOutlet[f.Outlet], read(t, f.URL).Items...)
	}
	one := func(outlet, title string) *gofeed.Item {
		t.Helper()
		for _, it := range byOutlet[outlet] {
			if strings.Contains(it.Title, title) {
				return it
			}
		}
		t.Fatalf("%s has nothing about %q", outlet, title)
		return nil
	}
	const footer = "is first published on"
	original, copied := one("thewhistler", "Syrian Soldiers"), one("dailyrelay", "Syrian Soldiers")
	short := one("naijadigest", "Syrian Soldiers")
	if !strings.Contains(original.Content, footer) || !strings.Contains(copied.Content, footer) || strings.Contains(short.Description, footer) {
		t.Error("the footer stands in the original and its copy, not in the truncated one")
	}
	if !copied.PublishedParsed.After(*original.PublishedParsed) || len(short.Description) > len(original.Content)/3 || !strings.Contains(original.Content, "INA quoted") {
		t.Error("the original is older by its own date, the truncated copy short, and INA is quoted")
	}
	for _, outlet := range []string{"levanttribune", "gulfmeridian"} {
		for _, it := range byOutlet[outlet] {
			if strings.Contains(it.Title, "Al-Qaim") && sameWords(it.Content, original.Content) > 10 {
				t.Errorf("%s: %q is not in its own words", outlet, it.Title)
			}
		}
	}
	for _, outlet := range []string{"capitalledger", "gulfmeridian", "prairiestandard"} {
		if it := one(outlet, "Copper"); !strings.Contains(it.Content+it.Description, "(Reuters) -") {
			t.Errorf("%s carries the wire story without its credit", outlet)
		}
	}
	one("gulfmeridian", "One Thousand Syrian Students")
	twice := 0
	for _, it := range byOutlet["capitalledger"] {
		if it.GUID == "cl-55120" {
			twice++
		}
	}
	if twice != 2 {
		t.Errorf("the article stands in %d section feeds", twice)
	}
	if future := one("prairiestandard", "Blizzard"); future.PublishedParsed.Sub(c.now()) < 5*time.Hour {
		t.Errorf("%v is not in the future", future.PublishedParsed)
	}
	one("rafidain", "البصرة")
	one("ligneclaire", "tramway")
	for outlet, list := range byOutlet {
		for _, it := range list {
			if it.PublishedParsed != nil && it.PublishedParsed.After(c.now()) && !strings.Contains(it.Title, "Blizzard") {
				t.Errorf("%s: %q is dated in the future", outlet, it.Title)
			}
		}
	}
}

// sameWords is the length of the longest run of words that both have.
func sameWords(a, b string) int {
	x, longest := strings.Fields(a), 0
	in := " " + strings.Join(strings.Fields(b), " ") + " "
	for i := range x {
		for i+longest < len(x) && strings.Contains(in, " "+strings.Join(x[i:i+longest+1], " ")+" ") {
			longest++
		}
	}
	return longest
}

func TestServesLikeARealServer(t *testing.T) {
	d, c := start(t)
	etags, modified := 0, 0
	for _, f := range d.Feeds() {
		resp, body := get(t, f.URL)
		tag, date := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
		if tag == "" && date == "" {
			t.Errorf("%s gives no validator", f.URL)
		}
		for name, value := range map[string]string{"If-None-Match": tag, "If-Modified-Since": date} {
			if value == "" {
				continue
			}
			if again, rest := get(t, f.URL, name, value); again.StatusCode != 304 || len(rest) != 0 {
				t.Errorf("%s with %s: %s, %d bytes", f.URL, name, again.Status, len(rest))
			}
		}
		if tag != "" {
			etags++
		}
		if date != "" {
			modified++
		}
		zipped, packed := get(t, f.URL, "Accept-Encoding", "br, gzip;q=0.8")
		if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("ETag") == tag && tag != "" {
			t.Errorf("%s: %v", f.URL, zipped.Header)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(z); err != nil || !bytes.Equal(plain, body) {
			t.Errorf("%s: gzip gives other bytes, %v", f.URL, err)
		}
		if resp, _ := get(t, f.URL, "Accept-Encoding", "gzip;q=0"); resp.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip was ruled out", f.URL)
		}
	}
	if n := len(d.Feeds()); etags == n || modified == n || etags == 0 || modified == 0 {
		t.Errorf("%d ETags, %d dates in %d feeds: some have one validator only", etags, modified, n)
	}
	// A change brings a new document in spite of the validators.
	url := d.urls["dailyrelay.rss"]
	resp, _ := get(t, url)
	after(c, seconds(8))
	if again, _ := get(t, url, "If-None-Match", resp.Header.Get("ETag"), "If-Modified-Since", resp.Header.Get("Last-Modified")); again.StatusCode != 200 {
		t.Errorf("after the change: %s", again.Status)
	}
	if resp, _ := get(t, url+"/other"); resp.StatusCode != 404 {
		t.Errorf("another path: %s", resp.Status)
	}
}

func TestOutletsAreWellFormed(t *testing.T) {
	d, _ := start(t)
	ids, hosts := map[string]feeds.Outlet{}, map[string]string{}
	for _, o := range d.Outlets() {
		if _, twice := ids[o.ID]; twice || o.ID == "" || o.Name == "" || o.Language == "" || !strings.HasPrefix(o.Home, "https://") {
			t.Errorf("%+v", o)
		}
		if !strings.HasSuffix(strings.TrimSuffix(o.Home, "/"), ".example") && o.ID != "thewhistler" {
			t.Errorf("%s is made up and must lie in .example, not %s", o.Name, o.Home)
		}
		ids[o.ID] = o
	}
	for _, f := range d.Feeds() {
		host := strings.SplitN(f.URL, "/", 4)[2]
		if other := hosts[host]; other != "" && other != f.Outlet {
			t.Errorf("%s and %s share %s", other, f.Outlet, host)
		}
		hosts[host] = f.Outlet
		if _, known := ids[f.Outlet]; !known {
			t.Errorf("%+v belongs to nobody", f)
		}
	}
	used := map[string]bool{}
	for _, o := range outlets {
		for _, f := range o.feeds {
			used[f.file] = true
		}
	}
	names, err := fs.ReadDir(files, "feeds")
	if err != nil || len(names) != len(used) {
		t.Errorf("%d files, %d in use, %v", len(names), len(used), err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := d.Feeds()[0].URL
	get(t, url)
	cancel()
	d.serving.Wait()
	if _, err := http.Get(url); err == nil {
		t.Error("it still answers")
	}
	d.Close()
}
