package serve

import (
	"encoding/xml"
	"html"
	"net/http"
	"time"
)

// RSS 2.0 with content:encoded, dc:creator and atom:link, as the RSS Best
// Practices Profile advises.

type rssDocument struct {
	XMLName      xml.Name   `xml:"rss"`
	Version      string     `xml:"version,attr"`
	XmlnsAtom    string     `xml:"xmlns:atom,attr"`
	XmlnsContent string     `xml:"xmlns:content,attr"`
	XmlnsDC      string     `xml:"xmlns:dc,attr"`
	XmlnsAgg     string     `xml:"xmlns:agg,attr"`
	XmlnsFH      string     `xml:"xmlns:fh,attr,omitempty"`
	Channel      rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title         string     `xml:"title"`
	Link          string     `xml:"link"`
	Description   string     `xml:"description"`
	Language      string     `xml:"language"`
	LastBuildDate string     `xml:"lastBuildDate"`
	Generator     string     `xml:"generator"`
	Docs          string     `xml:"docs"`
	Links         []atomLink `xml:"atom:link"`
	Robots        robots     `xml:"http://www.w3.org/1999/xhtml meta"`
	Archive       *struct{}  `xml:"fh:archive"`
	Items         []rssItem  `xml:"item"`
}

type rssItem struct {
	Title       string        `xml:"title"`
	Link        string        `xml:"link"`
	GUID        rssGUID       `xml:"guid"`
	PubDate     string        `xml:"pubDate,omitempty"`
	Creators    []string      `xml:"dc:creator"`
	Categories  []string      `xml:"category"`
	Language    string        `xml:"dc:language,omitempty"`
	Rights      string        `xml:"dc:rights,omitempty"`
	Source      *rssSource    `xml:"source"`
	Enclosure   *rssEnclosure `xml:"enclosure"`
	Description string        `xml:"description"`
	Content     string        `xml:"content:encoded"`
	Updated     string        `xml:"atom:updated"`
	Links       []atomLink    `xml:"atom:link"`
	extension
}

type rssGUID struct {
	PermaLink bool   `xml:"isPermaLink,attr"`
	Value     string `xml:",chardata"`
}

type rssSource struct {
	URL   string `xml:"url,attr"`
	Title string `xml:",chardata"`
}

type rssEnclosure struct {
	URL    string `xml:"url,attr"`
	Length int64  `xml:"length,attr"`
	Type   string `xml:"type,attr"`
}

func (s *server) rss(r *http.Request) (page, error) {
	m, err := s.merged(r)
	if err != nil {
		return page{}, err
	}
	d := rssDocument{
		Version: "2.0", XmlnsAtom: "http://www.w3.org/2005/Atom", XmlnsContent: "http://purl.org/rss/1.0/modules/content/",
		XmlnsDC: "http://purl.org/dc/elements/1.1/", XmlnsAgg: namespace,
		Channel: rssChannel{
			Title: m.title, Link: m.home, Description: "Each story once, with who published it first.", Language: m.language(),
			LastBuildDate: rfc822(m.updated), Generator: generator, Docs: "https://www.rssboard.org/rss-specification",
			Links: m.links("application/rss+xml"), Robots: noRobots,
		},
	}
	if !m.day.IsZero() {
		d.XmlnsFH, d.Channel.Archive = historyNamespace, &struct{}{}
	}
	for _, it := range m.items {
		d.Channel.Items = append(d.Channel.Items, s.rssItem(it))
	}
	return xmlPage(d, "application/rss+xml; charset=utf-8", m)
}

func (s *server) rssItem(it mergedItem) rssItem {
	i := rssItem{
		Title: it.title(), Link: it.link, GUID: rssGUID{false, it.id}, PubDate: rfc822(it.published()),
		Creators: it.authors, Categories: it.entry.Categories, Language: it.lead.Language, Rights: it.entry.Rights,
		Description: "<p>" + html.EscapeString(excerpt(it.entry, 400)) + "</p><p>" + html.EscapeString(s.firstSentence(&it.story.Verdict)) + "</p>",
		Content:     it.html, Updated: fineStamp(it.updated()), extension: s.extension(it.item),
	}
	if it.entry.Feed != "" {
		i.Source = &rssSource{asURI(it.entry.Feed), s.nameOf(it.lead.Outlet)}
	}
	// RSS knows one enclosure for an item; its length must be a number, 0 when unknown.
	for _, c := range it.entry.Enclosures {
		if isWeb(c.URL) && c.Type != "" {
			i.Enclosure = &rssEnclosure{asURI(c.URL), c.Length, c.Type}
			break
		}
	}
	e := s.atomEntry(it)
	for _, l := range e.Links {
		if l.Rel == "via" || l.Rel == "related" {
			i.Links = append(i.Links, l)
		}
	}
	return i
}

// rfc822 writes a time as RSS wants it, with a four-digit year.
func rfc822(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
}
