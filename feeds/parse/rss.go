package parse

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"aggregator/feeds"

	ext "github.com/mmcdole/gofeed/extensions"
	gorss "github.com/mmcdole/gofeed/rss"
)

// readRSS reads a skeleton of RSS 0.9 to 2.0.
func (r *reader) readRSS() error {
	f, err := (&gorss.Parser{}).Parse(bytes.NewReader(r.out))
	if err != nil {
		return err
	}
	d, x := r.doc, extensions{r, f.Extensions}
	d.Type = strings.TrimSpace("rss " + r.version)
	d.Title = first(r.line(f.Title), r.line(x.one("dc", "title")), r.line(x.one("atom", "title")))
	d.Description = first(r.line(f.Description), r.line(x.one("dc", "description")), r.line(x.one("atom", "subtitle")),
		r.line(x.one("itunes", "summary")), r.line(x.one("itunes", "subtitle")))
	for _, l := range f.Links {
		if d.Home = first(d.Home, r.homeLink(l)); d.Home != "" {
			break
		}
	}
	for _, l := range x.all("atom", "link") {
		r.channelLink(r.attribute(l.Attrs["rel"]), r.href(l.Attrs["href"]))
	}
	d.Language = first(languageTag(r.value(f.Language)), languageTag(r.value(x.one("dc", "language"))), r.lang)
	if n, err := strconv.Atoi(r.value(f.TTL)); err == nil && n > 0 && n <= 366*24*60 {
		d.TTL = time.Duration(n) * time.Minute
	}
	r.updateEvery(x)
	for _, h := range f.SkipHours {
		if n, err := strconv.Atoi(r.value(h)); err == nil && n >= 0 && n <= 24 && !slices.Contains(d.SkipHours, n%24) {
			d.SkipHours = append(d.SkipHours, n%24)
		}
	}
	for _, day := range f.SkipDays {
		if w, ok := weekday(r.value(day)); ok && !slices.Contains(d.SkipDays, w) {
			d.SkipDays = append(d.SkipDays, w)
		}
	}
	r.readItems(len(f.Items), func(where *found) *feeds.Entry { return r.rssEntry(f.Items[where.shape], where) })
	return nil
}

// homeLink is a channel's link; only web addresses count.
func (r *reader) homeLink(number string) string {
	if l := r.address(number); web(l) {
		return l
	}
	return ""
}

// channelLink takes a typed link of the feed itself.
func (r *reader) channelLink(rel, href string) {
	if href == "" {
		return
	}
	switch strings.ToLower(rel) {
	case "self":
		r.doc.Self = first(r.doc.Self, href)
	case "hub":
		if len(r.doc.Hubs) < 10 {
			r.doc.Hubs = addName(r.doc.Hubs, href)
		}
	case "", "alternate":
		if web(href) {
			r.doc.Home = first(r.doc.Home, href)
		}
	}
}

// updateEvery reads the syndication module: how often the feed changes.
func (r *reader) updateEvery(x extensions) {
	var period time.Duration
	switch strings.ToLower(r.value(x.one("sy", "updatePeriod"))) {
	case "hourly":
		period = time.Hour
	case "daily":
		period = 24 * time.Hour
	case "weekly":
		period = 7 * 24 * time.Hour
	case "monthly":
		period = 30 * 24 * time.Hour
	case "yearly":
		period = 365 * 24 * time.Hour
	}
	n, err := strconv.Atoi(r.value(x.one("sy", "updateFrequency")))
	if err != nil || n < 1 {
		n = 1
	}
	r.doc.UpdateEvery = period / time.Duration(n)
}

func weekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), s) {
			return d, true
		}
	}
	return 0, false
}

// rssEntry turns an item into an entry.
func (r *reader) rssEntry(it *gorss.Item, where *found) *feeds.Entry {
	x := extensions{r, it.Extensions}
	e := &feeds.Entry{}
	e.Title = first(r.line(it.Title), r.line(x.one("dc", "title")), r.line(x.one("atom", "title")), r.line(x.one("media", "title")), r.line(x.one("itunes", "title")))
	e.Summary = first(r.markup(it.Description), r.markup(x.one("atom", "summary")), r.markup(x.one("dc", "description")), r.plainMarkup(x.one("itunes", "summary")))
	e.Content = first(r.markup(it.Content), r.markup(x.one("xhtml", "body")), r.markup(x.one("atom", "content")))
	r.rssIdentity(e, it, x, where)
	pub := feeds.Date{}
	if d, ok := r.date(it.PubDate); ok {
		pub = d
	}
	dc := x.date("dc", "date")
	e.Published = firstDate(pub, x.date("atom", "published"), x.date("dcterms", "issued"), dc, x.date("dcterms", "created"), x.date("atom", "created"))
	e.Updated = firstDate(x.date("atom", "updated"), x.date("dcterms", "modified"), dc)
	r.rssPeople(e, it, x)
	for _, c := range it.Categories {
		e.Categories = addName(e.Categories, r.line(c.Value))
	}
	for _, c := range x.all("dc", "subject") {
		e.Categories = addName(e.Categories, r.line(c.Value))
	}
	for _, c := range x.all("atom", "category") {
		e.Categories = addName(e.Categories, first(r.attribute(c.Attrs["label"]), r.attribute(c.Attrs["term"])))
	}
	e.Rights = first(r.line(x.one("dc", "rights")), r.line(x.one("atom", "rights")))
	e.Language = r.entryLanguage(it.Title, it.Description, it.Content, x, where)
	r.rssLinks(e, it, x)
	r.media(e, x)
	return e
}

// rssIdentity finds an item's identifier and link.
func (r *reader) rssIdentity(e *feeds.Entry, it *gorss.Item, x extensions, where *found) {
	about := r.decodeAttr(where.about)
	permalink := ""
	if it.GUID != nil {
		e.GUID = r.value(it.GUID.Value)
		if p := r.attribute(it.GUID.IsPermalink); p == "" || strings.EqualFold(p, "true") {
			if u := r.address(it.GUID.Value); web(u) {
				permalink = u
			}
		}
	}
	e.GUID = first(e.GUID, r.value(x.one("atom", "id")), about, r.value(x.one("dc", "identifier")))
	for _, l := range it.Links {
		// gofeed gives the element's text, or else its href
		if u := r.address(l); u != "" && (e.Link == "" || !web(e.Link) && web(u)) {
			e.Link = u
		}
	}
	if e.Link == "" {
		for _, l := range x.all("atom", "link") {
			if rel := strings.ToLower(r.attribute(l.Attrs["rel"])); rel == "" || rel == "alternate" {
				e.Link = first(e.Link, r.href(l.Attrs["href"]))
			}
		}
	}
	e.Link = first(e.Link, permalink)
	if e.Link == "" && web(about) {
		e.Link = about
	}
	if orig := r.address(x.one("feedburner", "origlink")); web(orig) {
		e.Links = append(e.Links, feeds.Link{Rel: "origLink", Href: orig})
		e.Canonical = Canonical(orig)
		e.Link = first(e.Link, orig)
	}
}

// rssPeople finds an item's authors.
func (r *reader) rssPeople(e *feeds.Entry, it *gorss.Item, x extensions) {
	if n, ok := r.node(it.Author); ok {
		e.Authors = addName(e.Authors, personName(r.personText(n)))
	}
	for _, p := range x.all("atom", "author") {
		e.Authors = addName(e.Authors, r.extPerson(p))
	}
	for _, c := range x.all("dc", "creator") {
		e.Authors = addName(e.Authors, personName(r.line(c.Value)))
	}
	if len(e.Authors) == 0 {
		e.Authors = addName(nil, personName(r.line(x.one("itunes", "author"))))
	}
}

func (r *reader) extPerson(p ext.Extension) string {
	for _, part := range []string{"name", "email", "uri"} {
		for _, c := range p.Children[part] {
			if s := r.line(c.Value); s != "" {
				return personName(s)
			}
		}
	}
	return ""
}

// rssLinks takes the links that have a meaning of their own, the named source
// and the enclosures.
func (r *reader) rssLinks(e *feeds.Entry, it *gorss.Item, x extensions) {
	for _, l := range x.all("atom", "link") {
		if full(e) {
			break
		}
		r.addLink(e, r.attribute(l.Attrs["rel"]), r.href(l.Attrs["href"]), r.attribute(l.Attrs["type"]), r.attribute(l.Attrs["title"]), r.attribute(l.Attrs["length"]))
	}
	if c := r.address(it.Comments); c != "" {
		e.Links = append(e.Links, feeds.Link{Rel: "replies", Href: c})
	}
	r.namedSources(e, x)
	for _, s := range x.all("thr", "in-reply-to") {
		if v := first(r.href(s.Attrs["href"]), r.href(s.Attrs["ref"])); v != "" {
			e.Links = append(e.Links, feeds.Link{Rel: "in-reply-to", Href: v})
		}
	}
	if it.Source != nil {
		e.Source = feeds.Source{Name: r.line(it.Source.Title), URL: r.href(it.Source.URL)}
	}
	for _, s := range x.all("atom", "source") {
		r.extSource(e, s)
	}
	for _, enc := range it.Enclosures {
		r.addEnclosure(e, r.href(enc.URL), r.attribute(enc.Type), r.attribute(enc.Length))
	}
}

// extSource reads an atom:source in an RSS item.
func (r *reader) extSource(e *feeds.Entry, s ext.Extension) {
	var src feeds.Source
	for _, t := range s.Children["title"] {
		src.Name = first(src.Name, r.line(t.Value))
	}
	self := ""
	for _, l := range s.Children["link"] {
		switch strings.ToLower(r.attribute(l.Attrs["rel"])) {
		case "", "alternate":
			src.URL = first(src.URL, r.href(l.Attrs["href"]))
		case "self":
			self = first(self, r.href(l.Attrs["href"]))
		}
	}
	src.URL = first(src.URL, self)
	for _, id := range s.Children["id"] {
		if v := r.value(id.Value); src.URL == "" && web(v) {
			src.URL = v
		}
	}
	if e.Source == (feeds.Source{}) {
		e.Source = src
	}
}
