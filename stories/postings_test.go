package stories

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

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

// Keys that would all lie in one place, if places were known, cost about as much as
// any others.
func TestCraftedKeysCostNoMore(t *testing.T) {
	const inverse = 0x0E8B2F51 // of 0x9E3779B1, by which numbers are often spread
	const n = 100_000
	r := rand.New(rand.NewPCG(1, 2))
	cost := func(key func(i uint32) uint32) time.Duration {
		p := postings{salt: spread(r.Uint32())}
		began := time.Now()
		for i := range uint32(n) {
			p.add(key(i), i)
		}
		return time.Since(began)
	}
	usual := cost(func(uint32) uint32 { return r.Uint32() })
	for name, key := range map[string]func(i uint32) uint32{
		"products in a row":     func(i uint32) uint32 { return i * inverse },
		"in a row":              func(i uint32) uint32 { return i },
		"alike in their ending": func(i uint32) uint32 { return i << 12 },
	} {
		if took := cost(key); took > 20*usual+50*time.Millisecond {
			t.Errorf("%s: %s, usual are %s", name, took, usual)
		}
	}
}
