package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.etcd.io/bbolt"

	"aggregator/feeds"
)

const (
	maxVersions = 10 // earlier versions of one entry, the first one among them
	maxClaims   = 8  // later claims of one entry's date
)

// calm is how long an entry that has used up its versions must have stood
// before a further edit replaces the latest one.
const calm = 24 * time.Hour

// arrival is an entry that a poll brought or changed.
type arrival struct {
	id    uint64
	entry *feeds.Entry
	seen  feeds.Seen
	fresh bool  // new, not edited
	head  *head // of a new one, as it was kept; nil: read it
}

// apply writes one poll, all of it.
func (b *batch) apply(p *feeds.Poll) error { return b.applyStarted(p, p.At, p.At) }

// applyStarted writes a poll that started between two moments: what it saw was there at the
// later one, and what it did not see was absent at the earlier one.
func (b *batch) applyStarted(p *feeds.Poll, least, most time.Time) error {
	f, err := b.feed(p.Feed, p.Outlet)
	if err != nil {
		return err
	}
	var last polledRow
	if p.Outcome == feeds.Changed || !p.State.LastObserved.Equal(p.At) {
		if v := b.tx.Bucket(bucketPolled).Get(key32(f.number)); v != nil {
			if err := decode(v, &last); err != nil {
				return fmt.Errorf("state of %s: %w", p.Feed, err)
			}
		}
	}
	stood := metaNumber(b.tx, metaLatest)
	at, previous, latest, setting, err := b.polled(least, p.Ran, &last, instant(stood).time())
	if err != nil {
		return err
	}
	seen, newLatest := feeds.Appeared(at, previous, latest)
	if most.After(least) {
		if seen.After = (time.Time{}); seen.At.Before(most) {
			seen.At = toInstant(most).time()
		}
	}
	if stood != uint64(toInstant(newLatest)) {
		if err := putMetaNumber(b.tx, metaLatest, uint64(toInstant(newLatest))); err != nil {
			return err
		}
	}
	state := p.State
	if state.LastObserved.Equal(p.At) {
		state.LastObserved = at
	} else {
		setting = last.Setting
	}
	if p.Outcome == feeds.Changed {
		arrivals, lost, err := b.document(p, f, seen, last.LastObserved)
		if err != nil {
			return err
		}
		if lost > 0 {
			// Items said to be known that are not: let the next poll bring them whole.
			state.ETag, state.LastModified, state.BodyHash = "", "", 0
		}
		if err := b.s.at("between"); err != nil {
			return err
		}
		if err := b.place(arrivals, seen.At, newLatest); err != nil {
			return err
		}
	}
	return b.putState(f, &state, setting)
}

// document applies the items of a changed document. lost counts the items that
// were not parsed because they were known, and are not.
func (b *batch) document(p *feeds.Poll, f feedNumber, seen feeds.Seen, observed instant) (arrivals []arrival, lost int, err error) {
	shelf := b.tx.Bucket(bucketPresent)
	before, err := unpackPresent(shelf.Get(key32(f.number)))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", p.Feed, err)
	}
	if len(before) > 0 {
		b.names.FillPercent = bbolt.DefaultFillPercent // from now on they come between those that are there
	}
	known := make(map[uint64]uint64, len(before))
	for _, row := range before {
		known[row.raw] = row.entry
	}
	r := &resolver{b: b, outlet: f.outlet, feed: f.number, items: p.Items}
	ids, twin, err := r.resolve(known)
	if err != nil {
		return nil, 0, err
	}
	w := &writer{b: b, f: f, seen: seen, done: map[uint64]bool{}}
	// Feeds list the newest first: the oldest is kept first, so that a story
	// grows in the order in which it was told.
	for i := len(p.Items) - 1; i >= 0; i-- {
		e := p.Items[i].Entry
		switch {
		case twin[i] != i:
			continue // its number comes with its twin's
		case e == nil && ids[i] == 0:
			lost++
			continue
		case ids[i] == 0:
			ids[i], err = w.keep(r, e)
		case !r.same[i]:
			err = w.again(r, ids[i], e)
		}
		if err != nil {
			return nil, 0, err
		}
	}
	if err := w.flush(); err != nil {
		return nil, 0, err
	}
	now := make([]present, 0, len(p.Items))
	stays := make(map[uint64]bool, len(p.Items))
	for i := range p.Items {
		id := ids[i]
		if twin[i] != i {
			id = ids[twin[i]]
			if e := p.Items[i].Entry; e != nil && id != 0 {
				if err := w.alias(r, id, e); err != nil {
					return nil, 0, err
				}
			}
		}
		if id != 0 {
			now = append(now, present{p.Items[i].Raw, id})
			stays[id] = true
		}
	}
	for _, row := range before {
		if !stays[row.entry] {
			stays[row.entry] = true // once
			if err := b.left(row.entry, f.number, observed); err != nil {
				return nil, 0, err
			}
		}
	}
	return w.arrivals, lost, shelf.Put(key32(f.number), packPresent(now))
}

// left notes the last poll that saw an entry in a feed, which no member of a story tells.
func (b *batch) left(id uint64, feed uint32, at instant) error {
	if v := b.heads.Get(key(id)); isPacked(v) {
		v = bytes.Clone(v)
		seen, _, err := partsOfHead(v)
		for ; len(seen) > 0; seen = seen[sightingSize:] {
			if binary.BigEndian.Uint32(seen) == feed {
				binary.BigEndian.PutUint64(seen[20:], uint64(at))
				return b.heads.Put(key(id), v)
			}
		}
		return err
	}
	h, err := b.head(id)
	if err != nil || h == nil {
		return err
	}
	s := h.Sightings.of(feed)
	if s == nil {
		return nil
	}
	s.Left = at
	return b.putHead(id, h)
}

func titleHash(title string) uint32 { return uint32(xxhash.Sum64String(title)) }
