package serve

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"aggregator/feeds"
	"aggregator/stories"
)

var pages = []string{"/", "/stories/1", "/stories/10", "/outlets", "/feeds", "/?copied_from=harbour-post&q=audit", "/?q=nothing-has-this"}

// find collects the elements of a page that satisfy ok.
func find(n *html.Node, ok func(*html.Node) bool) (out []*html.Node) {
	if n.Type == html.ElementNode && ok(n) {
		out = append(out, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, find(c, ok)...)
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestPagesHaveNothingInlineAndNoForeignHTML(t *testing.T) {
	h := New(sample(), sampleOptions())
	for _, path := range pages {
		resp := ask(h, "GET", path)
		csp := resp.Header.Get("Content-Security-Policy")
		if resp.StatusCode != 200 || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Fatalf("%s: %d, %s", path, resp.StatusCode, csp)
		}
		doc, err := html.Parse(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range find(doc, func(*html.Node) bool { return true }) {
			if n.Data == "img" || n.Data == "iframe" || n.Data == "style" || n.Data == "script" && (n.FirstChild != nil || !strings.HasPrefix(attr(n, "src"), "/static/")) {
				t.Errorf("%s: <%s> stands in it", path, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func TestIndexShowsEveryStoryNewestFirst(t *testing.T) {
	src := sample()
	doc, err := html.Parse(ask(New(src, sampleOptions()), "GET", "/").Body)
	if err != nil {
		t.Fatal(err)
	}
	rows := find(doc, func(n *html.Node) bool { return n.Data == "article" })
	if len(rows) != len(src.list) {
		t.Fatalf("%d rows for %d stories", len(rows), len(src.list))
	}
	for i, row := range rows {
		it := newItem(&src.list[i])
		a := find(row, func(n *html.Node) bool { return n.Data == "h3" })[0]
		if got := a.FirstChild.FirstChild.Data; got != it.lead.Title || attr(row, "id") != fmt.Sprintf("s%d", it.story.ID) {
			t.Errorf("row %d is %q (%s), want %q", i, got, attr(row, "id"), it.lead.Title)
		}
		if attr(a, "dir") != "auto" || attr(a, "lang") != it.lead.Language {
			t.Errorf("row %d: its direction and language are not given", i)
		}
		if items := find(row, func(n *html.Node) bool { return n.Data == "li" }); len(items) != len(it.carriers) {
			t.Errorf("row %d lists %d carriers of %d", i, len(items), len(it.carriers))
		}
	}
}

func TestLinksOfThePagesLead(t *testing.T) {
	h := New(sample(), sampleOptions())
	seen := map[string]bool{}
	for _, path := range pages {
		doc, err := html.Parse(ask(h, "GET", path).Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range find(doc, func(n *html.Node) bool { return true }) {
			for _, to := range []string{attr(n, "href"), attr(n, "src")} {
				if !strings.HasPrefix(to, "/") || seen[to] {
					continue
				}
				seen[to] = true
				if resp := ask(h, "GET", to); resp.StatusCode != 200 {
					t.Errorf("%s leads to %s: %d", path, to, resp.StatusCode)
				}
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d links", len(seen))
	}
}

func TestMergedStoryRedirectsAndProblemsAreReadable(t *testing.T) {
	src := sample()
	src.merged[77] = 1
	h := New(src, sampleOptions())
	if resp := ask(h, "GET", "/stories/77"); resp.StatusCode != 301 || resp.Header.Get("Location") != "/stories/1" {
		t.Errorf("%d %s", resp.StatusCode, resp.Header.Get("Location"))
	}
	options := sampleOptions()
	options.Title = "Island News"
	if b := body(t, ask(New(src, options), "GET", "/nowhere", "Accept", "text/html")); !strings.Contains(b, "· Island News</title>") {
		t.Errorf("the site's title is not on %s", b)
	}
	resp := ask(h, "GET", "/?limit=%3Cb%3E&%3Ci%3E=1", "Accept", "text/html,*/*;q=0.8")
	if b := body(t, resp); resp.StatusCode != 400 || !strings.Contains(b, "&lt;i&gt;") || strings.Contains(b, "<i>") {
		t.Errorf("%d %s", resp.StatusCode, b)
	}
	for path := range map[string]bool{"/": true, "/outlets": true, "/feeds": true, "/feeds.opml": true, "/api/v1/outlets": true, "/api/v1/matrix": true} {
		if resp := ask(h, "GET", path+"?since=never"); resp.StatusCode != 400 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestLeagueCountsOnlyWhatVerdictsClaim(t *testing.T) {
	a := feeds.Seen{After: ago(60), At: ago(50)}
	story := func(id uint64, confidence stories.Confidence, copyOf uint64) stories.Story {
		return stories.Story{ID: id, Created: ago(50), Verdict: stories.Verdict{Outlet: "harbour-post", Entry: id * 10, At: ago(50), Confidence: confidence},
			Members: []stories.Member{{Entry: id * 10, Outlet: "harbour-post", Seen: a}, {Entry: id*10 + 1, Outlet: "meridian", CopyOf: copyOf, Seen: feeds.Seen{After: ago(40), At: ago(20)}}}}
	}
	src := newMemory([]stories.Story{story(1, stories.Certain, 10), story(2, stories.Likely, 0), story(3, stories.Tie, 0), story(4, stories.Unknown, 40)}, nil)
	out := get[outletsOut](t, New(src, sampleOptions()), "/api/v1/outlets")
	top := out.Outlets[0]
	if top.Outlet != "harbour-post" || top.First != 2 || top.Carried != 4 || top.Copied != 2 || top.Copies != 0 {
		t.Errorf("top: %+v", top)
	}
	if second := out.Outlets[1]; second.Outlet != "meridian" || second.First != 0 || second.Copies != 2 || second.MedianLag == nil || *second.MedianLag != 1800 {
		t.Errorf("second: %+v", second)
	}
	if v := out.Verdicts; v != (certaintyOut{1, 1, 1, 1}) || top.Undecided != 2 || top.Entries != 4 || len(out.NotFollowed) != 0 {
		t.Errorf("verdicts %+v, undecided %d", v, top.Undecided)
	}
	m := get[matrixOut](t, New(src, sampleOptions()), "/api/v1/matrix")
	if len(m.Copies) != 1 {
		t.Fatalf("matrix: %+v", m.Copies)
	}
	if p := m.Copies[0]; p.From != "harbour-post" || p.ByName != "Meridian Wire" || !p.Followed || p.Stories != 2 || *p.Lag != 1800 || *p.PerMille != 0 {
		t.Errorf("matrix: %+v", p)
	}
}

// Two outlets that carry an agency's text do not copy each other, although one
// text is marked as the copy of the other.
func TestAgencyIsCopiedAndNotTheFirstCarrier(t *testing.T) {
	wire := stories.Verdict{Name: "Reuters", SeenHere: 10, At: ago(50), Confidence: stories.Certain}
	src := newMemory([]stories.Story{{ID: 1, Verdict: wire, Groups: []stories.Group{{Original: 10, Members: []uint64{10, 11}, Verdict: wire}},
		Members: []stories.Member{{Entry: 10, Outlet: "harbour-post", Seen: feeds.Seen{At: ago(50)}}, {Entry: 11, Outlet: "meridian", CopyOf: 10, Share: 900, Seen: feeds.Seen{At: ago(20)}}}}}, nil)
	h := New(src, sampleOptions())
	out := get[outletsOut](t, h, "/api/v1/outlets")
	if len(out.NotFollowed) != 1 || out.NotFollowed[0] != (originOut{"Reuters", 1, 1, 2}) {
		t.Errorf("not followed: %+v", out.NotFollowed)
	}
	for _, o := range out.Outlets {
		if o.First != 0 || o.Copied != 0 || o.Copies != o.Carried {
			t.Errorf("%+v", o)
		}
	}
	m := get[matrixOut](t, h, "/api/v1/matrix")
	if len(m.Copies) != 2 || m.Copies[0].From != "Reuters" || m.Copies[0].Followed || m.Copies[0].PerMille != nil || m.Copies[1].From != "Reuters" {
		t.Errorf("matrix: %+v", m.Copies)
	}
	page := body(t, ask(h, "GET", "/outlets"))
	for _, want := range []string{`<bdi>Reuters</bdi> <span class="dim">(not followed)`, `href="/?copied_from=Reuters&amp;outlet=meridian"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	if b := body(t, ask(h, "GET", "/feed.json")); !strings.Contains(b, "First published on Reuters, by ") || !strings.Contains(b, "with the text of Reuters") || strings.Contains(b, "copy of The Harbour Post") {
		t.Errorf("the merged feed: %s", b)
	}
	for _, e := range get[duplicatesOut](t, h, "/api/v1/duplicates").Duplicates[0].OwnWords {
		if e.TextOf != "Reuters" {
			t.Errorf("of entry %d: text of %q", e.ID, e.TextOf)
		}
	}
}

func TestTimelineIsToScale(t *testing.T) {
	st := stories.Story{ID: 1, Verdict: stories.Verdict{Entry: 1, Outlet: "a", At: ago(100), Confidence: stories.Certain}, Members: []stories.Member{
		{Entry: 1, Outlet: "a", Seen: feeds.Seen{After: ago(110), At: ago(90)}, Published: feeds.Date{Time: ago(100)}},
		{Entry: 2, Outlet: "b", Seen: feeds.Seen{After: ago(30), At: ago(10)}, Published: feeds.Date{Time: ago(105)}},
		{Entry: 3, Outlet: "c", Seen: feeds.Seen{At: ago(60)}},
	}}
	tl := (&server{}).drawTimeline(newItem(&st))
	if len(tl.Rows) != 3 || tl.First != tl.Rows[0].Claim {
		t.Fatalf("%+v", tl)
	}
	x := func(s string) (f float64) { fmt.Sscan(s, &f); return f }
	if w0, w2 := x(tl.Rows[0].Width), x(tl.Rows[2].Width); w0 < 10 || w0 != w2 {
		t.Errorf("two windows of 20 minutes are %v and %v wide", w0, w2)
	}
	perMinute := x(tl.Rows[0].Width) / 20
	if d := x(tl.Rows[2].X) - x(tl.Rows[0].X) - 80*perMinute; d > 0.1 || d < -0.1 {
		t.Errorf("80 minutes apart is off by %v", d)
	}
	if !tl.Rows[1].Open || !tl.Rows[2].Wrong || tl.Rows[0].Wrong || !strings.Contains(tl.Rows[2].Words, "contradict") {
		t.Errorf("marks: %+v", tl.Rows)
	}
	if len(tl.Ticks) < 2 || len(tl.Ticks) > 7 {
		t.Errorf("ticks: %v", tl.Ticks)
	}
}

func TestSharedPassages(t *testing.T) {
	marked := func(text, other string) (out []string) {
		for _, p := range sharedPassages(text, other) {
			for _, x := range p {
				if x.Shared {
					out = append(out, x.Text)
				}
			}
		}
		return out
	}
	for _, c := range []struct {
		text, other string
		want        []string
	}{
		{"The port reopened on Wednesday, officials said.", "Yesterday THE PORT reopened on Wednesday morning.", []string{"The port reopened on Wednesday"}},
		{"three words only", "three words only", nil},
		{"one two three four\nfive six", "one two three four five six", []string{"one two three four", "five six"}},
		{"港口周三重新开放", "据报道港口周三重新开放了", []string{"港口周三重新开放"}},
		{"", "", nil},
	} {
		if got := marked(c.text, c.other); !slices.Equal(got, c.want) {
			t.Errorf("%q beside %q: %q, want %q", c.text, c.other, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "é", ", ", "\n", " ", "港", "ا"}))
		text, other := strings.Join(words.Draw(t, "text"), " "), strings.Join(words.Draw(t, "other"), " ")
		var lines []string
		for _, p := range sharedPassages(text, other) {
			line := ""
			for _, x := range p {
				line += x.Text
			}
			lines = append(lines, line)
		}
		// Nothing is lost or added but empty lines.
		want := slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return s == "" })
		if !slices.Equal(lines, want) {
			t.Fatalf("%q becomes %q", text, lines)
		}
	})
}

func TestEventsArriveAndStop(t *testing.T) {
	src := sample()
	o := sampleOptions()
	done := make(chan struct{})
	o.Done, o.Now = done, time.Now
	server := httptest.NewServer(New(src, o))
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == want {
				return
			}
		}
		t.Fatalf("the stream ended before %q: %v", want, lines.Err())
	}
	until("event: hello")
	src.put(src.list[0])
	generation, _ := src.Changed()
	until("event: changed")
	until(fmt.Sprintf("id: %d", generation))
	close(done)
	for lines.Scan() { // ends: the deadline of ctx would be an error
	}
	if lines.Err() != nil {
		t.Error(lines.Err())
	}
}

func TestOPMLAndNegotiation(t *testing.T) {
	h := New(sample(), sampleOptions())
	var d opmlDocument
	if err := xml.Unmarshal([]byte(body(t, ask(h, "GET", "/feeds.opml"))), &d); err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func([]outline)
	walk = func(list []outline) {
		for _, o := range list {
			if o.XMLURL != "" {
				n++
				if resp := ask(h, "GET", strings.TrimPrefix(o.XMLURL, "https://news.example.org")); resp.StatusCode != 200 {
					t.Errorf("%s: %d", o.XMLURL, resp.StatusCode)
				}
			}
			walk(o.Inner)
		}
	}
	walk(d.Body)
	if want := 2 + 3*len(sampleOutlets) + 5; n != want {
		t.Errorf("%d feeds, want %d", n, want)
	}
	for accept, want := range map[string]string{
		"": "/feed.atom", "*/*": "/feed.atom", "application/rss+xml": "/feed.rss", "application/feed+json, application/atom+xml;q=0.5": "/feed.json",
		"application/atom+xml;q=x, application/rss+xml;q=0.1": "/feed.rss",
	} {
		if got := ask(h, "GET", "/feed?lang=en", "Accept", accept).Header.Get("Location"); got != want+"?lang=en" {
			t.Errorf("%q: %s", accept, got)
		}
	}
	if m := body(t, ask(h, "GET", "/metrics")); !strings.Contains(m, `aggregator_feeds{outcome="not modified"} 5`) {
		t.Errorf("metrics:\n%s", m)
	}
}

func TestFormsLeadToOneAddress(t *testing.T) {
	h := New(sample(), sampleOptions())
	resp := ask(h, "GET", "/?first=&q=audit&lang=&since=2026-03-04&min_outlets=")
	to := resp.Header.Get("Location")
	if resp.StatusCode != 301 || to != "/?q=audit&since=2026-03-04T00%3A00%3A00Z" {
		t.Fatalf("%d %s", resp.StatusCode, to)
	}
	if resp := ask(h, "GET", to); resp.StatusCode != 200 {
		t.Errorf("%s: %d", to, resp.StatusCode)
	}
	if resp := ask(h, "GET", "/?q=a%3D"); resp.StatusCode != 200 {
		t.Errorf("a search that ends in =: %d", resp.StatusCode)
	}
}
