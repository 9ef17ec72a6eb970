package stories

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Rules is the version of the rules: of the tokeniser, the thresholds and the
// sketch. Entries placed under other rules must be placed anew (reindex); two
// versions are never mixed.
const Rules = 12

// ErrRules is what Restore returns for a sketch that other rules made.
var ErrRules = errors.New("the sketch was made by other rules: run reindex")

var errShort = errors.New("sketch cut short")

// A sketch keeps 24 bits of a word's hash and 18 of a run's: few enough that half
// of the file is not sketches, and enough that of a hundred of them hardly one
// meets another one by chance. Only the runs by which an entry is found are whole.
const (
	termBits = 24
	runShift = 14
)

// What the byte before the lists says, and which flag of a term that the entry is
// found by it; flagStart and flagUpper are of single words.
const (
	sketchTook    = 1
	sketchAllRuns = 2
	sketchIndexed = 1 << 7
)

// encode writes features as a sketch: version, fields, lists of which sorted ones
// are packed (see appendSorted).
func (f *features) encode(indexed int, s *sorter[uint64]) []byte {
	b := make([]byte, 0, 96+5*len(f.terms)+2*len(f.runs)+5*(len(f.heads)+len(f.shapes)+len(f.sources)))
	le := binary.LittleEndian
	b = append(b, Rules)
	b = le.AppendUint16(b, uint16(f.lang))
	b = le.AppendUint32(b, f.outlet)
	b = le.AppendUint32(b, f.host)
	b = le.AppendUint32(b, f.title)
	flags := uint8(0)
	if f.took {
		flags |= sketchTook
	}
	if f.limit == ^uint32(0) {
		flags |= sketchAllRuns
	}
	b = append(b, flags, f.ntitle, uint8(len(f.sources)), uint8(len(f.shapes)), uint8(len(f.samples)), uint8(len(f.terms)), uint8(len(f.heads)), uint8(len(f.runs)))
	var keys [maxTerms]uint64 // hash, then what goes with it
	weight := uint32(0)
	for i, t := range f.terms {
		weight += t.weight()
		keys[i] = uint64(t.hash)<<16 | uint64(t.rarity)<<8 | uint64(t.flags)
		if i < indexed {
			keys[i] |= sketchIndexed
		}
	}
	b = binary.AppendUvarint(b, uint64(f.length))
	b = binary.AppendVarint(b, f.at)
	b = binary.AppendVarint(b, f.at-f.when)
	b = binary.AppendUvarint(b, uint64(weight))
	for _, list := range [][]uint32{f.sources, f.shapes, f.samples} {
		for _, v := range list {
			b = le.AppendUint32(b, v)
		}
	}
	terms := keys[:len(f.terms)]
	s.sort(terms, 48)
	var hashes [maxTerms]uint32
	for i, t := range terms {
		hashes[i] = uint32(t>>16) >> (32 - termBits)
	}
	b = appendSorted(b, hashes[:len(terms)])
	for _, t := range terms {
		b = le.AppendUint16(b, uint16(t))
	}
	return appendSorted(appendSorted(b, f.runs), f.heads)
}

// sketchReader reads a sketch as far as it is asked: first the fields, then the
// lists in their order. It keeps buffers, and so is not safe for concurrent use.
type sketchReader struct {
	unpacker
	weight             uint32 // of all words
	all                bool   // no run is left out
	nterm, nrun, nhead int
	hashes             []uint32 // of the words, without the bits that they do not keep
	beside             []byte   // rarity and flags of each
}

// open reads the fields and short lists into f, reusing its slices.
func (r *sketchReader) open(b []byte, f *features) error {
	const fixed = 1 + 2 + 4 + 4 + 4 + 8
	if len(b) == 0 || b[0] != Rules {
		return ErrRules
	}
	if len(b) < fixed {
		return errShort
	}
	le := binary.LittleEndian
	f.lang = language(le.Uint16(b[1:]))
	f.outlet = le.Uint32(b[3:])
	f.host = le.Uint32(b[7:])
	f.title = le.Uint32(b[11:])
	f.took = b[15]&sketchTook != 0
	r.all = b[15]&sketchAllRuns != 0
	f.ntitle = b[16]
	nsource, nshape, nsample := int(b[17]), int(b[18]), int(b[19])
	r.nterm, r.nhead, r.nrun = int(b[20]), int(b[21]), int(b[22])
	b = b[fixed:]
	length, n := binary.Uvarint(b)
	b = b[max(n, 0):]
	at, m := binary.Varint(b)
	b = b[max(m, 0):]
	before, o := binary.Varint(b)
	b = b[max(o, 0):]
	weight, p := binary.Uvarint(b)
	b = b[max(p, 0):]
	if n <= 0 || m <= 0 || o <= 0 || p <= 0 || r.nterm > maxTerms {
		return errShort
	}
	f.length, f.at, f.when, r.weight = uint16(length), at, at-before, uint32(weight)
	r.unpacker = unpacker{b: append(append(r.b[:0], b...), make([]byte, padding)...)}
	f.sources, f.shapes, f.samples = r.whole(f.sources, nsource), r.whole(f.shapes, nshape), r.whole(f.samples, nsample)
	if r.short {
		return errShort
	}
	return nil
}

// words reads the list of words, which comes first.
func (r *sketchReader) words() {
	r.hashes = r.sorted(r.hashes, r.nterm)
	r.beside = r.bytes(2 * r.nterm)
}

// word is the i-th word, and whether the entry is found by it.
func (r *sketchReader) word(i int) (t term, indexed bool) {
	flags := r.beside[2*i]
	return term{hash: r.hashes[i] << (32 - termBits), rarity: r.beside[2*i+1], flags: flags &^ sketchIndexed}, flags&sketchIndexed != 0
}

// runs reads the list of runs, which comes next.
func (r *sketchReader) runs(f *features) {
	f.runs = r.sorted(f.runs, r.nrun)
	f.limit = ^uint32(0)
	if n := len(f.runs); !r.all && n > 0 {
		f.limit = f.runs[n-1]
	}
}

// decode reads a whole sketch into f, reusing its slices, and gives how many terms
// the entry is indexed by: the first ones. The terms stand in no other order. It
// allocates only when a slice must grow.
func (r *sketchReader) decode(b []byte, f *features) (indexed int, err error) {
	if err := r.open(b, f); err != nil {
		return 0, err
	}
	r.words()
	r.runs(f)
	return r.rest(f)
}

// outline is decode without the runs: all by which an entry is found and counted.
func (r *sketchReader) outline(b []byte, f *features) (indexed int, err error) {
	if err := r.open(b, f); err != nil {
		return 0, err
	}
	r.words()
	r.skip(r.nrun)
	f.runs = f.runs[:0]
	return r.rest(f)
}

// rest reads what comes after the runs.
func (r *sketchReader) rest(f *features) (indexed int, err error) {
	f.heads = r.sorted(f.heads, r.nhead)
	if r.short || r.left() != 0 {
		return 0, errShort
	}
	f.terms = slices.Grow(f.terms[:0], r.nterm)[:r.nterm]
	for i := range f.terms {
		t, found := r.word(i)
		if found {
			t, f.terms[indexed] = f.terms[indexed], t
			if indexed++; i == indexed-1 {
				continue
			}
		}
		f.terms[i] = t
	}
	return indexed, nil
}
