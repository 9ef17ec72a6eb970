package store

import "github.com/cespare/xxhash/v2"

// spots remembers where in the file sketches stand, so that one that is looked up again is
// read alone: the pages that lead to it, and those of its row, are twenty times as much. A
// page may have been used anew since. Then what stands there has another hash, of 44 bits,
// and the sketch is looked for from the root on. Only the writing goroutine has one. The
// zero value is ready.
type spots struct{ parts map[uint64]*spotsOf }

const spotsBits = 9

// spotsOf are the spots of 512 entries that follow each other, 12 bytes each.
type spotsOf struct {
	at  [1 << spotsBits]uint64 // offset (40 bits), length (12) and the hash's first 12 bits; 0: not known
	sum [1 << spotsBits]uint32 // its last 32
}

// put notes where the sketch of an entry stands, when that fits.
func (s *spots) put(entry uint64, offset int64, sketch []byte) {
	if offset>>40 != 0 || len(sketch)>>12 != 0 {
		s.forget(entry)
		return
	}
	part := s.parts[entry>>spotsBits]
	if part == nil {
		if s.parts == nil {
			s.parts = map[uint64]*spotsOf{}
		}
		part = &spotsOf{}
		s.parts[entry>>spotsBits] = part
	}
	i := entry & (1<<spotsBits - 1)
	sum := xxhash.Sum64(sketch)
	part.at[i], part.sum[i] = uint64(offset)<<24|uint64(len(sketch))<<12|sum>>52, uint32(sum)
}

// forget is called when an entry has another sketch, or none.
func (s *spots) forget(entry uint64) {
	if part := s.parts[entry>>spotsBits]; part != nil {
		part.at[entry&(1<<spotsBits-1)] = 0
	}
}

// forgetUntil is called when no entry up to this one has a sketch any more.
func (s *spots) forgetUntil(entry uint64) {
	for n, part := range s.parts {
		switch last := entry >> spotsBits; {
		case n < last:
			delete(s.parts, n)
		case n == last:
			clear(part.at[:entry&(1<<spotsBits-1)+1])
		}
	}
}

// read gives the sketch of an entry; nil when its spot is not known, or another's by now.
// What it gives holds until the reader is used again.
func (s *spots) read(r *rowReader, entry uint64) []byte {
	part := s.parts[entry>>spotsBits]
	if part == nil {
		return nil
	}
	i := entry & (1<<spotsBits - 1)
	at := part.at[i]
	if at == 0 {
		return nil
	}
	sketch := r.room(int(at >> 12 & 0xfff))
	if n, _ := r.file.ReadAt(sketch, int64(at>>24)); n < len(sketch) {
		return nil
	}
	if sum := xxhash.Sum64(sketch); sum>>52 != at&0xfff || uint32(sum) != part.sum[i] {
		return nil
	}
	return sketch
}
