package parse

import "strings"

// attr is an attribute as it stands: its value is not decoded yet.
type attr struct {
	name  string
	value string
	at    int // offset of the value
}

// maxAttrs bounds the attributes of one element.
const maxAttrs = 256

// nameEnd is the end of the name that starts at i.
func nameEnd(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', '\r', '\n', '>', '/', '<', '=', '"', '\'', 0, '\f':
			return i
		}
		i++
	}
	return i
}

// nameStart reports whether c can start the name of an element.
func nameStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80
}

func blank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0
}

// tag is a start tag.
type tag struct {
	name  string // with its prefix, as it stands
	attrs []attr
	empty bool // "<x/>"
	after int  // offset behind it
	torn  bool // the document ends inside it, or a quote never closes
}

// readTag reads the start tag at s[at] == '<'. The attributes are appended to buf.
func readTag(s string, at int, buf []attr) tag {
	i := nameEnd(s, at+1)
	t := tag{name: s[at+1 : i], attrs: buf}
	for {
		for i < len(s) && blank(s[i]) {
			i++
		}
		switch {
		case i >= len(s):
			t.after, t.torn = len(s), true
			return t
		case s[i] == '>':
			t.after = i + 1
			return t
		case s[i] == '/':
			i++
			t.empty = i < len(s) && s[i] == '>'
			continue
		case s[i] == '<': // the tag never closes
			t.after, t.torn = i, true
			return t
		}
		from := i
		i = nameEnd(s, i)
		name := s[from:i]
		if i == from { // a stray quote or "="
			i++
			continue
		}
		for i < len(s) && blank(s[i]) {
			i++
		}
		value, valueAt := "", i
		if i < len(s) && s[i] == '=' {
			i++
			for i < len(s) && blank(s[i]) {
				i++
			}
			if i < len(s) && (s[i] == '"' || s[i] == '\'') {
				end := strings.IndexByte(s[i+1:], s[i])
				if end < 0 { // give up at the end of the tag
					end = strings.IndexByte(s[i+1:], '>')
					t.torn = true
					if end < 0 {
						t.after = len(s)
						return t
					}
					end--
				}
				end = max(end, 0)
				value, valueAt = s[i+1:i+1+end], i+1
				i += end + 2
			} else {
				from := i
				for i < len(s) && !blank(s[i]) && s[i] != '>' && s[i] != '<' {
					i++
				}
				value, valueAt = s[from:i], from
				if i < len(s) && s[i] == '>' && strings.HasSuffix(value, "/") {
					value, t.empty = value[:len(value)-1], true
				}
			}
		}
		if len(t.attrs) < maxAttrs {
			t.attrs = append(t.attrs, attr{name, value, valueAt})
		}
	}
}

// named reports whether the name at s[i:] is name, without regard to case.
func named(s string, i int, name string) bool {
	end := i + len(name)
	if end > len(s) || !strings.EqualFold(s[i:end], name) {
		return false
	}
	return end == len(s) || nameEnd(s, end) == end
}

// skipMarkup gives the offset behind a comment, CDATA section, declaration or
// processing instruction at s[at:at+2] == "<!" or "<?", and whether it ended.
func (x *scanner) skipMarkup(at int) (int, bool) {
	rest := x.s[at:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return x.behind(at+4, "-->")
	case strings.HasPrefix(rest, "<![CDATA["):
		return x.behind(at+9, "]]>")
	case strings.HasPrefix(rest, "<!DOCTYPE") && !x.subset:
		if i := strings.IndexAny(rest, "[>"); i >= 0 && rest[i] == '[' {
			// values of entities may hold "]": the subset ends at "]", white space, ">"
			x.subset = true
			for end, ok := x.behind(at+i, "]"); ok; end, ok = x.behind(end, "]") {
				k := end
				for k < len(x.s) && blank(x.s[k]) {
					k++
				}
				if k < len(x.s) && x.s[k] == '>' {
					return k + 1, true
				}
			}
		}
	}
	return x.behind(at+2, ">")
}

// behind is the offset behind the next end at or after from. That there is
// none is found out once.
func (x *scanner) behind(from int, end string) (int, bool) {
	if from > len(x.s) {
		return len(x.s), false
	}
	if gone, ok := x.never[end]; ok && from >= gone {
		return len(x.s), false
	}
	if i := strings.Index(x.s[from:], end); i >= 0 {
		return from + i + len(end), true
	}
	if len(x.never) < 64 {
		x.never[end] = from
	}
	return len(x.s), false
}
