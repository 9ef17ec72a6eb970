package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"aggregator/stories"
)

// attributeTouched gives every story that the poll concerns its verdict, in
// order of their IDs, and writes what changed.
func (b *batch) attributeTouched(at time.Time) error {
	ids := make([]uint64, 0, len(b.touched))
	for id := range b.touched {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		t := b.touched[id]
		var err error
		if t.dead {
			err = b.remove(id, t)
		} else {
			err = b.attribute(id, t, at)
		}
		if err != nil {
			return err
		}
	}
	b.s.rebuild.changes(b, ids)
	clear(b.touched)
	if b.live != nil {
		return nil // its numbers are the present stories', or reserved
	}
	return putMetaNumber(b.tx, metaNextStory, b.index.NextStory())
}

// remove takes a story that is no more out of the lists. What its verdicts were
// stays in bucketHistory.
func (b *batch) remove(id uint64, t *touched) error {
	if t.before != nil {
		if err := b.keepVerdict(id, t); err != nil {
			return err
		}
	}
	if t.listed.IsZero() {
		return nil // it came and went within one poll
	}
	if err := b.timeline.Delete(timelineKey(t.listed.At, id)); err != nil {
		return err
	}
	b.changed = true
	return b.stories.Delete(key(id))
}

func (b *batch) attribute(id uint64, t *touched, at time.Time) error {
	members, err := b.reader().members(t.row.Members)
	if err != nil {
		return fmt.Errorf("story %d: %w", id, err)
	}
	if t.before == nil && len(members) == 1 {
		return b.begin(id, t, &members[0])
	}
	v, groups := stories.Attribute(members, b.s.directory)
	now := stories.Story{ID: id, Members: members, Verdict: v, Groups: groups}
	row := t.row
	if b.live != nil {
		t.merged, t.joined, t.edited = nil, nil, nil // no news: old entries are placed anew
	}
	if t.before == nil {
		now.Created, now.Changed = members[0].Seen.At, members[0].Seen.At
		b.fill(row, &now, at, cmp.Or(t.word, "the story began"))
	} else {
		now.Created, now.Changed = t.before.Created, t.before.Changed
		because, reached := t.because(members, b.s.directory), at
		if b.live != nil {
			because = "all entries were placed anew"
		}
		if differs(&t.before.Verdict, &v) {
			if err := b.keepVerdict(id, t); err != nil {
				return err
			}
		} else {
			last := t.before.History[len(t.before.History)-1]
			because, reached = last.Because, last.At
		}
		if t.renews(&v) {
			now.Changed = maxTime(now.Changed, at)
		}
		if c := members[0].Seen.At; c.Before(now.Created) {
			now.Created = c
		}
		if !t.plain || len(members) > 1 || differs(&t.before.Verdict, &v) {
			b.fill(row, &now, reached, because)
		}
	}
	p := now.Position()
	if err := b.list(id, t.listed, p); err != nil {
		return err
	}
	if err := b.tell(t, &now, toInstant(at)); err != nil {
		return err
	}
	return b.putStory(id, row)
}

// list moves a story in the list. Most stay where they are, and their page as it is.
func (b *batch) list(id uint64, from, to stories.Cursor) error {
	if from == to {
		return nil
	}
	if !from.IsZero() {
		if err := b.timeline.Delete(timelineKey(from.At, id)); err != nil {
			return err
		}
	}
	return b.timeline.Put(timelineKey(to.At, id), nil)
}

// begin writes a story of one entry. Its verdict follows from the entry and is reached when
// somebody asks for it: in the list it stands by when the entry appeared, as it would
// with its verdict, and it is no news.
func (b *batch) begin(id uint64, t *touched, m *stories.Member) error {
	p := (&stories.Story{ID: id, Created: m.Seen.At, Verdict: stories.Verdict{At: m.Appeared()}}).Position()
	if err := b.list(id, stories.Cursor{}, p); err != nil {
		return err
	}
	return b.putStory(id, t.row)
}

func (b *batch) putStory(id uint64, row *storyRow) error {
	b.changed = true
	return b.stories.Put(key(id), b.s.packer.words(row))
}

func (b *batch) fill(row *storyRow, s *stories.Story, at time.Time, because string) {
	row.Verdict, row.Groups = toVerdict(&s.Verdict), toGroups(s.Groups)
	row.Created, row.Changed = toInstant(s.Created), toInstant(s.Changed)
	row.At, row.Because = toInstant(at), because
}

// keepVerdict appends a story's verdict so far to its history.
func (b *batch) keepVerdict(id uint64, t *touched) error {
	last := t.before.History[len(t.before.History)-1]
	c := changeRow{At: toInstant(last.At), Because: last.Because, Verdict: *toVerdict(&t.before.Verdict)}
	if t.row.Verdict != nil && b.live == nil { // it was read without its evidence
		var row storyRow
		if err := decodeStory(b.stories.Get(key(id)), &row); err != nil {
			return fmt.Errorf("story %d: %w", id, err)
		}
		c.Verdict = *row.Verdict
	}
	if err := b.history.Put(keyPair(id, t.row.Past), b.s.packer.words(&c)); err != nil {
		return err
	}
	t.row.Past++
	return nil
}

// differs reports whether a verdict says something else, not merely the same
// with more evidence.
func differs(a, b *stories.Verdict) bool {
	return a.Outlet != b.Outlet || a.Name != b.Name || a.Entry != b.Entry || a.URL != b.URL || !a.At.Equal(b.At) ||
		!a.After.Equal(b.After) || a.Basis != b.Basis || a.Confidence != b.Confidence || a.SeenHere != b.SeenHere
}

// renews reports whether a reader would want to see the story again.
func (t *touched) renews(v *stories.Verdict) bool {
	old := &t.before.Verdict
	if old.Outlet != v.Outlet || old.Name != v.Name || len(t.merged) > 0 {
		return true
	}
	return slices.Contains(t.edited, v.Entry) || v.Entry == 0 && slices.Contains(t.edited, v.SeenHere)
}

// because says in words what changed a story.
func (t *touched) because(members []stories.Member, d *stories.Directory) string {
	say := func(what string, id uint64) string {
		for i := range members {
			if members[i].Entry == id {
				name := members[i].Outlet
				if o, known := d.Outlet(name); known && o.Name != "" {
					name = o.Name
				}
				return fmt.Sprintf("%s %d of %s", what, id, name)
			}
		}
		return fmt.Sprintf("%s %d", what, id)
	}
	switch {
	case t.word != "":
		return t.word
	case len(t.merged) > 0:
		return fmt.Sprintf("story %d turned out to be the same", t.merged[0])
	case len(t.joined) > 0:
		return say("it was joined by entry", t.joined[0])
	case len(t.edited) > 0:
		return say("an edit of entry", t.edited[0])
	}
	for i := range members {
		if n := len(members[i].Redated); n > 0 {
			return say("another date of entry", members[i].Entry)
		}
	}
	return "an entry left it"
}
