package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// correctionRow is an editor's correction: bucketCorrections. It is never changed
// but to say that it was undone.
type correctionRow struct {
	Split   bool     `cbor:"1,keyasint,omitempty"`
	Entries []uint64 `cbor:"2,keyasint"`
	Others  []uint64 `cbor:"3,keyasint"`
	Story   uint64   `cbor:"4,keyasint"`
	Other   uint64   `cbor:"5,keyasint"`
	Said    wordRow  `cbor:"6,keyasint"`
	Undone  *wordRow `cbor:"7,keyasint,omitempty"`
}

type wordRow struct {
	By  string  `cbor:"1,keyasint,omitempty"`
	Why string  `cbor:"2,keyasint,omitempty"`
	At  instant `cbor:"3,keyasint,omitempty"`
}

func toWord(w stories.Word) wordRow { return wordRow{w.By, w.Why, toInstant(w.At)} }

func (r wordRow) word() stories.Word { return stories.Word{By: r.By, Why: r.Why, At: r.At.time()} }

func (r *correctionRow) correction(n uint64) stories.Correction {
	c := stories.Correction{Number: n, Split: r.Split, Entries: r.Entries, Others: r.Others, Story: r.Story, Other: r.Other,
		Said: r.Said.word()}
	if r.Undone != nil {
		undone := r.Undone.word()
		c.Undone = &undone
	}
	return c
}

// loadCorrections reads them all, in order.
func loadCorrections(tx *bbolt.Tx) (list []stories.Correction, err error) {
	err = tx.Bucket(bucketCorrections).ForEach(func(k, v []byte) error {
		var row correctionRow
		if err := decode(v, &row); err != nil {
			return fmt.Errorf("correction %d: %w", number(k), err)
		}
		list = append(list, row.correction(number(k)))
		return nil
	})
	return list, err
}

// corrected are the corrections as readers need them.
type corrected struct {
	list []stories.Correction
	of   map[uint64][]int // by entry: positions in list
}

func newCorrected(list []stories.Correction) *corrected {
	c := &corrected{list, map[uint64][]int{}}
	for i := range list {
		for _, side := range [][]uint64{list[i].Entries, list[i].Others} {
			for _, e := range side {
				c.of[e] = append(c.of[e], i)
			}
		}
	}
	return c
}

// ofStory lists the corrections that speak of a story's entries.
func (c *corrected) ofStory(members []uint64) (list []stories.Correction) {
	if len(c.list) == 0 {
		return nil
	}
	var at []int
	for _, m := range members {
		at = append(at, c.of[m]...)
	}
	slices.Sort(at)
	for _, i := range slices.Compact(at) {
		list = append(list, c.list[i])
	}
	return list
}

// Corrections lists what editors corrected, oldest first, what was undone too.
func (s *Store) Corrections() []stories.Correction {
	return slices.Clone(s.corrections().list)
}

func (s *Store) corrections() *corrected {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.corrected
}

// Split takes entries of one story out of it, to a story of their own. Nothing but
// Undo or a later correction brings them together again.
func (s *Store) Split(ctx context.Context, entries []uint64, w stories.Word) (stories.Correction, error) {
	entries = slices.Clone(entries)
	slices.Sort(entries)
	entries = slices.Compact(entries)
	return s.correct(ctx, func(b *batch) (uint64, error) {
		story, t, err := b.storyOf(entries)
		if err != nil {
			return 0, err
		}
		others := slices.DeleteFunc(slices.Clone(t.row.Members), func(e uint64) bool { return slices.Contains(entries, e) })
		if len(others) == 0 {
			return 0, stories.CannotCorrect("these are all the entries of story %d: nothing would be left of it", story)
		}
		row := correctionRow{Split: true, Entries: entries, Others: others, Story: story, Said: toWord(w)}
		n, err := b.tx.Bucket(bucketCorrections).NextSequence()
		if err != nil {
			return 0, err
		}
		row.Other, err = b.takeOut(story, t, entries, fmt.Sprintf("an editor took it out of story %d (correction %d)", story, n))
		if err != nil {
			return 0, err
		}
		t.word = fmt.Sprintf("an editor took %s out of it (correction %d)", numbers("entry", "entries", entries), n)
		return n, b.tx.Bucket(bucketCorrections).Put(key(n), encode(&row))
	})
}

// Merge makes two stories one; the lower number survives and the other redirects.
func (s *Store) Merge(ctx context.Context, one, other uint64, w stories.Word) (stories.Correction, error) {
	return s.correct(ctx, func(b *batch) (uint64, error) {
		one, other := follow(b.redirects, one), follow(b.redirects, other)
		one, other = min(one, other), max(one, other)
		if one == other {
			return 0, stories.CannotCorrect("story %d is one story already", one)
		}
		var rows [2]*touched
		for i, id := range []uint64{one, other} {
			if b.stories.Get(key(id)) == nil {
				return 0, stories.CannotCorrect("there is no story %d (any more)", id)
			}
			var err error
			if rows[i], err = b.touch(id); err != nil {
				return 0, err
			}
		}
		row := correctionRow{Entries: slices.Clone(rows[0].row.Members), Others: slices.Clone(rows[1].row.Members), Story: one, Other: other, Said: toWord(w)}
		n, err := b.tx.Bucket(bucketCorrections).NextSequence()
		if err != nil {
			return 0, err
		}
		rows[0].word = fmt.Sprintf("an editor merged story %d into it (correction %d)", other, n)
		if err := b.merge(other, one); err != nil {
			return 0, err
		}
		b.index.Unite(one, other)
		return n, b.tx.Bucket(bucketCorrections).Put(key(n), encode(&row))
	})
}

// Undo takes a correction back, which stays on record as undone: what was merged
// goes apart again, what was taken out comes back, unless another correction says
// otherwise. From then on the texts decide.
func (s *Store) Undo(ctx context.Context, n uint64, w stories.Word) (stories.Correction, error) {
	return s.correct(ctx, func(b *batch) (uint64, error) {
		shelf := b.tx.Bucket(bucketCorrections)
		v := shelf.Get(key(n))
		if v == nil {
			return 0, stories.CannotCorrect("there is no correction %d", n)
		}
		var row correctionRow
		if err := decode(v, &row); err != nil {
			return 0, fmt.Errorf("correction %d: %w", n, err)
		}
		if row.Undone != nil {
			return 0, stories.CannotCorrect("correction %d is undone already", n)
		}
		undone := toWord(w)
		row.Undone = &undone
		if err := shelf.Put(key(n), encode(&row)); err != nil {
			return 0, err
		}
		return n, b.undo(n, &row)
	})
}

// undo moves the entries back that a correction moved, as far as those that hold
// let it.
func (b *batch) undo(n uint64, row *correctionRow) error {
	list, err := loadCorrections(b.tx)
	if err != nil {
		return err
	}
	rules := stories.NewCorrections(list)
	related := func(as, bs []uint64, want stories.Relation) bool {
		return slices.ContainsFunc(as, func(x uint64) bool {
			return slices.ContainsFunc(bs, func(y uint64) bool { return rules.Relation(x, y) == want })
		})
	}
	places := func(entries []uint64) (story uint64, here []uint64, err error) {
		for _, e := range entries {
			p, err := b.placeOf(e)
			if err != nil {
				return 0, nil, err
			}
			if p != nil && (story == 0 || story == p.Story) {
				story, here = p.Story, append(here, e)
			}
		}
		return story, here, nil
	}
	one, kept, err := places(row.Entries)
	if err != nil {
		return err
	}
	other, moved, err := places(row.Others)
	if err != nil || one == 0 || other == 0 {
		return err // pruned
	}
	t, err := b.touch(one)
	if err != nil {
		return err
	}
	if row.Split {
		u, err := b.touch(other)
		if err != nil || one == other || related(t.row.Members, u.row.Members, stories.Apart) {
			return err
		}
		to, from := min(one, other), max(one, other)
		b.touched[to].word = fmt.Sprintf("correction %d was undone: story %d is part of it again", n, from)
		b.index.Unite(one, other)
		return b.merge(from, to)
	}
	if one != other || len(moved) == 0 {
		return nil
	}
	stay := slices.DeleteFunc(slices.Clone(t.row.Members), func(e uint64) bool { return slices.Contains(moved, e) })
	if len(kept) == 0 || len(stay) == 0 || related(stay, moved, stories.Together) {
		return nil
	}
	t.word = fmt.Sprintf("correction %d was undone: %s left it", n, numbers("entry", "entries", moved))
	_, err = b.takeOut(one, t, moved, fmt.Sprintf("it left story %d when correction %d was undone", one, n))
	return err
}

// storyOf finds the one story that all entries are in.
func (b *batch) storyOf(entries []uint64) (id uint64, t *touched, err error) {
	if len(entries) == 0 {
		return 0, nil, stories.CannotCorrect("no entries are named")
	}
	for _, e := range entries {
		p, err := b.placeOf(e)
		switch {
		case err != nil:
			return 0, nil, err
		case p == nil:
			return 0, nil, stories.CannotCorrect("there is no entry %d (any more)", e)
		case id != 0 && p.Story != id:
			return 0, nil, stories.CannotCorrect("entry %d is in story %d, entry %d in story %d: take out what is in one story", entries[0], id, e, p.Story)
		}
		id = p.Story
	}
	t, err = b.touch(id)
	return id, t, err
}

// takeOut moves entries of a story to a new one and gives its number.
func (b *batch) takeOut(story uint64, t *touched, entries []uint64, reason string) (to uint64, err error) {
	members, err := b.reader().members(t.row.Members)
	if err != nil {
		return 0, err
	}
	to = b.index.NextStory()
	b.index.SetNextStory(to + 1)
	taken, stay := stories.Divide(members, entries)
	for i := range taken {
		taken[i].Story = to
		taken[i].Reasons = append([]string{reason}, taken[i].Reasons...)
	}
	for i := range stay {
		stay[i].Story = story
	}
	for _, p := range append(stay, taken...) {
		if err := b.settleOne(p.Entry, &p, false); err != nil {
			return 0, err
		}
		b.index.Move(p.Entry, p.Story, p.CopyOf)
	}
	u, err := b.touch(to)
	if err == nil {
		u.word = reason
	}
	return to, err
}

// correct makes a change of which do gives the correction's number, and has index
// and readers hear of it.
func (s *Store) correct(ctx context.Context, do func(b *batch) (uint64, error)) (c stories.Correction, err error) {
	err = s.do(ctx, func(b *batch) error {
		if s.rebuild != nil || s.stale {
			return ErrReindexing
		}
		if b.tx.Bucket(bucketMeta).Get(metaLog) != nil {
			return stories.CannotCorrect("this store follows a log of polls, which other stores follow too: a correction here would make them differ")
		}
		n, err := do(b)
		if err != nil {
			return err
		}
		if err := s.at("corrected"); err != nil {
			return err
		}
		if err := b.attributeTouched(instant(metaNumber(b.tx, metaLatest)).time()); err != nil {
			return err
		}
		list, err := loadCorrections(b.tx)
		if err != nil {
			return err
		}
		s.setCorrections(list)
		b.changed = true
		if err := ruleIndex(b.index, list, b.places, b.redirects); err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(c stories.Correction) bool { return c.Number == n })
		c = list[i]
		return nil
	})
	return c, err
}

func (s *Store) setCorrections(list []stories.Correction) {
	c := newCorrected(list)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corrected = c
}

// ruleIndex makes the corrections hold for what an index places.
func ruleIndex(x *stories.Index, list []stories.Correction, places, redirects *bbolt.Bucket) error {
	var failed error
	x.Correct(stories.NewCorrections(list), func(e uint64) uint64 {
		if places == nil {
			return 0
		}
		p, err := readPlace(places, redirects, e)
		if err != nil || p == nil {
			failed = errors.Join(failed, err)
			return 0
		}
		return p.Story
	})
	return failed
}

// numbers writes "entry 5" or "entries 5, 6".
func numbers(one, more string, list []uint64) string {
	word := more
	if len(list) == 1 {
		word = one
	}
	for i, n := range list {
		if i > 0 {
			word += ","
		}
		word += fmt.Sprint(" ", n)
	}
	return word
}
