package websub

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Links are the hubs that a feed names and what it calls itself.
type Links struct {
	Hubs []string
	Self string
}

// Discover gives the hub and the topic to subscribe to, by the order of WebSub,
// section 4: HTTP Link fields first, then the links in the document. Both are empty
// when there is no hub that may be used.
//
// page is the address that answered: relative links of the header start from it,
// and it is the topic of a feed that does not name itself. An https feed is told
// of by an https hub or not at all, because whoever listens to a hub without it
// could change what the feed seems to say. https hubs come first; among those
// that are equally good, current stays.
func Discover(header http.Header, document Links, page, current string) (hub, topic string) {
	base, err := url.Parse(page)
	if err != nil {
		return "", ""
	}
	found := headerLinks(header, base)
	if len(found.Hubs) == 0 {
		found.Hubs = document.Hubs
	}
	if found.Self == "" {
		found.Self = document.Self
	}
	rank := func(h string) int {
		u, err := url.Parse(h)
		switch {
		case err != nil || u.Host == "" || u.User != nil:
			return 0
		case u.Scheme == "https":
			return 2
		case u.Scheme == "http" && base.Scheme == "http":
			return 1
		}
		return 0
	}
	best := 0
	for _, h := range found.Hubs {
		if r := rank(h); r > best || r == best && r > 0 && h == current {
			hub, best = h, r
		}
	}
	if hub == "" {
		return "", ""
	}
	if u, err := url.Parse(found.Self); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return hub, found.Self
	}
	return hub, page
}

// maxLinks bounds how many links of an answer's header are looked at.
const maxLinks = 50

// headerLinks reads Link fields (RFC 8288, section 3).
func headerLinks(header http.Header, base *url.URL) (l Links) {
	rest := strings.Join(header["Link"], ",")
	for range maxLinks {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			break
		}
		target, params, found := strings.Cut(after, ">")
		if !found {
			break
		}
		var rels []string
		rels, rest = relations(params)
		u, err := base.Parse(strings.TrimSpace(target))
		if err != nil {
			continue
		}
		u.Fragment, u.RawFragment = "", ""
		if slices.Contains(rels, "hub") {
			l.Hubs = append(l.Hubs, u.String())
		}
		if slices.Contains(rels, "self") && l.Self == "" {
			l.Self = u.String()
		}
	}
	return l
}

// relations reads the parameters of one link up to the comma that ends it, and
// gives the words of its rel.
func relations(s string) (rels []string, rest string) {
	seen := false
	for {
		s = strings.TrimLeft(s, " \t;")
		if s == "" || s[0] == ',' {
			return rels, s
		}
		end := strings.IndexAny(s, "=;,")
		if end < 0 {
			return rels, ""
		}
		name := strings.ToLower(strings.TrimSpace(s[:end]))
		if s[end] != '=' {
			s = s[end:]
			continue
		}
		var value string
		value, s = parameter(strings.TrimLeft(s[end+1:], " \t"))
		if name == "rel" && !seen { // the first one counts
			rels, seen = strings.Fields(strings.ToLower(value)), true
		}
	}
}

// parameter reads a token or a quoted string.
func parameter(s string) (value, rest string) {
	if s == "" || s[0] != '"' {
		end := strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
