package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aggregator/feeds"
)

// Position is how far a store has followed a log of polls. It is kept in the
// transaction of the polls themselves, so that a poll that is delivered again
// changes nothing.
type Position struct {
	Log string `cbor:"1,keyasint,omitempty"` // which log; empty: none was followed so far
	Seq uint64 `cbor:"2,keyasint,omitempty"` // number of its last poll that was applied; 0: none
	Sum uint64 `cbor:"3,keyasint,omitempty"` // hash of that poll as it stands in the log
}

// Logged is one poll of a log.
type Logged struct {
	Seq  uint64 // its number; they grow by one
	Sum  uint64 // hash of it as it stands in the log
	Poll feeds.Poll
}

// Follow applies polls of a log in their order, all of them or none, and moves the
// position on. Polls up to the position are left out, and so are those of a feed
// whose kept state already counts as many polls: the same poll, made twice.
func (s *Store) Follow(ctx context.Context, log string, polls []Logged) error {
	return s.do(ctx, func(b *batch) error {
		meta := b.tx.Bucket(bucketMeta)
		var at Position
		if v := meta.Get(metaLog); v != nil {
			if err := decode(v, &at); err != nil {
				return err
			}
		}
		if at.Log != "" && at.Log != log {
			return fmt.Errorf("this store follows the log %s, not %s", at.Log, log)
		}
		before := at
		for i := range polls {
			p := &polls[i]
			if p.Seq <= at.Seq {
				continue
			}
			if err := b.follow(&p.Poll); err != nil {
				return fmt.Errorf("poll %d of the log, of %s: %w", p.Seq, p.Poll.Feed, err)
			}
			at = Position{log, p.Seq, p.Sum}
		}
		if at == before {
			return nil
		}
		return meta.Put(metaLog, encode(&at))
	})
}

// follow applies a poll unless it was made before.
func (b *batch) follow(p *feeds.Poll) error {
	f, err := b.feed(p.Feed, p.Outlet)
	if err != nil {
		return err
	}
	if v := b.tx.Bucket(bucketPolled).Get(key32(f.number)); v != nil {
		var last polledRow
		if err := decode(v, &last); err != nil {
			return err
		}
		if last.Polls >= p.State.Polls {
			return nil
		}
	}
	least, most, err := b.started(p)
	if err != nil {
		return err
	}
	one := *p
	one.Ran = feeds.Ran{}             // the clocks of many machines: what one measures says nothing of the others
	if by := most.Sub(p.At); by > 0 { // its clock was set back, and what it decided was by that
		one.State.Shift(by)
	}
	return b.applyStarted(&one, least, most)
}

// maxPollers bounds for how many boots of pollers is known how their clocks were set. One that
// was forgotten counts as new.
const maxPollers = 1000

// pollerRow is a boot of a poller and what its wall clock would have shown when its running
// clock was zero, as it was set when it was believed (feeds.Started).
type pollerRow struct {
	Boot string  `cbor:"1,keyasint"`
	Zero instant `cbor:"2,keyasint"`
}

// started finds out when a poll of the log started, by what its poller's polls said of its
// clock before.
func (b *batch) started(p *feeds.Poll) (least, most time.Time, err error) {
	if p.Ran.Boot == "" {
		return p.At, p.At, nil
	}
	meta := b.tx.Bucket(bucketMeta)
	var rows []pollerRow
	if v := meta.Get(metaPollers); v != nil {
		if err := decode(v, &rows); err != nil {
			return least, most, fmt.Errorf("the clocks of pollers: %w", err)
		}
	}
	i := slices.IndexFunc(rows, func(r pollerRow) bool { return r.Boot == p.Ran.Boot })
	if i < 0 {
		if rows = append(rows, pollerRow{Boot: p.Ran.Boot, Zero: toInstant(p.At.Add(-p.Ran.For))}); len(rows) > maxPollers {
			rows = rows[1:]
		}
		return p.At, p.At, meta.Put(metaPollers, encode(rows))
	}
	least, most, believed := feeds.Started(p.At, p.Ran, rows[i].Zero.time())
	if zero := toInstant(believed); zero != rows[i].Zero {
		rows[i].Zero = zero
		err = meta.Put(metaPollers, encode(rows))
	}
	return least, most, err
}

// Position returns how far the store has followed a log.
func (s *Store) Position() (at Position, err error) {
	err = s.view(func(r *reader) error {
		if v := r.tx.Bucket(bucketMeta).Get(metaLog); v != nil {
			return decode(v, &at)
		}
		return nil
	})
	return at, err
}
