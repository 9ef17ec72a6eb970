package parse

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// text decodes the source of an element's content: CDATA sections as they
// stand, character references once, markup as it is written. The result shares
// no memory with the document.
func (x *scanner) text(raw string) string {
	raw = strings.TrimFunc(raw, trimmed)
	if raw == "" {
		return ""
	}
	if inner, ok := strings.CutPrefix(raw, "<![CDATA["); ok { // most often it is all of it
		if end := strings.Index(inner, "]]>"); end >= 0 && end == len(inner)-len("]]>") {
			return clean(strings.TrimFunc(inner[:end], trimmed))
		}
	}
	if strings.IndexByte(raw, '&') < 0 && !strings.Contains(raw, "<!") {
		return clean(raw)
	}
	out := x.scratch[:0]
	for raw != "" {
		i := strings.Index(raw, "<!")
		if i < 0 {
			out = x.unescape(out, raw)
			break
		}
		out = x.unescape(out, raw[:i])
		raw = raw[i:]
		switch {
		case strings.HasPrefix(raw, "<![CDATA["):
			body := raw[9:]
			if end := strings.Index(body, "]]>"); end >= 0 {
				out, raw = append(out, body[:end]...), body[end+3:]
			} else { // never closed
				out, raw = append(out, body...), ""
			}
		case strings.HasPrefix(raw, "<!--"):
			if end := strings.Index(raw[4:], "-->"); end >= 0 {
				raw = raw[4+end+3:]
			} else {
				out, raw = append(out, raw...), ""
			}
		default:
			out, raw = append(out, "<!"...), raw[2:]
		}
	}
	x.scratch = out
	return string(bytes.TrimFunc(cleanBytes(out), trimmed))
}

func trimmed(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r < 0x20 }

// clean copies s without the control characters that XML forbids and with
// "\n" for line ends (XML 1.0, section 2.11).
func clean(s string) string {
	if firstControl(s) < 0 {
		return strings.Clone(s)
	}
	return string(cleanBytes([]byte(s)))
}

// cleanBytes is clean in place.
func cleanBytes(s []byte) []byte {
	from := firstControl(s)
	if from < 0 {
		return s
	}
	out := s[:from]
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\r':
			if i+1 >= len(s) || s[i+1] != '\n' {
				out = append(out, '\n')
			}
		case c >= 0x20 || c == '\n' || c == '\t':
			out = append(out, c)
		}
	}
	return out
}

// firstControl is the offset of the first control character that is neither a line end
// nor a tab; -1 when there is none.
func firstControl[T string | []byte](s T) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for i := 0; i < len(s); {
		for i+8 <= len(s) {
			eight := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
				uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
			if (eight-ones*0x20)&^eight&high != 0 { // one of them is less than a blank
				break
			}
			i += 8
		}
		for end := min(i+8, len(s)); i < end; i++ {
			if c := s[i]; c < 0x20 && c != '\n' && c != '\t' {
				return i
			}
		}
	}
	return -1
}

// unescape appends s with its character references decoded once.
func (x *scanner) unescape(out []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			return append(out, s...)
		}
		out = append(out, s[:i]...)
		s = s[i:]
		end := strings.IndexByte(s[:min(len(s), 40)], ';')
		if end < 2 {
			out, s = append(out, '&'), s[1:]
			continue
		}
		ref := s[1:end]
		if v, ok := x.reference(ref); ok {
			out, s = append(out, v...), s[end+1:]
		} else {
			out, s = append(out, '&'), s[1:]
		}
	}
}

// reference decodes one character reference without its "&" and ";".
func (x *scanner) reference(ref string) (string, bool) {
	switch ref {
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "amp":
		return "&", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	if ref[0] == '#' {
		base, digits := 10, ref[1:]
		if len(digits) > 1 && digits[0]|0x20 == 'x' {
			base, digits = 16, digits[1:]
		}
		n, err := strconv.ParseUint(digits, base, 32)
		if err != nil {
			return "", false
		}
		if n >= 0x80 && n < 0xA0 { // what HTML makes of them: Windows-1252
			return html.UnescapeString("&#" + strconv.FormatUint(n, 10) + ";"), true
		}
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || n == 0xFFFE || n == 0xFFFF || n < 0x20 && n != 9 && n != 10 && n != 13 {
			return "", n <= utf8.MaxRune
		}
		return string(rune(n)), true
	}
	if v, ok := x.entities[ref]; ok && x.grown < maxGrowth {
		x.grown += len(v)
		return v, true
	}
	for i := 0; i < len(ref); i++ {
		if c := ref[i]; c|0x20 < 'a' || c|0x20 > 'z' {
			if c < '0' || c > '9' || i == 0 {
				return "", false
			}
		}
	}
	whole := "&" + ref + ";"
	if v := html.UnescapeString(whole); v != whole && !strings.HasSuffix(v, ";") {
		return v, true
	}
	return "", false
}

// decodeAttr decodes the value of an attribute.
func (x *scanner) decodeAttr(v string) string {
	if strings.IndexByte(v, '&') < 0 {
		return strings.TrimSpace(clean(v))
	}
	return strings.TrimSpace(clean(string(x.unescape(nil, v))))
}

// maxEntities bounds the entities that a document may declare; each may hold
// 200 bytes and no other entity. maxGrowth bounds the bytes that they give.
const (
	maxEntities = 500
	maxGrowth   = 1 << 20
)

// declared takes the plain entities of an internal subset.
func (x *scanner) declared(doctype string) {
	for {
		i := strings.Index(doctype, "<!ENTITY")
		if i < 0 || len(x.entities) >= maxEntities {
			return
		}
		doctype = doctype[i+8:]
		end := strings.IndexByte(doctype, '>')
		if end < 0 {
			return
		}
		name, value, _ := strings.Cut(strings.TrimSpace(doctype[:end]), " ")
		value = strings.TrimSpace(value)
		if len(value) < 2 || len(value) > 200 || value[0] != '"' && value[0] != '\'' || value[len(value)-1] != value[0] {
			continue
		}
		plain := string(new(scanner).unescape(nil, value[1:len(value)-1]))
		if strings.IndexByte(plain, '&') >= 0 && plain != "&" {
			continue // it names another entity
		}
		if x.entities == nil {
			x.entities = map[string]string{}
		}
		x.entities[strings.Clone(name)] = plain
	}
}
