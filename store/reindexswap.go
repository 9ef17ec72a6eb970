package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// missing lists the numbers of stories that no new story has.
func (r *rebuild) missing(ctx context.Context) (lost []uint64, err error) {
	for from, more := uint64(0), true; more; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := r.s.view(func(rd *reader) error {
			beside := rd.tx.Bucket(bucketRebuild).Bucket(bucketStories)
			c := rd.stories.Cursor()
			n := 0
			for k, _ := c.Seek(key(from)); ; k, _ = c.Next() {
				if more = k != nil; !more {
					return nil
				}
				if n++; n > 10*rebuildStep {
					from = number(k)
					return nil
				}
				if beside.Get(k) == nil {
					lost = append(lost, number(k))
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return lost, nil
}

// swap puts the new buckets in the place of the old ones, in one transaction.
func (r *rebuild) swap(lost []uint64) error {
	var alive []uint64 // merged a moment ago, by the old rules alone
	err := r.s.transact(func(b *batch) (err error) {
		if err := r.beside(b); err != nil {
			return err
		}
		alive, err = r.redirect(b, append(lost, slices.Collect(maps.Keys(r.met))...))
		return err
	})
	if err != nil {
		return err
	}
	err = r.s.transact(func(b *batch) error {
		beside := b.tx.Bucket(bucketRebuild)
		for _, id := range alive {
			if err := b.redirects.Delete(key(id)); err != nil {
				return err
			}
		}
		if err := beside.Bucket(bucketHistory).ForEach(b.history.Put); err != nil {
			return err
		}
		if err := beside.Bucket(bucketRedirects).ForEach(func(k, v []byte) error { return b.redirect(number(k), number(v)) }); err != nil {
			return err
		}
		former, err := b.tx.CreateBucket(bucketFormer)
		if err != nil {
			return err
		}
		for _, name := range derived { // bbolt moves what nobody wrote to in this transaction
			if err := errors.Join(b.tx.MoveBucket(name, nil, former), b.tx.MoveBucket(name, beside, nil)); err != nil {
				return err
			}
		}
		// What was reserved last and not used is given back.
		next := max(r.s.index.NextStory(), metaNumber(b.tx, metaNextStory))
		slices.Sort(r.free)
		for n := len(r.free); n > 0 && r.free[n-1] == next-1; n-- {
			next--
		}
		r.index.SetNextStory(next)
		return errors.Join(putMetaNumber(b.tx, metaNextStory, next), r.s.at("swapped"))
	})
	if err != nil {
		return err
	}
	clear(r.s.read)
	r.s.index, r.s.rows, r.s.stale, r.s.rebuild = r.index, r.rows, false, nil
	r.s.announce()
	return nil
}

// redirect leads numbers that no new story has to where their first entry is. alive
// are those that have one, though they redirect.
func (r *rebuild) redirect(b *batch, lost []uint64) (alive []uint64, err error) {
	for _, id := range lost {
		if b.stories.Get(key(id)) != nil {
			if b.live.redirects.Get(key(id)) != nil {
				alive = append(alive, id)
			}
			continue
		}
		v := b.live.stories.Get(key(id))
		if v == nil || b.redirects.Get(key(id)) != nil {
			continue
		}
		var row storyRow
		if err := decodeStory(v, &row); err != nil {
			return nil, fmt.Errorf("story %d: %w", id, err)
		}
		p, err := b.placeOf(row.Members[0])
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, fmt.Errorf("entry %d of story %d was not placed", row.Members[0], id)
		}
		if err := b.redirects.Put(key(id), key(p.Story)); err != nil {
			return nil, err
		}
	}
	return alive, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
