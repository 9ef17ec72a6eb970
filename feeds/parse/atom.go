package parse

import (
	"bytes"
	"strings"

	"aggregator/feeds"

	goatom "github.com/mmcdole/gofeed/atom"
)

// readAtom reads a skeleton of Atom 0.3 or 1.0.
func (r *reader) readAtom() error {
	f, err := (&goatom.Parser{}).Parse(bytes.NewReader(r.out))
	if err != nil {
		return err
	}
	d, x := r.doc, extensions{r, f.Extensions}
	d.Type = strings.TrimSpace("atom " + r.version)
	d.Title = first(r.line(f.Title), r.line(x.one("dc", "title")))
	d.Description = first(r.line(f.Subtitle), r.line(x.one("x", "info")))
	for _, l := range f.Links {
		r.channelLink(r.atomRel(l), r.href(l.Href))
	}
	d.Language = first(r.lang, languageTag(r.value(x.one("dc", "language"))))
	r.updateEvery(x)
	var people []string
	for _, p := range f.Authors {
		people = addName(people, r.person(p))
	}
	r.readItems(len(f.Entries), func(where *found) *feeds.Entry {
		e := r.atomEntry(f.Entries[where.shape], where)
		if len(e.Authors) == 0 { // RFC 4287, section 4.2.1
			e.Authors = people
		}
		return e
	})
	return nil
}

// atomRel is a link's rel; gofeed gives "alternate" for none.
func (r *reader) atomRel(l *goatom.Link) string {
	if l.Rel == "alternate" {
		return l.Rel
	}
	return r.attribute(l.Rel)
}

func (r *reader) person(p *goatom.Person) string {
	return personName(first(r.line(p.Name), r.value(p.Email), r.value(p.URI)))
}

// atomEntry turns an entry of gofeed's into ours.
func (r *reader) atomEntry(it *goatom.Entry, where *found) *feeds.Entry {
	x := extensions{r, it.Extensions}
	e := &feeds.Entry{}
	e.Title = first(r.line(it.Title), r.line(x.one("dc", "title")), r.line(x.one("media", "title")))
	e.Summary = first(r.markup(it.Summary), r.markup(x.one("dc", "description")))
	content := ""
	if it.Content != nil {
		content = it.Content.Value
		e.Content = r.markup(content)
	}
	e.Content = first(e.Content, r.markup(x.one("content", "encoded")), r.markup(x.one("xhtml", "body")))
	e.GUID = first(r.value(it.ID), r.value(x.one("dc", "identifier")))
	e.Link = r.atomLink(it.Links)
	if e.Link == "" && it.Content != nil {
		e.Link = r.href(it.Content.Src)
	}
	if e.Link == "" && web(e.GUID) {
		e.Link = e.GUID
	}
	if orig := r.address(x.one("feedburner", "origlink")); web(orig) {
		e.Links = append(e.Links, feeds.Link{Rel: "origLink", Href: orig})
		e.Canonical = Canonical(orig)
		e.Link = first(e.Link, orig)
	}
	pub, _ := r.date(it.Published)
	upd, _ := r.date(it.Updated)
	dc := x.date("dc", "date")
	e.Published = firstDate(pub, x.date("dcterms", "issued"), x.date("x", "created"), x.date("dcterms", "created"))
	if e.Published.Raw == "" && upd.Raw == "" {
		e.Published = dc
	}
	e.Updated = firstDate(upd, x.date("dcterms", "modified"), dc)
	for _, p := range it.Authors {
		e.Authors = addName(e.Authors, r.person(p))
	}
	for _, c := range x.all("dc", "creator") {
		e.Authors = addName(e.Authors, personName(r.line(c.Value)))
	}
	for _, c := range it.Categories {
		e.Categories = addName(e.Categories, first(r.attribute(c.Label), r.attribute(c.Term)))
	}
	for _, c := range x.all("dc", "subject") {
		e.Categories = addName(e.Categories, r.line(c.Value))
	}
	e.Rights = first(r.line(it.Rights), r.line(x.one("dc", "rights")))
	e.Language = r.entryLanguage(it.Title, it.Summary, content, x, where)
	for _, l := range it.Links {
		if full(e) {
			break
		}
		r.addLink(e, r.atomRel(l), r.href(l.Href), r.attribute(l.Type), r.attribute(l.Title), r.attribute(l.Length))
	}
	r.namedSources(e, x)
	if it.Source != nil {
		r.atomSource(e, it.Source)
	}
	r.media(e, x)
	return e
}

// atomLink chooses the entry's address: the alternate link that is HTML, or
// has no type, before others.
func (r *reader) atomLink(links []*goatom.Link) string {
	best := ""
	for _, l := range links {
		if rel := strings.ToLower(r.atomRel(l)); rel != "alternate" && rel != "" && rel != "http://www.iana.org/assignments/relation/alternate" {
			continue
		}
		href, typ := r.href(l.Href), strings.ToLower(r.attribute(l.Type))
		if href == "" {
			continue
		}
		if typ == "" || strings.Contains(typ, "html") {
			return href
		}
		best = first(best, href)
	}
	return best
}

// atomSource reads the feed that an entry was taken from.
func (r *reader) atomSource(e *feeds.Entry, s *goatom.Source) {
	self := ""
	e.Source.Name = r.line(s.Title)
	for _, l := range s.Links {
		switch strings.ToLower(r.atomRel(l)) {
		case "alternate":
			e.Source.URL = first(e.Source.URL, r.href(l.Href))
		case "self":
			self = first(self, r.href(l.Href))
		}
	}
	e.Source.URL = first(e.Source.URL, self)
	if id := r.value(s.ID); e.Source.URL == "" && web(id) {
		e.Source.URL = id
	}
	if len(e.Authors) == 0 {
		for _, p := range s.Authors {
			e.Authors = addName(e.Authors, r.person(p))
		}
	}
}
