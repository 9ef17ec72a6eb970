package stories

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// TestPostings compares the postings with a plain map of sorted lists.
func TestPostings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := postings{keys: keys{salt: rapid.Uint32Range(0, 1).Draw(t, "salt")}} // all keys in one place, or at the end of one shard
		want := map[uint32][]uint32{}
		top := uint32(0)
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			key := 1<<24 - 1 - rapid.Uint32Range(0, 60).Draw(t, "key")<<17
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2:
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

// Lists that grow long and become short again hold what they should, and leave no room
// behind that others would not get.
func TestLongLists(t *testing.T) {
	p := postings{keys: keys{salt: spread(0)}}
	const long = 3 << maxRoomBits
	for round := range uint32(4) {
		from := round * long
		for i := range uint32(long) {
			for key := range uint32(3) {
				p.add(key, from+i)
			}
			if i >= 100 {
				p.remove(1, from+i-100)
			}
		}
		p.remove(0, from+long/2)
		for key, want := range []int{long - 1, 100, long} {
			value := []uint32{uint32(key)}
			p.values(value)
			all := p.of(value[0], nil)
			if len(all) != want || !slices.IsSorted(all) || all[len(all)-1] != from+long-1 {
				t.Fatalf("round %d, key %d: %d positions, want %d", round, key, len(all), want)
			}
			for _, pos := range slices.Clone(all) {
				p.remove(uint32(key), pos)
			}
		}
	}
	if len(p.list()) > 0 || p.lists.n != 3 || len(p.large) != 2 || len(p.arena) != 1 {
		t.Errorf("%d keys, %d lists, %d large ones, %d parts of the arena are left", len(p.list()), p.lists.n, len(p.large), len(p.arena))
	}
}

// Keys that would all lie in one place, if places were known, cost about as much
// processor time as any others.
func TestCraftedKeysCostNoMore(t *testing.T) {
	const inverse = 0x0E8B2F51 // of 0x9E3779B1, by which numbers are often spread
	const n = 100_000
	r := rand.New(rand.NewPCG(1, 2))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	spent := func() time.Duration { // by this thread: the collector and other programs do not count
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	cost := func(key func(i uint32) uint32) time.Duration {
		p := postings{keys: keys{salt: spread(r.Uint32())}}
		began := spent()
		for i := range uint32(n) {
			p.add(key(i), i)
		}
		return spent() - began
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
