package store

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"aggregator/feeds"
	"aggregator/stories"
)

// Outlets and feeds are known by small numbers inside the file; the numbers are
// given once and never change. registry holds both tables in memory. Only the
// writing goroutine adds to it, under Store.mu.
type registry struct {
	outlets  []feeds.Outlet // by number; 0 is not used
	byID     map[string]uint32
	feedURLs []string // by number; 0 is not used
	feeds    map[string]feedNumber
}

type feedNumber struct{ number, outlet uint32 }

// outletRow is a record of bucketOutlets.
type outletRow struct {
	ID       string   `cbor:"1,keyasint"`
	Name     string   `cbor:"2,keyasint,omitempty"`
	Home     string   `cbor:"3,keyasint,omitempty"`
	Language string   `cbor:"4,keyasint,omitempty"`
	Category string   `cbor:"5,keyasint,omitempty"`
	Aliases  []string `cbor:"6,keyasint,omitempty"`
}

func (o *outletRow) outlet() feeds.Outlet {
	return feeds.Outlet{ID: o.ID, Name: o.Name, Home: o.Home, Language: o.Language, Category: o.Category, Aliases: o.Aliases}
}

func toOutletRow(o feeds.Outlet) *outletRow {
	return &outletRow{o.ID, o.Name, o.Home, o.Language, o.Category, o.Aliases}
}

func loadRegistry(tx *bbolt.Tx) (*registry, error) {
	g := &registry{outlets: make([]feeds.Outlet, 1), byID: map[string]uint32{}, feedURLs: make([]string, 1), feeds: map[string]feedNumber{}}
	err := tx.Bucket(bucketOutlets).ForEach(func(k, v []byte) error {
		var row outletRow
		if err := decode(v, &row); err != nil {
			return fmt.Errorf("outlet: %w", err)
		}
		if number := uint32(len(g.outlets)); !bytes.Equal(k, key32(number)) {
			return fmt.Errorf("outlet %d is missing: restore a backup with aggregator restore FILE", number)
		}
		g.byID[row.ID] = uint32(len(g.outlets))
		g.outlets = append(g.outlets, row.outlet())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, tx.Bucket(bucketFeeds).ForEach(func(k, v []byte) error {
		var row feedRow
		if err := decode(v, &row); err != nil {
			return fmt.Errorf("feed: %w", err)
		}
		if number := uint32(len(g.feedURLs)); !bytes.Equal(k, key32(number)) {
			return fmt.Errorf("feed %d is missing: restore a backup with aggregator restore FILE", number)
		}
		if int(row.Outlet) >= len(g.outlets) {
			return fmt.Errorf("feed %q belongs to outlet %d, which is missing: restore a backup with aggregator restore FILE", row.URL, row.Outlet)
		}
		g.feeds[row.URL] = feedNumber{uint32(len(g.feedURLs)), row.Outlet}
		g.feedURLs = append(g.feedURLs, row.URL)
		return nil
	})
}

func (s *Store) outletByNumber(n uint32) feeds.Outlet {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if int(n) < len(s.registry.outlets) {
		return s.registry.outlets[n]
	}
	return feeds.Outlet{}
}

func (s *Store) outletDirectory() *stories.Directory {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.directory
}

// counts are how many outlets and feeds have a number.
func (s *Store) counts() (outlets, feeds int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.registry.outlets) - 1, len(s.registry.feedURLs) - 1
}

func (s *Store) feedByNumber(n uint32) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if int(n) < len(s.registry.feedURLs) {
		return s.registry.feedURLs[n]
	}
	return ""
}

// Outlets lists the outlets that the store knows, configured or not, by number.
func (s *Store) Outlets() []feeds.Outlet {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.registry.outlets[1:])
}

// Feeds lists the feeds that were ever polled, and whose they are, by number.
func (s *Store) Feeds() (list []feeds.Feed) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, url := range s.registry.feedURLs[1:] {
		list = append(list, feeds.Feed{URL: url, Outlet: s.registry.outlets[s.registry.feeds[url].outlet].ID})
	}
	return list
}

// outlet gives the number of an outlet, a new one if need be.
func (b *batch) outlet(id string) (uint32, error) {
	g := b.s.registry
	if n, ok := g.byID[id]; ok {
		return n, nil
	}
	n := uint32(len(g.outlets))
	o := feeds.Outlet{ID: id, Name: id}
	if err := b.tx.Bucket(bucketOutlets).Put(key32(n), encode(toOutletRow(o))); err != nil {
		return 0, err
	}
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	g.byID[id] = n
	g.outlets = append(g.outlets, o)
	return n, nil
}

// feed gives the number of a feed, a new one if need be.
func (b *batch) feed(url, outlet string) (feedNumber, error) {
	g := b.s.registry
	o, err := b.outlet(outlet)
	if err != nil {
		return feedNumber{}, err
	}
	f, ok := g.feeds[url]
	if ok && f.outlet == o {
		return f, nil
	}
	row := feedRow{URL: url}
	if !ok {
		f.number = uint32(len(g.feedURLs))
	} else if err := decode(b.tx.Bucket(bucketFeeds).Get(key32(f.number)), &row); err != nil {
		return f, fmt.Errorf("feed %s: %w", url, err)
	}
	// A feed that the operator gave to another outlet goes on under its number;
	// entries that it brought before stay with the outlet that they had.
	f.outlet, row.Outlet = o, o
	if err := b.tx.Bucket(bucketFeeds).Put(key32(f.number), encode(&row)); err != nil {
		return f, err
	}
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if !ok {
		g.feedURLs = append(g.feedURLs, url)
	}
	g.feeds[url] = f
	return f, nil
}

// configure makes the outlets of the configuration known.
func (b *batch) configure(outlets []feeds.Outlet) error {
	for _, o := range outlets {
		n, err := b.outlet(o.ID)
		if err != nil {
			return err
		}
		row := encode(toOutletRow(o))
		shelf := b.tx.Bucket(bucketOutlets)
		if string(shelf.Get(key32(n))) == string(row) {
			continue
		}
		if err := shelf.Put(key32(n), row); err != nil {
			return err
		}
		clear(b.read)
		b.s.mu.Lock()
		b.s.registry.outlets[n] = o
		b.s.mu.Unlock()
	}
	return nil
}

// putState writes a feed's state, with the setting of the clock at its last observation; of
// its two records the one that polls seldom change only when it did.
func (b *batch) putState(f feedNumber, state *feeds.State, setting uint64) error {
	row, polled := toRows(f.outlet, state)
	polled.Setting = setting
	row.URL = b.s.registry.feedURLs[f.number]
	k, shelf := key32(f.number), b.tx.Bucket(bucketFeeds)
	record := &b.s.packer.record
	record.Reset()
	if encodeTo(record, &row); !bytes.Equal(shelf.Get(k), record.Bytes()) {
		if err := shelf.Put(k, bytes.Clone(record.Bytes())); err != nil {
			return err
		}
	}
	return b.tx.Bucket(bucketPolled).Put(k, encode(&polled))
}
