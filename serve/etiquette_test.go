package serve

import (
	"strings"
	"testing"
)

// Each entry of a merged feed says where it is from and whose it is, the feed says where
// it stands and where it goes on, and no search engine is to index it.
func TestPoliteness47SourcesLinksAndRights(t *testing.T) {
	h := New(sample(), sampleOptions())
	for path, c := range map[string]struct {
		entry string
		each  []string // once an entry
		once  []string // in the document
	}{
		"/feed.atom?limit=2": {"</entry>", []string{"<source>", "<rights>© "}, []string{`rel="self"`, `rel="next"`, `<link rel="alternate" href="https://news.example.org/?limit=2" type="text/html">`, "noindex"}},
		"/feed.rss?limit=2":  {"<item>", []string{"<source url=", "<dc:rights>© "}, []string{`rel="self"`, `rel="next"`, "<link>", "noindex"}},
		"/feed.json?limit=2": {`"date_published"`, []string{`"rights":`}, []string{`"feed_url"`, `"next_url"`, `"home_page_url"`}},
	} {
		resp := ask(h, "GET", path)
		text := body(t, resp)
		n := strings.Count(text, c.entry)
		if n != 2 || resp.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s: %d entries, X-Robots-Tag %q", path, n, resp.Header.Get("X-Robots-Tag"))
		}
		for _, want := range c.each {
			if got := strings.Count(text, want); got != n {
				t.Errorf("%s: %d entries and %d times %s", path, n, got, want)
			}
		}
		for _, want := range c.once {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s", path, want)
			}
		}
	}
}
