package serve

import (
	"encoding/xml"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aggregator/stories"
)

// OPML 2.0: the merged feeds to subscribe to, of everything, of each category
// and of each outlet.

type opmlDocument struct {
	XMLName xml.Name  `xml:"opml"`
	Version string    `xml:"version,attr"`
	Title   string    `xml:"head>title"`
	Body    []outline `xml:"body>outline"`
}

type outline struct {
	Text    string    `xml:"text,attr"`
	Title   string    `xml:"title,attr,omitempty"`
	Type    string    `xml:"type,attr,omitempty"`
	XMLURL  string    `xml:"xmlUrl,attr,omitempty"`
	HTMLURL string    `xml:"htmlUrl,attr,omitempty"`
	Inner   []outline `xml:"outline"`
}

func (s *server) opml(r *http.Request) (page, error) {
	if _, err := s.query(r); err != nil {
		return page{}, err
	}
	base := s.base(r)
	feed := func(text string, q stories.Query) outline {
		query := writeQuery(q)
		return outline{Text: text, Title: text, Type: "rss", XMLURL: base + address("/feed.atom", query), HTMLURL: base + address("/", query)}
	}
	d := opmlDocument{Version: "2.0", Title: s.Title}
	d.Body = append(d.Body, feed(s.Title, stories.Query{}), feed("In at least two outlets", stories.Query{MinOutlets: 2}))
	_, categories := s.choices()
	group := outline{Text: "Categories"}
	for _, c := range categories {
		group.Inner = append(group.Inner, feed(c, stories.Query{Category: c}))
	}
	if len(group.Inner) > 0 {
		d.Body = append(d.Body, group)
	}
	first, copied, carried := outline{Text: "First published on"}, outline{Text: "Copied from"}, outline{Text: "Carried by"}
	for _, o := range s.byName() {
		first.Inner = append(first.Inner, feed(s.nameOf(o.ID), stories.Query{First: o.ID}))
		copied.Inner = append(copied.Inner, feed(s.nameOf(o.ID), stories.Query{CopiedFrom: o.ID}))
		carried.Inner = append(carried.Inner, feed(s.nameOf(o.ID), stories.Query{Outlet: o.ID}))
	}
	if len(first.Inner) > 0 {
		d.Body = append(d.Body, first, copied, carried)
	}
	p, err := xmlPage(d, "text/x-opml; charset=utf-8", merged{})
	p.modified = time.Time{}
	return p, err
}

// negotiate leads /feed to the format that the client's Accept header weighs
// most; Atom when it does not mind.
func (s *server) negotiate(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	to := r.URL.Path + preferred(r.Header.Get("Accept"))
	http.Redirect(w, r, address(to, r.URL.RawQuery), http.StatusFound)
}

func preferred(accept string) string {
	best, weight := ".atom", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		w := 1.0
		if q, ok := params["q"]; ok {
			if w, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		format := map[string]string{
			"application/atom+xml": ".atom", "application/rss+xml": ".rss", "application/feed+json": ".json", "application/json": ".json",
		}[kind]
		if format != "" && w > weight {
			best, weight = format, w
		}
	}
	return best
}
