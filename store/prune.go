package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aggregator/feeds"
)

// pruneStep is how many stories one transaction looks at, so that polls wait
// only shortly.
const pruneStep = 500

// Pruned counts what Prune removed.
type Pruned struct{ Stories, Entries int }

// Prune removes stories none of whose entries was seen in a feed for longer than age
// before the latest poll: in time that went by, as far as is known (feeds.Clock), not
// merely by a clock that somebody set, so that nothing is removed too early. Their
// names stay, so that an item that comes back is not new, and so do
// redirects. Stories in the window are never removed. The file keeps its size
// and reuses the room; Compact gives it back. Prune may be interrupted and run
// again at any time.
func (s *Store) Prune(ctx context.Context, age time.Duration) (Pruned, error) {
	var total Pruned
	if !s.tending.TryLock() {
		return total, ErrReindexing
	}
	defer s.tending.Unlock()
	for from := uint64(0); ; {
		var step Pruned
		next := uint64(0)
		err := s.do(ctx, func(b *batch) (err error) {
			step, next, err = b.prune(from, age)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("pruning: %w", err)
		}
		total.Stories += step.Stories
		total.Entries += step.Entries
		ProgressOf(ctx)(int64(next), 0)
		if next == 0 {
			return total, nil
		}
		from = next
	}
}

// prune looks at pruneStep stories from an ID on; next is where to go on, 0 at
// the end.
func (b *batch) prune(from uint64, age time.Duration) (done Pruned, next uint64, err error) {
	g, err := b.sight()
	if err != nil {
		return done, 0, err
	}
	g.cut = g.latest.Add(-max(age, b.s.window+2*sketchMargin))
	var old []uint64
	c := b.stories.Cursor()
	n := 0
	for k, v := c.Seek(key(from)); k != nil; k, v = c.Next() {
		if n++; n > pruneStep {
			next = number(k)
			break
		}
		var row storyRow
		if err := decodeStory(v, &row); err != nil {
			return done, 0, fmt.Errorf("story %d: %w", number(k), err)
		}
		over, err := b.isOver(&row, g)
		if err != nil {
			return done, 0, err
		}
		if over {
			old = append(old, number(k))
		}
	}
	for _, id := range old {
		entries, err := b.pruneStory(id, g)
		if err != nil {
			return done, 0, err
		}
		done.Stories++
		done.Entries += entries
	}
	return done, next, nil
}

// sight says when entries were last seen.
type sight struct {
	clock    *feeds.Clock
	latest   time.Time // the latest poll, in counted time
	observed map[uint32]polledRow
	cut      time.Time // what was last seen before it is over
}

func (b *batch) sight() (*sight, error) {
	c, err := b.s.clock(b.tx)
	if err != nil {
		return nil, err
	}
	out := &sight{clock: c, observed: map[uint32]polledRow{}}
	out.latest = c.Counted(c.Now(), instant(metaNumber(b.tx, metaLatest)).time())
	for _, f := range b.s.registry.feeds {
		var p polledRow
		if v := b.tx.Bucket(bucketPolled).Get(key32(f.number)); v != nil {
			if err := decode(v, &p); err != nil {
				return nil, err
			}
		}
		out.observed[f.number] = polledRow{LastObserved: p.LastObserved, Setting: p.Setting}
	}
	return out, nil
}

// last says when an entry was last seen, by the wall clock. One that stands in a feed was
// when that was last observed.
func (g *sight) last(s sightings) (last instant) {
	for _, v := range s {
		at := v.Left
		if at == 0 {
			at = g.observed[v.Feed].LastObserved
		}
		last = max(last, at, v.At)
	}
	return last
}

// over reports whether an entry was last seen before cut. In which setting of the clock
// it left a feed is not kept, so that it counts as late as it can have been.
func (g *sight) over(entry uint64, s sightings) bool {
	if !g.clock.CountedOf(entry, s[0].At.time()).Before(g.cut) {
		return false
	}
	for _, v := range s {
		f := g.observed[v.Feed]
		at := g.clock.Counted(f.Setting, f.LastObserved.time())
		if v.Left != 0 {
			at = g.clock.CountedAtMost(v.Left.time())
		}
		if !at.Before(g.cut) {
			return false
		}
	}
	return true
}

func (b *batch) isOver(row *storyRow, g *sight) (bool, error) {
	for _, id := range slices.Backward(row.Members) {
		h, err := b.head(id)
		if err != nil {
			return false, err
		}
		if h != nil && !g.over(id, h.Sightings) {
			return false, nil
		}
	}
	return true, nil
}

func (b *batch) pruneStory(id uint64, g *sight) (entries int, err error) {
	t, err := b.touch(id)
	if err != nil {
		return 0, err
	}
	delete(b.touched, id)
	if err := b.timeline.Delete(timelineKey(t.listed.At, id)); err != nil {
		return 0, err
	}
	for n := range t.row.Past {
		if err := b.history.Delete(keyPair(id, n)); err != nil {
			return 0, err
		}
	}
	for _, m := range t.row.Members {
		if err := b.pruneEntry(m, g); err != nil {
			return 0, fmt.Errorf("entry %d: %w", m, err)
		}
	}
	if err := b.forget(id); err != nil {
		return 0, err
	}
	b.changed = true
	return len(t.row.Members), b.stories.Delete(key(id))
}

func (b *batch) pruneEntry(id uint64, g *sight) error {
	h, err := b.head(id)
	if err != nil || h == nil {
		return err
	}
	gone := goneRow{Title: titleHash(h.Title), Left: g.last(h.Sightings)}
	if err := b.tx.Bucket(bucketGone).Put(key(id), encode(&gone)); err != nil {
		return err
	}
	used := map[uint64]bool{h.Block: true}
	var versions [][]byte
	c := b.versions.Cursor()
	for k, v := c.Seek(key(id)); bytes.HasPrefix(k, key(id)); k, v = c.Next() {
		var old version
		if err := decode(v, &old); err != nil {
			return err
		}
		used[old.Block] = true
		versions = append(versions, bytes.Clone(k))
	}
	for _, k := range versions {
		if err := b.versions.Delete(k); err != nil {
			return err
		}
	}
	b.rewrites(id)
	if err := errors.Join(b.heads.Delete(key(id)), b.places.Delete(key(id)), b.setSketch(id, nil)); err != nil {
		return err
	}
	for block := range used {
		if err := b.dropBlock(block); err != nil {
			return err
		}
	}
	return nil
}

// dropBlock removes a block when no entry has a text in it any more.
func (b *batch) dropBlock(block uint64) error {
	v := b.blocks.Get(key(block))
	if v == nil {
		return nil
	}
	ids, _, _, err := blockEntries(v)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if b.heads.Get(key(id)) != nil {
			return nil
		}
	}
	return b.blocks.Delete(key(block))
}
