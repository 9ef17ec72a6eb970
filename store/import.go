package store

import (
	"context"
	"fmt"
	"time"

	"aggregator/feeds"
)

// imported is the element of a date that another program kept.
const imported = "imported"

// Imported is an entry of a feed that another program collected.
type Imported struct {
	Feed, Outlet string
	Entry        *feeds.Entry
}

// Import keeps entries that another program collected, the oldest first, as an
// archive: nobody saw here when they appeared, so that all their dates are claims.
// Entries that are kept already stay as they are. The feeds' states do not change:
// the next poll of each goes on as if nothing had been imported. ids are the
// entries' numbers, 0 for one that is pruned; fresh is how many were new. It is one
// transaction.
func (s *Store) Import(ctx context.Context, list []Imported, at time.Time) (ids []uint64, fresh int, err error) {
	err = s.do(ctx, func(b *batch) error {
		ids, fresh = nil, 0
		for rest := list; len(rest) > 0; {
			one := rest[0]
			if one.Feed == "" || one.Outlet == "" {
				return fmt.Errorf("imported entries must have a feed and an outlet (feed %q, outlet %q)", one.Feed, one.Outlet)
			}
			var run []*feeds.Entry
			for len(rest) > 0 && rest[0].Feed == one.Feed && rest[0].Outlet == one.Outlet {
				run, rest = append(run, rest[0].Entry), rest[1:]
			}
			some, n, err := b.importAll(one.Feed, one.Outlet, run, at)
			if err != nil {
				return fmt.Errorf("entries of %s: %w", one.Feed, err)
			}
			ids, fresh = append(ids, some...), fresh+n
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("importing: %w", err)
	}
	return ids, fresh, nil
}

// importAll keeps entries of one feed.
func (b *batch) importAll(feed, outlet string, entries []*feeds.Entry, at time.Time) (ids []uint64, fresh int, err error) {
	f, err := b.feed(feed, outlet)
	if err != nil {
		return nil, 0, err
	}
	latest := instant(metaNumber(b.tx, metaLatest)).time()
	seen, newest := feeds.Appeared(toInstant(at).time(), time.Time{}, latest) // which is no poll's time
	r := &resolver{b: b, outlet: f.outlet, feed: f.number}
	for _, e := range entries {
		e.Published.Element, e.Updated.Element = imported, ""
		r.items = append(r.items, feeds.Item{Entry: e})
	}
	ids, twin, err := r.resolve(nil)
	if err != nil {
		return nil, 0, err
	}
	w := &writer{b: b, f: f, seen: seen, imported: true, done: map[uint64]bool{}}
	for i, e := range entries {
		switch {
		case twin[i] != i:
			ids[i] = ids[twin[i]]
		case ids[i] == 0:
			if ids[i], err = w.keep(r, e); err != nil {
				return nil, 0, err
			}
			fresh++
		}
	}
	if err := w.flush(); err != nil {
		return nil, 0, err
	}
	for i, id := range ids {
		if b.heads.Get(key(id)) == nil {
			ids[i] = 0
		}
	}
	return ids, fresh, b.place(w.arrivals, seen.At, newest)
}
