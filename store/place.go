package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// touched is a story that the poll under way concerns.
type touched struct {
	row    *storyRow
	before *stories.Story // as readers saw it before the poll, its last verdict for all its history, perhaps without evidence; nil for a new one
	listed stories.Cursor // where it stands in the list; zero when it does not
	word   string         // an editor's, that changes it
	plain  bool           // its record holds no verdict: it follows from the entry
	merged []uint64       // stories that became one with it
	joined []uint64       // entries that joined it
	edited []uint64       // members that were edited
	dead   bool           // merged into another story, or left without members
}

// place puts what a poll brought in its place, and attributes every story that
// it concerns once.
func (b *batch) place(arrivals []arrival, at, latest time.Time) error {
	b.s.rebuild.edits(arrivals)
	if b.s.stale {
		return nil // by rules that are no more: the reindex under way places them
	}
	if len(arrivals) == 0 {
		return nil
	}
	c, err := b.s.clock(b.tx)
	if err != nil {
		return err
	}
	for i, a := range arrivals {
		if i%64 == 0 {
			b.s.letGo(b.tx)
		}
		if !a.fresh && !b.index.Holds(a.id) {
			if err := b.editedInPlace(a.id); err != nil {
				return err
			}
			continue
		}
		seen, came := timesOf(c, &a)
		p := b.index.Place(b, a.id, a.entry, seen, came)
		if err := b.settle(&a, &p, came); err != nil {
			return err
		}
	}
	if err := b.putSketches(); err != nil {
		return err
	}
	if err := b.attributeTouched(at); err != nil {
		return err
	}
	return b.dropSketches(c.Counted(c.Now(), latest))
}

// timesOf gives when an entry was seen by a right clock, if that is known, and when it came in
// counted time.
func timesOf(c *feeds.Clock, a *arrival) (seen feeds.Seen, came time.Time) {
	if a.seen.At.IsZero() {
		return seen, came
	}
	stood, _ := c.OfEntry(a.id, a.seen)
	return feeds.Seen{At: stood.True(a.seen.At)}, c.CountedOf(a.id, a.seen.At)
}

// settle writes a placement of an entry that came at a moment of counted time.
func (b *batch) settle(a *arrival, p *stories.Placement, came time.Time) error {
	for _, id := range p.Merged {
		if err := b.merge(id, p.Story); err != nil {
			return err
		}
	}
	if err := b.settleOne(p.Entry, p, a.head != nil); err != nil {
		return err
	}
	if a.head != nil {
		m, err := b.reader().member(a.id, a.head, rowOf(p))
		if err != nil {
			return err
		}
		own(&m)
		remember(b.read, &m)
	}
	for i := range p.Moved {
		m := &p.Moved[i] // its sketch stays what it was
		if err := b.settleOne(m.Entry, m, false); err != nil {
			return err
		}
	}
	if a.fresh {
		return b.addSketch(a.id, came, p.Sketch)
	}
	t, err := b.touch(p.Story)
	if err != nil {
		return err
	}
	t.edited = append(t.edited, a.id)
	return b.setSketch(a.id, p.Sketch)
}

// own makes the strings of a member its own: it outlives the document that they may
// be parts of.
func own(m *stories.Member) {
	for _, s := range []*string{&m.Title, &m.Link, &m.Language, &m.Published.Raw, &m.Updated.Raw} {
		*s = strings.Clone(*s)
	}
	for i := range m.Stated {
		st := &m.Stated[i]
		st.Outlet, st.URL, st.Phrase = strings.Clone(st.Outlet), strings.Clone(st.URL), strings.Clone(st.Phrase)
	}
}

// rowOf is what is kept of a placement.
func rowOf(p *stories.Placement) *placeRow {
	return &placeRow{Story: p.Story, CopyOf: p.CopyOf, Share: p.Share, Reasons: p.Reasons}
}

// settleOne writes the place of one entry and makes it a member of its story. A fresh
// entry has no place yet.
func (b *batch) settleOne(entry uint64, p *stories.Placement, fresh bool) error {
	var old *placeRow
	var err error
	if !fresh {
		if old, err = b.placeOf(entry); err != nil {
			return err
		}
	}
	t, err := b.touch(p.Story)
	if err != nil {
		return err
	}
	if old != nil && old.Story != p.Story {
		from, err := b.touch(old.Story)
		if err != nil {
			return err
		}
		if !from.dead {
			from.row.Members = without(from.row.Members, entry)
			if len(from.row.Members) == 0 {
				if err := b.bury(old.Story, from, p.Story); err != nil {
					return err
				}
			}
		}
	}
	if at, is := slices.BinarySearch(t.row.Members, entry); !is {
		t.row.Members = slices.Insert(t.row.Members, at, entry)
		t.joined = append(t.joined, entry)
	}
	return b.putPlace(entry, rowOf(p))
}

// placeOf reads an entry's place, its story being the one that it is in now;
// nil when it has none yet.
func (b *batch) placeOf(entry uint64) (*placeRow, error) {
	return readPlace(b.places, b.redirects, entry)
}

// editedInPlace notes an edit of an entry that has left the window: its place
// stays, its story may read otherwise.
func (b *batch) editedInPlace(id uint64) error {
	p, err := b.placeOf(id)
	if err != nil || p == nil {
		return err
	}
	t, err := b.touch(p.Story)
	if err != nil {
		return err
	}
	t.edited = append(t.edited, id)
	return nil
}

// touchEntry takes the story of an entry into the poll before the entry changes.
func (b *batch) touchEntry(id uint64) error {
	p, err := b.placeOf(id)
	if err != nil || p == nil {
		return err
	}
	_, err = b.touch(p.Story)
	return err
}

// touch takes a story into the poll under way, as it is before the poll changes
// anything of it.
func (b *batch) touch(id uint64) (*touched, error) {
	if t := b.touched[id]; t != nil {
		return t, nil
	}
	t := &touched{row: &storyRow{}}
	if v := b.stories.Get(key(id)); v != nil {
		read := decodeBrief
		if b.live != nil {
			read = decodeStory
		}
		if err := read(v, t.row); err != nil {
			return nil, fmt.Errorf("story %d: %w", id, err)
		}
	}
	if err := b.recall(id, t); err != nil {
		return nil, err
	}
	b.touched[id] = t
	return t, nil
}

// recall finds out how readers see a story, and where it stands in the list.
func (b *batch) recall(id uint64, t *touched) error {
	if b.live != nil {
		return b.recallLive(id, t)
	}
	if len(t.row.Members) == 0 {
		return nil
	}
	r := b.reader()
	members, err := r.members(t.row.Members)
	if err != nil {
		return fmt.Errorf("story %d: %w", id, err)
	}
	t.before = r.current(id, t.row, members)
	t.listed = t.before.Position()
	return nil
}

// merge moves all members of story id to another story.
func (b *batch) merge(id, into uint64) error {
	from, err := b.touch(id)
	if err != nil {
		return err
	}
	to, err := b.touch(into)
	if err != nil {
		return err
	}
	if from.dead || id == into {
		return nil
	}
	to.row.Members = append(to.row.Members, from.row.Members...)
	slices.Sort(to.row.Members)
	to.row.Members = slices.Compact(to.row.Members)
	to.merged = append(to.merged, id)
	to.edited = append(to.edited, from.edited...)
	return b.bury(id, from, into)
}

// bury ends a story; its ID redirects to another one for ever.
func (b *batch) bury(id uint64, t *touched, into uint64) error {
	members := t.row.Members
	t.dead = true
	t.row.Members = nil
	if b.live != nil {
		return b.buryNew(id, members, into)
	}
	return b.redirect(id, into)
}

func without(ids []uint64, id uint64) []uint64 {
	if at, is := slices.BinarySearch(ids, id); is {
		return slices.Delete(ids, at, at+1)
	}
	return ids
}
