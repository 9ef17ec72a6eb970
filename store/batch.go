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

	index  *stories.Index
	row    sketchRow     // the row of sketches that is being filled
	named  *bbolt.Cursor // in names
	rows   rowReader     // of sketches, those committed before
	look   *bbolt.Cursor // in sketches
	wrote  uint64        // the first entry whose row of sketches this transaction may have changed
	ends   *[]uint64     // the last entries of rows that this process wrote, in order: which row to look for
	sought []byte        // the key that look looks for
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
		rows: rowReader{file: s.file, size: s.db.Info().PageSize, branches: map[uint64][]byte{}}, wrote: math.MaxUint64, ends: &s.ends}
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

func (b *batch) putHead(id uint64, h *head) error {
	delete(b.read, id)
	return b.heads.Put(key(id), b.s.packer.head(h))
}

func (b *batch) putPlace(id uint64, p *placeRow) error {
	delete(b.read, id)
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
