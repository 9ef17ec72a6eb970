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
	XmlnsHTML string      `xml:"xmlns:xhtml,attr"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Updated   string      `xml:"updated"`
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Robots    robots      `xml:"xhtml:meta"`
	Entries   []atomEntry `xml:"entry"`
}

type robots struct {
	Name    string `xml:"name,attr"`
	Content string `xml:"content,attr"`
}

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
	ID    string     `xml:"id"`
	Title string     `xml:"title"`
	Links []atomLink `xml:"link"`
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

const xhtmlNamespace = "http://www.w3.org/1999/xhtml"

func (s *server) atom(r *http.Request) (page, error) {
	m, err := s.merged(r)
	if err != nil {
		return page{}, err
	}
	f := atomFeed{
		Xmlns: "http://www.w3.org/2005/Atom", XmlnsAgg: namespace, XmlnsHTML: xhtmlNamespace,
		ID: m.id, Title: m.title, Updated: stamp(m.updated), Generator: generator,
		Robots: robots{"robots", "noindex"},
		Links: []atomLink{
			{Rel: "self", Href: m.self, Type: "application/atom+xml"},
			{Rel: "alternate", Href: m.home, Type: "text/html"},
		},
	}
	if m.next != "" {
		f.Links = append(f.Links, atomLink{Rel: "next", Href: m.next, Type: "application/atom+xml"})
	}
	if m.hub != "" {
		f.Links = append(f.Links, atomLink{Rel: "hub", Href: m.hub})
	}
	for _, it := range m.items {
		f.Entries = append(f.Entries, s.atomEntry(it))
	}
	return xmlPage(f, "application/atom+xml; charset=utf-8", m)
}

func (s *server) atomEntry(it mergedItem) atomEntry {
	e := atomEntry{
		Lang: it.lead.Language, ID: it.id, Title: it.title(), Rights: it.entry.Rights,
		Published: stamp(it.published()), Updated: stamp(it.updated()),
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
		e.Links = append(e.Links, atomLink{Rel: "via", Href: v.URL, Title: v.Name})
	}
	for _, c := range it.carriers {
		if isWeb(c.Link) {
			e.Links = append(e.Links, atomLink{Rel: "related", Href: c.Link, Type: "text/html", Title: s.nameOf(c.Outlet)})
		}
	}
	e.Links = append(e.Links, atomLink{Rel: "related", Href: it.page, Type: "text/html", Title: "Timeline, evidence and texts"})
	for _, c := range it.entry.Enclosures {
		if isWeb(c.URL) {
			e.Links = append(e.Links, atomLink{Rel: "enclosure", Href: c.URL, Type: c.Type, Length: c.Length})
		}
	}
	if it.entry.Feed != "" {
		e.Source = &atomSource{
			ID: it.entry.Feed, Title: s.nameOf(it.lead.Outlet),
			Links: []atomLink{{Rel: "self", Href: it.entry.Feed}},
		}
		if home := s.outlets[it.lead.Outlet].Home; isWeb(home) {
			e.Source.Links = append(e.Source.Links, atomLink{Rel: "alternate", Href: home, Type: "text/html"})
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

func xmlPage(feed any, kind string, m merged) (page, error) {
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return page{}, err
	}
	return page{body: append([]byte(xml.Header), append(body, '\n')...), kind: kind, modified: m.modified, until: m.until, header: m.feedHeader()}, nil
}
