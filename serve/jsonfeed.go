package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// JSON Feed 1.1.

type jsonFeed struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	HomePageURL string     `json:"home_page_url"`
	FeedURL     string     `json:"feed_url"`
	Description string     `json:"description"`
	Language    string     `json:"language"`
	NextURL     string     `json:"next_url,omitempty"`
	Hubs        []jsonHub  `json:"hubs,omitempty"`
	Items       []jsonItem `json:"items"`
}

type jsonHub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonAttachment struct {
	URL   string `json:"url"`
	Type  string `json:"mime_type"`
	Bytes int64  `json:"size_in_bytes,omitempty"`
}

type jsonItem struct {
	ID          string           `json:"id"`
	URL         string           `json:"url"`
	ExternalURL string           `json:"external_url,omitempty"`
	Title       string           `json:"title"`
	ContentHTML string           `json:"content_html"`
	Summary     string           `json:"summary,omitempty"`
	Image       string           `json:"image,omitempty"`
	Published   string           `json:"date_published,omitempty"`
	Modified    string           `json:"date_modified,omitempty"`
	Authors     []jsonAuthor     `json:"authors,omitempty"`
	Tags        []string         `json:"tags,omitempty"`
	Language    string           `json:"language,omitempty"`
	Attachments []jsonAttachment `json:"attachments,omitempty"`
	Aggregator  jsonExtension    `json:"_aggregator"`
}

type jsonExtension struct {
	About    string       `json:"about"`
	Story    aggStory     `json:"story"`
	Page     string       `json:"page"`
	Source   jsonSource   `json:"source"`
	Rights   string       `json:"rights,omitempty"`
	First    aggFirst     `json:"first"`
	Carriers []aggCarrier `json:"carriers"`
}

type jsonSource struct {
	Outlet string `json:"outlet"`
	Name   string `json:"name"`
	Feed   string `json:"feed,omitempty"`
	Home   string `json:"home,omitempty"`
}

func (s *server) jsonFeed(r *http.Request) (page, error) {
	m, err := s.merged(r)
	if err != nil {
		return page{}, err
	}
	f := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: m.title, HomePageURL: m.home, FeedURL: m.self,
		Description: "Each story once, with who published it first.", Language: m.language(), NextURL: m.next, Items: []jsonItem{},
	}
	if m.hub != "" {
		f.Hubs = []jsonHub{{"WebSub", m.hub}}
	}
	for _, it := range m.items {
		x := s.extension(it.item)
		i := jsonItem{
			ID: it.id, URL: it.link, Title: it.title(), ContentHTML: it.html, Summary: excerpt(it.entry, 400),
			Published: stamp(it.published()), Modified: fineStamp(it.updated()), Tags: it.entry.Categories, Language: it.lead.Language,
			Aggregator: jsonExtension{
				About: namespace, Story: x.Story, Page: it.page, Rights: it.entry.Rights, First: x.First, Carriers: x.Carriers,
				Source: jsonSource{it.lead.Outlet, s.nameOf(it.lead.Outlet), it.entry.Feed, s.outlets[it.lead.Outlet].Home},
			},
		}
		if isWeb(it.entry.Image) {
			i.Image = asURI(it.entry.Image)
		}
		for _, name := range it.authors {
			i.Authors = append(i.Authors, jsonAuthor{name})
		}
		for _, c := range it.entry.Enclosures {
			if isWeb(c.URL) && c.Type != "" {
				i.Attachments = append(i.Attachments, jsonAttachment{asURI(c.URL), c.Type, c.Length})
			}
		}
		f.Items = append(f.Items, i)
	}
	body, err := encodeJSON(f)
	return page{body: body, kind: "application/feed+json; charset=utf-8", modified: m.modified, until: m.until, header: m.feedHeader()}, err
}

// encodeJSON writes indented JSON that ends with a newline and leaves <, > and
// & readable.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}
