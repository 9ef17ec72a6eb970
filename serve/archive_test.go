package serve

import (
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed/atom"

	"aggregator/feeds"
	"aggregator/stories"
)

// days is a source with so many stories on each of the days, the newest first.
func days(counts ...int) *memory {
	src := newMemory(nil, map[uint64]feeds.Entry{})
	newest := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	var id uint64
	for back := len(counts) - 1; back >= 0; back-- { // numbers grow with time
		for n := range counts[back] {
			id++
			at := newest.AddDate(0, 0, -back).Add(time.Duration(n) * time.Minute)
			m := stories.Member{Entry: id, Outlet: "harbour-post", Title: "Story " + itoa(int(id)), Seen: feeds.Seen{At: at}}
			if id%2 == 0 {
				m.Outlet = "meridian"
			}
			src.put(stories.Story{ID: id, Members: []stories.Member{m}, Created: at, Verdict: stories.Verdict{Outlet: m.Outlet, Entry: id, At: at}})
		}
	}
	return src
}

func linkOf(f *atom.Feed, rel string) string {
	for _, l := range f.Links {
		if l.Rel == rel {
			return strings.TrimPrefix(l.Href, "https://news.example.org")
		}
	}
	return ""
}

// RFC 5005, section 4: from the feed that one subscribes to, prev-archive leads
// to every older story, and what stands in an archive stays.
func TestArchivesReachEveryStoryAndStay(t *testing.T) {
	for _, c := range []struct {
		counts   []int
		query    string
		archives int
		behind   int // stories of the newest day that only rel="next" reaches
	}{
		{[]int{3, 0, 20, 40}, "", 1, 0},    // the feed ends within the oldest day
		{[]int{3, 0, 60, 40}, "", 2, 0},    // and here within the day before it
		{[]int{60, 0, 450, 10}, "", 4, 10}, // a day with more than a document holds
		{[]int{60, 0, 450, 10}, "outlet=meridian", 3, 0},
		{[]int{20, 10}, "", 0, 0}, // all of it is in the feed
		{[]int{80}, "", 0, 30},    // a first day
	} {
		src := days(c.counts...)
		h := New(src, sampleOptions())
		seen := map[string]bool{}
		kept := map[string]string{}
		path, query := "/feed.atom", ""
		if c.query != "" {
			query = "?" + c.query
		}
		n := 0
		for to := path + query; to != ""; n++ {
			text := body(t, ask(h, "GET", to))
			f, err := (&atom.Parser{}).Parse(strings.NewReader(text))
			if err != nil || len(f.Entries) == 0 {
				t.Fatalf("%s: %v, %d entries", to, err, len(f.Entries))
			}
			for _, e := range f.Entries {
				seen[e.ID] = true
			}
			isArchive := n > 0
			if (f.Extensions["fh"]["archive"] != nil) != isArchive || isArchive && (linkOf(f, "current") != path+query || linkOf(f, "next") != "") || linkOf(f, "self") != to {
				t.Errorf("%v: %s is not marked as what it is: %v", c.counts, to, f.Links)
			}
			if isArchive {
				kept[to] = text
			}
			to = linkOf(f, "prev-archive")
		}
		all := 0
		q, _ := stories.Query{}, 0
		if c.query != "" {
			q.Outlet = "meridian"
		}
		for i := range src.list {
			if q.Match(&src.list[i]) {
				all++
			}
		}
		if n-1 != c.archives || len(seen) != all-c.behind {
			t.Errorf("%v %s: %d archives with %d of %d stories", c.counts, query, n-1, len(seen), all)
		}
		fresh := src.list[0]
		fresh.ID, fresh.Verdict.At = 9999, fresh.Verdict.At.Add(30*time.Hour)
		src.put(fresh)
		for to, text := range kept {
			if body(t, ask(h, "GET", to)) != text {
				t.Errorf("%v: %s changed with a newer story", c.counts, to)
			}
			if r := body(t, ask(h, "GET", strings.Replace(to, ".atom", ".rss", 1))); !strings.Contains(r, "<fh:archive>") {
				t.Errorf("%v: as RSS it is no archive", c.counts)
			}
		}
	}
}

// Only what the hub is told of names the hub.
func TestOnlyTheWholeFeedIsATopic(t *testing.T) {
	o := sampleOptions()
	o.Hub = "https://hub.example/"
	h := New(sample(), o)
	for _, path := range formats {
		for query, topic := range map[string]bool{"": true, "?outlet=meridian": false, "?limit=3": false, "?archive=2026-03-04": false} {
			resp := ask(h, "GET", path+query)
			named := strings.Contains(strings.Join(resp.Header.Values("Link"), " "), "hub.example")
			if inside := strings.Contains(body(t, resp), "hub.example"); resp.StatusCode != 200 || inside != topic || named != topic {
				t.Errorf("%s%s: %d, hub inside %v, in the header %v", path, query, resp.StatusCode, inside, named)
			}
		}
	}
}

func TestAddressesInFeedsAreASCII(t *testing.T) {
	for given, want := range map[string]string{
		"https://rafidain.example/اقتصاد/تمور?q=تمر&x=1#ا": "https://rafidain.example/%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF/%D8%AA%D9%85%D9%88%D8%B1?q=%D8%AA%D9%85%D8%B1&x=1#%D8%A7",
		"https://bücher.example:8080/ü%20x":                "https://xn--bcher-kva.example:8080/%C3%BC%20x",
		"https://post.example/a b":                         "https://post.example/a%20b",
		"https://post.example/a%20b?c=%C3%BC&d=[1]":        "https://post.example/a%20b?c=%C3%BC&d=[1]",
		"http://[::1]:80/\u00fc":                           "http://[::1]:80/%C3%BC",
	} {
		if got := asURI(given); got != want {
			t.Errorf("%s becomes %s, want %s", given, got, want)
		}
	}
}
