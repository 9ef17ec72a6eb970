package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// Reindex places every entry anew, in the order in which they arrived and with
// their present text, and writes all places, stories and lists again. It is what
// makes new rules hold for old entries. A story keeps its ID when it keeps its
// first entry or, failing that, any; the other IDs redirect. It is one
// transaction: polls wait, readers see the old stories until it is done, and
// interrupted it has done nothing. It needs memory for what it writes.
func (s *Store) Reindex(ctx context.Context) error {
	return s.alone(ctx, s.reindex)
}

func (s *Store) reindex() error {
	var index *stories.Index
	err := s.transact(func(b *batch) (err error) {
		index, err = b.reindex()
		return err
	})
	if err != nil {
		return fmt.Errorf("reindexing: %w", err)
	}
	s.index, s.stale = index, false
	s.announce()
	return nil
}

// replaced is where an entry stands by the rules of now.
type replaced struct {
	id    uint64
	place placeRow // Story is temporary
	old   uint64   // the story that it was in
}

func (b *batch) reindex() (*stories.Index, error) {
	before := map[uint64]*storyRow{}
	err := b.stories.ForEach(func(k, v []byte) error {
		row := &storyRow{}
		before[number(k)] = row
		return decodeWords(v, row)
	})
	if err != nil {
		return nil, err
	}
	list, err := b.replaceAll()
	if err != nil {
		return nil, err
	}
	next := metaNumber(b.tx, metaNextStory)
	ids, next := keepIDs(list, max(next, 1))
	for i := range list {
		p := &list[i].place
		p.Story = ids[p.Story]
		if err := b.putPlace(list[i].id, p); err != nil {
			return nil, err
		}
	}
	if err := b.restory(list, before); err != nil {
		return nil, err
	}
	if err := putMetaNumber(b.tx, metaNextStory, next); err != nil {
		return nil, err
	}
	return b.s.restoreIndex(b.tx)
}

// replaceAll empties the derived buckets and places every entry again. The
// stories of the result have temporary IDs.
func (b *batch) replaceAll() ([]replaced, error) {
	old := map[uint64]uint64{}
	err := b.places.ForEach(func(k, _ []byte) error {
		p, err := b.placeOf(number(k))
		if err == nil {
			old[number(k)] = p.Story
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range [][]byte{bucketPlaces, bucketSketches, bucketStories, bucketTimeline} {
		if err := b.tx.DeleteBucket(name); err != nil {
			return nil, err
		}
		if _, err := b.tx.CreateBucket(name); err != nil {
			return nil, err
		}
	}
	*b = *b.s.newBatch(b.tx)
	b.quiet = true
	index := stories.NewIndex(stories.Options{Window: b.s.window})
	latest := instant(metaNumber(b.tx, metaLatest)).time()
	var list []replaced
	at := map[uint64]int{} // position in list
	united := map[uint64]uint64{}
	r := b.reader()
	var texts blockCache
	err = b.heads.ForEach(func(k, v []byte) error {
		id := number(k)
		h, e, err := r.whole(id, v, &texts)
		if err != nil {
			return err
		}
		seen := h.Sightings.seen()
		p := index.Place(b, id, e, seen)
		for _, m := range p.Merged {
			united[m] = p.Story
		}
		for _, m := range p.Moved {
			if i, ok := at[m.Entry]; ok {
				list[i].place = placeRow{Story: m.Story, CopyOf: m.CopyOf, Share: m.Share, Reasons: m.Reasons}
			}
		}
		at[id] = len(list)
		list = append(list, replaced{id: id, old: old[id], place: placeRow{Story: p.Story, CopyOf: p.CopyOf, Share: p.Share, Reasons: p.Reasons}})
		if err := b.sketches.Put(k, packSketch(seen, p.Sketch)); err != nil {
			return err
		}
		return b.dropSketches(earlier(seen.At, latest))
	})
	for i := range list {
		p := &list[i].place
		for into, ok := united[p.Story]; ok; into, ok = united[p.Story] {
			p.Story = into
		}
	}
	return list, err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// whole reads an entry from its head's record.
func (r *reader) whole(id uint64, v []byte, texts *blockCache) (*head, *feeds.Entry, error) {
	var h head
	if err := decode(v, &h); err != nil {
		return nil, nil, fmt.Errorf("entry %d: %w", id, err)
	}
	e, err := r.entryOf(id, &h, texts)
	return &h, &e, err
}

// keepIDs gives each temporary story the old ID of its earliest member whose old
// story is still free, or a new one from next on.
func keepIDs(list []replaced, next uint64) (ids map[uint64]uint64, after uint64) {
	ids = map[uint64]uint64{}
	taken := map[uint64]bool{}
	// First those that keep the old story's first entry.
	first := map[uint64]bool{}
	for i := range list {
		t, old := list[i].place.Story, list[i].old
		if old != 0 && !first[old] {
			first[old] = true
			if ids[t] == 0 {
				ids[t], taken[old] = old, true
			}
		}
	}
	for i := range list {
		t, old := list[i].place.Story, list[i].old
		if ids[t] == 0 && old != 0 && !taken[old] {
			ids[t], taken[old] = old, true
		}
	}
	for i := range list {
		if t := list[i].place.Story; ids[t] == 0 {
			ids[t] = next
			next++
		}
	}
	return ids, next
}

// restory writes the stories of the list, and redirects for IDs that are no more.
func (b *batch) restory(list []replaced, before map[uint64]*storyRow) error {
	members := map[uint64][]uint64{}
	went := map[uint64]uint64{} // old story -> where its first entry is now
	for i := range list {
		p := &list[i]
		members[p.place.Story] = append(members[p.place.Story], p.id)
		if _, ok := went[p.old]; !ok {
			went[p.old] = p.place.Story
		}
	}
	ids := make([]uint64, 0, len(members))
	for id := range members {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	latest := instant(metaNumber(b.tx, metaLatest)).time()
	r := b.reader()
	for _, id := range ids {
		t := &touched{row: &storyRow{Members: members[id]}}
		if row := before[id]; row != nil {
			// What it was, as far as its verdicts go.
			was, err := r.story(id, row)
			if err != nil {
				return err
			}
			t.before, t.row.Past = was, row.Past
		}
		b.touched[id] = t
	}
	for id := range before {
		if into := went[id]; members[id] == nil && into != 0 {
			if err := b.redirect(id, into); err != nil {
				return err
			}
		}
	}
	return b.attributeTouched(latest)
}
