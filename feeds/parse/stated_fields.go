package parse

import (
	"net"
	"strings"

	"aggregator/feeds"
)

// elements notes the publication that the entry's <source> names.
func (f *finder) elements() {
	s := f.entry.Source
	if s.Name == "" && s.URL == "" {
		return
	}
	name := s.Name
	if h := hostOf(name); h != "" {
		name = h
	}
	f.add(feeds.SourceElement, name, s.URL, s.Name, "source")
}

// links notes typed links and addresses that lie on another site.
func (f *finder) links() {
	e := f.entry
	for i := range e.Links {
		l := &e.Links[i]
		switch l.Rel {
		case "canonical", "via", "origLink", "original":
			h := hostOf(l.Href)
			if h == "" || isProxy(h) || f.isOwnHost(h) && l.Rel != "origLink" {
				continue
			}
			where := "link rel=" + l.Rel
			if l.Rel == "origLink" {
				where = "feedburner:origLink"
			}
			f.add(feeds.SourceElement, f.siteName(l.Title, h), l.Href, l.Href, where)
		case "dc:source", "dc:publisher", "source", "prism:publicationName":
			name := l.Title
			if name == "" && hostOf(l.Href) == "" {
				name = l.Href
			}
			address := l.Href
			if hostOf(address) == "" {
				address = ""
			}
			if (l.Rel == "dc:publisher" || l.Rel == "prism:publicationName") && f.isOwn(name, address) {
				continue
			}
			if name != "" || address != "" {
				f.add(feeds.SourceElement, f.siteName(name, hostOf(address)), address, name+address, l.Rel)
			}
		}
	}
	link, guid := hostOf(e.Link), hostOf(e.GUID)
	switch {
	case e.Source.Name != "" || e.Source.URL != "" || len(f.ownHosts()) == 0:
		// the source element says it better, or there is nothing to compare with
	case link != "" && !isProxy(link) && !f.isOwnHost(link):
		f.add(feeds.SourceElement, "", e.Link, e.Link, "link")
	case guid != "" && !isProxy(guid) && !f.isOwnHost(guid) && !sameSite(link, guid) && isArticle(e.GUID):
		f.add(feeds.SourceElement, "", e.GUID, e.GUID, "guid")
	}
}

// namedSources takes dc:source, dc:publisher and prism:publicationName, which hold an address or a
// name, into the entry's links.
func (r *reader) namedSources(e *feeds.Entry, x extensions) {
	for _, name := range [][2]string{{"dc", "source"}, {"dc", "publisher"}, {"prism", "publicationName"}} {
		for _, s := range x.all(name[0], name[1]) {
			l := feeds.Link{Rel: name[0] + ":" + name[1]}
			if v := r.line(s.Value); web(v) {
				l.Href = r.address(s.Value)
			} else {
				l.Title = v
			}
			if l.Href+l.Title != "" {
				e.Links = append(e.Links, l)
			}
		}
	}
}

// siteName is the name to give for a host: the stated one, else the own name
// for an own host, else none (the host itself).
func (f *finder) siteName(stated, host string) string {
	if stated == "" && host != "" && f.isOwnHost(host) {
		return f.ownName()
	}
	return stated
}

// isArticle reports whether an address looks like an article's own page on a
// public host. Identifiers that a content system made on its staging host do
// not ("http://stage.example.com/?p=123").
func isArticle(address string) bool {
	host := hostOf(address)
	if net.ParseIP(host) != nil || siteLabel(host) == "" {
		return false
	}
	for _, part := range strings.Split(host, ".") {
		switch part {
		case "stage", "staging", "dev", "test", "local", "cms", "api", "admin", "backend", "origin", "preview", "wordpress":
			return false
		}
	}
	_, path, _ := strings.Cut(address, "://")
	_, path, _ = strings.Cut(path, "/")
	path, _, _ = strings.Cut(path, "?")
	switch ext := path[strings.LastIndexByte(path, '.')+1:]; strings.ToLower(ext) {
	case "mp3", "m4a", "mp4", "jpg", "png", "pdf":
		return false
	}
	return strings.Count(path, "-") >= 2
}

// pixels notes the counting pictures of publications that let others reprint
// them, and the origin's canonical link inside the text.
func (f *finder) pixels(html string) {
	if !around(html, "i", 'x', "el") && !around(html, "counter", '.', "") && !around(html, "republication", '-', "") && !around(html, "rel", '=', `"canonical"`) {
		return
	}
	for _, mark := range pixelMarks {
		i := strings.Index(html, mark)
		if i < 0 {
			continue
		}
		address := attributeAround(html, i)
		host := hostOf(address)
		if host == "" {
			continue
		}
		name := host
		if n := pixelNames[pixelSite(host)]; n != "" {
			name = n
		}
		f.add(feeds.Reprint, name, address, address, "pixel")
		break
	}
	if i := strings.Index(html, `rel="canonical"`); i >= 0 {
		if address := hrefAround(html, i); hostOf(address) != "" {
			h := hostOf(address)
			if f.isOwnHost(h) {
				f.add(feeds.SelfClaim, f.ownName(), address, address, "link rel=canonical")
			} else if !isProxy(h) {
				f.add(feeds.SourceElement, "", address, address, "link rel=canonical")
			}
		}
	}
}

// around reports whether s holds before, c and after as one word. It looks for c,
// which is to be the rarest of its letters.
func around(s, before string, c byte, after string) bool {
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], c)
		if j < 0 {
			break
		}
		i += j + 1
		if strings.HasPrefix(s[i:], after) && strings.HasSuffix(s[:i-1], before) {
			return true
		}
	}
	return false
}

// pixelMarks are parts of the addresses of such pictures.
var pixelMarks = []string{
	"counter.theconversation.", "republication-pixel", "republication-tracker-tool", "pixel.propublica.org",
	"republish-pixel", "/republication/pixel", "tracker.capitalandmain", "counter.360info",
}

// pixelNames are the names of publications that are known by their pixel.
var pixelNames = map[string]string{
	"theconversation.com": "The Conversation", "theconversation.edu.au": "The Conversation", "propublica.org": "ProPublica",
	"360info.org": "360info", "kffhealthnews.org": "KFF Health News",
}

func pixelSite(host string) string {
	for h := host; h != ""; _, h, _ = strings.Cut(h, ".") {
		if pixelNames[h] != "" {
			return h
		}
	}
	return host
}

// attributeAround is the quoted attribute value that contains position i.
func attributeAround(html string, i int) string {
	start := strings.LastIndexAny(html[:i], `"'`)
	if start < 0 {
		return ""
	}
	end := strings.IndexByte(html[start+1:], html[start])
	if end < 0 {
		return ""
	}
	v := strings.ReplaceAll(html[start+1:start+1+end], "&amp;", "&")
	if strings.HasPrefix(v, "//") {
		v = "https:" + v
	}
	if hostOf(v) == "" { // the mark was a name; the address is in the same tag
		return srcAround(html, i)
	}
	return v
}

func hrefAround(html string, i int) string { return valueAround(html, i, "href=") }
func srcAround(html string, i int) string  { return valueAround(html, i, "src=") }

// valueAround is the value of an attribute of the tag that contains position i.
func valueAround(html string, i int, name string) string {
	start := strings.LastIndexByte(html[:i], '<')
	if start < 0 {
		return ""
	}
	end := strings.IndexByte(html[i:], '>')
	if end < 0 {
		return ""
	}
	tag := html[start : i+end]
	_, value, ok := strings.Cut(tag, name)
	if !ok || value == "" {
		return ""
	}
	q := value[0]
	if q != '"' && q != '\'' {
		return ""
	}
	value, _, ok = strings.Cut(value[1:], string(q))
	if !ok {
		return ""
	}
	return strings.ReplaceAll(value, "&amp;", "&")
}
