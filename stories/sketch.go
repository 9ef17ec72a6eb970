package stories

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Rules is the version of the rules: of the tokeniser, the thresholds and the
// sketch. Entries placed under other rules must be placed anew (reindex); two
// versions are never mixed.
const Rules = 4

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

// encode writes features as a sketch: version, fields, then lists, of which those
// that are sorted are written as Rice-coded differences.
func (f *features) encode(indexed int) []byte {
	b := make([]byte, 0, 64+5*len(f.terms)+2*len(f.runs)+4*(len(f.heads)+len(f.shapes)+len(f.sources)))
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
	b = binary.AppendUvarint(b, uint64(f.length))
	b = binary.AppendVarint(b, f.at)
	b = binary.AppendVarint(b, f.at-f.when)
	for _, list := range [][]uint32{f.sources, f.shapes, f.samples} {
		for _, v := range list {
			b = le.AppendUint32(b, v)
		}
	}
	w := bitWriter{b: b}
	var keys [maxTerms]uint64 // hash, then what goes with it
	for i, t := range f.terms {
		keys[i] = uint64(t.hash)<<16 | uint64(t.rarity)<<8 | uint64(t.flags)
		if i < indexed {
			keys[i] |= sketchIndexed
		}
	}
	terms := keys[:len(f.terms)]
	slices.Sort(terms)
	last := uint32(0)
	if n := len(terms); n > 0 {
		last = uint32(terms[n-1]>>16) >> (32 - termBits)
	}
	k := w.start(last, len(terms))
	last = 0
	for _, t := range terms {
		v := uint32(t>>16) >> (32 - termBits)
		w.rice(v-last, k)
		w.put(t&0xFFFF, 16)
		last = v
	}
	w.sorted(f.heads)
	w.sorted(f.runs)
	return w.end()
}

// decode reads a sketch into f, reusing its slices, and gives how many terms
// the entry is indexed by: the first ones. The terms stand in no other order. It
// allocates only when a slice must grow.
func (f *features) decode(b []byte) (indexed int, err error) {
	const fixed = 1 + 2 + 4 + 4 + 4 + 8
	if len(b) == 0 || b[0] != Rules {
		return 0, ErrRules
	}
	if len(b) < fixed {
		return 0, errShort
	}
	le := binary.LittleEndian
	f.lang = language(le.Uint16(b[1:]))
	f.outlet = le.Uint32(b[3:])
	f.host = le.Uint32(b[7:])
	f.title = le.Uint32(b[11:])
	f.took = b[15]&sketchTook != 0
	all := b[15]&sketchAllRuns != 0
	f.ntitle = b[16]
	nsource, nshape, nsample, nterm, nhead, nrun := int(b[17]), int(b[18]), int(b[19]), int(b[20]), int(b[21]), int(b[22])
	b = b[fixed:]
	length, n := binary.Uvarint(b)
	b = b[max(n, 0):]
	at, m := binary.Varint(b)
	b = b[max(m, 0):]
	before, o := binary.Varint(b)
	b = b[max(o, 0):]
	if n <= 0 || m <= 0 || o <= 0 || len(b) < 4*(nsource+nshape+nsample) || nterm > maxTerms {
		return 0, errShort
	}
	f.length, f.at, f.when = uint16(length), at, at-before
	list := func(dst []uint32, n int) []uint32 {
		dst = dst[:0]
		for range n {
			dst = append(dst, le.Uint32(b))
			b = b[4:]
		}
		return dst
	}
	f.sources, f.shapes, f.samples = list(f.sources, nsource), list(f.shapes, nshape), list(f.samples, nsample)
	r := bitReader{b: b}
	f.terms = slices.Grow(f.terms[:0], nterm)[:nterm]
	var hashes [maxTerms]uint32
	var rest [maxTerms]uint16
	r.run(hashes[:nterm], rest[:nterm])
	for i := range f.terms {
		v := rest[i]
		t := term{hash: hashes[i] << (32 - termBits), rarity: uint8(v >> 8), flags: uint8(v)}
		if t.flags&sketchIndexed != 0 {
			t.flags &^= sketchIndexed
			t, f.terms[indexed] = f.terms[indexed], t
			if i == indexed {
				indexed++
				continue
			}
			indexed++
		}
		f.terms[i] = t
	}
	f.heads = r.sorted(f.heads, nhead)
	f.runs = r.sorted(f.runs, nrun)
	f.limit = ^uint32(0)
	if !all && nrun > 0 {
		f.limit = f.runs[nrun-1]
	}
	if r.short || len(r.b) > 0 || r.n >= 8 {
		return 0, errShort
	}
	return indexed, nil
}
