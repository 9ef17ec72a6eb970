package stories

import (
	"slices"
	"time"

	"aggregator/feeds"
)

// Place says where an entry belongs. id is its number, larger than those before
// it, or the number of an entry of the window that was edited. seen.At is
// when it was seen, as a right clock would have shown it, and what its date is judged
// by. came is the same by a clock that nobody sets (feeds.Clock counts such a time), and
// moves the window on; seen.At does when it is zero, and an entry without either takes
// the time of the entry before it.
//
// The entry is compared with a bounded number of entries that share its rarest
// words. It becomes a copy when enough of its text or its distinctive headline
// stands in another outlet's entry, and joins the story that it resembles most,
// if it resembles it enough.
//
// An id that is neither is placed and not remembered: no later entry meets it.
func (x *Index) Place(v View, id uint64, e *feeds.Entry, seen feeds.Seen, came time.Time) Placement {
	s, f := &x.slots, &x.self
	if pos, ok := s.find(id); ok {
		return x.replace(v, pos, e, seen.At)
	}
	at := int64(0)
	if s.size() > 0 {
		at = s.at(s.list.n - 1).at
	}
	if came.IsZero() {
		came = seen.At
	}
	if !came.IsZero() {
		at = came.Unix()
		x.expire(v, at)
	}
	x.extract(f, e, at, seen.At)
	wanted, barred := x.ruled(id)
	x.barred = barred
	d := x.decide(v, f)
	x.barred = nil
	x.bound(&d, wanted)
	p := Placement{Entry: id, CopyOf: d.copyOf, Share: d.share}
	if len(d.stories) == 0 {
		p.Story = x.next
		x.next++
	} else {
		p.Story, p.Merged = x.unite(d.stories)
	}
	x.stands(id, p.Story)
	f.took = d.takes != 0 // always an earlier one
	indexed := min(len(f.terms), maxIndexed)
	if s.size() == 0 || s.at(s.list.n-1).id < id {
		x.add(id, p.Story, p.CopyOf, f, indexed)
	}
	if d.takes != 0 {
		p.Moved = x.repoint(v, f, p.Story, d.takes, id)
	}
	p.Sketch = f.encode(indexed, &x.scratch.byKey)
	p.Reasons = x.reasons(p.Entry, e, f, &d)
	return p
}

// replace places an entry of the window again, after its text was edited.
//
// It stays where it was when it still belongs there, leaves when it does not,
// and takes its story along when it was alone in it. Copies of what it said
// before stay together: the earliest of them becomes their original, unless the
// new text is still theirs.
func (x *Index) replace(v View, pos int, e *feeds.Entry, seen time.Time) Placement {
	s, f := &x.slots, &x.self
	old := *s.at(pos)
	if indexed, ok := x.sketch(v, old.id, f); ok {
		x.count(f, -1)
		s.unindex(pos, f, indexed)
	}
	copies := x.copiesOf(old)
	s.leave(pos)
	x.extract(f, e, old.at, seen)
	wanted, barred := x.ruled(old.id)
	x.barred = barred
	d := x.decide(v, f)
	x.barred = nil
	x.bound(&d, wanted)
	if root, held := s.find(d.copyOf); d.copyOf > old.id && held && !s.at(root).took {
		d.takes, d.copyOf = d.copyOf, 0 // of one text, the earlier arrival is the original
	}
	p := Placement{Entry: old.id, CopyOf: d.copyOf, Share: d.share}
	_, others := s.families[old.story]
	switch {
	case old.took: // whatever it says now
		p.Story, p.Merged = x.unite(x.compatible(append([]uint64{old.story}, d.stories...)))
		p.CopyOf, d.takes, copies = 0, 0, nil
	case !others: // it was alone: its story goes where it goes
		p.Story, p.Merged = x.unite(x.compatible(append([]uint64{old.story}, d.stories...)))
	case len(d.stories) == 0:
		p.Story = x.next
		x.next++
	default:
		p.Story, p.Merged = x.unite(d.stories)
	}
	if at, held := s.find(max(d.copyOf, d.takes)); held && at != pos && s.at(at).story != p.Story {
		p.CopyOf, p.Share, d.takes = 0, 0, 0 // an editor's word keeps the two apart
	}
	if d.copyOf == old.id || d.takes == old.id {
		p.CopyOf, d.takes, copies = 0, 0, nil // it was their original, and stays it
	}
	if len(copies) > 0 {
		heir, _ := s.find(copies[0])
		p.Moved = x.repoint(v, nil, s.at(heir).story, old.id, copies[0])
	}
	f.took = old.took || d.takes != 0 && d.takes < old.id
	s.at(pos).took = f.took
	s.at(pos).copyOf, s.at(pos).outlet = p.CopyOf, f.outlet
	*s.langs.at(pos) = f.lang
	s.join(pos, p.Story)
	x.stands(old.id, p.Story)
	indexed := min(len(f.terms), maxIndexed)
	s.index(pos, f, indexed)
	x.count(f, 1)
	if d.takes != 0 {
		p.Moved = append(p.Moved, x.repoint(v, f, p.Story, d.takes, old.id)...)
	}
	p.Sketch = f.encode(indexed, &x.scratch.byKey)
	p.Reasons = x.reasons(p.Entry, e, f, &d)
	return p
}

// unite makes several stories one: the lowest ID survives.
func (x *Index) unite(ids []uint64) (story uint64, merged []uint64) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, id := range ids[1:] {
		for e, story := range x.rulings.story {
			if story == id {
				x.rulings.story[e] = ids[0]
			}
		}
		for fam := x.slots.families[id]; fam.size > 0; fam = x.slots.families[id] {
			pos := int(fam.newest - 1)
			x.slots.leave(pos)
			x.slots.join(pos, ids[0])
		}
	}
	return ids[0], ids[1:]
}

// copiesOf lists the entries of the window that copy e, oldest first.
func (x *Index) copiesOf(e slot) (ids []uint64) {
	s := &x.slots
	for at := s.families[e.story].oldest; at != 0; at = s.at(int(at - 1)).newer {
		if s.at(int(at-1)).copyOf == e.id {
			ids = append(ids, s.at(int(at-1)).id)
		}
	}
	return ids
}

// repoint makes entry to the original of the group whose original was from; both
// are in story. f is the new original's text, when it is at hand, for the share.
func (x *Index) repoint(v View, f *features, story, from, to uint64) (moved []Placement) {
	s := &x.slots
	for at := s.families[story].oldest; at != 0; at = s.at(int(at - 1)).newer {
		e := s.at(int(at - 1))
		switch {
		case e.id == to:
			if e.copyOf != 0 {
				e.copyOf = 0
				moved = append(moved, Placement{Entry: e.id, Story: e.story, Sketch: slices.Clone(v.Sketch(e.id)),
					Reasons: []string{"original of its copies, now that the text they copied was edited"}})
			}
		case e.id == from || e.copyOf == from:
			e.copyOf = to
			m := Placement{Entry: e.id, Story: e.story, CopyOf: to, Sketch: slices.Clone(v.Sketch(e.id))}
			m.Reasons = []string{"copies the same text, which its original no longer has"}
			if f != nil {
				if _, err := x.sketches.decode(v.Sketch(e.id), x.other(0)); err == nil {
					m.Share, _, _ = f.shared(x.other(0))
					m.Reasons = []string{"copies an original that arrived after it"}
				}
			}
			moved = append(moved, m)
		}
	}
	return moved
}
