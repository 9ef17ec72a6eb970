package store

import (
	"errors"
	"slices"
	"strings"

	"aggregator/feeds"
)

func toDate(d feeds.Date) *date {
	if d == (feeds.Date{}) {
		return nil
	}
	return &date{Time: toInstant(d.Time), Raw: d.Raw, Element: d.Element}
}

func (d *date) date() feeds.Date {
	if d == nil {
		return feeds.Date{}
	}
	return feeds.Date{Time: d.Time.time(), Raw: d.Raw, Element: d.Element}
}

func (d *date) equal(e *date) bool {
	if d == nil || e == nil {
		return d == e
	}
	return *d == *e
}

func toStated(in []feeds.Stated) []stated {
	if len(in) == 0 {
		return nil
	}
	out := make([]stated, len(in))
	for i, s := range in {
		out[i] = stated{Kind: string(s.Kind), Outlet: s.Outlet, URL: s.URL, Phrase: s.Phrase, Where: s.Where}
	}
	return out
}

func fromStated(in []stated) []feeds.Stated {
	if len(in) == 0 {
		return nil
	}
	out := make([]feeds.Stated, len(in))
	for i, s := range in {
		out[i] = feeds.Stated{Kind: feeds.StatedKind(s.Kind), Outlet: s.Outlet, URL: s.URL, Phrase: s.Phrase, Where: s.Where}
	}
	return out
}

// toBody takes from an entry what the head does not hold.
func toBody(e *feeds.Entry) body {
	b := body{GUID: e.GUID, Canonical: e.Canonical, Summary: e.Summary, Content: e.Content, Authors: e.Authors,
		Categories: e.Categories, Rights: e.Rights, Image: e.Image}
	b.Text, b.TextOf = shorten(e)
	if at := strings.Index(e.Link, e.Canonical); at >= 0 && e.Canonical != "" {
		b.Canonical, b.LinkFrom, b.LinkLeft = "", uint64(at)+1, uint64(len(e.Link)-at-len(e.Canonical))
	}
	if e.Source != (feeds.Source{}) {
		b.Source = &source{e.Source.Name, e.Source.URL}
	}
	for _, l := range e.Links {
		b.Links = append(b.Links, link{l.Rel, l.Href, l.Type, l.Title})
	}
	for _, c := range e.Enclosures {
		b.Enclosures = append(b.Enclosures, enclosure{c.URL, c.Type, c.Length})
	}
	return b
}

// shorten keeps the text as a recipe where that is shorter.
func shorten(e *feeds.Entry) ([]byte, uint8) {
	if e.Text == "" {
		return nil, 0
	}
	from, html := uint8(2), e.Content
	if len(e.Summary) > len(e.Content) {
		from, html = 1, e.Summary
	}
	if isUntagged(e.Text, html) {
		return nil, from + 2
	}
	if recipe, ok := derive(html, e.Text); ok {
		return recipe, from
	}
	return []byte(e.Text), 0
}

// fill is the reverse of toBody, for an entry that has what the head holds.
func (b *body) fill(e *feeds.Entry) (err error) {
	e.GUID, e.Canonical, e.Summary, e.Content = b.GUID, b.Canonical, b.Summary, b.Content
	e.Authors, e.Categories, e.Rights, e.Image = b.Authors, b.Categories, b.Rights, b.Image
	switch b.TextOf {
	case 1:
		e.Text, err = rederive(b.Summary, b.Text)
	case 2:
		e.Text, err = rederive(b.Content, b.Text)
	case 3:
		e.Text = strings.Join(slices.Collect(untagged(b.Summary)), "")
	case 4:
		e.Text = strings.Join(slices.Collect(untagged(b.Content)), "")
	default:
		e.Text = string(b.Text)
	}
	if err != nil {
		return err
	}
	if n := uint64(len(e.Link)); b.LinkFrom > 0 {
		if b.LinkLeft > n || b.LinkFrom-1 >= n-b.LinkLeft {
			return errors.New("damaged canonical link")
		}
		e.Canonical = e.Link[b.LinkFrom-1 : n-b.LinkLeft]
	}
	if b.Source != nil {
		e.Source = feeds.Source{Name: b.Source.Name, URL: b.Source.URL}
	}
	for _, l := range b.Links {
		e.Links = append(e.Links, feeds.Link{Rel: l.Rel, Href: l.Href, Type: l.Type, Title: l.Title})
	}
	for _, c := range b.Enclosures {
		e.Enclosures = append(e.Enclosures, feeds.Enclosure{URL: c.URL, Type: c.Type, Length: c.Length})
	}
	if b.Published != nil {
		e.Published = b.Published.date()
	}
	if b.Updated != nil {
		e.Updated = b.Updated.date()
	}
	return nil
}
