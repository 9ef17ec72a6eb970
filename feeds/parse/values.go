package parse

import (
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/text"

	ext "github.com/mmcdole/gofeed/extensions"
)

// value decodes the text with a number.
func (r *reader) value(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	return r.text(n.raw)
}

// attribute decodes the attribute with a number.
func (r *reader) attribute(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	return r.decodeAttr(n.raw)
}

// address gives the text with a number as an absolute URL.
func (r *reader) address(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	return resolve(r.baseOf(n), oneLine(r.text(n.raw)))
}

// href gives the attribute with a number as an absolute URL.
func (r *reader) href(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	return resolve(r.baseOf(n), oneLine(r.decodeAttr(n.raw)))
}

// baseOf is what relative links at a node are relative to: xml:base, or the
// document's own address (RFC 3986, section 5.1) unless it is unknown or on a
// host that only passes feeds on; then the home page.
func (r *reader) baseOf(n *node) string {
	if n.base != r.base || r.doc.Home == "" || authority(r.base) == authority(r.doc.Home) {
		return n.base
	}
	return r.doc.Home
}

// authority is the host and port of a URL, without a parser's care.
func authority(u string) string {
	_, rest, ok := strings.Cut(u, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// oneLine takes line breaks and tabs out of an address.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\t") {
		return s
	}
	return strings.NewReplacer("\n", "", "\t", "").Replace(s)
}

// line gives a title or name as plain text.
func (r *reader) line(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	s := r.content(n)
	if n.plain() && !looksLikeHTML(s) {
		return text.Plain(text.Unescape(s))
	}
	return text.Line(s)
}

// markup gives a text as HTML with absolute links.
func (r *reader) markup(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	s := r.content(n)
	if n.plain() && !looksLikeHTML(s) {
		if s = escapeText(s); strings.Contains(s, "\n\n") {
			s = "<p>" + strings.ReplaceAll(s, "\n\n", "</p><p>") + "</p>"
		}
		return s
	}
	return resolveHTML(r.baseOf(n), s)
}

// plainMarkup gives a text that is plain unless it looks otherwise as HTML,
// line by line.
func (r *reader) plainMarkup(number string) string {
	n, ok := r.node(number)
	if !ok {
		return ""
	}
	if s := r.content(n); !looksLikeHTML(s) {
		return paragraphs(s)
	}
	return r.markup(number)
}

func escapeText(s string) string {
	if !strings.ContainsAny(s, "<>&") {
		return s
	}
	return textEscaper.Replace(s)
}

var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// date gives the claim with a number; nil when the element is absent.
func (r *reader) date(number string) (feeds.Date, bool) {
	n, ok := r.node(number)
	if !ok {
		return feeds.Date{}, false
	}
	d := feeds.Date{Raw: r.text(n.raw), Element: elementName(n.name)}
	d.Time, _ = Date(d.Raw)
	return d, d.Raw != ""
}

// elementName gives the usual spelling of an element that holds a date.
func elementName(name string) string {
	switch name {
	case "pubdate":
		return "pubDate"
	case "lastbuilddate":
		return "lastBuildDate"
	case "prism:publicationdate":
		return "prism:publicationDate"
	case "atom:published", "atom:updated", "atom:issued", "atom:modified", "atom:created":
		return name[5:]
	}
	return strings.Clone(name)
}

// firstDate is the first claim that can be read, or else the first claim.
func firstDate(claims ...feeds.Date) feeds.Date {
	var first feeds.Date
	for _, c := range claims {
		if !c.Time.IsZero() {
			return c
		}
		if first.Raw == "" {
			first = c
		}
	}
	return first
}

// extensions reads elements of other vocabularies.
type extensions struct {
	r *reader
	m ext.Extensions
}

// all gives the numbers of the elements of a name.
func (x extensions) all(prefix, name string) []ext.Extension { return x.m[prefix][name] }

// one gives the number of the first element of a name.
func (x extensions) one(prefix, name string) string {
	if l := x.m[prefix][name]; len(l) > 0 {
		return l[0].Value
	}
	return ""
}

func (x extensions) date(prefix, name string) feeds.Date {
	for _, e := range x.m[prefix][name] {
		if d, ok := x.r.date(e.Value); ok {
			return d
		}
	}
	return feeds.Date{}
}

// first is the first string that is not empty.
func first(options ...string) string {
	for _, s := range options {
		if s != "" {
			return s
		}
	}
	return ""
}

// addName appends a name that is not there yet.
func addName(list []string, names ...string) []string {
next:
	for _, n := range names {
		if n == "" || len(list) >= 50 {
			continue
		}
		for _, l := range list {
			if l == n {
				continue next
			}
		}
		list = append(list, n)
	}
	return list
}
