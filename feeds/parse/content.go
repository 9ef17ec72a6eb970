package parse

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// plain reports whether a text is plain by its type (RFC 4287, section 3.1.1.1).
func (n *node) plain() bool {
	return n.typ == "text" || n.typ == "text/plain"
}

// content decodes a text by its type: what is left is HTML, or plain text
// when n.plain.
func (r *reader) content(n *node) string {
	switch {
	case n.typ == "xhtml" || n.typ == "application/xhtml+xml" || n.mode == "xml" && n.typ != "text/plain":
		return r.inline(n.raw, n.typ == "xhtml")
	case n.mode == "base64":
		return decode64(r.text(n.raw))
	case n.typ == "" || n.typ == "html" || n.typ == "text" || strings.HasPrefix(n.typ, "text/") || n.mode == "escaped":
		return r.text(n.raw)
	case strings.HasSuffix(n.typ, "+xml") || strings.HasSuffix(n.typ, "/xml"):
		return r.inline(n.raw, false)
	case strings.IndexByte(n.typ, '/') > 0:
		return decode64(r.text(n.raw))
	}
	return r.text(n.raw)
}

// decode64 reads base64; text that is none stays as it is (RFC 4287, section 4.1.3.3).
func decode64(s string) string {
	packed := strings.Join(strings.Fields(s), "")
	if b, err := base64.StdEncoding.DecodeString(packed); err == nil && utf8.Valid(b) {
		return strings.TrimFunc(clean(string(b)), trimmed)
	}
	return s
}

// inline gives XHTML that stands in the document as HTML: without prefixes and,
// when it is wrapped in a div that is not part of it, without that (RFC 4287,
// section 3.1.1.3).
func (r *reader) inline(raw string, wrapped bool) string {
	raw = strings.TrimFunc(raw, trimmed)
	if strings.Contains(raw, "<![CDATA[") {
		raw = r.text(raw)
	}
	raw = unprefix(xhtmlName.Replace(clean(raw)))
	if wrapped && len(raw) > 4 && strings.EqualFold(raw[:4], "<div") && nameEnd(raw, 1) == 4 && strings.HasSuffix(raw, "</div>") {
		t := readTag(raw, 0, nil)
		if inner := raw[t.after : len(raw)-len("</div>")]; t.after <= len(raw)-len("</div>") && balanced(inner) {
			return strings.TrimFunc(inner, trimmed)
		}
	}
	return raw
}

// xhtmlName takes off the namespace, which HTML does not have.
var xhtmlName = strings.NewReplacer(` xmlns="http://www.w3.org/1999/xhtml"`, "", ` xmlns='http://www.w3.org/1999/xhtml'`, "")

// balanced reports whether the divs of s close within it.
func balanced(s string) bool {
	depth := 0
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 {
			break
		}
		at := i + j
		i = at + 1
		switch {
		case named(s, at+1, "div"):
			if t := readTag(s, at, nil); !t.empty {
				depth++
			}
		case strings.HasPrefix(s[at:], "</") && named(s, at+2, "div"):
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

// unprefix takes the prefixes off XHTML's elements ("<xhtml:p>").
func unprefix(s string) string {
	var out []byte
	done := 0
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 {
			break
		}
		at := i + j + 1
		if at < len(s) && s[at] == '/' {
			at++
		}
		i = at
		end := nameEnd(s, at)
		if colon := strings.IndexByte(s[at:end], ':'); colon > 0 && atom.Lookup([]byte(s[at+colon+1:end])) != 0 {
			out = append(out, s[done:at]...)
			done = at + colon + 1
			i = end
		}
	}
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// looksLikeHTML reports whether a text that is said to be plain is HTML all
// the same: it closes an element of HTML, or breaks lines with one.
func looksLikeHTML(s string) bool {
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 || i+j+1 >= len(s) {
			return false
		}
		i += j + 1
		at := i
		closes := s[at] == '/'
		if closes {
			at++
		}
		end := nameEnd(s, at)
		if end == at || end >= len(s) || strings.IndexByte(s[end:], '>') < 0 {
			continue
		}
		switch tag := atom.Lookup([]byte(strings.ToLower(s[at:end]))); tag {
		case atom.Br, atom.Img, atom.P:
			return true
		default:
			if closes && tag != 0 {
				return true
			}
		}
	}
	return false
}
