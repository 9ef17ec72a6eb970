package parse

import (
	"slices"
	"strconv"
	"strings"
)

// node is a text of the document, with what holds for it where it stands.
type node struct {
	raw  string // its source: not decoded yet
	name string // of its element, in the usual spelling
	typ  string // attribute "type", lower case
	mode string // attribute "mode" (Atom 0.3), lower case
	base string
	lang string
}

// skeleton is what gofeed is given in place of the document: elements whose
// texts are the numbers of nodes. An item's are counted from its own first node,
// so that items with the same elements are the same for gofeed: it reads one of them.
type skeleton struct {
	out    []byte
	nodes  []node
	zero   int            // the node that is number 0: the first of the item under way, or of all
	from   int            // where the item under way starts in out
	shapes map[string]int // the items in out, by what stands there
}

// begins is called before an item is written.
func (k *skeleton) begins() { k.zero, k.from = len(k.nodes), len(k.out) }

// ends is called when an item was written. It gives its place among those that
// gofeed reads.
func (k *skeleton) ends() int {
	shape, seen := k.shapes[string(k.out[k.from:])]
	if seen {
		k.out = k.out[:k.from]
	} else {
		shape = len(k.shapes)
		k.shapes[string(k.out[k.from:])] = shape
	}
	k.zero = 0
	return shape
}

// dateMask is how a node's number looks where gofeed expects a date: it would
// try some hundred layouts on anything else.
const dateMask = "2000-01-01T00:00:00."

// begin writes the root.
func (k *skeleton) begin(f format) {
	if f == inAtom {
		k.out = append(k.out, "<feed>"...)
	} else {
		k.out = append(k.out, "<rss><channel>"...)
	}
}

// finish writes the root's end.
func (k *skeleton) finish(f format) {
	if f == inAtom {
		k.out = append(k.out, "</feed>"...)
	} else {
		k.out = append(k.out, "</channel></rss>"...)
	}
}

func (k *skeleton) open(name string) {
	k.out = append(append(append(k.out, '<'), name...), '>')
}

func (k *skeleton) close(name string) {
	k.out = append(append(append(k.out, '<', '/'), name...), '>')
}

// number keeps a node and writes its number.
func (k *skeleton) number(n node, kind content) {
	i := len(k.nodes) - k.zero
	k.nodes = append(k.nodes, n)
	if kind == dated {
		k.out = append(k.out, dateMask...)
		at := len(k.out)
		k.out = strconv.AppendInt(k.out, int64(i)+1_000_000_000, 10)
		k.out = append(slices.Delete(k.out, at, at+1), 'Z')
		return
	}
	k.out = append(k.out, '#')
	k.out = strconv.AppendInt(k.out, int64(i), 10)
}

// node gives the node whose number is s; ok is false when s is none.
func (k *skeleton) node(s string) (n *node, ok bool) {
	if d, isDate := strings.CutPrefix(s, dateMask); isDate {
		s = "#" + strings.TrimSuffix(d, "Z")
	}
	if len(s) < 2 || s[0] != '#' {
		return nil, false
	}
	i, err := strconv.Atoi(s[1:])
	if err != nil || i < 0 || k.zero+i >= len(k.nodes) {
		return nil, false
	}
	return &k.nodes[k.zero+i], true
}

// keep hands a known element on. It returns where to go on.
func (x *scanner) keep(key string, r rule, f frame, t tag, up frame) int {
	x.elements++
	if x.children++; x.children > maxChildren && up.level != channel {
		x.damage("an item holds too many elements")
		return x.leave(t, f)
	}
	end, after := t.after, t.after
	var whole = true
	if !t.empty && (r.kind != parent || isPerson(r.as)) {
		end, after, whole = x.inner(t)
	}
	asPerson := r.kind == parent && isPerson(r.as) && !hasPersonParts(x.s[t.after:end])
	if r.kind == parent && !asPerson {
		f.level, f.as = inside, r.as
		f.rules = rulesWithin(r.as)
		x.out = append(append(x.out, '<'), r.as...)
		x.writeAttrs(r, t.attrs, f)
		x.out = append(x.out, '>')
		if t.empty || len(x.stack) >= maxStack {
			x.close(r.as)
			x.bindings = x.bindings[:f.binds]
			return t.after
		}
		x.stack = append(x.stack, f)
		return t.after
	}
	if !whole {
		end, after = x.mend(t, up)
	}
	n := node{raw: x.s[t.after:end], name: key, base: f.base, lang: f.lang}
	for _, a := range t.attrs {
		switch lower(a.name) {
		case "type":
			n.typ = strings.ToLower(strings.TrimSpace(x.decodeAttr(a.value)))
		case "mode":
			n.mode = strings.ToLower(strings.TrimSpace(x.decodeAttr(a.value)))
		}
	}
	x.out = append(append(x.out, '<'), r.as...)
	x.writeAttrs(r, t.attrs, f)
	x.out = append(x.out, '>')
	switch {
	case asPerson:
		x.out = append(x.out, "<name>"...)
		x.number(n, textual)
		x.out = append(x.out, "</name>"...)
	default:
		x.number(n, r.kind)
	}
	x.close(r.as)
	x.bindings = x.bindings[:f.binds]
	return after
}

func isPerson(as string) bool { return as == "author" || as == "contributor" || as == "atom:author" }

// hasPersonParts reports whether a person is written with elements.
func hasPersonParts(inner string) bool {
	return strings.Contains(inner, "name>") || strings.Contains(inner, "email>") || strings.Contains(inner, "uri>") ||
		strings.Contains(inner, "url>") || strings.Contains(inner, "homepage>")
}

func rulesWithin(as string) map[string]rule {
	switch as {
	case "author", "contributor", "atom:author":
		return personRules
	case "source", "atom:source":
		return sourceRules
	case "skipHours", "skipDays":
		return skipRules
	case "rssimage":
		return imageRules
	}
	return mediaRules
}

// writeAttrs writes the attributes that r wants, as numbers of nodes.
func (x *scanner) writeAttrs(r rule, attrs []attr, f frame) {
	for _, want := range r.attrs {
		for _, a := range attrs {
			if a.name == want || lower(a.name) == want {
				if want == "ispermalink" {
					want = "isPermaLink"
				}
				x.out = append(append(append(x.out, ' '), want...), '=', '"')
				x.number(node{raw: a.value, name: want, base: f.base, lang: f.lang}, textual)
				x.out = append(x.out, '"')
				break
			}
		}
	}
}

// leave passes over an element that is not read. One that is never closed is
// taken for an empty one.
func (x *scanner) leave(t tag, f frame) int {
	x.bindings = x.bindings[:f.binds]
	if t.empty {
		return t.after
	}
	_, after, whole := x.inner(t)
	if !whole {
		return t.after
	}
	return after
}

// inner finds the end of the element that t starts: where its content ends
// and where the document goes on. Markup inside is not looked at, but for
// elements of the same name. It is not whole when an enclosing element, or the
// document, ends first.
func (x *scanner) inner(t tag) (end, after int, whole bool) {
	s, depth := x.s, 0
	if x.budget < 0 {
		return t.after, t.after, false
	}
	own, items := x.itemName(), 0 // items inside, as in <sx:conflicts>
	for i := t.after; ; {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 || i+j+1 >= len(s) {
			x.budget -= len(s) - t.after
			return len(s), len(s), false
		}
		p := i + j
		i = p + 1
		switch c := s[i]; {
		case c == '!':
			if strings.HasPrefix(s[p:], "<![CDATA[") || strings.HasPrefix(s[p:], "<!--") {
				if next, ok := x.skipMarkup(p); ok {
					i = next
				} else {
					x.damage("a comment or section never ends")
				}
			}
		case c == '/':
			if named(s, p+2, t.name) {
				if depth == 0 {
					after, _ = x.behind(p, ">")
					return p, after, true
				}
				depth--
				continue
			}
			if items > 0 && named(s, p+2, own) {
				items--
				continue
			}
			for k := len(x.stack) - 1; k >= 0; k-- {
				if named(s, p+2, x.stack[k].raw) && x.stack[k].level != outside {
					x.budget -= p - t.after
					return p, p, false
				}
			}
		case c == t.name[0] || c^0x20 == t.name[0]:
			if named(s, p+1, t.name) {
				nested := readTag(s, p, nil)
				if !nested.empty {
					depth++
				}
				i = max(i, nested.after)
			}
		case own != "" && c == own[0]:
			if named(s, p+1, own) {
				items++
			}
		}
	}
}

// itemName is the name of the item under way, as it stands; "" outside of items.
func (x *scanner) itemName() string {
	for i := len(x.stack) - 1; i >= 0; i-- {
		if x.stack[i].level == item {
			return x.stack[i].raw
		}
	}
	return ""
}

// mend finds where a text that is never closed may end: at the next element
// that the one around it knows.
func (x *scanner) mend(t tag, up frame) (end, after int) {
	x.damage("an element is not closed")
	s := x.s
	for i := t.after; ; {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 || i+j+1 >= len(s) {
			return len(s), len(s)
		}
		p := i + j
		i = p + 1
		if c := s[i]; c == '!' {
			if next, ok := x.skipMarkup(p); ok {
				i = next
			}
			continue
		} else if c == '/' {
			for k := len(x.stack) - 1; k >= 0; k-- {
				if named(s, p+2, x.stack[k].raw) {
					return p, p
				}
			}
			continue
		}
		prefix, local := x.usual(s[i:nameEnd(s, i)])
		if prefix == "" && (local == "item" || local == "entry") {
			return p, p
		}
		if prefix != "" {
			local = prefix + ":" + local
		}
		if _, ok := up.rules[local]; ok {
			return p, p
		}
		if _, ok := sharedRules[local]; ok {
			return p, p
		}
	}
}
