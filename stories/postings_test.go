package stories

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPostings compares the postings with a plain map of sorted lists.
func TestPostings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p postings
		want := map[uint32][]uint32{}
		top := uint32(0)
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			key := rapid.Uint32Range(0, 40).Draw(t, "key") << 27 // of one place in the table
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				gone := rapid.Uint32Range(0, top).Draw(t, "gone")
				p.drop(gone)
				top -= gone
				for k, all := range want {
					var left []uint32
					for _, pos := range all {
						if pos >= gone {
							left = append(left, pos-gone)
						}
					}
					want[k] = left
				}
			case 1, 2:
				if all := want[key]; len(all) > 0 {
					pos := rapid.SampledFrom(all).Draw(t, "pos")
					p.remove(key, pos)
					want[key] = slices.DeleteFunc(slices.Clone(all), func(v uint32) bool { return v == pos })
				}
			default:
				pos := rapid.Uint32Range(0, top).Draw(t, "pos")
				if slices.Contains(want[key], pos) {
					continue
				}
				top = max(top, pos+1)
				p.add(key, pos)
				want[key] = append(slices.Clone(want[key]), pos)
				slices.Sort(want[key])
			}
		}
		for key, all := range want {
			var one [1]uint32
			value := []uint32{key}
			p.values(value)
			if got := p.of(value[0], &one); !slices.Equal(got, all) {
				t.Fatalf("key %x: %v, want %v", key, got, all)
			}
		}
	})
}
