package text

import "strings"

// kind is what a piece of markup is.
type kind uint8

const (
	words kind = iota // text, character references not decoded
	startTag
	emptyTag // "<x/>"
	endTag
)

// lexer cuts markup into pieces, by the rules that browsers use (HTML, section
// 13.2.5) as far as text needs them: comments, declarations and the content of
// raw text elements are passed over, a "<" that starts no tag is text, and a
// tag that the markup ends in is nothing.
type lexer struct {
	s string
	i int

	name  string // of a tag, as it stands
	text  string // of words
	attrs string // of a start tag: everything behind its name
	start int    // where the piece starts
	torn  bool   // the markup ended inside the tag at start
}

// next gives the next piece; ok is false at the end.
func (x *lexer) next() (k kind, ok bool) {
	s := x.s
	for x.i < len(s) {
		x.start = x.i
		if s[x.i] != '<' || !markupAt(s, x.i) {
			from := x.i
			x.i++
			for {
				j := strings.IndexByte(s[x.i:], '<')
				if j < 0 {
					x.i = len(s)
					break
				}
				x.i += j
				if markupAt(s, x.i) {
					break
				}
				x.i++
			}
			x.text = s[from:x.i]
			return words, true
		}
		switch s[x.i+1] {
		case '!', '?':
			x.i = skipped(s, x.i)
			continue
		case '/':
			from := x.i + 2
			end := nameEnd(s, from)
			after := tagEnd(s, end)
			x.name = s[from:end]
			x.i = after
			if after > len(s) {
				x.i, x.torn = len(s), true
				return 0, false
			}
			return endTag, true
		}
		from := x.i + 1
		end := nameEnd(s, from)
		after := tagEnd(s, end)
		if after > len(s) {
			x.i, x.torn = len(s), true
			return 0, false
		}
		x.name, x.attrs = s[from:end], s[end:after-1]
		x.i = after
		if strings.HasSuffix(x.attrs, "/") {
			return emptyTag, true
		}
		return startTag, true
	}
	return 0, false
}

// pass goes on behind the end of a raw text element: behind "</name".
func (x *lexer) pass(name string) {
	for i := x.i; i < len(x.s); {
		j := strings.Index(x.s[i:], "</")
		if j < 0 {
			break
		}
		i += j + 2
		if end := nameEnd(x.s, i); strings.EqualFold(x.s[i:end], name) {
			x.i = min(tagEnd(x.s, end), len(x.s))
			return
		}
	}
	x.i = len(x.s)
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// markupAt reports whether the "<" at i starts a tag, comment or declaration.
func markupAt(s string, i int) bool {
	if i+1 >= len(s) {
		return false
	}
	switch c := s[i+1]; {
	case letter(c), c == '!', c == '?':
		return true
	case c == '/':
		return i+2 < len(s) && letter(s[i+2])
	}
	return false
}

// skipped is the offset behind the comment or declaration at i.
func skipped(s string, i int) int {
	end := ">"
	from := i + 2
	if strings.HasPrefix(s[i:], "<!--") {
		// "<!-->" and "<!--->" are comments too
		from, end = i+2, "-->"
	}
	j := strings.Index(s[from:], end)
	if j < 0 && end == "-->" { // never closed: the next ">" ends it, so that one mistake costs no text
		from, end = i+4, ">"
		j = strings.IndexByte(s[from:], '>')
	}
	if j < 0 {
		return len(s)
	}
	return from + j + len(end)
}

// nameEnd is the end of the name at i.
func nameEnd(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', '\n', '\r', '\f', '/', '>':
			return i
		}
		i++
	}
	return i
}

// tagEnd is the offset behind the ">" that ends a tag, quotes respected;
// len(s)+1 when there is none.
func tagEnd(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case '>':
			return i + 1
		case '=':
			i++
			for i < len(s) && space(s[i]) {
				i++
			}
			if i < len(s) && (s[i] == '"' || s[i] == '\'') {
				j := strings.IndexByte(s[i+1:], s[i])
				if j < 0 { // the quote never closes: the tag ends all the same
					if j = strings.IndexByte(s[i:], '>'); j < 0 {
						return len(s) + 1
					}
					return i + j + 1
				}
				i += j + 2
			}
		default:
			i++
		}
	}
	return len(s) + 1
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// attribute takes the first attribute off attrs. The value is not decoded.
func attribute(attrs string) (name, value, rest string, ok bool) {
	i := 0
	for i < len(attrs) && (space(attrs[i]) || attrs[i] == '/') {
		i++
	}
	from := i
	for i < len(attrs) && !space(attrs[i]) && attrs[i] != '/' && (attrs[i] != '=' || i == from) {
		i++
	}
	if i == from {
		return "", "", "", false
	}
	name = attrs[from:i]
	j := i
	for j < len(attrs) && space(attrs[j]) {
		j++
	}
	if j >= len(attrs) || attrs[j] != '=' {
		return name, "", attrs[i:], true
	}
	for j++; j < len(attrs) && space(attrs[j]); j++ {
	}
	if j < len(attrs) && (attrs[j] == '"' || attrs[j] == '\'') {
		end := strings.IndexByte(attrs[j+1:], attrs[j])
		if end < 0 {
			return name, attrs[j+1:], "", true
		}
		return name, attrs[j+1 : j+1+end], attrs[j+2+end:], true
	}
	from = j
	for j < len(attrs) && !space(attrs[j]) {
		j++
	}
	return name, attrs[from:j], attrs[j:], true
}
