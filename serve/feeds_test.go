package serve

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"

	"aggregator/stories"
)

func sampleOptions() Options {
	return Options{
		BaseURL: "https://news.example.org", Title: "Newsroom", Outlets: sampleOutlets, Feeds: sampleFeeds(), States: sampleStates,
		Now: func() time.Time { return sampleNow },
	}
}

// ask sends one GET; headers are pairs of name and value.
func ask(h http.Handler, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var formats = []string{"/feed.atom", "/feed.rss", "/feed.json"}

func TestFeedsReadBackAsTheSameStories(t *testing.T) {
	src := sample()
	h := New(src, sampleOptions())
	for _, path := range formats {
		f, err := gofeed.NewParser().ParseString(body(t, ask(h, "GET", path)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if len(f.Items) != len(src.list) {
			t.Fatalf("%s: %d items for %d stories", path, len(f.Items), len(src.list))
		}
		for i, item := range f.Items {
			it := newItem(&src.list[i])
			e := src.entries[it.lead.Entry]
			if item.Title != it.lead.Title || item.Link != it.lead.Link {
				t.Errorf("%s: item %d is %q at %s, want %q at %s", path, i, item.Title, item.Link, it.lead.Title, it.lead.Link)
			}
			if want := "tag:news.example.org,2026:stories/" + itoa(int(it.story.ID)); item.GUID != want {
				t.Errorf("%s: item %d has the id %s, want %s", path, i, item.GUID, want)
			}
			if item.PublishedParsed == nil || !item.PublishedParsed.Equal(it.story.Time()) {
				t.Errorf("%s: item %d was published %v, want %v", path, i, item.PublishedParsed, it.story.Time())
			}
			if path != "/feed.rss" && (item.UpdatedParsed == nil || !item.UpdatedParsed.Equal(it.updated())) {
				t.Errorf("%s: item %d was updated %v, want %v", path, i, item.UpdatedParsed, it.updated())
			}
			if first := strings.SplitN(e.Text, "\n", 2)[0]; it.story.ID != 10 && !strings.Contains(strings.ReplaceAll(item.Content, "<em>", ""), first[:20]) {
				t.Errorf("%s: item %d lacks its text %q", path, i, first)
			}
			if !strings.Contains(item.Content, it.story.Verdict.Name) {
				t.Errorf("%s: item %d does not say where it was first", path, i)
			}
			for _, c := range it.carriers {
				if !strings.Contains(item.Content, `href="`+c.Link+`"`) {
					t.Errorf("%s: item %d does not link its carrier %s", path, i, c.Link)
				}
			}
		}
	}
}

func TestFeedsSayWhoWasFirstForPrograms(t *testing.T) {
	src := sample()
	h := New(src, sampleOptions())
	st, _, _ := src.Story(1)

	f, err := (&atom.Parser{}).Parse(ask(h, "GET", "/feed.atom?outlet=harbour-post&q=dockers").Body)
	if err != nil || len(f.Entries) != 1 {
		t.Fatalf("%v, %v", f, err)
	}
	e := f.Entries[0]
	first := e.Extensions["agg"]["first"][0]
	for name, want := range map[string]string{"outlet": "harbour-post", "name": "The Harbour Post", "at": stamp(st.Verdict.At), "basis": string(st.Verdict.Basis), "confidence": string(st.Verdict.Confidence)} {
		if first.Attrs[name] != want {
			t.Errorf("agg:first %s is %q, want %q", name, first.Attrs[name], want)
		}
	}
	if first.Value != st.Verdict.Reason {
		t.Errorf("the reason is %q, want %q", first.Value, st.Verdict.Reason)
	}
	carriers := e.Extensions["agg"]["carrier"]
	if len(carriers) != 4 || carriers[0].Attrs["copied-per-mille"] != "1000" || carriers[0].Attrs["copy-of"] != "harbour-post" || carriers[0].Attrs["lag"] != "1920" {
		t.Errorf("carriers: %v", carriers)
	}
	rels := map[string]int{}
	for _, l := range e.Links {
		rels[l.Rel]++
	}
	if rels["via"] != 1 || rels["related"] != 5 || e.Source == nil || e.Source.Title != "The Harbour Post" {
		t.Errorf("links %v, source %v", rels, e.Source)
	}

	r, err := (&rss.Parser{}).Parse(ask(h, "GET", "/feed.rss?outlet=harbour-post&q=dockers").Body)
	if err != nil || len(r.Items) != 1 {
		t.Fatalf("%v, %v", r, err)
	}
	if s := r.Items[0].Source; s == nil || s.URL != "https://harbourpost.example/feed.xml" {
		t.Errorf("rss source: %v", s)
	}
	if got := r.Items[0].Extensions["agg"]["first"][0].Attrs["outlet"]; got != "harbour-post" {
		t.Errorf("rss agg:first is %q", got)
	}
	if j := body(t, ask(h, "GET", "/feed.json?outlet=harbour-post&q=dockers")); !strings.Contains(j, `"_aggregator"`) || !strings.Contains(j, `"copied_per_mille": 1000`) {
		t.Error("feed.json lacks its extension")
	}
}

func TestFeedsCarryNothingThatRuns(t *testing.T) {
	h := New(sample(), sampleOptions())
	for _, path := range formats {
		got := body(t, ask(h, "GET", path+"?q=solar"))
		for _, bad := range []string{"alert(", "onerror", "javascript:"} {
			if strings.Contains(got, bad) {
				t.Errorf("%s carries %q", path, bad)
			}
		}
		if !strings.Contains(got, "northledger.example/p.jpg") {
			t.Errorf("%s lost the picture", path)
		}
	}
}

// POLITENESS 46: validators, 304, HEAD, compression, the same bytes.
func TestPoliteness46ConditionalRequests(t *testing.T) {
	src := sample()
	h := New(src, sampleOptions())
	for _, path := range formats {
		full := ask(h, "GET", path)
		want := body(t, full)
		tag, modified := full.Header.Get("ETag"), full.Header.Get("Last-Modified")
		if !strings.HasPrefix(tag, `"`) || modified == "" || full.Header.Get("X-Robots-Tag") != "noindex" || full.Header.Get("Cache-Control") != "public, max-age=60" {
			t.Fatalf("%s: ETag %s, Last-Modified %s, %v", path, tag, modified, full.Header)
		}
		if again := body(t, ask(New(sample(), sampleOptions()), "GET", path)); again != want {
			t.Errorf("%s: another server with the same stories writes other bytes", path)
		}
		for _, c := range []struct {
			status          int
			method, nam, is string
		}{
			{200, "HEAD", "", ""},
			{304, "GET", "If-None-Match", tag},
			{304, "HEAD", "If-None-Match", tag},
			{304, "GET", "If-None-Match", `"other", W/` + tag},
			{304, "GET", "If-None-Match", "*"},
			{200, "GET", "If-None-Match", `"other"`},
			{304, "GET", "If-Modified-Since", modified},
			{200, "GET", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT"},
			{200, "GET", "If-Modified-Since", "junk"},
		} {
			resp := ask(h, c.method, path, c.nam, c.is)
			got := body(t, resp)
			if resp.StatusCode != c.status || resp.Header.Get("ETag") != tag {
				t.Errorf("%s %s %s: %s: status %d with %s", c.method, path, c.nam, c.is, resp.StatusCode, resp.Header.Get("ETag"))
			}
			if (c.status == 304 || c.method == "HEAD") != (got == "") {
				t.Errorf("%s %s %s: %s: a body of %d bytes", c.method, path, c.nam, c.is, len(got))
			}
		}
		z := ask(h, "GET", path, "Accept-Encoding", "zstd")
		zr, err := zstd.NewReader(z.Body)
		if err != nil {
			t.Fatal(err)
		}
		g := ask(h, "GET", path, "Accept-Encoding", "gzip")
		gr, err := gzip.NewReader(g.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []io.Reader{zr, gr} {
			var b bytes.Buffer
			if _, err := io.Copy(&b, r); err != nil || b.String() != want {
				t.Errorf("%s: compressed it is another body (%v)", path, err)
			}
		}
		if z.Header.Get("ETag") == tag || g.Header.Get("ETag") == tag || z.Header.Get("ETag") == g.Header.Get("ETag") || z.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: other bytes need another strong ETag: %v", path, z.Header)
		}
		if resp := ask(h, "GET", path, "Accept-Encoding", "gzip", "If-None-Match", z.Header.Get("ETag")); resp.StatusCode != 304 {
			t.Errorf("%s: the ETag of another encoding: %d", path, resp.StatusCode)
		}
	}
}

func TestUpdatedMovesOnlyWithTheStory(t *testing.T) {
	src := sample()
	h := New(src, sampleOptions())
	before := ask(h, "GET", "/feed.atom")
	beforeBody := body(t, before)

	// A change elsewhere that no reader sees leaves every byte.
	src.put(src.list[0])
	if resp := ask(h, "GET", "/feed.atom", "If-None-Match", before.Header.Get("ETag")); resp.StatusCode != 304 {
		t.Errorf("a new generation with the same stories: %d", resp.StatusCode)
	}

	// A further carrier shows, and does not move updated.
	st := src.list[0]
	more := st.Members[0]
	more.Entry, more.Outlet, more.Link = 9999, "city-radio", "https://cityradio.example/late"
	st.Members = append(append([]stories.Member{}, st.Members...), more)
	src.put(st)
	after := ask(h, "GET", "/feed.atom", "If-Modified-Since", before.Header.Get("Last-Modified"))
	afterBody := body(t, after)
	if after.StatusCode != 200 || !strings.Contains(afterBody, "cityradio.example/late") {
		t.Fatalf("a further carrier does not show: %d", after.StatusCode)
	}
	dates := func(s string) (out []string) {
		for _, line := range strings.Split(s, "\n") {
			if strings.Contains(line, "<updated>") || strings.Contains(line, "<id>") {
				out = append(out, strings.TrimSpace(line))
			}
		}
		return out
	}
	if a, b := strings.Join(dates(beforeBody), "\n"), strings.Join(dates(afterBody), "\n"); a != b {
		t.Errorf("ids or updated moved:\n%s\n%s", a, b)
	}
}

func TestPagingReachesEveryStoryOnce(t *testing.T) {
	src := sample()
	h := New(src, sampleOptions())
	seen := map[string]int{}
	next := "/feed.atom?limit=5"
	pages := 0
	for ; next != ""; pages++ {
		f, err := (&atom.Parser{}).Parse(ask(h, "GET", next).Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range f.Entries {
			seen[e.ID]++
		}
		next = ""
		for _, l := range f.Links {
			if l.Rel == "next" {
				next = strings.TrimPrefix(l.Href, "https://news.example.org")
			}
		}
	}
	if pages != 3 || len(seen) != len(src.list) {
		t.Errorf("%d pages with %d stories", pages, len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s stands %d times", id, n)
		}
	}
}
