package stories

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

// editor is a world in which an editor corrects stories, as the store lets one.
type editor struct {
	*world
	list []Correction
}

func (w *editor) members(story uint64) (list []Member) {
	for id, p := range w.placed {
		if p.Story == story {
			list = append(list, Member{Entry: id, CopyOf: p.CopyOf, Share: p.Share, Reasons: p.Reasons})
		}
	}
	slices.SortFunc(list, func(a, b Member) int { return int(a.Entry) - int(b.Entry) })
	return list
}

func entriesOf(list []Member) (ids []uint64) {
	for i := range list {
		ids = append(ids, list[i].Entry)
	}
	return ids
}

func (w *editor) correct(c Correction) {
	c.Number = uint64(len(w.list) + 1)
	w.list = append(w.list, c)
	w.rule()
}

func (w *editor) rule() {
	w.index.Correct(NewCorrections(w.list), func(e uint64) uint64 { return w.placed[e].Story })
}

func (w *editor) put(p Placement, story uint64) {
	p.Story, p.Sketch = story, w.sketch[p.Entry]
	w.placed[p.Entry] = p
	w.index.Move(p.Entry, story, p.CopyOf)
}

func (w *editor) split(out []uint64) {
	story := w.placed[out[0]].Story
	members := w.members(story)
	taken, stay := Divide(members, out)
	next := w.index.NextStory()
	w.index.SetNextStory(next + 1)
	for _, p := range stay {
		w.put(p, story)
	}
	for _, p := range taken {
		w.put(p, next)
	}
	others := slices.DeleteFunc(entriesOf(members), func(e uint64) bool { return slices.Contains(out, e) })
	w.correct(Correction{Split: true, Entries: out, Others: others})
}

func (w *editor) join(a, b uint64) {
	a, b = min(a, b), max(a, b)
	c := Correction{Entries: entriesOf(w.members(a)), Others: entriesOf(w.members(b))}
	w.index.Unite(a, b)
	for _, e := range c.Others {
		p := w.placed[e]
		p.Story = a
		w.placed[e] = p
	}
	w.correct(c)
}

// obeyed fails when an entry stands where an editor's word does not let it.
func (w *editor) obeyed(t *rapid.T) {
	c := NewCorrections(w.list)
	named := c.Named()
	for _, a := range named {
		for _, b := range named {
			same := w.placed[a].Story == w.placed[b].Story
			if r := c.Relation(a, b); r != c.Relation(b, a) {
				t.Fatalf("entries %d and %d are %v and %v", a, b, r, c.Relation(b, a))
			} else if r == Apart && same {
				t.Fatalf("entries %d and %d were split and are in story %d", a, b, w.placed[a].Story)
			} else if r == Together && !same && !w.torn(c, a, b) {
				t.Fatalf("entries %d and %d were merged and are in stories %d and %d", a, b, w.placed[a].Story, w.placed[b].Story)
			}
		}
	}
}

// torn reports whether the editor's words on the entries of two stories do not
// agree: of these the word that keeps apart holds.
func (w *editor) torn(c *Corrections, a, b uint64) bool {
	for _, x := range c.Named() {
		for _, y := range c.Named() {
			if w.placed[x].Story == w.placed[a].Story && w.placed[y].Story == w.placed[b].Story && c.Relation(x, y) == Apart {
				return true
			}
		}
	}
	return false
}

// Whatever comes and is edited later, an editor's word holds, nothing else breaks,
// a restored index goes on alike, and so does placing all of it anew.
func TestAnEditorsWordHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{Window: 48 * time.Hour}
		w := &editor{world: newWorld(t, o)}
		clock := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		last := uint64(0)
		any := func(label string) uint64 { return uint64(rapid.IntRange(1, int(last)).Draw(t, label)) }
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			clock = clock.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "hours")) * time.Hour)
			kind := rapid.IntRange(0, 9).Draw(t, "kind")
			switch held := w.index.slots.held(); {
			case kind < 5 || last == 0:
				last++
				w.place(last, anyEntry(t), feeds.Seen{At: clock})
			case kind < 7 && len(held) > 0:
				id := held[rapid.IntRange(0, len(held)-1).Draw(t, "which")].id
				w.place(id, anyEntry(t), w.seen[id])
			case kind < 9:
				members := entriesOf(w.members(w.placed[any("of")].Story))
				if n := rapid.IntRange(1, len(members)).Draw(t, "out"); n < len(members) {
					w.split(members[len(members)-n:])
				}
			default:
				if a, b := w.placed[any("one")].Story, w.placed[any("other")].Story; a != b {
					w.join(a, b)
				}
			}
			w.check()
			w.obeyed(t)
		}
		again := w.restored(o)
		again.Correct(NewCorrections(w.list), func(e uint64) uint64 { return w.placed[e].Story })
		e := anyEntry(t)
		seen := feeds.Seen{At: clock.Add(time.Hour)}
		if d := cmp.Diff(w.index.Place(w, last+1, e, seen, time.Time{}), again.Place(w, last+1, e, seen, time.Time{})); d != "" {
			t.Fatalf("the restored index places otherwise:\n%s", d)
		}
		anew := &editor{world: newWorld(t, o), list: w.list}
		anew.rule()
		for id := uint64(1); id <= last; id++ {
			anew.place(id, w.entries[id], w.seen[id])
		}
		anew.check()
		anew.obeyed(t)
	})
}

func TestTheLastWordDecides(t *testing.T) {
	split := Correction{Number: 1, Split: true, Entries: []uint64{3, 4}, Others: []uint64{1, 2}}
	merge := Correction{Number: 2, Entries: []uint64{1, 2}, Others: []uint64{3, 5}}
	undone := merge
	undone.Undone = &Word{By: "ada"}
	for _, c := range []struct {
		name string
		list []Correction
		a, b uint64
		want Relation
	}{
		{"split", []Correction{split}, 3, 1, Apart},
		{"split, same side", []Correction{split}, 3, 4, Together},
		{"split, those left", []Correction{split}, 1, 2, Unrelated},
		{"never named", []Correction{split}, 3, 9, Unrelated},
		{"merged later", []Correction{split, merge}, 3, 1, Together},
		{"merged without it", []Correction{split, merge}, 4, 1, Apart},
		{"merged and undone", []Correction{split, undone}, 3, 1, Apart},
		{"itself", []Correction{split}, 3, 3, Unrelated},
	} {
		if got := NewCorrections(c.list).Relation(c.a, c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDivideKeepsTextsTogether(t *testing.T) {
	members := []Member{{Entry: 1}, {Entry: 2, CopyOf: 1, Share: 900}, {Entry: 3, CopyOf: 1, Share: 800}, {Entry: 4}, {Entry: 5, CopyOf: 1, Share: 700}}
	for _, c := range []struct {
		out         []uint64
		taken, stay []Placement
	}{
		{[]uint64{4}, []Placement{{Entry: 4}}, nil},
		{[]uint64{3, 5}, []Placement{{Entry: 3}, {Entry: 5, CopyOf: 3, Share: 700}}, nil},
		{[]uint64{1}, []Placement{{Entry: 1}}, []Placement{{Entry: 2}, {Entry: 3, CopyOf: 2, Share: 800}, {Entry: 5, CopyOf: 2, Share: 700}}},
		{[]uint64{1, 2}, []Placement{{Entry: 1}, {Entry: 2, CopyOf: 1, Share: 900}}, []Placement{{Entry: 3}, {Entry: 5, CopyOf: 3, Share: 700}}},
	} {
		taken, stay := Divide(members, c.out)
		if d := cmp.Diff([][]Placement{c.taken, c.stay}, [][]Placement{taken, stay}); d != "" {
			t.Errorf("%v: %s", c.out, d)
		}
	}
}
