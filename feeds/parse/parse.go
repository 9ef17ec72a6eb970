package parse

import (
	"fmt"
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// Parse reads a document. It never panics; time and memory are bounded in
// proportion to the body, which may hold 64 MiB.
func Parse(in Input) Document {
	if len(in.Body) > maxBody {
		return refused(fmt.Sprintf("the document is larger than %d MiB", maxBody>>20))
	}
	s, problem := decode(unpack(in.Body), in.ContentType)
	head := strings.TrimLeft(s[:min(len(s), 4096)], " \t\r\n\uFEFF\x00")
	if head == "" && strings.TrimLeft(s, " \t\r\n\uFEFF\x00") == "" {
		return refused("the document is empty")
	}
	var d Document
	if head != "" && (head[0] == '{' || head[0] == '[') {
		d = parseJSON(in, s)
	} else {
		d = parseXML(in, s)
	}
	if d.Status == Refused {
		return d
	}
	if d.Problem == "" {
		d.Problem = problem
	}
	d.Status = Read
	if d.Problem != "" {
		d.Status = Damaged
	}
	f := finder{own: publication{Title: d.Title, Home: d.Home, FeedURL: in.URL, Outlet: in.Outlet, Usual: usualHost(d.Items, s)}}
	for i := range d.Items {
		if e := d.Items[i].Entry; e != nil {
			e.Stated = f.stated(e, complete(e, &d, in))
		}
	}
	return d
}

func refused(problem string) Document { return Document{Status: Refused, Problem: problem} }

// complete fills in what follows from the rest of an entry and its feed, and
// gives the blocks of its text.
func complete(e *feeds.Entry, d *Document, in Input) cutText {
	e.Outlet, e.Feed = in.Outlet.ID, in.URL
	if e.Language == "" {
		e.Language = d.Language
	}
	if e.Language == "" {
		e.Language = in.Outlet.Language
	}
	if e.Canonical == "" {
		e.Canonical = Canonical(e.Link)
	}
	fuller := e.Content
	if len(e.Summary) > len(fuller) {
		fuller = e.Summary
	}
	cut := cutText{html: fuller}
	e.Text, cut.blocks = text.Cut(fuller)
	return cut
}

// parseXML reads RSS and Atom.
func parseXML(in Input, s string) Document {
	x := scanners.Get().(*scanner)
	defer x.release()
	x.s, x.known, x.base, x.budget, x.never = s, in.Known, in.URL, 8*len(s)+1<<20, map[string]int{}
	x.scan()
	if x.format == noFormat {
		return refused(whatElse(x.first))
	}
	x.finish(x.format)
	d := Document{Problem: x.problem}
	r := reader{scanner: x, doc: &d}
	var err error
	if x.format == inAtom {
		err = r.readAtom()
	} else {
		err = r.readRSS()
	}
	if err != nil { // the skeleton is well-formed: this is a mistake of ours
		return refused("the feed could not be read: " + err.Error())
	}
	r.finishItems()
	return d
}

// whatElse says what a document is that is no feed.
func whatElse(root string) string {
	switch strings.ToLower(root) {
	case "":
		return "this is not a feed: it holds no XML element and no JSON object"
	case "html", "head", "body", "!doctype":
		return "this is a web page, not a feed"
	case "opml":
		return "this is an OPML list of feeds, not a feed"
	case "urlset", "sitemapindex":
		return "this is a sitemap, not a feed"
	}
	return fmt.Sprintf("this is not a feed: its first element is <%.40s>", root)
}

// reader turns what gofeed read into entries.
type reader struct {
	*scanner
	doc  *Document
	read int // entries
}

// readItems puts items in the document's order, with their hashes, and makes an
// entry of each that is not known. gofeed read so many different ones.
func (r *reader) readItems(different int, entry func(*found) *feeds.Entry) {
	r.doc.Items = make([]feeds.Item, len(r.items))
	for i := range r.items {
		it := &r.items[i]
		r.doc.Items[i].Raw = it.raw
		if !it.known && it.shape < different {
			r.zero = it.nodes
			r.doc.Items[i].Entry = entry(it)
			r.read++
		}
	}
}

// finishItems takes away identifiers that identify nothing, and fills in
// canonical links.
func (r *reader) finishItems() {
	if r.read == 0 {
		return
	}
	pages := make([]string, len(r.items)) // the canonical links of the entries
	for i, it := range r.doc.Items {
		if it.Entry != nil {
			pages[i] = Canonical(it.Entry.Link)
		}
	}
	r.dropRepeatedGUIDs(pages)
	keepFragments(r.doc.Items, pages)
	for i, it := range r.doc.Items {
		if it.Entry != nil && it.Entry.Canonical == "" {
			it.Entry.Canonical = pages[i]
		}
	}
}

// keepFragments leaves the fragments on canonical links where they alone tell
// the items of a document apart: a page of notes with an anchor for each.
func keepFragments(items []feeds.Item, canonical []string) {
	type seen struct {
		fragment string
		several  bool
	}
	fragment := func(e *feeds.Entry) string {
		_, f, _ := strings.Cut(e.Link, "#")
		if strings.Contains(f, "=") { // "#ref=rss", "#publisher=x"
			return ""
		}
		return f
	}
	pages := make(map[string]seen, len(items))
	several := false
	for i, it := range items {
		if e := it.Entry; e != nil && e.Link != "" {
			c, f := canonical[i], fragment(e)
			if was, ok := pages[c]; ok && was.fragment != f && was.fragment != "" && f != "" {
				pages[c] = seen{f, true}
				several = true
			} else if !ok {
				pages[c] = seen{f, false}
			}
		}
	}
	if !several {
		return
	}
	for i, it := range items {
		if e := it.Entry; e != nil && e.Link != "" {
			if c := canonical[i]; pages[c].several && !strings.Contains(c, "#") {
				if f := fragment(e); f != "" {
					e.Canonical = c + "#" + f
				}
			}
		}
	}
}

// dropRepeatedGUIDs takes away GUIDs under which different links stand in one
// document, known items included: they identify nothing.
func (r *reader) dropRepeatedGUIDs(pages []string) {
	links := make(map[string]string, len(r.items))
	repeated := map[string]bool{}
	note := func(guid, link string) {
		if guid == "" {
			return
		}
		if was, ok := links[guid]; ok && was != link {
			repeated[guid] = true
		}
		links[guid] = link
	}
	for i := range r.items {
		if e := r.doc.Items[i].Entry; e != nil {
			note(e.GUID, pages[i])
		} else if r.items[i].known {
			raw := r.s[r.items[i].start:r.items[i].end]
			guid := r.peek(raw, "guid")
			if r.format == inAtom {
				guid = r.peek(raw, "id")
			}
			note(guid, Canonical(r.peek(raw, "link")))
		}
	}
	if len(repeated) == 0 {
		return
	}
	for i := range r.doc.Items {
		if e := r.doc.Items[i].Entry; e != nil && repeated[e.GUID] {
			e.GUID = ""
		}
	}
}

// peek reads the text of the first element of a name in a known item.
func (r *reader) peek(raw, name string) string {
	for from := 0; ; {
		i := strings.Index(raw[from:], "<"+name)
		if i < 0 {
			return ""
		}
		at := from + i
		from = at + 1 + len(name)
		if !named(raw, at+1, name) {
			continue
		}
		t := readTag(raw, at, nil)
		if end := strings.Index(raw[t.after:], "</"+name); end >= 0 && !t.empty {
			return r.text(raw[t.after : t.after+end])
		}
		for _, a := range t.attrs {
			if a.name == "href" {
				return r.decodeAttr(a.value)
			}
		}
		return ""
	}
}
