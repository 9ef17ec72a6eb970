package text

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// line collects text with its white space collapsed.
type line struct {
	buf   []byte
	space bool // white space is owed before the next character
}

// write adds text.
func (l *line) write(t []byte) {
	for i := 0; i < len(t); {
		c := t[i]
		if c < utf8.RuneSelf {
			// the run of visible ASCII that starts here goes in as one
			j := i
			for j < len(t) && t[j] > ' ' && t[j] < 0x7f {
				j++
			}
			if j > i {
				l.blank()
				l.buf = append(l.buf, t[i:j]...)
				i = j
				continue
			}
			if c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v' {
				l.space = true
			} // other control characters are nothing
			i++
			continue
		}
		r, n := utf8.DecodeRune(t[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			l.blank()
			l.buf = append(l.buf, "\uFFFD"...)
		case unicode.IsSpace(r):
			l.space = true
		case dropped(r):
		default:
			l.blank()
			l.buf = append(l.buf, t[i:i+n]...)
		}
		i += n
	}
}

// dropped reports characters that nobody sees and that make equal texts
// unequal: zero width space, byte order mark, soft hyphen, C1 controls,
// noncharacters.
func dropped(r rune) bool {
	switch r {
	case 0x200B, 0xFEFF, 0x00AD, 0x2060, 0xFFFE, 0xFFFF:
		return true
	}
	return r >= 0x80 && r < 0xA0
}

func (l *line) blank() {
	if l.space {
		l.space = false
		if len(l.buf) > 0 {
			l.buf = append(l.buf, ' ')
		}
	}
}

func (l *line) len() int { return len(l.buf) }

// offset is where the next visible character will stand.
func (l *line) offset() int {
	if l.space && len(l.buf) > 0 {
		return len(l.buf) + 1
	}
	return len(l.buf)
}

func (l *line) reset() { l.buf, l.space = l.buf[:0], false }

// take gives the line in NFC and starts a new one; the offsets of links are
// moved along.
func (l *line) take(links []Link) string {
	defer l.reset()
	if norm.NFC.IsNormal(l.buf) {
		return string(l.buf)
	}
	for i := range links {
		links[i].Start = len(norm.NFC.Bytes(l.buf[:min(links[i].Start, len(l.buf))]))
		links[i].End = len(norm.NFC.Bytes(l.buf[:min(links[i].End, len(l.buf))]))
	}
	return string(norm.NFC.Bytes(l.buf))
}

// Line is a title on one line of plain text: markup off, entities decoded (also
// those that were escaped twice), white space collapsed, NFC. An angle bracket
// that starts no element of HTML stays.
func Line(s string) string {
	for range 2 {
		if strings.IndexByte(s, '<') >= 0 {
			s = stripTags(s)
		}
		if !hasEntity(s) {
			break
		}
		s = html.UnescapeString(s)
	}
	if strings.IndexByte(s, '<') >= 0 {
		s = stripTags(s)
	}
	return Plain(s)
}

// Plain is s on one line: white space collapsed, invisible characters off, NFC.
// Markup and entities stay as they stand.
func Plain(s string) string {
	var l line
	l.write([]byte(s))
	return l.take(nil)
}

// stripTags takes the tags of HTML elements and comments off; the content of
// scripts and styles goes with them. What only looks like a tag stays.
func stripTags(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	out := make([]byte, 0, len(s))
	skip := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			if raw := z.Raw(); skip == 0 && len(raw) > 0 {
				out = append(out, raw...)
			}
			return string(out)
		case html.TextToken:
			if skip == 0 {
				out = append(out, z.Raw()...)
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			raw := z.Raw()
			closing := bytes.HasPrefix(raw, []byte("</"))
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			role := roles[tag]
			switch {
			case tag == 0:
				if skip == 0 {
					out = append(out, raw...)
				}
			case role == hidden && closing:
				skip = max(0, skip-1)
			case role == hidden && (tag == atom.Script || tag == atom.Style):
				skip++
			case role == block || role == breaks:
				out = append(out, ' ')
			}
		}
	}
}

// hasEntity reports whether s holds something like a character reference.
func hasEntity(s string) bool {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			return false
		}
		s = s[i+1:]
		if len(s) > 1 && (s[0] == '#' || s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z') {
			if j := strings.IndexByte(s[:min(len(s), 33)], ';'); j > 0 {
				return true
			}
		}
	}
}

// Unescape decodes the character references of a text that was escaped once
// too often; a text without any comes back as it is.
func Unescape(s string) string {
	if !hasEntity(s) {
		return s
	}
	return html.UnescapeString(s)
}
