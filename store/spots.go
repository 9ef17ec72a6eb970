package store

import "github.com/cespare/xxhash/v2"

// spots remembers where in the file sketches stand, so that one that is looked up again is
// read alone: the pages that lead to it, and those of its row, are twenty times as much. A
// page may have been used anew since. Then what stands there has another hash, of 44 bits,
// and the sketch is looked for from the root on. Only the writing goroutine has one. The
// zero value is ready.
type spots struct{ parts map[uint64]*spotsOf }

const spotsBits = 9

// spotsOf are the spots of 512 entries that follow each other.
type spotsOf [1 << spotsBits]spot

// spot is 12 bytes that lie together: the offset (40 bits) and length (12) of a sketch, and 44 bits of
// its hash. All zero: not known.
type spot [3]uint32

func spotAt(offset int64, sketch []byte) spot {
	sum := xxhash.Sum64(sketch)
	at := uint64(offset)<<24 | uint64(len(sketch))<<12 | sum>>52
	return spot{uint32(at >> 32), uint32(at), uint32(sum)}
}

// place gives what spotAt was given of a place.
func (s spot) place() (offset int64, length int) {
	at := uint64(s[0])<<32 | uint64(s[1])
	return int64(at >> 24), int(at >> 12 & 0xfff)
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
	part[entry&(1<<spotsBits-1)] = spotAt(offset, sketch)
}

// forget is called when an entry has another sketch, or none.
func (s *spots) forget(entry uint64) {
	if part := s.parts[entry>>spotsBits]; part != nil {
		part[entry&(1<<spotsBits-1)] = spot{}
	}
}

// forgetUntil is called when no entry up to this one has a sketch any more.
func (s *spots) forgetUntil(entry uint64) {
	for n, part := range s.parts {
		switch last := entry >> spotsBits; {
		case n < last:
			delete(s.parts, n)
		case n == last:
			clear(part[:entry&(1<<spotsBits-1)+1])
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
	at := part[entry&(1<<spotsBits-1)]
	if at == (spot{}) {
		return nil
	}
	offset, length := at.place()
	sketch := r.room(length)
	if n, _ := r.file.ReadAt(sketch, offset); n < length || spotAt(offset, sketch) != at {
		return nil
	}
	return sketch
}
