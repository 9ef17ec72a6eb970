package text

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// line collects text with its white space collapsed. Lines that were taken stand
// before it, each with its line break.
type line struct {
	buf   []byte
	from  int  // where it starts in buf
	space bool // white space is owed before the next character
	broke bool // it holds a line break
	wide  bool // some of it may not be in NFC
}

// markup adds text whose character references are not decoded yet.
func (l *line) markup(t string) {
	for {
		i := strings.IndexByte(t, '&')
		if i < 0 {
			l.write(t)
			return
		}
		l.write(t[:i])
		var n int
		if n = l.reference(t[i:]); n == 0 {
			l.write("&")
			n = 1
		}
		t = t[i+n:]
	}
}

// reference adds the character that the reference at the start of t stands for
// and gives its length; 0 when it is none.
func (l *line) reference(t string) int {
	end := 1
	for end < len(t) && end < 40 && (t[end] == '#' && end == 1 || letter(t[end]) || t[end] >= '0' && t[end] <= '9') {
		end++
	}
	if end < 2 {
		return 0
	}
	body := t[1:end]
	if end < len(t) && t[end] == ';' {
		end++
		switch body {
		case "amp":
			l.write("&")
			return end
		case "nbsp":
			l.write(" ")
			return end
		case "quot":
			l.write(`"`)
			return end
		}
		if n := plainNumber(body); n >= 0xA0 && n < 0xD800 {
			var buf [utf8.UTFMax]byte
			l.write(string(buf[:utf8.EncodeRune(buf[:], rune(n))]))
			return end
		}
	}
	ref := t[:end]
	if v := html.UnescapeString(ref); v != ref {
		l.write(v)
		return end
	}
	return 0
}

// plainNumber reads "#8211"; 0 for anything else.
func plainNumber(s string) (n int) {
	if len(s) < 2 || len(s) > 7 || s[0] != '#' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// write adds text.
func (l *line) write(t string) {
	for i := 0; i < len(t); {
		c := t[i]
		if c < utf8.RuneSelf || latin(t, i) || quote(t, i) {
			if j := run(t, i); j > i { // goes in as one
				l.blank()
				l.buf = append(l.buf, t[i:j]...)
				i = j
				continue
			}
			if c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v' {
				l.space = true
				l.broke = l.broke || c == '\n' || c == '\r'
			} // other control characters are nothing
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(t[i:])
		l.wide = l.wide || r >= 0x300 // what is below is in NFC
		switch {
		case r == utf8.RuneError && n == 1:
			l.blank()
			l.buf = append(l.buf, "\uFFFD"...)
		case unicode.IsSpace(r):
			l.space = true
		case dropped(r):
		default:
			if l.space && l.broke && unspaced(r) {
				if last, _ := utf8.DecodeLastRune(l.buf[l.from:]); unspaced(last) {
					l.space, l.broke = false, false // a line break is no blank there
				}
			}
			l.blank()
			l.buf = append(l.buf, t[i:i+n]...)
		}
		i += n
	}
}

// run is the end of the words of Latin letters that start at i, with single
// blanks between them.
func run(t string, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	j := i
	gap := true // the one before j is a blank, or none
words:
	for j < len(t) {
		if j+8 <= len(t) {
			eight := uint64(t[j]) | uint64(t[j+1])<<8 | uint64(t[j+2])<<16 | uint64(t[j+3])<<24 |
				uint64(t[j+4])<<32 | uint64(t[j+5])<<40 | uint64(t[j+6])<<48 | uint64(t[j+7])<<56
			// each of these has the high bit of the bytes that it tells of
			blanks := high &^ (eight ^ ones*' ' + ones*0x7f)
			after := blanks << 8
			if gap {
				after |= 0x80
			}
			other := (eight|(eight-ones*' ')|(eight+ones))&high | blanks&after
			if other == 0 {
				gap = blanks>>63 != 0
				j += 8
				continue
			}
			if n := bits.TrailingZeros64(other) / 8; n > 0 { // up to the first one, which is told apart exactly
				gap = blanks>>(8*n-1)&1 != 0
				j += n
			}
		}
		switch c := t[j]; {
		case c > ' ' && c < 0x7f:
			j++
		case c == ' ' && !gap:
			gap = true
			j++
			continue
		case latin(t, j):
			j += 2
		case quote(t, j):
			j += 3
		default:
			break words
		}
		gap = false
	}
	if gap && j > i {
		j--
	}
	return j
}

// latin reports whether a letter from U+00C0 to U+02FF stands at i.
func latin(t string, i int) bool {
	return t[i] >= 0xC3 && t[i] <= 0xCB && i+1 < len(t) && t[i+1]&0xC0 == 0x80
}

// quote reports whether a dash, a quotation mark, a bullet or dots, from U+2010 to
// U+2027, stand at i. They are in NFC, and nothing is put together with them.
func quote(t string, i int) bool {
	return t[i] == 0xE2 && i+2 < len(t) && t[i+1] == 0x80 && t[i+2] >= 0x90 && t[i+2] <= 0xA7
}

// dropped reports characters that nobody sees and that make equal texts
// unequal: zero width space, byte order mark, soft hyphen, C1 controls,
// noncharacters; and those that turn around how a line is read (see Turns).
func dropped(r rune) bool {
	switch r {
	case 0x200B, 0xFEFF, 0x00AD, 0x2060, 0xFFFE, 0xFFFF:
		return true
	}
	return r >= 0x80 && r < 0xA0 || Turns(r)
}

// Turns reports the characters that embed, override or isolate a direction of writing
// (Unicode Standard Annex 9, section 2). Left open they go on into what stands beside
// them, and let "exe.txt" be read where "txt.exe" stands. Text is read right without
// them, by the direction of its letters.
func Turns(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// unspaced reports characters of Chinese and Japanese, which are written
// without blanks (CSS Text, section 4.1.3: segment breaks between them vanish).
func unspaced(r rune) bool {
	return r >= 0x2E80 && r < 0xA4D0 || r >= 0xF900 && r < 0xFB00 || r >= 0xFF00 && r < 0xFFA0 || r >= 0x20000 && r < 0x3FFFE
}

func (l *line) blank() {
	if l.space {
		l.space, l.broke = false, false
		if l.len() > 0 {
			l.buf = append(l.buf, ' ')
		}
	}
}

func (l *line) len() int { return len(l.buf) - l.from }

// offset is where the next visible character will stand.
func (l *line) offset() int {
	if l.space && l.len() > 0 {
		return l.len() + 1
	}
	return l.len()
}

// take brings the line into NFC, gives where it stands and starts a new one; the
// offsets of links are moved along.
func (l *line) take(links []Link) (from, end int) {
	from = l.from
	if s := l.buf[from:]; l.wide && !norm.NFC.IsNormal(s) {
		for i := range links {
			links[i].Start = len(norm.NFC.Bytes(s[:min(links[i].Start, len(s))]))
			links[i].End = len(norm.NFC.Bytes(s[:min(links[i].End, len(s))]))
		}
		l.buf = append(l.buf[:from], norm.NFC.Bytes(s)...)
	}
	if end = len(l.buf); end > from {
		l.buf = append(l.buf, '\n')
	}
	l.from, l.space, l.broke, l.wide = len(l.buf), false, false, false
	return from, end
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
	if run(s, 0) == len(s) {
		return s
	}
	b := builders.Get().(*builder)
	defer b.release()
	b.line.write(s)
	from, end := b.line.take(nil)
	return string(b.line.buf[from:end])
}

// stripTags takes the tags of HTML elements and comments off; the content of
// scripts and styles goes with them. What only looks like a tag stays.
func stripTags(s string) string {
	x := lexer{s: s}
	out := make([]byte, 0, len(s))
	for {
		k, ok := x.next()
		if !ok {
			if x.torn {
				out = append(out, s[x.start:]...) // a tag that never ends is text here
			}
			return string(out)
		}
		if k == words {
			out = append(out, x.text...)
			continue
		}
		tag := lookup(x.name)
		switch role := roleOf(tag); {
		case tag == 0:
			out = append(out, s[x.start:x.i]...)
		case k == startTag && (tag == atom.Script || tag == atom.Style):
			x.pass(x.name)
		case role == block || role == breaks:
			out = append(out, ' ')
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
