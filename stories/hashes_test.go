package stories

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSorter(t *testing.T) {
	var s sorter[uint64]
	rapid.Check(t, func(t *rapid.T) {
		top := rapid.IntRange(8, 64).Draw(t, "top")
		list := rapid.SliceOf(rapid.Uint64Max(1<<top-1)).Draw(t, "values")
		want := slices.Sorted(slices.Values(list))
		if s.sort(list, top); !slices.Equal(list, want) {
			t.Fatalf("got %v, want %v", list, want)
		}
	})
}

func TestCommonWordsAreFound(t *testing.T) {
	for i, l := range inLatin {
		for _, w := range strings.Fields(common[tag(l)]) {
			if got := latinOf[latinAt(packWord([]byte(w)))]; got.word == 0 || got.of>>i&1 == 0 {
				t.Errorf("%q of %s: got %v", w, l, got)
			}
		}
	}
}
