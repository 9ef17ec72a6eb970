package stories

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What is left out of sorting would not have been kept.
func TestSampleKeepsTheLeastRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		top := rapid.SampledFrom([]uint32{100, 1 << 16, 1 << 24, 1<<32 - 1}).Draw(t, "top")
		all := rapid.SliceOfN(rapid.Uint32Range(0, top), 0, 600).Draw(t, "runs")
		got := features{runs: append([]uint32(nil), all...)}
		got.sample(&sorter[uint32]{})
		slices.Sort(all)
		all = slices.Compact(all)
		samples := slices.Clone(all[:min(len(all), 2)])
		want := shorten(all, runShift)
		limit := ^uint32(0)
		if len(want) > maxShingle {
			want = want[:maxShingle]
			limit = want[maxShingle-1]
		}
		if !slices.Equal(got.runs, want) || got.limit != limit || !slices.Equal(got.samples, samples) {
			t.Fatalf("%v up to %d, samples %v; want %v up to %d, samples %v", got.runs, got.limit, got.samples, want, limit, samples)
		}
	})
}
