package discover

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

// site is a loopback server with pages by path ("/x?q" included); $ in a page stands
// for the server's address. It notes what was asked for, and when.
type site struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	starts []time.Time
	flying int
	most   int
}

func newSite(t *testing.T, pages map[string]string) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked, s.starts = append(s.asked, r.URL.RequestURI()), append(s.starts, time.Now())
		s.flying++
		s.most = max(s.most, s.flying)
		s.mu.Unlock()
		defer func() { s.mu.Lock(); s.flying--; s.mu.Unlock() }()
		body, ok := pages[r.URL.RequestURI()]
		switch {
		case !ok:
			http.NotFound(w, r)
		case strings.HasPrefix(body, "301 "):
			w.Header().Set("Location", body[4:])
			w.WriteHeader(301)
		case strings.HasPrefix(body, "302 "):
			w.Header().Set("Location", body[4:])
			w.WriteHeader(302)
		case body == "429":
			w.WriteHeader(429)
		default:
			fmt.Fprint(w, strings.ReplaceAll(body, "$", s.URL))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) find(t *testing.T, path string) (*Site, error) {
	t.Helper()
	client := fetch.New()
	t.Cleanup(client.Close)
	return Find(t.Context(), client, s.URL+path, settings(time.Millisecond))
}

func settings(gap time.Duration) feeds.Settings {
	set := feeds.DefaultSettings()
	set.AllowPrivate, set.HostGap = []string{"127.0.0.0/8"}, gap
	return set
}

// rss is a document whose articles have these names.
func rss(title, home string, articles ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><rss version="2.0"><channel><title>%s</title><link>%s</link><language>en</language>`, title, home)
	for _, a := range articles {
		fmt.Fprintf(&b, `<item><title>%s</title><link>$/%s</link></item>`, a, a)
	}
	return b.String() + "</channel></rss>"
}

func short(f []Feed, root string) (out []string) {
	for _, f := range f {
		out = append(out, fmt.Sprintf("%s %s %s %d", strings.TrimPrefix(f.URL, root), f.How, f.Kind, f.Entries))
	}
	return out
}

func TestFind(t *testing.T) {
	head := func(links string) string {
		return `<!doctype html><html lang="pt-BR"><head><title>The Lagoon — front</title>` + links + `</head><body>`
	}
	for _, c := range []struct {
		name  string
		pages map[string]string
		path  string
		feeds []string // best first
		asked string
		missN int
	}{
		{"the whole site before comments and tags, whatever the page's order", map[string]string{
			"/": head(`<link rel="alternate" type="application/rss+xml" title="The Lagoon &raquo; Comments Feed" href="/comments/feed/">
				<LINK REL='feed ALTERNATE' TYPE='application/rss+xml; charset=utf-8' HREF='/tag/water/feed/'>
				<link rel=alternate type=application/atom+xml href=feed/>
				<link rel="alternate" hreflang="fr" href="/fr/"><link rel="alternate" type="application/json+oembed" href="/oembed">
				<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2"><link rel="alternate stylesheet" type="text/xml" href="/x.css">
				<link rel="icon" href="/favicon.ico">`) + `<a href="/rss">RSS</a>`,
			"/feed/":           rss("The Lagoon", "$/", "a", "b"),
			"/tag/water/feed/": rss("Water", "$/tag/water/", "a"),
			"/comments/feed/":  rss("Comments for The Lagoon", "$/", "c1"),
		}, "/", []string{"/feed/ declared site 2", "/tag/water/feed/ declared section 1", "/comments/feed/ declared comments 1"},
			"/ /feed/ /tag/water/feed/ /comments/feed/", 0},
		{"links that look like feeds when the page declares none", map[string]string{
			"/":          head("") + `<a href="/about">About feeds</a> <a href="/sitemap.xml">map</a> <a href="https://elsewhere.example/feed">theirs</a> <a href="/news.rss"><img src="i.png"></a>`,
			"/news.rss":  rss("The Lagoon", "$", "a"),
			"/feed.xml":  rss("never asked for", "$", "z"),
			"/index.xml": rss("never asked for", "$", "z"),
		}, "/", []string{"/news.rss linked site 1"}, "/ /news.rss", 0},
		{"links when the declared feed is gone or empty", map[string]string{
			"/":      head(`<link rel="alternate" type="application/rss+xml" href="/old"><link rel="alternate" type="application/rss+xml" href="/empty">`) + `<a href="feed:$/rss">x`,
			"/empty": rss("Nothing", "$"),
			"/rss":   rss("The Lagoon", "$", "a"),
		}, "/", []string{"/rss linked site 1", "/empty declared site 0"}, "/ /old /empty /rss", 1},
		{"the usual addresses last, up to the first that is a feed", map[string]string{
			"/blog":     head(""),
			"/rss.xml":  head(""), // a page for people
			"/feed.xml": rss("The Lagoon", "$", "a"),
			"/atom.xml": rss("never asked for", "$", "a"),
		}, "/blog", []string{"/feed.xml guessed site 1"}, "/blog /blog/feed/ /feed/ /rss.xml /feed.xml", 3},
		{"one feed in two formats is taken once", map[string]string{
			"/":     head(`<link rel="alternate" type="application/rss+xml" href="/rss"><link rel="alternate" type="application/atom+xml" href="/atom">`),
			"/rss":  rss("The Lagoon", "$", "a", "b"),
			"/atom": `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>y</id><entry><id>1</id><title>a</title><link href="$/a"/></entry><entry><id>2</id><title>b</title><link href="$/b"/></entry></feed>`,
		}, "/", []string{"/rss declared site 2"}, "/ /rss /atom", 1},
		{"the base of the page, and redirects: for good, and for now", map[string]string{
			"/":      "301 /home/",
			"/home/": head(`<base href="/f/"><link rel="alternate" type="application/rss+xml" href="a"><link rel="alternate" type="application/rss+xml" href="b">`),
			"/f/a":   "301 /f/a2", "/f/a2": rss("A", "$", "a"),
			"/f/b": "302 /f/b2", "/f/b2": rss("B", "$", "b"),
		}, "/", []string{"/f/a2 declared site 1", "/f/b declared site 1"}, "/ /home/ /f/a /f/a2 /f/b /f/b2", 0},
		{"an address that is a feed itself", map[string]string{"/feed": rss("The Lagoon", "$/", "a")}, "/feed",
			[]string{"/feed itself site 1"}, "/feed", 0},
		{"no feed at all", map[string]string{"/": head("") + "<a href=/feed>feed</a>"}, "/", nil, "/ /feed /rss.xml /feed.xml /atom.xml /rss /index.xml", 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, c.pages)
			got, err := s.find(t, c.path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.feeds, short(got.Feeds, s.URL)); d != "" {
				t.Error(d)
			}
			if asked := strings.Join(s.asked, " "); asked != c.asked {
				t.Errorf("asked for %s\nwant      %s", asked, c.asked)
			}
			if len(got.Misses) != c.missN {
				t.Errorf("misses: %+v", got.Misses)
			}
			if s.most > 1 {
				t.Error("two requests at once")
			}
		})
	}
}

// However many feeds a page names, few are asked for, and with the gap between two.
func TestPolitenessOfDiscovery(t *testing.T) {
	const gap = 30 * time.Millisecond
	links := ""
	for i := range 500 {
		links += fmt.Sprintf(`<link rel="alternate" type="application/rss+xml" href="/%d">`, i)
	}
	s := newSite(t, map[string]string{"/": links, "/0": rss("0", "$", "a")})
	client := fetch.New()
	defer client.Close()
	got, err := Find(t.Context(), client, s.URL, settings(gap))
	if err != nil || len(got.Feeds) != 1 || got.Requests != 7 || len(s.asked) != 7 { // the page and six
		t.Errorf("%v, %d requests: %v", err, len(s.asked), s.asked)
	}
	for i := 1; i < len(s.starts); i++ {
		if d := s.starts[i].Sub(s.starts[i-1]); d < gap {
			t.Errorf("%v between two requests to one host", d)
		}
	}
}

// A server that wants fewer requests is left alone at once; what was found counts.
func TestA429EndsDiscovery(t *testing.T) {
	s := newSite(t, map[string]string{
		"/":  `<link rel="alternate" type="application/rss+xml" href="/1"><link rel="alternate" type="application/rss+xml" href="/2"><a href="/rss">RSS</a>`,
		"/1": "429",
	})
	if _, err := s.find(t, "/"); err == nil || !strings.Contains(err.Error(), "fewer requests") || len(s.asked) != 2 {
		t.Errorf("%v after %v", err, s.asked)
	}
	s = newSite(t, map[string]string{
		"/":  `<link rel="alternate" type="application/rss+xml" href="/1"><link rel="alternate" type="application/rss+xml" href="/2"><link rel="alternate" type="application/rss+xml" href="/3">`,
		"/1": rss("One", "$", "a"), "/2": "429",
	})
	got, err := s.find(t, "/")
	if err != nil || len(got.Feeds) != 1 || len(s.asked) != 3 {
		t.Errorf("%v, %v after %v", got, err, s.asked)
	}
}

func TestNoPageIsAnError(t *testing.T) {
	s := newSite(t, nil)
	if _, err := s.find(t, "/"); err == nil || !strings.Contains(err.Error(), "404") || len(s.asked) != 1 {
		t.Errorf("%v after %v", err, s.asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, fetch.New(), s.URL, settings(0)); err == nil {
		t.Error("an ended context found a page")
	}
	set := settings(0)
	set.AllowPrivate = nil
	if _, err := Find(t.Context(), fetch.New(), s.URL, set); err == nil || !strings.Contains(err.Error(), "not a public address") || len(s.asked) != 1 {
		t.Errorf("a loopback address was asked: %v", err)
	}
}

// No page makes the reader fail or keep more than its bounds.
func FuzzReadPage(f *testing.F) {
	f.Add(`<html lang=en><base href="//x"><link rel=alternate type=text/xml href="?a"><a href=feed:http://h/rss>RSS</a><title>x`)
	f.Add(strings.Repeat("<a href=/feed>", 300) + strings.Repeat("<div>", 3000))
	f.Fuzz(func(t *testing.T, body string) {
		p := readPage([]byte(body), "text/html", "https://site.example/x/")
		if len(p.declared) > maxLinks || len(p.linked) > maxLinks {
			t.Errorf("%d and %d links", len(p.declared), len(p.linked))
		}
		for _, l := range append(p.declared, p.linked...) {
			if !strings.HasPrefix(l.url, "http://") && !strings.HasPrefix(l.url, "https://") || strings.Contains(l.url, "#") {
				t.Errorf("%q", l.url)
			}
		}
	})
}
