package serve

import (
	"encoding/xml"
	"net/http"
	"time"
)

// Atom 1.0 (RFC 4287). encoding/xml does the escaping; names with a prefix are
// written as they stand, their namespaces are declared on the root.

type atomFeed struct {
	XMLName   xml.Name    `xml:"feed"`
	Xmlns     string      `xml:"xmlns,attr"`
	XmlnsAgg  string      `xml:"xmlns:agg,attr"`
	XmlnsFH   string      `xml:"xmlns:fh,attr,omitempty"`
	Lang      string      `xml:"xml:lang,attr"` // of the title; entries have their own
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Updated   string      `xml:"updated"`
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Robots    robots      `xml:"http://www.w3.org/1999/xhtml meta"`
	Archive   *struct{}   `xml:"fh:archive"`
	Entries   []atomEntry `xml:"entry"`
}

// robots asks search engines to pass by.
type robots struct {
	Name    string `xml:"name,attr"`
	Content string `xml:"content,attr"`
}

var noRobots = robots{"robots", "noindex"}

type atomLink struct {
	Rel    string `xml:"rel,attr"`
	Href   string `xml:"href,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Title  string `xml:"title,attr,omitempty"`
	Length int64  `xml:"length,attr,omitempty"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Body string `xml:",chardata"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

// atomSource is the feed that the entry comes from (RFC 4287, 4.2.11).
type atomSource struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"` // when that feed was seen to have the entry
	Links   []atomLink `xml:"link"`
}

type atomEntry struct {
	Lang       string         `xml:"xml:lang,attr,omitempty"`
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Links      []atomLink     `xml:"link"`
	Published  string         `xml:"published,omitempty"`
	Updated    string         `xml:"updated"`
	Authors    []atomPerson   `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Rights     string         `xml:"rights,omitempty"`
	Source     *atomSource    `xml:"source"`
	Content    atomText       `xml:"content"`
	extension
}

func (s *server) atom(r *http.Request) (page, error) {
	m, err := s.merged(r)
	if err != nil {
		return page{}, err
	}
	f := atomFeed{
		Xmlns: "http://www.w3.org/2005/Atom", XmlnsAgg: namespace, Lang: m.language(),
		ID: m.id, Title: m.title, Updated: fineStamp(m.updated), Generator: generator, Robots: noRobots,
		Links: append(m.links("application/atom+xml"), atomLink{Rel: "alternate", Href: m.home, Type: "text/html"}),
	}
	if !m.day.IsZero() {
		f.XmlnsFH, f.Archive = historyNamespace, &struct{}{}
	}
	for _, it := range m.items {
		f.Entries = append(f.Entries, s.atomEntry(it))
	}
	return xmlPage(f, "application/atom+xml; charset=utf-8", m)
}

// links are those between the documents of a feed (RFC 5005) and to its hub
// (WebSub, section 4).
func (m merged) links(kind string) []atomLink {
	list := []atomLink{{Rel: "self", Href: m.self, Type: kind}}
	add := func(rel, href, kind string) {
		if href != "" {
			list = append(list, atomLink{Rel: rel, Href: href, Type: kind})
		}
	}
	add("next", m.next, kind)
	if !m.day.IsZero() {
		add("current", m.current, kind)
	}
	add("prev-archive", m.prev, kind)
	add("hub", m.hub, "")
	return list
}

func (s *server) atomEntry(it mergedItem) atomEntry {
	e := atomEntry{
		Lang: it.lead.Language, ID: it.id, Title: it.title(), Rights: it.entry.Rights,
		Published: stamp(it.published()), Updated: fineStamp(it.updated()),
		Content:   atomText{"html", it.html},
		extension: s.extension(it.item),
		Links:     []atomLink{{Rel: "alternate", Href: it.link, Type: "text/html"}},
	}
	for _, name := range it.authors {
		e.Authors = append(e.Authors, atomPerson{name})
	}
	for _, term := range it.entry.Categories {
		e.Categories = append(e.Categories, atomCategory{term})
	}
	// Where it came from first is "via"; who else carries it is "related".
	if v := &it.story.Verdict; isWeb(v.URL) {
		e.Links = append(e.Links, atomLink{Rel: "via", Href: asURI(v.URL), Title: v.Name})
	}
	for _, c := range it.carriers {
		if isWeb(c.Link) {
			e.Links = append(e.Links, atomLink{Rel: "related", Href: asURI(c.Link), Type: "text/html", Title: s.nameOf(c.Outlet)})
		}
	}
	e.Links = append(e.Links, atomLink{Rel: "related", Href: it.page, Type: "text/html", Title: "Timeline, evidence and texts"})
	for _, c := range it.entry.Enclosures {
		if isWeb(c.URL) {
			e.Links = append(e.Links, atomLink{Rel: "enclosure", Href: asURI(c.URL), Type: c.Type, Length: c.Length})
		}
	}
	if it.entry.Feed != "" {
		e.Source = &atomSource{
			ID: asURI(it.entry.Feed), Title: s.nameOf(it.lead.Outlet), Updated: stamp(it.lead.Seen.At),
			Links: []atomLink{{Rel: "self", Href: asURI(it.entry.Feed)}},
		}
		if home := s.outlets[it.lead.Outlet].Home; isWeb(home) {
			e.Source.Links = append(e.Source.Links, atomLink{Rel: "alternate", Href: asURI(home), Type: "text/html"})
		}
	}
	return e
}

// stamp writes a time as RFC 3339 in UTC, whole seconds; nothing when unknown.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fineStamp is stamp with microseconds.
func fineStamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z07:00")
}

func xmlPage(feed any, kind string, m merged) (page, error) {
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return page{}, err
	}
	return page{body: append([]byte(xml.Header), append(body, '\n')...), kind: kind, modified: m.modified, until: m.until, header: m.feedHeader()}, nil
}
