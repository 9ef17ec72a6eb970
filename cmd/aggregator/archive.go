package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/stories"
)

// archive places entries in memory with the daemon's own rules.
type archive struct {
	index    *stories.Index
	ids      []json.RawMessage // by entry number - 1
	members  []stories.Member  // by entry number - 1
	story    []uint64          // by entry number - 1; follow merged for the final one
	merged   map[uint64]uint64
	sketches sketches
	outlets  map[string]feeds.Outlet
	order    []string // outlets as they first appear
}

// sketches is the in-memory stories.View.
type sketches map[uint64][]byte

func (s sketches) Sketch(entry uint64) []byte { return s[entry] }

func newArchive(window time.Duration) *archive {
	return &archive{
		index:    stories.NewIndex(stories.Options{Window: window}),
		merged:   map[uint64]uint64{},
		sketches: sketches{},
		outlets:  map[string]feeds.Outlet{},
	}
}

// add places the entry of line n.
func (a *archive) add(in groupIn, n int) error {
	if len(in.ID) == 0 || string(in.ID) == "null" {
		in.ID = json.RawMessage(fmt.Sprint(n))
	}
	if c := in.ID[0]; c == '{' || c == '[' {
		return fmt.Errorf("\"id\" must be a text or a number, not %s", in.ID)
	}
	e := &feeds.Entry{
		Outlet: in.Outlet, Link: in.URL, Title: in.Title, Summary: in.Summary, Content: in.Content,
		Language: in.Language, Published: in.Published.Date,
	}
	e.Published.Element = "published"
	outlet := a.outlet(in)
	parse.Derive(e, outlet)
	seen := feeds.Seen{After: in.SeenAfter.Time, At: in.FirstSeen.Time}

	id := uint64(len(a.ids) + 1)
	p := a.index.Place(a.sketches, id, e, seen, time.Time{})
	a.sketches[id] = p.Sketch
	a.ids = append(a.ids, in.ID)
	a.story = append(a.story, p.Story)
	a.members = append(a.members, stories.Member{
		Entry: id, Outlet: e.Outlet, Title: e.Title, Link: e.Link, Language: e.Language, Seen: seen,
		Published: e.Published, Stated: e.Stated, CopyOf: p.CopyOf, Share: p.Share, Reasons: p.Reasons,
	})
	for _, old := range p.Merged {
		a.merged[old] = p.Story
	}
	for _, m := range p.Moved {
		a.members[m.Entry-1].CopyOf, a.members[m.Entry-1].Share = m.CopyOf, m.Share
	}
	return nil
}

// outlet remembers an outlet at its first entry. Its site is that of the link.
func (a *archive) outlet(in groupIn) feeds.Outlet {
	o, known := a.outlets[in.Outlet]
	if known && (o.Home != "" || in.URL == "") {
		return o
	}
	o.ID, o.Name = in.Outlet, in.Outlet
	if u, err := url.Parse(in.URL); err == nil && u.Host != "" {
		o.Home = u.Scheme + "://" + u.Host + "/"
	}
	if in.Outlet == "" {
		return o // nameless entries are not one outlet
	}
	if !known {
		a.order = append(a.order, in.Outlet)
	}
	a.outlets[in.Outlet] = o
	return o
}

// final is the story that survives.
func (a *archive) final(story uint64) uint64 {
	for {
		next, ok := a.merged[story]
		if !ok {
			return story
		}
		story = next
	}
}

// results attributes every story and gives a line for each entry, in order.
func (a *archive) results() []groupOut {
	outlets := make([]feeds.Outlet, 0, len(a.order))
	for _, name := range a.order {
		outlets = append(outlets, a.outlets[name])
	}
	directory := stories.NewDirectory(outlets)
	byStory := map[uint64][]stories.Member{}
	for i, m := range a.members {
		s := a.final(a.story[i])
		byStory[s] = append(byStory[s], m)
	}
	first := make(map[uint64]firstOut, len(byStory))
	text := map[uint64]firstOut{} // by original entry
	for s, members := range byStory {
		verdict, groups := stories.Attribute(members, directory)
		first[s] = firstOf(verdict)
		for _, g := range groups {
			text[g.Original] = firstOf(g.Verdict)
		}
	}
	out := make([]groupOut, 0, len(a.members))
	for i, m := range a.members {
		s := a.final(a.story[i])
		o := groupOut{
			ID: a.ids[i], Story: s, CopyOf: json.RawMessage("null"), First: first[s],
			Stated: statedList(m.Stated), Reasons: a.named(m.Reasons),
		}
		original := m.Entry
		if m.CopyOf != 0 {
			original = m.CopyOf
			o.CopyOf, o.Share = a.ids[m.CopyOf-1], m.Share
		}
		if t, ok := text[original]; ok {
			o.TextFirst = &t
		}
		out = append(out, o)
	}
	return out
}

// named gives reasons with the entries that they name by their place in the archive
// named by outlet and headline as well.
func (a *archive) named(reasons []string) (out []string) {
	for _, reason := range reasons {
		out = append(out, stories.Named(reason, func(id uint64) (outlet, headline string) {
			m := &a.members[id-1]
			return m.Outlet, m.Title
		}))
	}
	return out
}

func firstOf(v stories.Verdict) firstOut {
	return firstOut{v.Name, v.URL, timeOut(v.At), v.Basis, v.Confidence, v.Reason}
}
