package reader

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// atom gives the items of a stream as Atom, as Google Reader did at /reader/atom/:
// newsboat's FeedHQ mode reads it. An item's states are categories of the scheme
// googleScheme.
func (h *handler) atom(w http.ResponseWriter, r *http.Request, s session) error {
	return h.stream(r, s, &atomItems{w: w})
}

const googleScheme = "http://www.google.com/reader/"

type (
	atomHead struct {
		Generator string   `xml:"generator"`
		ID        string   `xml:"id"`
		Title     string   `xml:"title"`
		Updated   string   `xml:"updated"`
		Next      string   `xml:"gr:continuation,omitempty"`
		Self      atomLink `xml:"link"`
	}
	atomLink struct {
		Rel    string `xml:"rel,attr"`
		Href   string `xml:"href,attr"`
		Type   string `xml:"type,attr,omitempty"`
		Length int64  `xml:"length,attr,omitempty"`
	}
	atomCategory struct {
		Term   string `xml:"term,attr"`
		Scheme string `xml:"scheme,attr"`
		Label  string `xml:"label,attr"`
	}
	atomEntry struct {
		XMLName    xml.Name       `xml:"entry"`
		Crawled    string         `xml:"gr:crawl-timestamp-msec,attr"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Published  string         `xml:"published"`
		Updated    string         `xml:"updated"`
		Author     string         `xml:"author>name"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Content    struct {
			Type string `xml:"type,attr"`
			HTML string `xml:",chardata"`
		} `xml:"content"`
		Source struct {
			Stream string   `xml:"gr:stream-id,attr"`
			ID     string   `xml:"id"`
			Title  string   `xml:"title"`
			Home   atomLink `xml:"link"`
		} `xml:"source"`
	}
)

type atomItems struct{ w http.ResponseWriter }

func (a *atomItems) begin(head itemsHead) error {
	a.w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"feed"`
		atomHead
	}{atomHead: atomHead{"aggregator", "tag:google.com,2005:reader/" + head.ID, head.Title, atomTime(head.Updated), head.Next,
		atomLink{Rel: "self", Href: head.Self[0].Href}}})
	if err != nil {
		return err
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(string(body), "<feed>"), "</feed>")
	_, err = fmt.Fprintf(a.w, `%s<feed xmlns="http://www.w3.org/2005/Atom" xmlns:gr="%s">%s`, xml.Header, strings.TrimSuffix(googleScheme, "reader/")+"schemas/reader/atom/", inner)
	return err
}

func (a *atomItems) item(i itemAnswer) error {
	e := atomEntry{Crawled: i.Crawled, ID: i.ID, Title: i.Title, Published: atomTime(i.Published), Updated: atomTime(i.Updated), Author: i.Author}
	e.Links = append(e.Links, atomLink{Rel: "alternate", Href: i.Canonical[0].Href, Type: "text/html"})
	for _, c := range i.Enclosures {
		e.Links = append(e.Links, atomLink{"enclosure", c.Href, c.Type, c.Length})
	}
	read := false
	for _, term := range i.Categories {
		label, ok := strings.CutPrefix(term, statePrefix)
		if !ok {
			continue // a folder of the name of a state would be taken for it
		}
		read = read || label == "read"
		e.Categories = append(e.Categories, atomCategory{term, googleScheme, label})
	}
	if !read { // only this makes newsboat mark as unread what it knows as read
		e.Categories = append(e.Categories, atomCategory{statePrefix + "fresh", googleScheme, "fresh"})
	}
	e.Content.Type, e.Content.HTML = "html", i.Summary.Content
	e.Source.Stream, e.Source.ID, e.Source.Title = i.Origin.Stream, "tag:google.com,2005:reader/"+i.Origin.Stream, i.Origin.Title
	e.Source.Home = atomLink{Rel: "alternate", Href: i.Origin.HTMLURL}
	return xml.NewEncoder(a.w).Encode(e)
}

func (a *atomItems) end() error {
	_, err := io.WriteString(a.w, "</feed>\n")
	return err
}

func atomTime(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
