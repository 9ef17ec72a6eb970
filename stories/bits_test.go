package stories

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestSketchHoldsFeatures encodes arbitrary features and reads them back; cut
// short anywhere, a sketch is refused.
func TestSketchHoldsFeatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sorted := func(name string, most int, top uint32) []uint32 {
			all := rapid.SliceOfN(rapid.Uint32Range(0, top), 0, most).Draw(t, name)
			slices.Sort(all)
			return slices.Compact(all)
		}
		any := func(name string, most int) []uint32 {
			return rapid.SliceOfN(rapid.Uint32(), 0, most).Draw(t, name)
		}
		f := features{lang: language(rapid.Uint16().Draw(t, "lang")), outlet: rapid.Uint32().Draw(t, "outlet"),
			at: rapid.Int64Range(0, 1<<40).Draw(t, "at"), when: rapid.Int64Range(-1<<40, 1<<40).Draw(t, "when"),
			host: rapid.Uint32().Draw(t, "host"), title: rapid.Uint32().Draw(t, "title"), ntitle: rapid.Uint8().Draw(t, "ntitle"),
			length: rapid.Uint16().Draw(t, "length"), took: rapid.Bool().Draw(t, "took"), limit: ^uint32(0),
			sources: any("sources", 4), shapes: any("shapes", 3), samples: any("samples", 2),
			heads: sorted("heads", 200, 1<<(32-headShift)-1), runs: sorted("runs", maxShingle, 1<<(32-runShift)-1)}
		if n := len(f.runs); n > 0 && rapid.Bool().Draw(t, "more runs") {
			f.limit = f.runs[n-1]
		}
		for _, h := range sorted("hashes", maxTerms, 1<<keyBits-1) {
			flags := rapid.OneOf(rapid.Uint8Range(0, 127), rapid.SampledFrom(commonFlags[:])).Draw(t, "flags") &^ sketchIndexed
			f.terms = append(f.terms, term{h << (32 - keyBits), rapid.Uint8().Draw(t, "rarity"), flags})
		}
		indexed := min(len(f.terms), maxIndexed)
		for i := range f.terms[indexed:] {
			f.terms[indexed+i].hash = wordOf(f.terms[indexed+i].hash)
		}
		sketch := f.encode(indexed, &sorter[uint64]{})
		var got features
		var r sketchReader
		n, err := r.decode(sketch, &got)
		if err != nil || n != indexed {
			t.Fatalf("%v, %d terms indexed", err, n)
		}
		byHash := func(a, b term) int { return int(int64(a.hash) - int64(b.hash)) }
		slices.SortFunc(got.terms[:n], byHash)
		slices.SortFunc(got.terms[n:], byHash)
		if diff := cmp.Diff(f, got, cmp.AllowUnexported(features{}, term{}), cmp.Transformer("", func(l []uint32) []uint32 { return append([]uint32{}, l...) }),
			cmp.Transformer("", func(l []term) []term { return append([]term{}, l...) })); diff != "" {
			t.Fatal(diff)
		}
		var short features
		m, err := r.outline(sketch, &short)
		slices.SortFunc(short.terms[:m], byHash)
		slices.SortFunc(short.terms[m:], byHash)
		if err != nil || m != n || !slices.Equal(short.terms, got.terms) || !slices.Equal(short.heads, got.heads) || !slices.Equal(short.shapes, got.shapes) {
			t.Fatalf("an outline says %d, %v, %+v instead of %+v", m, err, short, got)
		}
		if cut := rapid.IntRange(0, len(sketch)-1).Draw(t, "cut"); true {
			if _, err := r.decode(sketch[:cut], &got); err == nil {
				t.Fatalf("%d of %d bytes pass for a sketch", cut, len(sketch))
			}
			if _, err := r.outline(sketch[:cut], &got); err == nil {
				t.Fatalf("%d of %d bytes pass for an outline", cut, len(sketch))
			}
		}
	})
}

// FuzzSketch reads whatever a damaged file may hold.
func FuzzSketch(f *testing.F) {
	f.Add([]byte{Rules})
	f.Fuzz(func(_ *testing.T, b []byte) {
		var g features
		var r sketchReader
		_, _ = r.decode(b, &g)
		_, _ = r.outline(b, &g)
	})
}
