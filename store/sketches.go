package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// bucketSketches: the sketches of entries that follow each other and were seen in the
// same second, as those are that one poll brought, stand in one row under the number of
// the last of them. One a row left an eighth of each page empty.

// maxSketches is how many bytes of sketches a row holds at most: two rows fill three pages
// of 4 KiB. bbolt keeps two to four rows of this size together and writes all of them again
// when one is added or changed, so that larger ones would fill pages better and cost more.
const maxSketches = 6080

// sketchMargin is how long a sketch outlives the window: the index drops an
// entry at the next Place after it left, and needs its sketch for that.
const sketchMargin = time.Hour

var errSketches = errors.New("damaged sketches")

// sketchRow is a row: when its entries came (Unix seconds of counted time, 4 bytes), how many there
// are and the length of each sketch (2 bytes each), and the sketches. One of length 0 was
// removed.
type sketchRow struct {
	last    uint64 // entry
	at      uint32
	lengths []byte
	body    []byte
}

// openSketches reads a row, whose parts point into v. A damaged one has no entries.
func openSketches(k, v []byte) (r sketchRow, err error) {
	if len(k) != 8 || len(v) < 6 {
		return r, errSketches
	}
	n := int(binary.BigEndian.Uint16(v[4:]))
	if r.last = number(k); len(v) < 6+2*n || r.last < uint64(n) {
		return r, errSketches
	}
	r.at, r.lengths, r.body = binary.BigEndian.Uint32(v), v[6:6+2*n], v[6+2*n:]
	return r, nil
}

// size is how many entries a row has, removed ones among them.
func (r *sketchRow) size() int { return len(r.lengths) / 2 }

// first is the entry that it begins with.
func (r *sketchRow) first() uint64 { return r.last - uint64(r.size()) + 1 }

func (r *sketchRow) length(i int) int { return int(binary.BigEndian.Uint16(r.lengths[2*i:])) }

// place says where the sketch of an entry stands in the body; false when there is none.
func (r *sketchRow) place(entry uint64) (from, to int, ok bool) {
	if entry > r.last || entry < r.first() {
		return 0, 0, false
	}
	i := int(entry - r.first())
	for j := range i {
		from += r.length(j)
	}
	to = from + r.length(i)
	return from, to, to <= len(r.body)
}

// of gives the sketch of an entry; nil when there is none.
func (r *sketchRow) of(entry uint64) []byte {
	if from, to, ok := r.place(entry); ok && to > from {
		return r.body[from:to]
	}
	return nil
}

// each calls f with every entry that has a sketch.
func (r *sketchRow) each(f func(entry uint64, sketch []byte) error) error {
	rest := r.body
	for i := range r.size() {
		n := r.length(i)
		if n > len(rest) {
			return errSketches
		}
		if n > 0 {
			if err := f(r.first()+uint64(i), rest[:n]); err != nil {
				return err
			}
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		return errSketches
	}
	return nil
}

func (r *sketchRow) value() []byte {
	v := make([]byte, 0, 6+len(r.lengths)+len(r.body))
	v = binary.BigEndian.AppendUint32(v, r.at)
	v = binary.BigEndian.AppendUint16(v, uint16(r.size()))
	return append(append(v, r.lengths...), r.body...)
}

// addSketch keeps the sketch of a new entry. It is written with those of its row, by
// putSketches.
func (b *batch) addSketch(entry uint64, came time.Time, sketch []byte) error {
	r, at := &b.row, uint32(max(came.Unix(), 0))
	if r.size() > 0 && (entry != r.last+1 || at != r.at || len(r.body)+len(sketch) > maxSketches) {
		if err := b.putSketches(); err != nil {
			return err
		}
	}
	r.last, r.at = entry, at
	r.lengths, r.body = binary.BigEndian.AppendUint16(r.lengths, uint16(len(sketch))), append(r.body, sketch...)
	return nil
}

// putSketches writes the row that is being filled.
func (b *batch) putSketches() error {
	r := &b.row
	if r.size() == 0 {
		return nil
	}
	b.wrote = min(b.wrote, r.first())
	n, _ := slices.BinarySearch(b.rowsKept.ends, r.first()) // what comes then a transaction wrote that failed
	b.rowsKept.ends = append(b.rowsKept.ends[:n], r.last)
	v := r.value()
	r.lengths, r.body = r.lengths[:0], r.body[:0]
	return b.sketches.Put(key(r.last), v)
}

// setSketch keeps another sketch of an entry in the place of the one that it has, or
// none. What has no place in any row is let go.
func (b *batch) setSketch(entry uint64, sketch []byte) error {
	if err := b.putSketches(); err != nil {
		return err
	}
	k, v := b.sketches.Cursor().Seek(key(entry))
	if k == nil {
		return nil
	}
	r, err := openSketches(k, v)
	if err != nil {
		return err
	}
	from, to, ok := r.place(entry)
	if !ok || bytes.Equal(r.body[from:to], sketch) {
		return nil
	}
	b.changes(entry)
	changed := sketchRow{last: r.last, at: r.at, lengths: bytes.Clone(r.lengths)}
	binary.BigEndian.PutUint16(changed.lengths[2*(entry-r.first()):], uint16(len(sketch)))
	changed.body = append(append(append(changed.body, r.body[:from]...), sketch...), r.body[to:]...)
	if len(changed.body) == 0 {
		return b.sketches.Delete(key(r.last))
	}
	return b.sketches.Put(key(r.last), changed.value())
}

// changes notes that this transaction changes the sketch of an entry.
func (b *batch) changes(entry uint64) {
	b.resketched[entry] = true
	b.rowsKept.spots.forget(entry)
}

// Sketch makes the batch a stories.View. What it gives holds until the next call.
func (b *batch) Sketch(entry uint64) []byte {
	if sketch := b.row.of(entry); sketch != nil {
		return sketch
	}
	if entry >= b.dropped && entry < b.wrote && !b.resketched[entry] && b.sketches.Root() != 0 { // else its page is not the bucket's own
		if sketch := b.committed(entry); sketch != nil {
			return sketch
		}
	}
	// One cursor looks all of them up, where Get would make a new one each time.
	if b.look == nil || b.look.Bucket() != b.sketches {
		b.look = b.sketches.Cursor()
	}
	b.sought = binary.BigEndian.AppendUint64(b.sought[:0], entry)
	k, v := b.look.Seek(b.sought)
	r, err := openSketches(k, v)
	if err != nil {
		return nil
	}
	return r.of(entry)
}

// sketchRows is what the process knows of the rows of sketches in the file.
type sketchRows struct {
	ends  []uint64 // the last entries of the rows that it wrote, in order: which row to look for
	spots spots
}

// committed gives the sketch of an entry as the last commit left it; nil when it is not
// found where it should be.
func (b *batch) committed(entry uint64) []byte {
	kept := b.rowsKept
	if sketch := kept.spots.read(&b.rows, entry); sketch != nil {
		return sketch
	}
	end := entry
	if i, _ := slices.BinarySearch(kept.ends, entry); i > 0 && i < len(kept.ends) { // in the first of them the entry need not be
		end = kept.ends[i]
	}
	b.sought = binary.BigEndian.AppendUint64(b.sought[:0], end)
	k, v, err := b.rows.seek(uint64(b.sketches.Root()), b.sought, twoRows)
	if err != nil {
		return nil
	}
	r, err := openSketches(k, v)
	if err != nil {
		return nil
	}
	_ = r.each(func(e uint64, sketch []byte) error {
		if !b.resketched[e] {
			kept.spots.put(e, b.rows.offset(sketch), sketch)
		}
		return nil
	})
	return r.of(entry)
}

// dropSketches removes the rows that left the window at a moment of counted time, oldest first.
func (b *batch) dropSketches(now time.Time) error {
	limit := now.Add(-b.s.window - sketchMargin).Unix()
	var old [][]byte
	c := b.sketches.Cursor()
	for k, v := c.First(); k != nil && len(v) >= 4 && int64(binary.BigEndian.Uint32(v)) < limit; k, v = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	if len(old) == 0 {
		return nil
	}
	kept, last := b.rowsKept, number(old[len(old)-1])
	b.dropped = last + 1
	n, _ := slices.BinarySearch(kept.ends, b.dropped)
	kept.ends = kept.ends[n:]
	kept.spots.forgetUntil(last)
	for _, k := range old {
		if err := b.sketches.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// eachSketch calls f with every sketch from an entry on, and when its entry came.
func eachSketch(sketches *bbolt.Bucket, from uint64, f func(entry uint64, at uint32, sketch []byte) error) error {
	c := sketches.Cursor()
	for k, v := c.Seek(key(from)); k != nil; k, v = c.Next() {
		r, err := openSketches(k, v)
		if err != nil {
			return err
		}
		err = r.each(func(entry uint64, sketch []byte) error {
			if entry < from {
				return nil
			}
			return f(entry, r.at, sketch)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
