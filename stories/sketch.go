package stories

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Rules is the version of the rules: of the tokeniser, the thresholds and the
// sketch. Entries placed under other rules must be placed anew (reindex); two
// versions are never mixed.
const Rules = 13

// ErrRules is what Restore returns for a sketch that other rules made.
var ErrRules = errors.New("the sketch was made by other rules: run reindex")

var errShort = errors.New("sketch cut short")

// A sketch keeps of the hashes of words and runs as many bits as are wanted for hardly
// one of a hundred to meet another one by chance. Only what an entry is found by is kept
// with more of them, or whole: among a million entries it must lead to few.
const (
	keyBits   = 24 // of a word's hash that the entry is found by
	termBits  = 20 // of any word's
	runShift  = 15 // bits that a run lacks
	headShift = 8  // bits that a run of the headline lacks
)

// odd stands for flags that are none of commonFlags.
const odd = 15

// commonFlags are what nine of ten words of feeds have.
var commonFlags = [odd]uint8{
	flagText, flagText | flagLead, flagText | flagName, flagTitle | sketchIndexed, flagText | flagLead | 1<<oftenShift,
	flagText | flagLead | 2<<oftenShift, flagText | flagLead | flagName | sketchIndexed, flagText | flagLead | sketchIndexed, flagText | 1<<oftenShift, flagTitle,
	flagText | flagLead | flagName, flagTitle | flagName | sketchIndexed, flagText | 2<<oftenShift, flagText | flagName | 1<<oftenShift, flagTitle | flagText | flagLead | 1<<oftenShift | sketchIndexed,
}

// commonAt is where flags stand in commonFlags; odd for others.
var commonAt = func() (at [256]uint8) {
	for i := range at {
		at[i] = odd
	}
	for i, f := range commonFlags {
		at[f] = uint8(i)
	}
	return at
}()

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
	b := make([]byte, 0, 96+4*len(f.terms)+2*len(f.runs)+5*(len(f.heads)+len(f.shapes)+len(f.sources)))
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
	b = appendBeside(appendSorted(b, hashes[:len(terms)]), terms)
	return appendSorted(appendSorted(b, f.runs), f.heads)
}

// appendBeside appends what goes with the sorted words: the rarity of each, a byte; its
// flags as a place in commonFlags, half a byte; how many flags are odd, and those; and of
// the words that the entry is found by the bits that the others lack, half a byte.
func appendBeside(b []byte, terms []uint64) []byte {
	for _, t := range terms {
		b = append(b, uint8(t>>8))
	}
	var codes [maxTerms / 2]byte
	var keyed [(maxIndexed + 1) / 2]byte
	var rare [maxTerms]byte
	found, left := 0, rare[:0]
	for i, t := range terms {
		flags := uint8(t)
		code := commonAt[flags]
		if code == odd {
			left = append(left, flags)
		}
		codes[i/2] |= code << (i & 1 * 4)
		if flags&sketchIndexed != 0 {
			keyed[found/2] |= byte(t>>(48-keyBits)) & 15 << (found & 1 * 4)
			found++
		}
	}
	b = append(append(b, codes[:(len(terms)+1)/2]...), uint8(len(left)))
	return append(append(b, left...), keyed[:(found+1)/2]...)
}

// half is the i-th half of a byte.
func half(b []byte, i int) uint8 { return b[i/2] >> (i & 1 * 4) & 15 }

// sketchReader reads a sketch as far as it is asked: first the fields, then the
// lists in their order. It keeps buffers, and so is not safe for concurrent use.
type sketchReader struct {
	unpacker
	weight             uint32 // of all words
	all                bool   // no run is left out
	nterm, nrun, nhead int
	hashes             []uint32 // termBits of each word's
	// What appendBeside wrote.
	rarities, codes, odd, keyed []byte
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
	r.rarities, r.codes, r.odd = r.bytes(r.nterm), r.bytes((r.nterm+1)/2), r.bytes(1)
	if !r.short {
		r.odd = r.bytes(int(r.odd[0]))
	}
	r.keyed = r.bytes((min(r.nterm, maxIndexed) + 1) / 2)
}

// word is the i-th word. To tell odd flags it counts those before them.
func (r *sketchReader) word(i int) term {
	t := term{hash: r.hashes[i] << (32 - termBits), rarity: r.rarities[i]}
	if code := half(r.codes, i); code != odd {
		t.flags = commonFlags[code] &^ sketchIndexed
		return t
	}
	n := 0
	for j := range i {
		if half(r.codes, j) == odd {
			n++
		}
	}
	if n < len(r.odd) {
		t.flags = r.odd[n] &^ sketchIndexed
	}
	return t
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
		t := term{hash: r.hashes[i] << (32 - termBits), rarity: r.rarities[i]}
		switch code := half(r.codes, i); {
		case code != odd:
			t.flags = commonFlags[code]
		case len(r.odd) == 0:
			return 0, errShort
		default:
			t.flags, r.odd = r.odd[0], r.odd[1:]
		}
		if t.flags&sketchIndexed != 0 {
			if indexed == min(r.nterm, maxIndexed) {
				return 0, errShort
			}
			t.flags &^= sketchIndexed
			t.hash |= uint32(half(r.keyed, indexed)) << (32 - keyBits)
			t, f.terms[indexed] = f.terms[indexed], t
			if indexed++; i == indexed-1 {
				continue
			}
		}
		f.terms[i] = t
	}
	if len(r.odd) > 0 || indexed != min(r.nterm, maxIndexed) {
		return 0, errShort
	}
	return indexed, nil
}
