package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// ErrReindexing is returned for what must wait until a reindex or a pruning under
// way is done.
var ErrReindexing = errors.New("the store is being reindexed or pruned: try again when that is done")

// rebuildStep is how many entries one transaction places anew: polls wait so
// long, about a tenth of a second. Tests take shorter ones.
var rebuildStep = 500

const (
	// rebuildRest is how much may be left for the last step, with which the new
	// stories take the place of the old.
	rebuildRest = 200
	// reserved is how many numbers for stories are set aside at once.
	reserved = 64
)

// Reindex places every entry anew, in the order in which they arrived and with
// their present text, and writes all places, stories and lists again. It is what
// makes new rules hold for old entries. A story keeps its number when its first
// entry still begins a story; the numbers that are no more redirect to where
// their first entry is.
//
// Polls and readers go on meanwhile. The new stories are built beside the old
// ones, which readers see until all is done and the two change places in one
// transaction. Interrupted, it has done nothing.
func (s *Store) Reindex(ctx context.Context) error {
	if s.options.ReadOnly {
		return ErrReadOnly
	}
	if !s.tending.TryLock() {
		return ErrReindexing
	}
	defer s.tending.Unlock()
	if err := s.reindex(ctx); err != nil {
		// What was built is worth nothing; the next opening removes it otherwise.
		_ = s.alone(context.WithoutCancel(ctx), func() error { s.rebuild = nil; return s.dropRebuild() })
		return fmt.Errorf("reindexing: %w", err)
	}
	return s.alone(ctx, s.dropRebuild)
}

func (s *Store) reindex(ctx context.Context) error {
	r := &rebuild{s: s, index: s.newIndex(), changed: map[uint64]bool{}, met: map[uint64]bool{}, used: bitset{}}
	if err := s.alone(ctx, r.begin); err != nil {
		return err
	}
	progress := ProgressOf(ctx)
	for {
		var left int
		var done, of uint64
		err := s.alone(ctx, func() (err error) {
			left, err = r.step(rebuildStep)
			done, of = r.last, max(r.last, r.newest)
			return err
		})
		if err != nil {
			return err
		}
		progress(int64(done), int64(of))
		if left <= rebuildRest {
			break
		}
	}
	lost, err := r.missing(ctx)
	if err != nil {
		return err
	}
	return s.alone(ctx, func() error {
		for left := 1; left > 0; {
			var err error
			if left, err = r.step(rebuildStep); err != nil {
				return err
			}
		}
		return r.swap(lost)
	})
}

// rebuild is a reindex under way. Only the writing goroutine changes it.
type rebuild struct {
	s       *Store
	index   *stories.Index
	rows    sketchRows
	last    uint64          // entries up to this one are placed
	newest  uint64          // the newest one there is
	edited  []uint64        // entries that were edited since they were placed
	reached time.Time       // when the last entry placed came, in counted time
	changed map[uint64]bool // stories of old that changed meanwhile
	met     map[uint64]bool // those of them that were brought up to date since
	used    bitset          // numbers that were given to new stories
	free    []uint64        // numbers that no story ever had, the next one first
	freed   []uint64        // those that are free again after the step under way
	top     uint64          // no number from here on is reserved
}

// bitset holds numbers that mostly follow each other, 64 in a word. A map of words
// takes the number that a damaged row gives, too, however large.
type bitset map[uint64]uint64

func (b bitset) add(n uint64) { b[n/64] |= 1 << (n % 64) }

func (b bitset) has(n uint64) bool { return b[n/64]>>(n%64)&1 == 1 }

// edits notes entries that a poll changed after they were placed anew.
func (r *rebuild) edits(arrivals []arrival) {
	if r == nil {
		return
	}
	for _, a := range arrivals {
		if !a.fresh && a.id <= r.last {
			r.edited = append(r.edited, a.id)
		}
	}
}

// changes notes stories that a poll changed.
func (r *rebuild) changes(b *batch, ids []uint64) {
	if r == nil || b.live != nil {
		return
	}
	for _, id := range ids {
		r.changed[id] = true
	}
}

// derived are the buckets that are built anew; history is added to.
var derived = [][]byte{bucketPlaces, bucketSketches, bucketStories, bucketTimeline}

// begin makes the buckets in which the new stories are built.
func (r *rebuild) begin() error {
	if err := r.s.dropRebuild(); err != nil {
		return err
	}
	err := r.s.transact(func(b *batch) error {
		beside, err := b.tx.CreateBucket(bucketRebuild)
		if err != nil {
			return err
		}
		for _, name := range append([][]byte{bucketHistory, bucketRedirects}, derived...) {
			if _, err := beside.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
	r.s.rebuild = r
	return errors.Join(err, ruleIndex(r.index, r.s.corrections().list, nil, nil))
}

// dropRebuild removes what a reindex left behind.
func (s *Store) dropRebuild() error {
	for _, name := range [][]byte{bucketRebuild, bucketFormer} {
		err := s.db.Update(func(tx *bbolt.Tx) error {
			if tx.Bucket(name) == nil {
				return nil
			}
			return tx.DeleteBucket(name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// beside makes b a batch that builds the new stories.
func (r *rebuild) beside(b *batch) error {
	top := b.tx.Bucket(bucketRebuild)
	if top == nil {
		return errors.New("what was built is gone")
	}
	b.live = b.reader()
	b.live.b = nil
	clear(b.s.read) // the places that it knows are soon no more
	b.read = map[uint64]stories.Member{}
	b.places, b.sketches, b.stories = growing(top.Bucket(bucketPlaces)), growing(top.Bucket(bucketSketches)), top.Bucket(bucketStories)
	b.history, b.timeline, b.redirects = top.Bucket(bucketHistory), top.Bucket(bucketTimeline), top.Bucket(bucketRedirects)
	b.index, b.rowsKept = r.index, &r.rows
	return nil
}

// step places up to n entries, first those that are new, then those that were
// edited, and brings stories up to date that changed meanwhile. left is how many
// of them wait.
func (r *rebuild) step(n int) (left int, err error) {
	err = r.s.transact(func(b *batch) error {
		r.newest = b.heads.Sequence()
		if err := r.beside(b); err != nil {
			return err
		}
		arrivals, err := r.take(b, n)
		if err != nil {
			return err
		}
		if err := r.place(b, arrivals); err != nil {
			return err
		}
		if r.last >= r.newest { // else they may change again
			for id := range r.changed {
				r.met[id] = true
				if b.stories.Get(key(id)) != nil {
					if _, err := b.touch(id); err != nil {
						return err
					}
				}
			}
			clear(r.changed)
		}
		latest := instant(metaNumber(b.tx, metaLatest)).time()
		c, err := b.s.clock(b.tx)
		if err != nil {
			return err
		}
		if err := b.attributeTouched(latest); err != nil {
			return err
		}
		if err := r.s.at("rebuilt"); err != nil {
			return err
		}
		return b.dropSketches(earlier(r.reached, c.Counted(c.Now(), latest)))
	})
	r.free, r.freed = append(r.free, r.freed...), nil
	return int(r.newest-r.last) + len(r.edited) + len(r.changed), err
}

// take reads the next entries.
func (r *rebuild) take(b *batch, n int) (list []arrival, err error) {
	texts := b.s.unpacked()
	read := func(id uint64, v []byte, fresh bool) error {
		var h head
		if err := b.s.decodeHead(v, &h); err != nil {
			return fmt.Errorf("entry %d: %w", id, err)
		}
		e, err := b.live.entryOf(id, &h, &texts)
		list = append(list, arrival{id: id, entry: &e, seen: h.Sightings.seen(), fresh: fresh})
		return err
	}
	c := b.heads.Cursor()
	k, v := c.Seek(key(r.last + 1))
	for ; k != nil && len(list) < n; k, v = c.Next() {
		if err := read(number(k), v, true); err != nil {
			return nil, err
		}
		r.last = number(k)
	}
	if k != nil {
		return list, nil
	}
	r.last = r.newest
	for ; len(r.edited) > 0 && len(list) < n; r.edited = r.edited[1:] {
		if v := b.heads.Get(key(r.edited[0])); v != nil {
			if err := read(r.edited[0], v, false); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (r *rebuild) place(b *batch, arrivals []arrival) error {
	c, err := b.s.clock(b.tx)
	if err != nil {
		return err
	}
	for i := range arrivals {
		a := &arrivals[i]
		if !a.fresh && !b.index.Holds(a.id) {
			if err := b.editedInPlace(a.id); err != nil {
				return err
			}
			continue
		}
		next, err := r.number(b, a.id)
		if err != nil {
			return err
		}
		b.index.SetNextStory(next)
		seen, came := timesOf(c, a)
		p := b.index.Place(b, a.id, a.entry, seen, came)
		if p.Story == next {
			r.used.add(next)
			r.free = slices.DeleteFunc(r.free, func(n uint64) bool { return n == next })
		}
		if err := b.settle(a, &p, came); err != nil {
			return err
		}
		if a.fresh && !came.IsZero() {
			r.reached = came
		}
	}
	return b.putSketches()
}

// number gives the number of the story that an entry would begin: that of the
// story it is in, unless another new story has it.
func (r *rebuild) number(b *batch, entry uint64) (uint64, error) {
	p, err := readPlace(b.live.places, b.live.redirects, entry)
	if err != nil {
		return 0, err
	}
	if p != nil && !r.used.has(p.Story) {
		return p.Story, nil
	}
	if len(r.free) == 0 {
		from := max(metaNumber(b.tx, metaNextStory), r.s.index.NextStory())
		for n := from; n < from+reserved; n++ {
			r.free = append(r.free, n)
		}
		// Kept in memory alone, so that an interrupted reindex uses up no numbers.
		r.top = from + reserved
		r.reserve(r.s.index)
	}
	return r.free[0], nil
}

// reserve has an index give none of the reserved numbers away.
func (r *rebuild) reserve(x *stories.Index) {
	if r != nil {
		x.SetNextStory(max(x.NextStory(), r.top))
	}
}

// buryNew ends a new story. Its members are written with the number of the story
// that they are in now; only a number that readers know redirects there.
func (b *batch) buryNew(id uint64, members []uint64, into uint64) error {
	for _, m := range members {
		p, err := b.placeOf(m)
		if err != nil {
			return err
		}
		if p.Story == id {
			p.Story = into
			if err := b.putPlace(m, p); err != nil {
				return err
			}
		}
	}
	if b.live.stories.Get(key(id)) != nil || b.live.redirects.Get(key(id)) != nil {
		return b.redirects.Put(key(id), key(into))
	}
	b.s.rebuild.freed = append(b.s.rebuild.freed, id)
	return nil
}

// recallLive finds a story that is built beside: what readers see under its number
// is what it was before.
func (b *batch) recallLive(id uint64, t *touched) error {
	if len(t.row.Members) > 0 {
		at, err := b.reader().position(id, t.row)
		if err != nil {
			return err
		}
		t.listed = at
	}
	past := uint64(0)
	if v := b.live.stories.Get(key(id)); v != nil {
		var row storyRow
		if err := decodeStory(v, &row); err != nil {
			return fmt.Errorf("story %d: %w", id, err)
		}
		before, err := b.live.story(id, &row)
		if err != nil {
			return err
		}
		t.before, t.plain, past = before, row.Verdict == nil, row.Past
	}
	// What an earlier step added to its history is decided again.
	t.row.Past = past
	return b.history.Delete(keyPair(id, past))
}

// position says where a story stands in the list.
func (r *reader) position(id uint64, row *storyRow) (stories.Cursor, error) {
	members, err := r.members(row.Members)
	if err != nil {
		return stories.Cursor{}, fmt.Errorf("story %d: %w", id, err)
	}
	return r.current(id, row, members).Position(), nil
}
