package parse

import (
	"encoding/json"
	"strconv"
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/text"

	"github.com/cespare/xxhash/v2"
	gojson "github.com/mmcdole/gofeed/json"
)

// parseJSON reads JSON Feed 1.0 and 1.1. Items are read one by one, so that
// one with a mistake, or the missing end of the document, spoils no other.
func parseJSON(in Input, s string) Document {
	top, items, problem := splitJSON(s)
	if top == nil {
		return refused("this is not a feed: its JSON cannot be read: " + problem)
	}
	version := unquote(top["version"])
	if items == nil && !strings.Contains(version, "jsonfeed") {
		return refused(`this is JSON, but no JSON Feed: it has no "items"`)
	}
	d := Document{Problem: problem}
	delete(top, "items")
	head, err := parseJSONHead(top)
	if err != nil {
		d.Problem = first(d.Problem, "a field of the feed has the wrong type")
	}
	d.Type = strings.TrimSpace("json " + version[strings.LastIndexByte(version, '/')+1:])
	d.Title, d.Description = text.Line(head.Title), text.Line(head.Description)
	d.Home, d.Self = resolve(in.URL, head.HomePageURL), resolve(in.URL, head.FeedURL)
	d.Language = languageTag(head.Language)
	var hubs []struct {
		URL string `json:"url"`
	}
	if json.Unmarshal(top["hubs"], &hubs) == nil {
		for _, h := range hubs[:min(len(hubs), 10)] {
			d.Hubs = addName(d.Hubs, h.URL)
		}
	}
	authors := jsonAuthors(head.Author, head.Authors)
	for i, raw := range items {
		if i >= maxItems {
			break // splitJSON has said so
		}
		it := feeds.Item{Raw: xxhash.Sum64(raw)}
		if in.Known == nil || !in.Known(it.Raw) {
			got, err := parseJSONItem(raw)
			if err != nil {
				d.Problem = first(d.Problem, "a field of item "+strconv.Itoa(i+1)+" has the wrong type")
			}
			if got == nil {
				continue
			}
			it.Entry = jsonEntry(got, in.URL, raw)
			if len(it.Entry.Authors) == 0 {
				it.Entry.Authors = authors
			}
		}
		d.Items = append(d.Items, it)
	}
	dropRepeatedJSONGUIDs(&d)
	return d
}

// splitJSON takes a document apart as far as it goes: the fields of the feed
// and its items, none of them decoded.
func splitJSON(s string) (top map[string]json.RawMessage, items []json.RawMessage, problem string) {
	dec := json.NewDecoder(strings.NewReader(s))
	t, err := dec.Token()
	if err != nil {
		return nil, nil, err.Error()
	}
	if t == json.Delim('[') {
		return nil, nil, "it is a list, not an object"
	}
	top = map[string]json.RawMessage{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return top, items, "the JSON is damaged: " + err.Error()
		}
		name, _ := key.(string)
		if name == "items" && items == nil {
			if t, err = dec.Token(); err != nil {
				return top, items, "the JSON is damaged: " + err.Error()
			}
			if t == nil {
				continue
			}
			if t != json.Delim('[') {
				return top, items, `"items" is no list`
			}
			items = []json.RawMessage{}
			for dec.More() {
				var raw json.RawMessage
				if err := dec.Decode(&raw); err != nil {
					return top, items, "the JSON is damaged: " + err.Error()
				}
				if items = append(items, raw); len(items) > maxItems {
					return top, items, "the document is too long; its first items were read"
				}
			}
			if _, err = dec.Token(); err != nil {
				return top, items, "the JSON is damaged: " + err.Error()
			}
			continue
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return top, items, "the JSON is damaged: " + err.Error()
		}
		if len(top) < 100 {
			top[name] = raw
		}
	}
	if _, err = dec.Token(); err != nil {
		return top, items, "the JSON is damaged: " + err.Error()
	}
	return top, items, ""
}

func unquote(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// parseJSONHead reads the feed's own fields; those of the wrong type are left out.
func parseJSONHead(top map[string]json.RawMessage) (*gojson.Feed, error) {
	whole, _ := json.Marshal(top)
	f, err := (&gojson.Parser{}).Parse(strings.NewReader(string(whole)))
	if err == nil {
		return f, nil
	}
	f = &gojson.Feed{}
	for name, raw := range top {
		one, _ := json.Marshal(map[string]json.RawMessage{name: raw})
		_ = json.Unmarshal(one, f)
	}
	return f, err
}

// parseJSONItem reads one item; fields of the wrong type are left out.
func parseJSONItem(raw json.RawMessage) (*gojson.Item, error) {
	f, err := (&gojson.Parser{}).Parse(strings.NewReader(`{"items":[` + string(raw) + `]}`))
	if err == nil {
		if len(f.Items) != 1 {
			return nil, nil
		}
		return f.Items[0], nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil, err
	}
	it := &gojson.Item{}
	for _, name := range []string{"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
		"date_published", "date_modified", "author", "authors", "tags", "attachments", "language"} {
		if v, ok := fields[name]; ok {
			one, _ := json.Marshal(map[string]json.RawMessage{name: v})
			var alone gojson.Item
			if json.Unmarshal(one, &alone) == nil {
				id := it.ID
				_ = json.Unmarshal(one, it)
				it.ID = first(it.ID, id)
			}
		}
	}
	return it, err
}

func jsonAuthors(one *gojson.Author, many []*gojson.Author) (names []string) {
	for _, a := range many {
		if a != nil {
			names = addName(names, text.Line(first(a.Name, a.URL)))
		}
	}
	if one != nil && len(names) == 0 {
		names = addName(names, text.Line(first(one.Name, one.URL)))
	}
	return names
}

// jsonEntry turns an item into an entry.
func jsonEntry(it *gojson.Item, base string, raw json.RawMessage) *feeds.Entry {
	e := &feeds.Entry{GUID: strings.TrimSpace(it.ID), Link: resolve(base, it.URL), Title: text.Plain(text.Unescape(it.Title))}
	if e.Link == "" && web(e.GUID) {
		e.Link = e.GUID
	}
	e.Content = resolveHTML(base, it.ContentHTML)
	if e.Content == "" {
		e.Content = paragraphs(it.ContentText)
	}
	e.Summary = escapeText(strings.TrimSpace(it.Summary))
	e.Published = jsonDate(it.DatePublished, "date_published")
	e.Updated = jsonDate(it.DateModified, "date_modified")
	e.Language = languageTag(it.Language)
	e.Authors = jsonAuthors(it.Author, it.Authors)
	e.Categories = addName(nil, it.Tags...)
	e.Image = resolve(base, first(it.Image, it.BannerImage))
	if it.ExternalURL != "" {
		e.Links = append(e.Links, feeds.Link{Rel: "related", Href: resolve(base, it.ExternalURL)})
	}
	if it.Attachments != nil {
		r := &reader{}
		for _, a := range *it.Attachments {
			r.addEnclosure(e, resolve(base, a.URL), a.MimeType, strconv.FormatInt(a.SizeInBytes, 10))
		}
	}
	return e
}

// paragraphs writes plain text as HTML.
func paragraphs(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	s = strings.ReplaceAll(escapeText(s), "\r\n", "\n")
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	return "<p>" + strings.ReplaceAll(strings.ReplaceAll(s, "\n\n", "</p><p>"), "\n", "<br>") + "</p>"
}

func jsonDate(raw, element string) feeds.Date {
	if raw == "" {
		return feeds.Date{}
	}
	d := feeds.Date{Raw: raw, Element: element}
	d.Time, _ = Date(raw)
	return d
}

// dropRepeatedJSONGUIDs takes away ids under which different links stand.
func dropRepeatedJSONGUIDs(d *Document) {
	links, repeated := map[string]string{}, map[string]bool{}
	for _, it := range d.Items {
		if e := it.Entry; e != nil && e.GUID != "" {
			if was, ok := links[e.GUID]; ok && was != e.Link {
				repeated[e.GUID] = true
			}
			links[e.GUID] = e.Link
		}
	}
	for _, it := range d.Items {
		if e := it.Entry; e != nil && repeated[e.GUID] {
			e.GUID = ""
		}
	}
}
