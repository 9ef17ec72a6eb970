package stories

import (
	"encoding/binary"
	"errors"
)

// Rules is the version of the rules: of the tokeniser, the thresholds and the
// sketch. Entries placed under other rules must be placed anew (reindex); two
// versions are never mixed.
const Rules = 3

// ErrRules is what Restore returns for a sketch that other rules made.
var ErrRules = errors.New("the sketch was made by other rules: run reindex")

// encode writes features as a sketch: version, fixed fields, then counted lists.
func (f *features) encode(indexed int) []byte {
	b := make([]byte, 0, 48+6*len(f.terms)+4*(len(f.runs)+len(f.heads)+len(f.shapes)+len(f.sources)))
	le := binary.LittleEndian
	b = append(b, Rules)
	b = le.AppendUint16(b, uint16(f.lang))
	b = le.AppendUint32(b, f.outlet)
	b = le.AppendUint64(b, uint64(f.at))
	b = le.AppendUint64(b, uint64(f.when))
	b = le.AppendUint32(b, f.host)
	b = le.AppendUint16(b, f.length)
	b = le.AppendUint32(b, f.title)
	b = le.AppendUint32(b, f.limit)
	took := uint8(0)
	if f.took {
		took = 1
	}
	b = append(b, took, f.ntitle, uint8(indexed), uint8(len(f.sources)), uint8(len(f.shapes)), uint8(len(f.terms)), uint8(len(f.heads)), uint8(len(f.runs)))
	for _, list := range [][]uint32{f.sources, f.shapes} {
		for _, v := range list {
			b = le.AppendUint32(b, v)
		}
	}
	for _, t := range f.terms {
		b = le.AppendUint32(b, t.hash)
		b = append(b, t.rarity, t.flags)
	}
	for _, list := range [][]uint32{f.heads, f.runs} {
		for _, v := range list {
			b = le.AppendUint32(b, v)
		}
	}
	return b
}

// decode reads a sketch into f, reusing its slices, and gives how many terms
// the entry is indexed by. It allocates only when a slice must grow.
func (f *features) decode(b []byte) (indexed int, err error) {
	const fixed = 1 + 2 + 4 + 8 + 8 + 4 + 2 + 4 + 4 + 8
	if len(b) == 0 || b[0] != Rules {
		return 0, ErrRules
	}
	if len(b) < fixed {
		return 0, errors.New("sketch cut short")
	}
	le := binary.LittleEndian
	f.lang = language(le.Uint16(b[1:]))
	f.outlet = le.Uint32(b[3:])
	f.at = int64(le.Uint64(b[7:]))
	f.when = int64(le.Uint64(b[15:]))
	f.host = le.Uint32(b[23:])
	f.length = le.Uint16(b[27:])
	f.title = le.Uint32(b[29:])
	f.limit = le.Uint32(b[33:])
	f.took = b[37] == 1
	f.ntitle = b[38]
	indexed = int(b[39])
	nsource, nshape, nterm, nhead, nrun := int(b[40]), int(b[41]), int(b[42]), int(b[43]), int(b[44])
	if len(b) != fixed+4*(nsource+nshape+nhead+nrun)+6*nterm || indexed > nterm {
		return 0, errors.New("sketch cut short")
	}
	b = b[fixed:]
	list := func(dst []uint32, n int) []uint32 {
		dst = dst[:0]
		for range n {
			dst = append(dst, le.Uint32(b))
			b = b[4:]
		}
		return dst
	}
	f.sources = list(f.sources, nsource)
	f.shapes = list(f.shapes, nshape)
	f.terms = f.terms[:0]
	for range nterm {
		f.terms = append(f.terms, term{hash: le.Uint32(b), rarity: b[4], flags: b[5]})
		b = b[6:]
	}
	f.heads = list(f.heads, nhead)
	f.runs = list(f.runs, nrun)
	return indexed, nil
}
