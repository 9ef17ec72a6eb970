package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"aggregator/feeds"
	"aggregator/stories"
)

// namespace is the name of the extension elements in Atom and RSS, and of the
// rules in docs/merged-feed.md. It names; nothing is to be had there.
const namespace = "https://aggregator.example/ns/merged-feed/1"

const generator = "aggregator"

// beginning is the date in the ids of stories: nothing was merged before it.
var beginning = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// merged is what the three feed formats write.
type merged struct {
	title, home string
	self, next  string // addresses of this page of the feed and of the one after it
	id          string
	query       stories.Query
	items       []mergedItem
	updated     time.Time // of the newest change a reader wants to see; never "now"
	modified    time.Time // of any change
	until       time.Time // when the next story settles; zero: none is held back
	hub         string    // only the whole feed is a topic of it
	archived
}

type mergedItem struct {
	item
	entry   feeds.Entry
	id      string
	link    string
	page    string
	html    string
	authors []string
}

// merged reads the stories of one page of a feed and all that is shown of them.
func (s *server) merged(r *http.Request) (merged, error) {
	values, err := parseQuery(r)
	if err != nil {
		return merged{}, err
	}
	day, err := readArchive(values)
	if err != nil {
		return merged{}, err
	}
	q, err := readQuery(values)
	if err != nil {
		return merged{}, err
	}
	asked := q
	if !day.IsZero() {
		asked = ofDay(q, day)
	}
	list, next, err := s.source.Stories(asked)
	if err != nil {
		return merged{}, err
	}
	base := s.base(r)
	m := merged{title: s.Title, query: q, self: base + address(r.URL.Path, writeQuery(q))}
	if m.archived, err = s.archive(base, r.URL.Path, q, day, list, next); err != nil {
		return merged{}, err
	}
	pageless := q
	pageless.After = stories.Cursor{}
	m.home = base + address("/", writeQuery(pageless))
	m.id = s.tag("feed")
	filters := writeQuery(pageless)
	if filters != "" {
		m.id += "?" + filters
		m.title += " – " + s.queryWords(pageless)
	}
	switch {
	case !day.IsZero():
		values.Set("archive", day.Format(time.DateOnly))
		m.self = base + address(r.URL.Path, values.Encode())
	case filters == "" && q.After.IsZero():
		m.hub = s.Hub
	}
	if day.IsZero() && !next.IsZero() {
		further := q
		further.After = next
		m.next = base + address(r.URL.Path, writeQuery(further))
	}
	for i := range list {
		it := newItem(&list[i])
		if len(list[i].Members) == 0 {
			continue
		}
		settles := s.settles(&list[i])
		if s.Settle > 0 && s.Now().Before(settles) {
			if m.until.IsZero() || settles.Before(m.until) {
				m.until = settles
			}
			continue
		}
		e, _, err := s.source.Entry(it.lead.Entry)
		if err != nil {
			return merged{}, err
		}
		mi := mergedItem{
			item: it, entry: e, id: s.tag(storyPath(it.story.ID)[1:]), link: it.link(base),
			page: base + storyPath(it.story.ID), authors: s.authors(it, e),
		}
		mi.html = contentHTML(e) + s.attributionHTML(it, base)
		m.items = append(m.items, mi)
		if t := it.updated(); t.After(m.updated) {
			m.updated = t
		}
		if t := it.modified(); t.After(m.modified) {
			m.modified = t
		}
		if s.Settle > 0 && settles.After(m.modified) {
			m.modified = settles
		}
	}
	if m.updated.IsZero() {
		m.updated = beginning // a feed must have a date, and an empty one has none
	}
	return m, nil
}

// feedHeader are the headers of all merged feeds: links for programs that do
// not read the body, and no search engines.
func (m merged) feedHeader() http.Header {
	h := http.Header{"X-Robots-Tag": {"noindex"}}
	if m.hub != "" {
		h.Add("Link", "<"+m.hub+`>; rel="hub"`)
		h.Add("Link", "<"+m.self+`>; rel="self"`)
	}
	return h
}

// language is that of the feed's own words, as far as RSS wants to know one: the
// one that was asked for. Every entry has its own.
func (m merged) language() string {
	if m.query.Lang != "" {
		return m.query.Lang
	}
	return "en"
}

// asURI writes an address of the web in ASCII (RFC 3986), as RSS wants it and
// every reader understands it.
func asURI(href string) string {
	for i := range len(href) {
		if c := href[i]; c <= ' ' || c > '~' {
			u, err := url.Parse(href)
			if err != nil {
				return href
			}
			if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil {
				u.Host = strings.Replace(u.Host, u.Hostname(), host, 1)
			}
			u.RawQuery = escapeRest(u.RawQuery)
			return u.String()
		}
	}
	return href
}

// escapeRest escapes what url.URL leaves in a query as it stood.
func escapeRest(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c > '~' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// queryWords says for people what a query asks for.
func (s *server) queryWords(q stories.Query) string {
	words := ""
	add := func(prefix, value string) {
		if value == "" {
			return
		}
		if words != "" {
			words += ", "
		}
		words += prefix + value
	}
	add("first published on ", s.nameOf(q.First))
	add("copied from ", s.nameOf(q.CopiedFrom))
	add("copied by ", s.nameOf(q.CopiedBy))
	if q.MinShare > 0 {
		add("", "at least "+itoa(q.MinShare)+" % of the text copied")
	}
	add("carried by ", s.namesOf(q.Outlet))
	if q.MinOutlets > 1 {
		add("", "in at least "+itoa(q.MinOutlets)+" outlets")
	}
	add("in language ", q.Lang)
	add("category ", q.Category)
	if q.Q != "" {
		add("", "“"+q.Q+"”")
	}
	if q.CopiesOnly {
		add("", "with copies")
	}
	if !q.Since.IsZero() {
		add("since ", clock(q.Since))
	}
	if !q.Until.IsZero() {
		add("until ", clock(q.Until))
	}
	if words == "" && q.Limit != defaultLimit {
		words = "latest " + itoa(q.Limit)
	}
	return words
}

// settles is from when a story stands in the merged feeds. One that stood in a
// feed's archive, at the feed's first poll, is not news: it waits for nothing.
func (s *server) settles(st *stories.Story) time.Time {
	for i := range st.Members {
		if !st.Members[i].Seen.Bounded() {
			return time.Time{}
		}
	}
	settles := st.FirstSeen().Add(s.Settle)
	if now := s.Now(); settles.After(now.Add(s.Settle)) { // our clock was ahead when it was seen
		return now
	}
	return settles
}
