package discover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
)

// How says where the address of a feed came from.
type How string

const (
	Itself   How = "itself"   // the address that was given is a feed
	Declared How = "declared" // by the page's head
	Linked   How = "linked"   // on the page
	Guessed  How = "guessed"  // a usual address
)

// Feed is a feed that was found and could be read.
type Feed struct {
	URL      string `json:"url"` // where to poll it
	How      How    `json:"how"`
	Kind     Kind   `json:"kind"`
	Title    string `json:"title"`
	Type     string `json:"type"` // "rss 2.0", "atom 1.0", …
	Language string `json:"language,omitempty"`
	Home     string `json:"home,omitempty"`
	Entries  int    `json:"entries"`
	Problem  string `json:"problem,omitempty"` // what is damaged

	articles map[string]bool
}

// Miss is an address that was asked and is no further feed.
type Miss struct {
	URL     string `json:"url"`
	How     How    `json:"how"`
	Problem string `json:"problem"`
}

// Site is what was found.
type Site struct {
	Home     string `json:"home"` // after redirects
	Name     string `json:"name"`
	Language string `json:"language,omitempty"`
	Feeds    []Feed `json:"feeds"` // best first: the first is the one to take
	Misses   []Miss `json:"misses"`
	Requests int    `json:"requests"`
}

const (
	// maxTried is how many addresses of one step are asked.
	maxTried = 6
)

// guesses are the usual addresses, commonest first.
var guesses = []string{"feed/", "rss.xml", "feed.xml", "atom.xml", "rss", "index.xml"}

// Find asks for a page and looks for the feeds of its site. The error says why
// there is no page, that ctx ended, or that the server wants no more requests before
// a feed was found; that a site has no feeds is none: Site.Feeds is empty.
func Find(ctx context.Context, client *fetch.Client, home string, s feeds.Settings) (*Site, error) {
	f := &finder{client: client, settings: s, asked: map[string]bool{}, hosts: map[string]bool{}, site: &Site{Feeds: []Feed{}, Misses: []Miss{}}}
	resp, err := f.get(ctx, home)
	switch {
	case err != nil:
		return nil, err
	case resp.Outcome != feeds.Changed:
		return nil, fmt.Errorf("%s: %s", home, resp.Problem)
	}
	f.site.Home = resp.FinalURL
	if doc := parseBody(resp); doc.Status != parse.Refused {
		f.site.Home = cmp.Or(doc.Home, rootOf(resp.FinalURL))
		f.take(link{home, "", Itself}, resp, doc)
		f.finish(page{})
		return f.site, nil
	}
	p := readPage(resp.Body, resp.ContentType, resp.FinalURL)
	steps := [][]link{likely(p.declared), likely(p.linked), usual(resp.FinalURL)}
	for i, links := range steps {
		if err := f.try(ctx, links, i == len(steps)-1); err != nil {
			if ctx.Err() != nil || !f.found() {
				return nil, err
			}
			break
		}
		if f.found() {
			break
		}
	}
	f.finish(p)
	return f.site, nil
}

// finder is one Find.
type finder struct {
	client   *fetch.Client
	settings feeds.Settings
	asked    map[string]bool // by parse.Canonical
	hosts    map[string]bool // that have had a request
	site     *Site
}

var errEnough = errors.New("the server wants fewer requests, so it was asked for nothing more; try again later")

// get makes one request, after the gap when its host has had one already.
func (f *finder) get(ctx context.Context, address string) (fetch.Response, error) {
	f.asked[parse.Canonical(address)] = true
	if f.hosts[hostOf(address)] && !wait(ctx, f.settings.HostGap) {
		return fetch.Response{}, ctx.Err()
	}
	f.hosts[hostOf(address)] = true
	f.site.Requests++
	resp := f.client.Get(ctx, fetch.Request{URL: address, Settings: f.settings})
	for _, hop := range resp.Redirects {
		f.hosts[hostOf(hop.URL)] = true
	}
	f.hosts[hostOf(resp.FinalURL)] = true
	switch {
	case ctx.Err() != nil:
		return resp, ctx.Err()
	case resp.Outcome == feeds.RateLimited:
		return resp, fmt.Errorf("%s: %s: %w", address, resp.Problem, errEnough)
	}
	return resp, nil
}

// wait reports false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}

// try asks for the links that were not asked for yet; with once, up to the first feed.
func (f *finder) try(ctx context.Context, links []link, once bool) error {
	n := 0
	for _, l := range links {
		if f.asked[parse.Canonical(l.url)] {
			continue
		}
		if n++; n > maxTried {
			return nil
		}
		resp, err := f.get(ctx, l.url)
		if err != nil {
			return err
		}
		if resp.Outcome != feeds.Changed {
			f.miss(l, resp.Problem)
			continue
		}
		f.asked[parse.Canonical(resp.FinalURL)] = true
		doc := parseBody(resp)
		if doc.Status == parse.Refused {
			f.miss(l, "no feed: "+doc.Problem)
			continue
		}
		f.take(l, resp, doc)
		if once && f.found() {
			return nil
		}
	}
	return nil
}

func (f *finder) miss(l link, problem string) {
	f.site.Misses = append(f.site.Misses, Miss{l.url, l.how, problem})
}

// found reports whether there is a feed that is worth polling.
func (f *finder) found() bool {
	return slices.ContainsFunc(f.site.Feeds, func(g Feed) bool { return g.Kind != Comments && g.Entries > 0 })
}

func parseBody(resp fetch.Response) parse.Document {
	return parse.Parse(parse.Input{Body: resp.Body, ContentType: resp.ContentType, URL: resp.FinalURL})
}

// take adds a feed, unless it has the articles of one that was found before.
func (f *finder) take(l link, resp fetch.Response, doc parse.Document) {
	g := Feed{
		URL: l.url, How: l.how, Title: oneLine(cmp.Or(doc.Title, l.title)), Type: doc.Type, Language: doc.Language,
		Home: doc.Home, Entries: len(doc.Items), Problem: doc.Problem, articles: articles(doc),
	}
	if moved(resp) {
		g.URL = resp.FinalURL
	}
	g.Kind = kindOf(&g, l, doc, f.site.Home)
	for _, other := range f.site.Feeds {
		if len(g.articles) > 0 && maps.Equal(g.articles, other.articles) {
			f.miss(l, "the same articles as "+other.URL)
			return
		}
	}
	f.site.Feeds = append(f.site.Feeds, g)
}

// moved reports whether a feed is to be asked at the address that a redirect led to:
// when every hop says that it is for good.
func moved(resp fetch.Response) bool {
	return !slices.ContainsFunc(resp.Redirects, func(h fetch.Hop) bool { return !h.Permanent() })
}

// finish puts the best feed first and names the site.
func (f *finder) finish(p page) {
	slices.SortStableFunc(f.site.Feeds, rank)
	f.site.Name, f.site.Language = p.name, p.language
	if len(f.site.Feeds) > 0 {
		best := f.site.Feeds[0]
		f.site.Name = cmp.Or(f.site.Name, best.Title)
		f.site.Language = cmp.Or(best.Language, f.site.Language)
	}
	f.site.Name = cmp.Or(f.site.Name, p.title, strings.TrimPrefix(hostOf(f.site.Home), "www."))
}

// usual are the addresses to guess: below the page first, then below the root.
func usual(home string) []link {
	u, err := url.Parse(home)
	if err != nil {
		return nil
	}
	var list []link
	add := func(dir, name string) {
		list = append(list, link{u.Scheme + "://" + u.Host + dir + name, "", Guessed})
	}
	if dir := strings.TrimRight(u.EscapedPath(), "/"); dir != "" && !strings.Contains(dir[strings.LastIndex(dir, "/"):], ".") {
		add(dir+"/", guesses[0])
	}
	for _, name := range guesses {
		add("/", name)
	}
	return list
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

func rootOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host + "/"
}
