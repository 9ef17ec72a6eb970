package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// pruneStep is how many stories one transaction looks at, so that polls wait
// only shortly.
const pruneStep = 500

// Pruned counts what Prune removed.
type Pruned struct{ Stories, Entries int }

// Prune removes stories none of whose entries was seen in a feed since the given
// time. Their names stay, so that an item that comes back is not new, and so do
// redirects. Stories in the window are never removed. The file keeps its size
// and reuses the room; Compact gives it back. Prune may be interrupted and run
// again at any time.
func (s *Store) Prune(ctx context.Context, before time.Time) (Pruned, error) {
	var total Pruned
	if !s.tending.TryLock() {
		return total, ErrReindexing
	}
	defer s.tending.Unlock()
	for from := uint64(0); ; {
		var step Pruned
		next := uint64(0)
		err := s.do(ctx, func(b *batch) (err error) {
			step, next, err = b.prune(from, before)
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
func (b *batch) prune(from uint64, before time.Time) (done Pruned, next uint64, err error) {
	limit := instant(metaNumber(b.tx, metaLatest)).time().Add(-b.s.window - 2*sketchMargin)
	if before.Before(limit) {
		limit = before
	}
	cut := toInstant(limit)
	observed, err := b.observed()
	if err != nil {
		return done, 0, err
	}
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
		over, err := b.isOver(&row, cut, observed)
		if err != nil {
			return done, 0, err
		}
		if over {
			old = append(old, number(k))
		}
	}
	for _, id := range old {
		entries, err := b.pruneStory(id, observed)
		if err != nil {
			return done, 0, err
		}
		done.Stories++
		done.Entries += entries
	}
	return done, next, nil
}

// observed gives each feed's last observation: the entries that stand in it were
// seen then.
func (b *batch) observed() (map[uint32]instant, error) {
	out := map[uint32]instant{}
	for _, f := range b.s.registry.feeds {
		var p polledRow
		if v := b.tx.Bucket(bucketPolled).Get(key32(f.number)); v != nil {
			if err := decode(v, &p); err != nil {
				return nil, err
			}
		}
		out[f.number] = p.LastObserved
	}
	return out, nil
}

func (s sightings) lastSeen(observed map[uint32]instant) (last instant) {
	for _, v := range s {
		at := v.Left
		if at == 0 {
			at = observed[v.Feed]
		}
		last = max(last, at, v.At)
	}
	return last
}

func (b *batch) isOver(row *storyRow, cut instant, observed map[uint32]instant) (bool, error) {
	for _, id := range slices.Backward(row.Members) {
		h, err := b.head(id)
		if err != nil {
			return false, err
		}
		if h != nil && h.Sightings.lastSeen(observed) >= cut {
			return false, nil
		}
	}
	return true, nil
}

func (b *batch) pruneStory(id uint64, observed map[uint32]instant) (entries int, err error) {
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
		if err := b.pruneEntry(m, observed); err != nil {
			return 0, fmt.Errorf("entry %d: %w", m, err)
		}
	}
	if err := b.forget(id); err != nil {
		return 0, err
	}
	b.changed = true
	return len(t.row.Members), b.stories.Delete(key(id))
}

func (b *batch) pruneEntry(id uint64, observed map[uint32]instant) error {
	h, err := b.head(id)
	if err != nil || h == nil {
		return err
	}
	g := goneRow{Title: titleHash(h.Title), Left: h.Sightings.lastSeen(observed)}
	if err := b.tx.Bucket(bucketGone).Put(key(id), encode(&g)); err != nil {
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
	delete(b.read, id)
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
