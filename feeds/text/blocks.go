package text

import (
	"bytes"
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Block is one paragraph, heading, list item, line or the like.
type Block struct {
	// Kind is "p" (also for anything without a kind of its own), "h", "li",
	// "pre", "figcaption", "blockquote", "td", "dt" or "dd".
	Kind string
	// Text has its white space collapsed to single blanks, its entities
	// decoded, and is in Unicode NFC. It is empty for a block that only holds
	// images or empty links.
	Text   string
	Links  []Link
	Images []string // src as it stands
}

// Link is a link inside a block.
type Link struct {
	Href, Text, Rel string // as they stand
	Start, End      int    // byte offsets in Block.Text
}

// maxDepth bounds how many open elements are remembered; deeper ones still
// give text, with the kind of the deepest one remembered.
const maxDepth = 128

// maxBlocks and maxLinks bound what one document of markup alone can cost.
const (
	maxBlocks = 50_000
	maxLinks  = 50_000
)

// Cut cuts HTML into its blocks, in one pass over its tokens. Scripts, styles,
// forms' controls and comments give nothing; a <br> starts a new block. The text is
// that of the blocks that have any, joined by "\n"; their own texts are parts of it.
func Cut(markup string) (text string, blocks []Block) {
	if strings.TrimSpace(markup) == "" {
		return "", nil
	}
	b := builders.Get().(*builder)
	defer b.release()
	b.blocks = make([]Block, 0, len(markup)/256+1)
	x := lexer{s: markup}
	for len(b.blocks) < maxBlocks {
		k, ok := x.next()
		if !ok {
			break
		}
		if k == words {
			if b.skip == 0 {
				b.line.markup(x.text)
			}
			continue
		}
		tag := lookup(x.name)
		role := roleOf(tag)
		switch {
		case k == endTag:
			b.end(tag, role)
		case k == emptyTag && role == hidden:
			// "<iframe/>": XML, and empty, whatever HTML makes of it
		case rawText(tag):
			x.pass(x.name)
		default:
			b.start(tag, role, x.attrs)
		}
	}
	b.flush()
	text = string(bytes.TrimSuffix(b.line.buf, []byte("\n")))
	for i := range b.blocks {
		k, at := &b.blocks[i], b.spans[i]
		if at.end > at.from {
			k.Text = text[at.from:at.end]
		}
		for j := range k.Links {
			l := &k.Links[j]
			l.Text = k.Text[l.Start:l.End]
		}
	}
	return text, b.blocks
}

// Blocks are the blocks of HTML.
func Blocks(markup string) []Block {
	_, blocks := Cut(markup)
	return blocks
}

// decode decodes character references.
func decode(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return html.UnescapeString(s)
}

// FromHTML is the text of HTML: the texts of its blocks, joined by "\n".
func FromHTML(markup string) string {
	text, _ := Cut(markup)
	return text
}

// open is a block element that has not ended yet.
type open struct {
	tag  atom.Atom
	kind string // "" for one that has none of its own
}

// builder collects the blocks of one document.
type builder struct {
	blocks []Block
	spans  []span // where the blocks' texts stand in line.buf
	stack  []open
	kind   string // of the innermost element that has one
	skip   int    // > 0 inside an element whose text is not shown
	line   line
	links  []Link
	images []string
	href   string // of the <a> that is open
	rel    string
	inLink bool
	gave   bool // the open <a> stands in a block already
	nLinks int
}

type span struct{ from, end int }

// builders are kept for their buffers.
var builders = sync.Pool{New: func() any { return new(builder) }}

// maxKept bounds the buffer that is kept, in bytes.
const maxKept = 64 << 10

// release puts a builder back, with nothing of the document but room.
func (b *builder) release() {
	if cap(b.line.buf) > maxKept {
		return
	}
	*b = builder{spans: b.spans[:0], stack: b.stack[:0], line: line{buf: b.line.buf[:0]}}
	builders.Put(b)
}

// start handles a start tag.
func (b *builder) start(tag atom.Atom, role role, attrs string) {
	if b.skip > 0 {
		if role == hidden {
			b.skip++
		}
		return
	}
	switch role {
	case hidden:
		b.skip++
	case breaks:
		b.flush()
	case block:
		b.flush()
		if len(b.stack) < maxDepth {
			k := kindOf(tag)
			b.stack = append(b.stack, open{tag, k})
			if k != "" {
				b.kind = k
			}
		}
	case anchor:
		b.endLink()
		b.href, b.rel, b.inLink, b.gave = "", "", true, false
		for name, value, rest, ok := attribute(attrs); ok; name, value, rest, ok = attribute(rest) {
			switch {
			case strings.EqualFold(name, "href"):
				b.href = strings.Clone(strings.TrimSpace(decode(value)))
			case strings.EqualFold(name, "rel"):
				b.rel = strings.Clone(decode(value))
			}
		}
		b.startLink()
	case image:
		for name, value, rest, ok := attribute(attrs); ok; name, value, rest, ok = attribute(rest) {
			if strings.EqualFold(name, "src") && value != "" && len(b.images) < maxLinks {
				b.images = append(b.images, strings.Clone(decode(value)))
				break
			}
		}
	}
}

// end handles an end tag.
func (b *builder) end(tag atom.Atom, role role) {
	if b.skip > 0 {
		if role == hidden {
			b.skip--
		}
		return
	}
	switch role {
	case anchor:
		b.endLink()
		b.inLink = false
	case block:
		b.flush()
		for i := len(b.stack) - 1; i >= 0; i-- {
			if b.stack[i].tag == tag {
				b.stack = b.stack[:i]
				break
			}
		}
		b.kind = ""
		for i := len(b.stack) - 1; i >= 0; i-- {
			if k := b.stack[i].kind; k != "" {
				b.kind = k
				break
			}
		}
	}
}

func (b *builder) startLink() {
	if b.inLink && b.nLinks < maxLinks {
		b.nLinks++
		b.links = append(b.links, Link{Href: b.href, Rel: b.rel, Start: b.line.offset(), End: -1})
	}
}

// endLink closes the link that is open in this block, if one is.
func (b *builder) endLink() {
	if n := len(b.links); n > 0 && b.links[n-1].End < 0 {
		b.links[n-1].End = b.line.len()
	}
}

// flush ends the block under way. A link that is open goes on in the next
// block; it stands once in each block that it gives text to.
func (b *builder) flush() {
	if b.line.len() == 0 && len(b.links) == 0 && len(b.images) == 0 {
		b.line.take(nil)
		return
	}
	b.endLink()
	from, end := b.line.take(b.links)
	kept := b.links[:0]
	for i, l := range b.links {
		l.Start, l.End = min(l.Start, end-from), min(l.End, end-from)
		l.End = max(l.Start, l.End)
		last := i == len(b.links)-1 && b.inLink
		if l.End > l.Start || l.Href != "" && !b.gave && !(last && len(b.images) == 0) {
			kept = append(kept, l)
		}
		if last && (l.End > l.Start || len(b.images) > 0) {
			b.gave = true
		}
	}
	kind := b.kind
	if kind == "" {
		kind = "p"
	}
	if end > from || len(kept) > 0 || len(b.images) > 0 {
		if len(kept) == 0 {
			kept = nil
		}
		b.blocks = append(b.blocks, Block{Kind: kind, Links: kept, Images: b.images})
		b.spans = append(b.spans, span{from, end})
	}
	if len(kept) > 0 {
		b.links = nil
	} else {
		b.links = b.links[:0]
	}
	b.images = nil
	b.startLink()
}
