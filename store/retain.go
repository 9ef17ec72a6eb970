package store

import (
	"context"
	"fmt"
	"time"
)

// Retention says what Retain leaves; the zero Retention keeps everything.
type Retention struct {
	// Age is how long a story is kept after its last entry was seen in a feed, counted
	// back from the latest poll; 0 is for ever.
	Age time.Duration
	// Size is how large the file may be, in bytes; 0 is any size. The oldest stories
	// go first. Stories of the window stay, even when they alone are larger.
	Size int64
}

// Retained says what Retain did.
type Retained struct {
	Pruned
	Bytes     int64 // of the file, at the end
	Compacted bool
}

// Retain prunes what is older than the retention allows, as Prune does, and then, oldest first, until what is kept fits. It writes the file anew when it is
// larger than allowed and a quarter of it is empty. Identities stay, as with
// Prune. It may be interrupted and run again at any time.
func (s *Store) Retain(ctx context.Context, keep Retention) (done Retained, err error) {
	if keep.Age > 0 {
		if done.Pruned, err = s.Prune(ctx, keep.Age); err != nil {
			return done, err
		}
	}
	size, used, err := s.usage(ctx)
	// A tenth is left for what comes until the next time.
	room := keep.Size - keep.Size/10
	for tries := int64(0); err == nil && keep.Size > 0 && used > keep.Size && tries < 20; tries++ {
		var age time.Duration
		if age, err = s.oldest(used-room, used, tries); err != nil || age == 0 {
			break
		}
		var more Pruned
		more, err = s.Prune(ctx, age)
		done.Stories, done.Entries = done.Stories+more.Stories, done.Entries+more.Entries
		if err == nil {
			size, used, err = s.usage(ctx)
		}
	}
	if err == nil && keep.Size > 0 && size > keep.Size && size-used > size/4 {
		_, size, err = s.Compact(ctx)
		done.Compacted = err == nil
	}
	done.Bytes = size
	return done, err
}

// usage gives the size of the file and how much of it holds something, in bytes.
func (s *Store) usage(ctx context.Context) (size, used int64, err error) {
	for range 2 { // bbolt counts free pages at the end of a transaction
		err = s.do(ctx, func(b *batch) error {
			stats := b.tx.DB().Stats()
			size = b.tx.Size()
			used = size - int64(stats.FreePageN+stats.PendingPageN)*int64(b.tx.DB().Info().PageSize)
			return nil
		})
		if err != nil {
			return 0, 0, fmt.Errorf("counting the pages in use: %w", err)
		}
	}
	return size, used, nil
}

// oldest gives the age, at the latest poll, of the story such that those before it are
// excess/used of all, and a twentieth more for each try before; 0 when there are no stories.
func (s *Store) oldest(excess, used, tries int64) (age time.Duration, err error) {
	err = s.view(func(r *reader) error {
		clock, err := s.clock(r.tx)
		if err != nil {
			return err
		}
		latest := clock.Counted(clock.Now(), instant(metaNumber(r.tx, metaLatest)).time())
		timeline := r.tx.Bucket(bucketTimeline)
		total := int64(timeline.Stats().KeyN)
		n := (total*excess+used-1)/used + total*tries/20
		c := timeline.Cursor()
		for k, _ := c.Last(); k != nil; k, _ = c.Prev() {
			seconds, _ := timelinePlace(k)
			age = latest.Sub(clock.CountedAtMost(time.Unix(seconds+1, 0)))
			if n--; n <= 0 {
				break
			}
		}
		return nil
	})
	return age, err
}
