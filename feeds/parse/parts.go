package parse

import (
	"strconv"
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/text"

	ext "github.com/mmcdole/gofeed/extensions"
)

// maxLinks bounds the links and enclosures of one entry.
const maxLinks = 200

// full reports whether an entry has all the links it may have.
func full(e *feeds.Entry) bool { return len(e.Links) >= maxLinks }

// addLink takes a typed link of an entry. Enclosures go where they belong too.
func (r *reader) addLink(e *feeds.Entry, rel, href, typ, title, length string) {
	rel = strings.ToLower(rel)
	rel = strings.TrimPrefix(rel, "http://www.iana.org/assignments/relation/")
	if href == "" || rel == "" || rel == "alternate" || full(e) {
		return
	}
	e.Links = append(e.Links, feeds.Link{Rel: rel, Href: href, Type: typ, Title: title})
	if rel == "enclosure" {
		r.addEnclosure(e, href, typ, length)
	}
}

func (r *reader) addEnclosure(e *feeds.Entry, url, typ, length string) {
	if url == "" || len(e.Enclosures) >= maxLinks {
		return
	}
	for _, was := range e.Enclosures {
		if was.URL == url {
			return
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(length), 10, 64)
	if err != nil || n < 0 {
		n = 0
	}
	e.Enclosures = append(e.Enclosures, feeds.Enclosure{URL: url, Type: typ, Length: n})
}

// media reads media:* and itunes:image: pictures and further enclosures.
func (r *reader) media(e *feeds.Entry, x extensions) {
	var visit func(list []ext.Extension, depth int)
	visit = func(list []ext.Extension, depth int) {
		for _, m := range list {
			url, typ := r.href(m.Attrs["url"]), r.attribute(m.Attrs["type"])
			medium := strings.ToLower(r.attribute(m.Attrs["medium"]))
			image := m.Name == "thumbnail" || medium == "image" || strings.HasPrefix(typ, "image/")
			if image && e.Image == "" {
				e.Image = url
			}
			if m.Name == "content" && (medium == "video" || medium == "audio" || strings.HasPrefix(typ, "video/") || strings.HasPrefix(typ, "audio/")) {
				r.addEnclosure(e, url, typ, r.attribute(m.Attrs["filesize"]))
			}
			if depth < 3 {
				visit(m.Children["thumbnail"], depth+1)
				visit(m.Children["content"], depth+1)
			}
			if e.Summary == "" && e.Content == "" {
				for _, d := range m.Children["description"] {
					e.Summary = first(e.Summary, r.plainMarkup(d.Value))
				}
			}
			if e.Title == "" {
				for _, t := range m.Children["title"] {
					e.Title = first(e.Title, r.line(t.Value))
				}
			}
		}
	}
	visit(x.all("media", "thumbnail"), 0)
	visit(x.all("media", "content"), 0)
	visit(x.all("media", "group"), 0)
	if e.Summary == "" && e.Content == "" {
		e.Summary = r.plainMarkup(x.one("media", "description"))
	}
	for _, i := range x.all("itunes", "image") {
		if e.Image == "" {
			e.Image = r.href(first(i.Attrs["href"], i.Attrs["url"]))
		}
	}
	for _, enc := range e.Enclosures {
		if e.Image == "" && strings.HasPrefix(enc.Type, "image/") {
			e.Image = enc.URL
		}
	}
}

// entryLanguage is what an entry says of its own language.
func (r *reader) entryLanguage(title, summary, content string, x extensions, where *found) string {
	if l := languageTag(r.value(x.one("dc", "language"))); l != "" {
		return l
	}
	for _, number := range []string{content, summary, title} {
		if n, ok := r.node(number); ok && n.lang != "" && n.raw != "" {
			return n.lang
		}
	}
	return where.lang
}

// personText gives the text of a person that may be written with elements.
func (r *reader) personText(n *node) string {
	if strings.IndexByte(n.raw, '<') >= 0 {
		for _, part := range []string{"name", "email"} {
			if s := r.peek(n.raw, part); s != "" {
				return text.Line(s)
			}
		}
	}
	return text.Line(r.text(n.raw))
}

// personName gives the name in "me@example.com (Jane Doe)", "Jane Doe
// <me@example.com>" and their like; the address when there is no name.
func personName(s string) string {
	at := strings.IndexByte(s, '@')
	if at < 0 {
		return s
	}
	if open := strings.LastIndexByte(s, '('); open >= 0 && strings.HasSuffix(s, ")") {
		before, within := strings.TrimSpace(s[:open]), strings.TrimSpace(s[open+1:len(s)-1])
		if at < open && within != "" {
			return within
		}
		if before != "" {
			return before
		}
	}
	if open := strings.IndexByte(s, '<'); open > 0 && at > open {
		if name := strings.Trim(s[:open], ` "`); name != "" {
			return name
		}
	}
	return strings.TrimPrefix(s, "mailto:")
}
