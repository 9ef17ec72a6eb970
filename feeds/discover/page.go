package discover

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/net/publicsuffix"
)

// page is what a home page says of the site.
type page struct {
	name, title, language string
	declared, linked      []link // in the page's order
}

type link struct {
	url, title string
	how        How
}

// maxLinks bounds what is kept of a page, in links of either kind.
const maxLinks = 200

// readPage collects the links of a page. It reads tokens only, so that no nesting
// is too deep for it.
func readPage(body []byte, contentType, address string) page {
	base, err := url.Parse(address)
	if err != nil {
		return page{}
	}
	site := base
	var p page
	var anchor *link // inside an <a>
	inTitle := false
	text, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		text = bytes.NewReader(body)
	}
	z := html.NewTokenizer(text)
	z.SetMaxBuf(1 << 20)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		switch t := z.Token(); {
		case kind == html.TextToken && inTitle:
			p.title += t.Data
		case kind == html.TextToken && anchor != nil && len(anchor.title) < 200:
			anchor.title += t.Data
		case kind == html.EndTagToken && t.Data == "title":
			inTitle = false
		case kind == html.EndTagToken && t.Data == "a" && anchor != nil:
			p.keep(*anchor, site)
			anchor = nil
		case kind != html.StartTagToken && kind != html.SelfClosingTagToken:
		case t.Data == "title":
			inTitle = p.title == ""
		case t.Data == "html":
			p.language = attr(t, "lang")
		case t.Data == "meta" && attr(t, "property") == "og:site_name":
			p.name = oneLine(attr(t, "content"))
		case t.Data == "base":
			if u := resolve(base, attr(t, "href")); u != nil {
				base = u
			}
		case t.Data == "link" && declares(t):
			if u := resolve(base, attr(t, "href")); u != nil && len(p.declared) < maxLinks {
				p.declared = append(p.declared, link{u.String(), oneLine(attr(t, "title")), Declared})
			}
		case t.Data == "a":
			if anchor != nil {
				p.keep(*anchor, site) // it was never closed
			}
			if anchor = nil; attr(t, "href") != "" {
				if u := resolve(base, attr(t, "href")); u != nil {
					anchor = &link{u.String(), attr(t, "title"), Linked}
				}
			}
		}
	}
	if anchor != nil {
		p.keep(*anchor, site)
	}
	p.title = oneLine(p.title)
	return p
}

// keep adds an anchor when it looks like a feed of the same site.
func (p *page) keep(a link, site *url.URL) {
	a.title = oneLine(a.title)
	if u, err := url.Parse(a.url); err == nil && len(p.linked) < maxLinks && looksLikeFeed(u, a.title) && sameSite(u, site) {
		p.linked = append(p.linked, a)
	}
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// oneLine makes a text fit for a terminal and for a line of a file.
func oneLine(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// resolve makes a link absolute; nil when it leads to nothing that can be fetched.
// Links with the scheme feed: are what they stand for.
func resolve(base *url.URL, href string) *url.URL {
	if rest, ok := strings.CutPrefix(href, "feed:"); ok {
		if href = rest; strings.HasPrefix(rest, "//") {
			href = "https:" + rest
		}
	}
	u, err := base.Parse(href)
	if href == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	return u
}

// feedTypes are the types by which pages declare feeds.
var feedTypes = []string{
	"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
	"application/rss", "application/atom", "application/x.atom+xml", "text/rss", "text/xml", "application/xml",
}

// declares reports whether a link element names a feed. Many that are "alternate"
// do not: translations, oEmbed, a blog program's own API as application/json.
func declares(t html.Token) bool {
	rels := strings.Fields(strings.ToLower(attr(t, "rel")))
	mediaType, _, _ := strings.Cut(strings.ToLower(attr(t, "type")), ";")
	mediaType = strings.TrimSpace(mediaType)
	switch {
	case slices.Contains(rels, "stylesheet"):
		return false
	case slices.Contains(rels, "alternate"):
		return slices.Contains(feedTypes, mediaType) ||
			mediaType == "application/json" && strings.Contains(strings.ToLower(attr(t, "href")), "feed")
	}
	return slices.Contains(rels, "feed")
}

var (
	feedPath  = regexp.MustCompile(`(?i)(\.(rss|atom|rdf)|/(feeds?|rss2?|atom)|/(feed|rss|atom|index|feeds)\.(xml|json|php|aspx?))/?$`)
	feedHost  = regexp.MustCompile(`(?i)^(feeds?|rss)[0-9]*\.`)
	feedQuery = regexp.MustCompile(`(?i)(^|&)((feed|format|type|output|alt)=(feed|rss2?|atom|rdf)|feed)(&|$)`)
	feedText  = regexp.MustCompile(`(?i)^(rss|atom|rss feeds?|atom feed|feed|xml feed|json feed)$`)
	notFeed   = regexp.MustCompile(`(?i)sitemap|opensearch|\.(png|jpe?g|gif|svg|pdf|mp3|css|js)$`)
)

// looksLikeFeed judges an anchor by its address and its text.
func looksLikeFeed(u *url.URL, text string) bool {
	path := u.EscapedPath()
	if notFeed.MatchString(path) {
		return false
	}
	return feedPath.MatchString(path) || feedQuery.MatchString(u.RawQuery) || feedText.MatchString(text) ||
		feedHost.MatchString(u.Host) && len(path) > 1
}

// sameSite reports whether two addresses share a registrable domain. A page links
// to other people's feeds too; those that FeedBurner serves are a site's own.
func sameSite(a, b *url.URL) bool {
	ha, hb := strings.ToLower(a.Hostname()), strings.ToLower(b.Hostname())
	if ha == hb || ha == "feeds.feedburner.com" || ha == "feeds2.feedburner.com" {
		return true
	}
	da, err := publicsuffix.EffectiveTLDPlusOne(ha)
	db, err2 := publicsuffix.EffectiveTLDPlusOne(hb)
	return err == nil && err2 == nil && da == db
}
