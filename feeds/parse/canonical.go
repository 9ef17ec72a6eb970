package parse

import (
	"net/url"
	"sort"
	"strings"
)

// Canonical reduces the address of an article to what tells it from others:
// "example.com/2024/05/story?id=7". Scheme, "www.", "m." and "amp." hosts,
// AMP and mobile paths, default ports, tracking parameters, fragments and
// trailing slashes go; parameters that are left are sorted. It is for
// comparing, never for visiting. What is no web address comes back trimmed.
func Canonical(link string) string {
	link = strings.TrimSpace(link)
	if strings.HasPrefix(link, "//") {
		link = "http:" + link
	}
	if !web(link) {
		return link
	}
	u, err := url.Parse(link)
	if err != nil {
		if u, err = url.Parse(strings.ReplaceAll(strings.ReplaceAll(link, " ", "%20"), "%", "%25")); err != nil {
			return link
		}
	}
	host := canonicalHost(u)
	path := canonicalPath(u)
	var b strings.Builder
	b.Grow(len(link))
	b.WriteString(host)
	b.WriteString(path)
	if q := canonicalQuery(u.RawQuery); q != "" {
		b.WriteByte('?')
		b.WriteString(q)
	}
	// "#!" and "#/" are addresses of pages that a script draws
	if f := u.EscapedFragment(); strings.HasPrefix(f, "!") || strings.HasPrefix(f, "/") && len(f) > 1 {
		b.WriteByte('#')
		b.WriteString(f)
	}
	return b.String()
}

func canonicalHost(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, p := range []string{"www.", "m.", "amp.", "mobile.", "www2."} {
		if rest, ok := strings.CutPrefix(host, p); ok && strings.Contains(rest, ".") {
			host = rest
		}
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return host
}

func canonicalPath(u *url.URL) string {
	path := normalEscapes(u.EscapedPath())
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	path = strings.TrimRight(path, "/")
	for _, end := range []string{"/amp", "/amp.html", "/index.html", "/index.htm", "/index.php", "/default.aspx"} {
		if rest, ok := strings.CutSuffix(path, end); ok && (rest != "" || !strings.HasPrefix(end, "/amp")) {
			path = rest
		}
	}
	if rest, ok := strings.CutSuffix(path, ".amp.html"); ok {
		path = rest + ".html"
	} else if rest, ok := strings.CutSuffix(path, ".amp"); ok {
		path = rest
	}
	if rest, ok := strings.CutPrefix(path, "/amp/"); ok && strings.Contains(rest, "/") {
		path = "/" + rest
	}
	return path
}

// normalEscapes writes percent-escapes one way: unreserved characters plain,
// hexadecimal digits in upper case (RFC 3986, section 6.2.2).
func normalEscapes(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hex(s[i+1]), hex(s[i+2])
			if hi >= 0 && lo >= 0 {
				c := byte(hi<<4 | lo)
				if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
					b.WriteByte(c)
				} else {
					b.WriteString(strings.ToUpper(s[i : i+3]))
				}
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func canonicalQuery(q string) string {
	if q == "" {
		return ""
	}
	parts := strings.FieldsFunc(q, func(r rune) bool { return r == '&' || r == ';' })
	kept := parts[:0]
	for _, p := range parts {
		p = strings.TrimPrefix(p, "amp;")
		name, value, _ := strings.Cut(p, "=")
		if !tracking(strings.ToLower(name), value) {
			kept = append(kept, normalEscapes(p))
		}
	}
	sort.Strings(kept)
	return strings.Join(kept, "&")
}
