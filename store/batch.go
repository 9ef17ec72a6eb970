package store

import (
	"fmt"
	"math"

	"go.etcd.io/bbolt"

	"aggregator/feeds"
	"aggregator/stories"
)

// batch is one write transaction under way. Only the writing goroutine has one.
type batch struct {
	s  *Store
	tx *bbolt.Tx

	heads, versions, blocks, names, gone *bbolt.Bucket
	places, sketches, stories, history   *bbolt.Bucket
	timeline, redirects                  *bbolt.Bucket

	// touched are the stories as they were before the poll under way, by ID.
	touched map[uint64]*touched
	changed bool // a story changed in this transaction

	index *stories.Index
	row   sketchRow     // the row of sketches that is being filled
	named *bbolt.Cursor // in names
	look  *bbolt.Cursor // in sketches

	rows       rowReader       // of rows committed before
	newest     uint64          // the last entry there was when the transaction began
	rewritten  map[uint64]bool // entries up to that one whose head or place it changed
	rowsKept   *sketchRows     // of the sketches
	wrote      uint64          // the first entry whose sketch this transaction added to a row
	dropped    uint64          // the sketches of entries before this one it removed
	resketched map[uint64]bool // entries whose sketches it changed or removed otherwise
	sought     []byte          // the key that look looks for

	// live reads the stories that readers see, when the batch builds their successors
	// beside them (reindex.go); else nil.
	live *reader

	// read is Store.read, but for a batch that builds beside.
	read map[uint64]stories.Member
}

// maxRead bounds Store.read.
const maxRead = 1024

func (s *Store) newBatch(tx *bbolt.Tx) *batch {
	b := &batch{s: s, tx: tx,
		heads: growing(tx.Bucket(bucketHeads)), versions: tx.Bucket(bucketVersions), blocks: growing(tx.Bucket(bucketBlocks)),
		names: tx.Bucket(bucketNames), gone: growing(tx.Bucket(bucketGone)),
		places: growing(tx.Bucket(bucketPlaces)), sketches: growing(tx.Bucket(bucketSketches)), stories: tx.Bucket(bucketStories),
		history: tx.Bucket(bucketHistory), timeline: tx.Bucket(bucketTimeline), redirects: tx.Bucket(bucketRedirects),
		touched: map[uint64]*touched{}, read: s.read, index: s.index,
		rows: rowReader{file: s.file, size: s.db.Info().PageSize, branches: map[uint64][]byte{}}, wrote: math.MaxUint64,
		rowsKept: &s.rows, resketched: map[uint64]bool{}, rewritten: map[uint64]bool{}}
	b.newest = b.heads.Sequence()
	// Stories come in order, and grow when others join them: a full page would be split
	// for each that does, and leave next to nothing in the second half.
	b.stories.FillPercent = 0.75
	// So do feeds, whose rows change a little in length with each poll.
	for _, name := range [][]byte{bucketFeeds, bucketPolled, bucketPresent} {
		tx.Bucket(name).FillPercent = 0.75
	}
	// The names of one outlet come together, and sorted at the first poll.
	b.names.FillPercent = 0.9
	b.named = b.names.Cursor()
	return b
}

// head reads an entry's head; nil when the entry is not kept (any more).
func (b *batch) head(id uint64) (*head, error) { return b.s.readHead(b.heads, id) }

// rewrites is called when what a member of a story tells of an entry changes.
func (b *batch) rewrites(id uint64) {
	delete(b.read, id)
	if id <= b.newest {
		b.rewritten[id] = true
	}
}

// before gives what reads rows of a bucket for an entry: past the mapping, as the last
// commit left them, when this transaction did not change them.
func (b *batch) before(bucket *bbolt.Bucket, id uint64) func(key []byte) []byte {
	if id > b.newest || b.rewritten[id] || bucket.Root() == 0 {
		return bucket.Get
	}
	return func(key []byte) []byte {
		if v := b.rows.get(uint64(bucket.Root()), key); v != nil {
			return v
		}
		return bucket.Get(key)
	}
}

func (b *batch) putHead(id uint64, h *head) error {
	b.rewrites(id)
	return b.heads.Put(key(id), b.s.packer.head(h))
}

func (b *batch) putPlace(id uint64, p *placeRow) error {
	b.rewrites(id)
	row := *p
	if len(row.Reasons) == 1 {
		if row.Said = packReason(row.Reasons[0]); row.Said != nil {
			row.Reasons = nil
		}
	}
	return b.places.Put(key(id), b.s.packer.words(&row))
}

// returned reports whether an item that bears the name of a pruned entry is
// that entry again, and not another article to which the name was given since.
func (b *batch) returned(id uint64, e *feeds.Entry) (bool, error) {
	v := b.gone.Get(key(id))
	if v == nil {
		return true, nil
	}
	var g goneRow
	if err := decode(v, &g); err != nil {
		return false, fmt.Errorf("pruned entry %d: %w", id, err)
	}
	return g.Title == titleHash(e.Title) || e.Published.Time.IsZero() || !e.Published.Time.After(g.Left.time()), nil
}

var _ stories.View = (*batch)(nil)
