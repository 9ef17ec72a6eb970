package parse

import (
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// publication is the feed in which an entry was read.
type publication struct {
	Title, Home, FeedURL string
	Outlet               feeds.Outlet
	// Usual is the host on which nearly all of the feed's entries lie; empty
	// when there is none. It is the publication's own, whatever the feed says of
	// its home: many feeds live on another host than their articles.
	Usual string
}

// usualHost finds a document's usual host: of three items or more, at least
// four in five name it. It is counted in the document's text, since known items
// are not parsed.
func usualHost(items []feeds.Item, document string) string {
	if len(items) < 3 {
		return ""
	}
	last := ""
	tries := 8 // a list of links has as many hosts as items
	for i := range items {
		if e := items[i].Entry; e != nil {
			h := hostOf(e.Link)
			if h == "" || h == last {
				continue
			}
			if tries--; tries < 0 {
				break
			}
			if strings.Count(document, h)*5 >= len(items)*4 {
				return h
			}
			last = h
		}
	}
	return ""
}

// findStated returns what an entry says of its own origin, in the order: its
// elements, its links, its authors, its text from top to bottom. A mention of
// another publication ("told Reuters", "according to The Guardian") is not a
// statement of origin. The wording alone never decides between SelfClaim and
// Reprint: the same sentence is one on the named host and the other elsewhere.
//
// Only the first and the last paragraphs are read: that is where credits stand.
// The result depends on the entry and its publication alone; cut, which may be
// zero, only saves work.
func findStated(e *feeds.Entry, own publication, cut cutText) []feeds.Stated {
	f := finder{own: own}
	return f.stated(e, cut)
}

// stated is findStated for one of many entries of a publication.
func (f *finder) stated(e *feeds.Entry, cut cutText) []feeds.Stated {
	f.entry, f.cut, f.found = e, cut, nil
	f.elements()
	f.links()
	f.authors()
	f.markup(e.Content)
	if e.Summary != e.Content {
		f.markup(e.Summary)
	}
	return f.result()
}

// cutText is HTML with the blocks that it was cut into.
type cutText struct {
	html   string
	blocks []text.Block
}

// finder collects the statements of one entry after another.
type finder struct {
	own   publication
	entry *feeds.Entry
	cut   cutText
	low   []byte   // a text in lower case
	hosts []string // of own; filled when first needed
	names []string // of own, folded
	found []feeds.Stated
}

const (
	maxPhrase = 300 // bytes of Stated.Phrase
	maxStated = 12  // statements of one entry
)

// add notes a statement. It becomes a SelfClaim when it names the entry's own
// publication, except for the elements that are there to name a source.
func (f *finder) add(kind feeds.StatedKind, name, address, phrase, where string) {
	if len(f.found) >= maxStated {
		return
	}
	name = strings.TrimSpace(name)
	if name == "" && address != "" {
		name = hostOf(address)
	}
	if kind == feeds.Reprint || kind == feeds.Wire {
		if f.isOwn(name, address) {
			kind = feeds.SelfClaim
		}
	}
	f.found = append(f.found, feeds.Stated{Kind: kind, Outlet: name, URL: address, Phrase: shorten(phrase), Where: where})
}

// result drops statements that say less than another one does: the same kind
// and name twice, an unnamed credit beside a named one, the host of a link
// beside a sentence that names that host's outlet.
func (f *finder) result() []feeds.Stated {
	if len(f.found) < 2 {
		return f.found
	}
	var out []feeds.Stated
	for i, s := range f.found {
		keep := true
		for j, t := range f.found {
			if i != j && says(t, s) && (!says(s, t) || j < i) {
				keep = false
				break
			}
		}
		if keep {
			out = append(out, s)
		}
	}
	return out
}

// says reports whether a says all that b says.
func says(a, b feeds.Stated) bool {
	if a.Kind == b.Kind && (b.Outlet == "" || foldName(a.Outlet) == foldName(b.Outlet)) {
		return a.URL != "" || b.URL == ""
	}
	// The host of an address beside its name.
	if a.Kind == b.Kind && b.URL != "" && b.Outlet == hostOf(b.URL) && a.Outlet != b.Outlet && (a.URL == b.URL || a.URL == "") {
		return true
	}
	// A bare link beside words that name its site.
	return b.Kind == feeds.SourceElement && a.Kind == feeds.Reprint && b.URL != "" && strings.HasPrefix(b.Where, "link") &&
		sameSite(hostOf(a.URL), hostOf(b.URL))
}

func shorten(phrase string) string {
	phrase = strings.TrimSpace(phrase)
	if len(phrase) <= maxPhrase {
		return phrase
	}
	cut := maxPhrase - len("…")
	for cut > 0 && phrase[cut]&0xC0 == 0x80 {
		cut--
	}
	return phrase[:cut] + "…"
}

const (
	wholeBelow = 5 << 10 // bytes of markup that are read whole
	headBytes  = 2 << 10 // of longer ones: so much of the start
	tailBytes  = 3 << 10 // and of the end
	headBlocks = 4       // paragraphs that are looked at
	tailBlocks = 6
)

// markup reads the first and the last paragraphs of an entry's HTML.
func (f *finder) markup(html string) {
	if html == "" {
		return
	}
	f.pixels(html)
	html = closeLink(html)
	if len(html) <= wholeBelow {
		blocks := f.cut.blocks
		if html != f.cut.html {
			blocks = text.Blocks(html)
		}
		f.read(blocks, true, true)
		return
	}
	f.read(text.Blocks(cutTag(html[:headBytes])), true, false)
	tail := html[len(html)-tailBytes:]
	if i := strings.Index(tail, "<p"); i >= 0 && i < tailBytes/2 {
		tail = tail[i:]
	} else if i := strings.IndexByte(tail, '>'); i >= 0 && i < tailBytes/2 {
		tail = tail[i+1:]
	}
	f.read(text.Blocks(tail), false, true)
}

// closeLink repairs a text that was cut inside a link's tag: the address is
// there, so the link gets its host as its text.
func closeLink(html string) string {
	open := strings.LastIndexByte(html, '<')
	if open < 0 || open < strings.LastIndexByte(html, '>') || !strings.HasPrefix(html[open:], "<a ") {
		return html
	}
	_, address, ok := strings.Cut(html[open:], `href="`)
	if !ok {
		return html
	}
	address, _, ok = strings.Cut(address, `"`)
	if host := hostOf(address); ok && host != "" {
		return html[:open] + `<a href="` + address + `">` + host + `</a>`
	}
	return html
}

// cutTag drops a tag that does not end.
func cutTag(html string) string {
	if open := strings.LastIndexByte(html, '<'); open > strings.LastIndexByte(html, '>') {
		return html[:open]
	}
	return html
}

// credit gives a block that can hold a statement: it has text, and is not a
// picture's caption, whose credits are not the entry's.
func (f *finder) credit(b *text.Block) (p paragraph, ok bool) {
	if b.Text == "" || b.Kind == "figcaption" {
		return p, false
	}
	p.Block = b
	p.words, f.low = wordsIn(f.low, b.Text)
	return p, !p.words.has(captionCue)
}

// read looks at the first blocks, when they are the entry's first, and at the
// last ones.
func (f *finder) read(blocks []text.Block, start, end bool) {
	var picked [headBlocks + tailBlocks]paragraph // in order
	n, next := 0, 0
	if start {
		for ; next < len(blocks) && n < headBlocks; next++ {
			if p, ok := f.credit(&blocks[next]); ok {
				picked[n] = p
				n++
			}
		}
	}
	heads, first := n, 0 // first: of the last blocks
	if end {
		// backwards: those behind the heads, then the heads themselves
		last := len(picked)
		for i := len(blocks) - 1; i >= next && len(picked)-last < tailBlocks; i-- {
			if p, ok := f.credit(&blocks[i]); ok {
				last--
				picked[last] = p
			}
		}
		tails := len(picked) - last
		n += copy(picked[n:], picked[last:])
		first = n - min(tailBlocks, heads+tails)
	}
	for k := range picked[:n] {
		p := &picked[k]
		if k < heads {
			f.opening(p, k)
		}
		if end && k >= first {
			f.closing(p, n-1-k)
		}
		if f.footer(p) {
			continue
		}
		f.sentences(p, end && k == n-1)
		f.disclaimer(p)
	}
}
