package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// Report is what Verify found.
type Report struct {
	Outlets, Feeds             int
	Entries, Versions, Stories int
	// Gone counts pruned entries whose names are still known.
	Gone int
	// Bytes is the size of the file.
	Bytes int64
	// Problems says what does not agree, one sentence each, at most 100; an
	// intact store has none.
	Problems []string
	// More counts the problems beyond those.
	More int
}

// OK reports whether no problem was found.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < 100 {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	} else {
		r.More++
	}
}

// Verify reads the whole file and checks it: the pages, every record, and that
// entries, names, places, stories and lists agree with each other. It changes
// nothing; polls wait while the pages are checked, and only then. The error is
// about the checking itself (ctx ended); what is wrong with the file stands in
// the report.
func (s *Store) Verify(ctx context.Context) (Report, error) {
	var report Report
	if err := s.checkPages(ctx, &report); err != nil || !report.OK() {
		return report, err // what stands on damaged pages cannot be read
	}
	err := s.view(func(r *reader) error {
		report.Bytes = r.tx.Size()
		v := &verifier{reader: r, ctx: ctx, report: &report}
		for _, check := range []func() error{v.feeds, v.entries, v.versions, v.names, v.places, v.stories, v.timeline, v.redirects, v.corrections, v.blocks, v.users} {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	})
	return report, err
}

// checkPages has bbolt check its pages. That is safe beside readers, but not
// beside a writing transaction, so that the writing goroutine does it.
func (s *Store) checkPages(ctx context.Context, report *Report) error {
	found := &Report{} // the writing goroutine may outlast ctx
	check := func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			found.problem("pages: %v", err)
		}
		return nil
	}
	var err error
	if s.options.ReadOnly {
		err = s.view(func(r *reader) error { return check(r.tx) })
	} else {
		err = s.do(ctx, func(b *batch) error { return check(b.tx) })
	}
	if err == nil {
		*report = *found
	}
	return err
}

type verifier struct {
	*reader
	ctx      context.Context
	report   *Report
	done, of int64 // rows of the two buckets that take nearly all the time
}

func (v *verifier) step() {
	if v.done++; v.done%64 == 0 {
		ProgressOf(v.ctx)(v.done, max(v.of, v.done))
	}
}

// each calls f for every row of a bucket until ctx ends. What f returns is a
// problem of that row.
func (v *verifier) each(bucket []byte, f func(k, val []byte) error) error {
	n := 0
	return v.tx.Bucket(bucket).ForEach(func(k, val []byte) error {
		if n++; n%1024 == 0 && v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		if n := keySizes[string(bucket)]; n > 0 && len(k) != n {
			v.report.problem("%s %x: a key of %d bytes, not %d", bucket, k, len(k), n)
		} else if err := f(k, val); err != nil {
			v.report.problem("%s %x: %v", bucket, k, err)
		}
		return nil
	})
}

func (v *verifier) feeds() error {
	v.report.Outlets, v.report.Feeds = v.s.counts()
	last := v.heads.Sequence()
	return v.each(bucketPresent, func(k, val []byte) error {
		rows, err := unpackPresent(val)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.entry == 0 || row.entry > last {
				return fmt.Errorf("the feed holds entry %d, which was never kept", row.entry)
			}
			h, err := v.s.readHead(v.heads, row.entry)
			if err != nil || h == nil {
				return err // pruned
			}
			if s := h.Sightings.of(binary.BigEndian.Uint32(k)); s == nil || s.Left != 0 {
				return fmt.Errorf("entry %d stands in the feed and does not know it", row.entry)
			}
		}
		return nil
	})
}

func (v *verifier) entries() error {
	blocks, last := v.tx.Bucket(bucketBlocks), v.heads.Sequence()
	return v.each(bucketHeads, func(k, val []byte) error {
		v.report.Entries++
		v.step()
		id := number(k)
		var h head
		if err := v.s.decodeHead(val, &h); err != nil {
			return err
		}
		if id == 0 || id > last {
			return fmt.Errorf("the number is beyond the last one given, %d", last)
		}
		if h.Outlet == 0 || int(h.Outlet) > v.report.Outlets || int(h.Feed) > v.report.Feeds {
			return fmt.Errorf("unknown outlet %d or feed %d", h.Outlet, h.Feed)
		}
		for _, s := range h.Sightings {
			if s.After != 0 && s.After >= s.At {
				return fmt.Errorf("seen at %v and not yet at %v", s.At.time(), s.After.time())
			}
		}
		if err := holds(blocks.Get(key(h.Block)), id, h.Slot); err != nil {
			return err
		}
		if p, err := readPlace(v.reader.places, v.reader.redirects, id); err != nil || p == nil && v.tx.Bucket(bucketRebuild) == nil {
			return fmt.Errorf("it has no place (%v)", err)
		}
		return nil
	})
}

// holds reports, as an error, that a block lacks an entry's body.
func holds(block []byte, entry, slot uint64) error {
	ids, _, _, err := blockEntries(block)
	if err != nil {
		return err
	}
	if slot >= uint64(len(ids)) || ids[slot] != entry {
		return fmt.Errorf("its text is missing")
	}
	return nil
}

func (v *verifier) versions() error {
	blocks := v.tx.Bucket(bucketBlocks)
	return v.each(bucketVersions, func(k, val []byte) error {
		v.report.Versions++
		id := number(k)
		var row version
		if err := decode(val, &row); err != nil {
			return err
		}
		if v.heads.Get(key(id)) == nil {
			return fmt.Errorf("a version of entry %d, which is not kept", id)
		}
		return holds(blocks.Get(key(row.Block)), id, row.Slot)
	})
}

func (v *verifier) names() error {
	last := v.heads.Sequence()
	err := v.each(bucketNames, func(k, val []byte) error {
		id, size := binary.Uvarint(val)
		if size != len(val) || id > last {
			return fmt.Errorf("damaged name")
		}
		if id != 0 && v.heads.Get(key(id)) == nil && v.tx.Bucket(bucketGone).Get(key(id)) == nil {
			return fmt.Errorf("it names entry %d, which is neither kept nor pruned", id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.each(bucketGone, func(k, val []byte) error {
		v.report.Gone++
		if v.heads.Get(k) != nil {
			return fmt.Errorf("the entry is both kept and pruned")
		}
		return nil
	})
}

func (v *verifier) places() error {
	last := uint64(0)
	err := v.each(bucketSketches, func(k, val []byte) error {
		r, err := openSketches(k, val)
		if err != nil {
			return err
		}
		if r.first() <= last {
			return fmt.Errorf("it begins with entry %d, and the row before ends with entry %d", r.first(), last)
		}
		last = r.last
		return r.each(func(entry uint64, _ []byte) error {
			if v.reader.places.Get(key(entry)) == nil {
				return fmt.Errorf("a sketch of entry %d, which has no place", entry)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return v.each(bucketPlaces, func(k, _ []byte) error {
		id := number(k)
		p, err := readPlace(v.reader.places, v.reader.redirects, id)
		if err != nil {
			return err
		}
		var row storyRow
		if err := decodeStory(v.reader.stories.Get(key(p.Story)), &row); err != nil {
			return fmt.Errorf("story %d: %w", p.Story, err)
		}
		if _, is := slices.BinarySearch(row.Members, id); !is {
			return fmt.Errorf("story %d does not list it", p.Story)
		}
		return nil
	})
}

func (v *verifier) stories() error {
	next := metaNumber(v.tx, metaNextStory)
	return v.each(bucketStories, func(k, val []byte) error {
		v.report.Stories++
		id := number(k)
		var row storyRow
		if err := decodeStory(val, &row); err != nil {
			return err
		}
		if id == 0 || id >= next {
			return fmt.Errorf("the ID is beyond the last one given")
		}
		if len(row.Members) == 0 || !slices.IsSorted(row.Members) || v.reader.redirects.Get(k) != nil {
			return fmt.Errorf("no members, or not in order, or redirected")
		}
		for _, m := range row.Members {
			p, err := readPlace(v.reader.places, v.reader.redirects, m)
			if err != nil {
				return err
			}
			if p == nil || p.Story != id {
				return fmt.Errorf("entry %d does not stand in it", m)
			}
		}
		s, err := v.story(id, &row)
		if err != nil {
			return err
		}
		if pos := s.Position(); v.tx.Bucket(bucketTimeline).Get(timelineKey(pos.At, id)) == nil {
			return fmt.Errorf("it is missing in the list of stories")
		}
		return nil
	})
}

func (v *verifier) timeline() error {
	n := 0
	err := v.each(bucketTimeline, func(k, _ []byte) error {
		n++
		if _, id := timelinePlace(k); v.reader.stories.Get(key(id)) == nil {
			return fmt.Errorf("story %d does not exist", id)
		}
		return nil
	})
	if n != v.report.Stories {
		v.report.problem("the list of stories has %d rows for %d stories", n, v.report.Stories)
	}
	return err
}

func (v *verifier) redirects() error {
	return v.each(bucketRedirects, func(k, val []byte) error {
		from, to := number(k), number(val)
		if from == to || from == 0 || to == 0 {
			return fmt.Errorf("story %d redirects to %d", from, to)
		}
		return nil
	})
}

// corrections looks whether editors' words hold. Where two words do not agree, the
// one that keeps apart does.
func (v *verifier) corrections() error {
	list, err := loadCorrections(v.tx)
	if err != nil {
		v.report.problem("corrections: %v", err)
		return nil
	}
	rules, at := stories.NewCorrections(list), map[uint64]uint64{}
	for _, e := range rules.Named() {
		p, err := readPlace(v.reader.places, v.reader.redirects, e)
		if err != nil {
			return err
		}
		if p != nil {
			at[e] = p.Story
		}
	}
	for _, c := range list {
		for _, a := range c.Entries {
			for _, b := range c.Others {
				if at[a] != 0 && at[a] == at[b] && rules.Relation(a, b) == stories.Apart {
					v.report.problem("entries %d and %d are both in story %d, though correction %d keeps them apart", a, b, at[a], c.Number)
				}
			}
		}
	}
	return nil
}

// blocks unpacks every text.
func (v *verifier) blocks() error {
	texts := v.s.unpacked()
	blocks := v.tx.Bucket(bucketBlocks)
	return v.each(bucketBlocks, func(k, val []byte) error {
		v.step()
		ids, _, _, err := blockEntries(val)
		if err != nil {
			return err
		}
		for slot, id := range ids {
			packed, err := texts.body(blocks, number(k), id, uint64(slot))
			if err != nil {
				return err
			}
			var b body
			if err := decode(packed, &b); err != nil {
				return fmt.Errorf("entry %d: %w", id, err)
			}
		}
		return nil
	})
}

// users checks users and what hangs on them.
func (v *verifier) users() error {
	users := v.tx.Bucket(bucketUsers)
	numbers := map[uint32]bool{}
	err := v.each(bucketUsers, func(k, val []byte) error {
		var row userRow
		if err := decode(val, &row); err != nil {
			return err
		}
		if row.Number == 0 || uint64(row.Number) > users.Sequence() || numbers[row.Number] {
			return fmt.Errorf("the number %d is given twice, or was never given", row.Number)
		}
		numbers[row.Number] = true
		return nil
	})
	if err != nil {
		return err
	}
	err = v.each(bucketReading, func(k, val []byte) error {
		if s := readState(val); s == 0 || s.Joined(s) != s || s > stories.Read|stories.Starred|stories.Kept {
			return fmt.Errorf("damaged state %x", val)
		}
		if user := binary.BigEndian.Uint32(k); !numbers[user] {
			return fmt.Errorf("user %d is not kept", user)
		}
		if v.reader.stories.Get(k[4:]) == nil {
			return fmt.Errorf("story %d does not exist", number(k[4:]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.each(bucketTokens, func(k, val []byte) error {
		var row tokenRow
		if err := decode(val, &row); err != nil {
			return err
		}
		if users.Get([]byte(row.User)) == nil {
			return fmt.Errorf("a token of user %q, who is not kept", row.User)
		}
		return nil
	})
}
