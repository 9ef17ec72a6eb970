package parse

import (
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// What one document may cost. Real feeds stay far below; a document that goes
// over is cut there and marked damaged.
const (
	maxBody     = 64 << 20 // bytes
	maxUnpacked = 16 << 20 // bytes of a gzip file sent as a feed
	maxItems    = 20_000
	maxElements = 100_000 // that gofeed is given
	maxStack    = 100
	maxBindings = 200    // namespace declarations in scope
	maxBases    = 20_000 // xml:base attributes
	maxBase     = 2_000  // bytes of a base
	maxChildren = 2_000  // elements of one item that gofeed is given
)

// format is the vocabulary of a document.
type format uint8

const (
	noFormat format = iota
	inRSS
	inRDF
	inAtom
)

// level is where in a feed an open element stands.
type level uint8

const (
	outside level = iota // outside or between what is known: only feeds and items count
	channel
	item
	inside // a parent within an item or channel
)

// frame is an element that is open.
type frame struct {
	raw   string // its name as it stands
	as    string // its name for gofeed; "" when it was not handed on
	level level
	rules map[string]rule
	binds int // how many bindings were in scope before it
	base  string
	lang  string
	start int // an item's first byte
}

// binding is a namespace declaration in scope.
type binding struct {
	prefix, usual string
}

// found is an item that the scan came by.
type found struct {
	raw   uint64
	known bool
	start int
	end   int
	about string // rdf:about
	lang  string
	nodes int // where its nodes start
	shape int // which of gofeed's items it is
}

// scanner finds where things stand in a document, and writes the skeleton.
type scanner struct {
	s     string
	known func(uint64) bool
	base  string

	format  format
	version string
	first   string // the name of the first element, for the refusal of what is no feed
	lang    string // of the root

	stack    []frame
	bindings []binding
	attrs    []attr
	entities map[string]string

	skeleton
	items    []found
	elements int
	children int            // of the item under way
	budget   int            // bytes that may still be looked at in vain
	grown    int            // bytes that declared entities gave
	based    int            // xml:base attributes so far
	never    map[string]int // from where on a terminator does not occur any more
	subset   bool           // a DOCTYPE with an internal subset was passed
	problem  string
	scratch  []byte // of text
}

// scanners are kept for the room in their slices.
var scanners = sync.Pool{New: func() any { return &scanner{skeleton: skeleton{shapes: map[string]int{}}} }}

// maxNodes bounds the room that is kept.
const maxNodes = 1 << 14

// release puts a scanner back, with nothing of the document but room.
func (x *scanner) release() {
	if cap(x.nodes) > maxNodes || cap(x.scratch) > maxNodes*16 || cap(x.out) > maxNodes*32 {
		return
	}
	clear(x.nodes)
	clear(x.items)
	clear(x.stack[:cap(x.stack)])
	clear(x.attrs[:cap(x.attrs)])
	clear(x.bindings[:cap(x.bindings)])
	clear(x.shapes)
	*x = scanner{
		skeleton: skeleton{out: x.out[:0], nodes: x.nodes[:0], shapes: x.shapes}, items: x.items[:0], stack: x.stack[:0],
		attrs: x.attrs[:0], bindings: x.bindings[:0], scratch: x.scratch[:0],
	}
	scanners.Put(x)
}

func (x *scanner) damage(what string) {
	if x.problem == "" {
		x.problem = what
	}
}

// scan reads the whole document.
func (x *scanner) scan() {
	s, pos := x.s, 0
	for pos < len(s) {
		i := strings.IndexByte(s[pos:], '<')
		if i < 0 {
			break
		}
		at := pos + i
		if at+1 >= len(s) {
			x.damage("the document ends inside a tag")
			break
		}
		switch c := s[at+1]; {
		case c == '!' || c == '?':
			var whole bool
			if pos, whole = x.skipMarkup(at); !whole {
				pos = at + 2 // what never ends is no markup
				x.damage("a comment or section never ends")
			} else if strings.HasPrefix(s[at:], "<!DOCTYPE") || strings.HasPrefix(s[at:], "<!doctype") {
				x.declared(s[at:pos])
			}
		case c == '/':
			end := nameEnd(s, at+2)
			var whole bool
			if pos, whole = x.behind(end, ">"); !whole {
				x.damage("the document ends inside a tag")
			}
			x.endTag(s[at+2:end], at, pos)
		case nameStart(c):
			t := readTag(s, at, x.attrs[:0])
			x.attrs = t.attrs[:0]
			if t.torn {
				x.damage("a tag is torn")
			}
			pos = x.startTag(at, t)
		default:
			pos = at + 1
			x.damage("an angle bracket is not escaped")
		}
		if x.elements >= maxElements || len(x.items) >= maxItems {
			x.damage("the document is too long; its first items were read")
			break
		}
	}
	if len(x.stack) > 0 {
		for i := range x.stack {
			if l := x.stack[i].level; l != outside || x.format != noFormat {
				x.damage("the document ends before its last element is closed")
				break
			}
		}
		x.popTo(0, len(s))
	}
}

// startTag handles the start tag at s[at]. It returns where to go on.
func (x *scanner) startTag(at int, t tag) int {
	if x.first == "" {
		x.first = t.name
	}
	f := frame{raw: t.name, binds: len(x.bindings), base: x.base, lang: x.lang, start: at}
	var up frame
	if n := len(x.stack); n > 0 {
		up = x.stack[n-1]
		f.base, f.lang = up.base, up.lang
	}
	x.scope(t.attrs, &f, up.level == outside)
	prefix, local := x.usual(t.name)

	// a new item, wherever it stands
	if prefix == "" && (local == "item" || local == "entry") && (up.level != inside || up.as != "source") {
		if x.format == noFormat && len(x.stack) == 0 {
			x.root(local, t, &f)
		}
		if x.format != noFormat {
			return x.startItem(at, t, f)
		}
	}
	switch up.level {
	case outside, channel:
		if x.format == noFormat {
			if x.root(local, t, &f) {
				f.level, f.rules = channel, x.channelRules()
				return x.push(f, t)
			}
			return x.push(f, t)
		}
		if local == "channel" && prefix == "" {
			f.level, f.rules = channel, x.channelRules()
			if f.lang != "" && x.lang == "" {
				x.lang = f.lang
			}
			return x.push(f, t)
		}
		if up.level == outside {
			return x.push(f, t)
		}
	}
	key := local
	if prefix != "" && up.level != inside {
		key = prefix + ":" + local
	}
	r, ok := up.rules[key]
	if !ok && up.level == item {
		r, ok = sharedRules[key]
	}
	if !ok || r.as == "" {
		if prefix == "" && up.level == channel && local != "image" && local != "textinput" && local != "textarea" {
			return x.push(f, t) // a wrapper, perhaps around items
		}
		return x.leave(t, f)
	}
	return x.keep(key, r, f, t, up)
}

// push opens an element, unless it is empty or too deep.
func (x *scanner) push(f frame, t tag) int {
	if t.empty {
		x.bindings = x.bindings[:f.binds]
		return t.after
	}
	if len(x.stack) >= maxStack {
		x.damage("elements are nested too deeply")
		x.bindings = x.bindings[:f.binds]
		return t.after
	}
	if f.as != "" {
		x.open(f.as)
	}
	x.stack = append(x.stack, f)
	return t.after
}

// root recognises the element that makes a document a feed.
func (x *scanner) root(local string, t tag, f *frame) bool {
	switch local {
	case "rss", "channel", "item":
		x.format = inRSS
	case "rdf":
		x.format = inRDF
	case "feed", "entry":
		x.format = inAtom
	default:
		return false
	}
	if len(x.stack) > 0 && (local == "channel" || local == "item" || local == "entry") {
		x.format = noFormat
		return false
	}
	if len(x.stack) > 0 {
		x.damage("something stands around the feed")
	}
	x.version = x.versionOf(t)
	x.lang = f.lang
	// the root's own namespace is the feed's, whatever it says
	x.begin(x.format)
	return true
}

func (x *scanner) channelRules() map[string]rule {
	if x.format == inAtom {
		return feedRules
	}
	return channelRules
}

// startItem opens an item, or leaves it out when its bytes are known.
func (x *scanner) startItem(at int, t tag, f frame) int {
	for i := range x.stack {
		if l := x.stack[i].level; l == item || l == inside { // the one before was never closed, or what stands around it
			x.damage("an item is not closed")
			x.popTo(i, at)
			break
		}
	}
	it := found{start: at, lang: f.lang, nodes: len(x.nodes)}
	for _, a := range t.attrs {
		if _, name := cutPrefix(a.name); strings.EqualFold(name, "about") {
			it.about = a.value
		}
	}
	if x.known != nil {
		if end := x.itemEnd(t); end > 0 {
			h := xxhash.Sum64String(x.s[at:end])
			if x.known(h) {
				it.raw, it.known, it.end = h, true, end
				x.items = append(x.items, it)
				x.bindings = x.bindings[:f.binds]
				return end
			}
			x.budget -= (end - at) / 8
			it.raw, it.end = h, end // most items end there
		}
	}
	x.items = append(x.items, it)
	x.begins()
	x.children = 0
	f.level, f.rules, f.as = item, itemRules, "item"
	if x.format == inAtom {
		f.rules, f.as = entryRules, "entry"
	}
	if t.empty || len(x.stack) >= maxStack {
		x.open(f.as)
		x.close(f.as)
		x.endItem(t.after)
		x.bindings = x.bindings[:f.binds]
		return t.after
	}
	return x.push(f, t)
}

// itemEnd guesses the end of an item: behind the first end tag of its name
// outside CDATA sections. It gives 0 when it cannot tell.
func (x *scanner) itemEnd(t tag) int {
	if t.empty {
		return t.after
	}
	end := "</" + t.name + ">"
	from := t.after
	for range 16 {
		if x.budget < 0 {
			return 0
		}
		at, ok := x.behind(from, end)
		if !ok {
			return 0
		}
		if !openSection(x.s[t.after:at]) {
			return at
		}
		x.budget -= at - t.after
		from = at
	}
	return 0
}

// openSection reports whether a CDATA section starts in s and does not end.
func openSection(s string) bool {
	for {
		i := strings.Index(s, "<![CDATA[")
		if i < 0 {
			return false
		}
		s = s[i:]
		if i = strings.Index(s, "]]>"); i < 0 {
			return true
		}
		s = s[i:]
	}
}

// endItem is called when an item ends.
func (x *scanner) endItem(end int) {
	it := &x.items[len(x.items)-1]
	it.shape = x.ends()
	if it.end != end {
		it.end, it.raw = end, xxhash.Sum64String(x.s[it.start:end])
	}
}

// endTag handles an end tag.
func (x *scanner) endTag(name string, at, after int) {
	for i := len(x.stack) - 1; i >= 0; i-- {
		if raw := x.stack[i].raw; raw == name || strings.EqualFold(raw, name) {
			if i < len(x.stack)-1 {
				x.damage("an element is not closed")
			}
			x.popTo(i+1, at)
			x.popTo(i, after)
			return
		}
	}
	if x.format != noFormat {
		x.damage("an end tag closes nothing")
	}
}

// popTo closes elements until n are open; end is where they end.
func (x *scanner) popTo(n, end int) {
	for len(x.stack) > n {
		f := x.stack[len(x.stack)-1]
		x.stack = x.stack[:len(x.stack)-1]
		if f.as != "" {
			x.close(f.as)
		}
		if f.level == item {
			x.endItem(end)
		}
		x.bindings = x.bindings[:f.binds]
	}
}
