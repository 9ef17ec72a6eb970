package parse

import (
	"net/url"
	"strings"
)

// resolve makes a reference absolute. What cannot be resolved stays as it is.
func resolve(base, ref string) string {
	ref = strings.TrimSpace(ref)
	if base == "" || ref == "" || absolute(ref) {
		return ref
	}
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	return against(b, ref)
}

// against makes a reference absolute that is not.
func against(b *url.URL, ref string) string {
	if b.Opaque != "" {
		return ref
	}
	r, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil {
		return ref
	}
	return b.ResolveReference(r).String()
}

// absolute reports whether a reference starts with a scheme (RFC 3986, section 3.1).
func absolute(ref string) bool {
	for i := 0; i < len(ref); i++ {
		switch c := ref[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		case c == ':':
			return i > 1 && i < 32
		default:
			return false
		}
	}
	return false
}

// web reports whether a URL is absolute http or https.
func web(u string) bool {
	return len(u) > 8 && (strings.EqualFold(u[:7], "http://") || strings.EqualFold(u[:8], "https://"))
}

// linkAttributes are the attributes of HTML that hold one URL.
var linkAttributes = []string{"href", "src", "poster", "cite", "action", "background", "longdesc", "data", "usemap", "codebase", "classid", "profile", "formaction"}

// resolveHTML makes the relative links of HTML absolute. Only their bytes change.
func resolveHTML(base, markup string) string {
	if base == "" || strings.IndexByte(markup, '<') < 0 {
		return markup
	}
	var b *url.URL // base, once it is needed
	var out []byte
	done := 0 // everything before it is in out
	var buf [16]attr
	for i := 0; i < len(markup); {
		j := strings.IndexByte(markup[i:], '<')
		if j < 0 || i+j+1 >= len(markup) {
			break
		}
		at := i + j
		i = at + 1
		c := markup[i]
		if c == '!' && strings.HasPrefix(markup[at:], "<!--") {
			if end := strings.Index(markup[i:], "-->"); end >= 0 {
				i += end
			}
			continue
		}
		// only these elements carry links: a, area, audio, base, blockquote, body, button,
		// del, embed, form, frame, iframe, img, input, ins, link, object, q, script, source, track, video
		if !strings.ContainsRune("abdefilopqstvABDEFILOPQSTV", rune(c)) {
			continue
		}
		t := readTag(markup, at, buf[:0])
		i = max(i, t.after)
		for _, a := range t.attrs {
			if a.value == "" || !isLinkAttribute(a.name) {
				continue
			}
			v := strings.TrimSpace(a.value)
			if absolute(v) || v == "" {
				continue
			}
			if b == nil {
				var err error
				if b, err = url.Parse(base); err != nil {
					return markup
				}
			}
			plain := unescaped.decodeAttr(v)
			full := against(b, plain)
			if full == plain {
				continue
			}
			out = append(append(out, markup[done:a.at]...), escapeAttr(full)...)
			done = a.at + len(a.value)
		}
	}
	if out == nil {
		return markup
	}
	return string(append(out, markup[done:]...))
}

func isLinkAttribute(name string) bool {
	for _, l := range linkAttributes {
		if len(l) == len(name) && strings.EqualFold(l, name) {
			return true
		}
	}
	return false
}

func escapeAttr(s string) string {
	return attrEscaper.Replace(s)
}

var attrEscaper = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;")

// unescaped decodes the references of HTML, which declares no entities.
var unescaped = &scanner{}
