package stories

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
)

// Candidates are those that share a tenth of what could be shared, and at any rate
// the one that shares most, however many have one place in the sums.
func TestCandidatesShareMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Options{})
		at := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
		for id := range uint64(rapid.IntRange(1, 60).Draw(t, "entries")) {
			e := anyEntry(t)
			e.Language = rapid.SampledFrom([]string{"en", "fr", ""}).Draw(t, "language")
			w.place(id+1, e, feeds.Seen{At: at})
		}
		x := w.index
		f := &features{}
		x.extract(f, anyEntry(t), at.Unix(), time.Time{})
		x.words.fill(f)
		got := slices.Clone(x.candidates(f))

		all := x.keys(f)
		weights := map[uint32]uint32{}
		for i, list := range x.found.lists {
			for _, pos := range list {
				weights[pos] += x.found.weights[i]
			}
		}
		var want []candidate
		for _, pos := range slices.Sorted(maps.Keys(weights)) {
			if lang := *x.slots.langs.at(int(pos)); lang == f.lang || lang == 0 || f.lang == 0 {
				want = append(want, candidate{weights[pos], pos})
			}
		}
		slices.SortFunc(want, byWeight)
		want = want[:min(len(want), maxCandidates)]
		for len(want) > 1 && want[len(want)-1].weight < all/leastShared {
			want = want[:len(want)-1]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v of %v, which weigh %d in all", got, want, weights, all)
		}
	})
}

func byWeight(a, b candidate) int {
	if a.weight != b.weight {
		return int(b.weight) - int(a.weight)
	}
	return int(b.pos) - int(a.pos)
}
