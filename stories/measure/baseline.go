package measure

import (
	"math"
	"math/bits"
	"sort"
	"strings"
	"unicode"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
)

// Baseline is a simple rule to compare with. It gives each entry a group.
type Baseline struct {
	Name  string
	Group func(entries []*feeds.Entry) []uint64
	// Slow: it compares each entry with every group, which for a whole stream takes
	// ten minutes.
	Slow bool
}

// Baselines are what open readers do, and the textbook's next step, each with
// one setting for everything.
var Baselines = []Baseline{
	{Name: "each alone", Group: func(es []*feeds.Entry) []uint64 { return number(len(es), func(i int) uint64 { return uint64(i) }) }},
	{Name: "all in one", Group: func(es []*feeds.Entry) []uint64 { return number(len(es), func(int) uint64 { return 1 }) }},
	{Name: "equal title", Group: equalTitle},
	{Name: "SimHash, 3 bits", Group: simHash},
	{Name: "MinHash-LSH, 16 x 4", Group: minHash},
	{Name: "TF-IDF single pass, .3", Group: tfidf, Slow: true},
}

// by groups items by a baseline, which knows no difference between a story and a copy.
func (b *Baseline) by(v View) func([]Item) (Grouping, error) {
	return func(items []Item) (Grouping, error) {
		entries := make([]*feeds.Entry, len(items))
		for i := range items {
			entries[i], _ = items[i].Entry(v)
		}
		groups := b.Group(entries)
		return Grouping{Story: groups, Copy: groups, Reasons: make([][]string, len(items))}, nil
	}
}

func number(n int, f func(i int) uint64) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) })
}

func equalTitle(es []*feeds.Entry) []uint64 {
	return number(len(es), func(i int) uint64 {
		if es[i].Title == "" {
			return uint64(i)
		}
		return xxhash.Sum64String(strings.Join(words(es[i].Title), " "))
	})
}

// simHash joins an entry to the first one whose 64-bit fingerprint differs in
// at most three bits.
func simHash(es []*feeds.Entry) []uint64 {
	prints := make([]uint64, len(es))
	for i, e := range es {
		var sum [64]int
		for _, w := range words(e.Title + " " + e.Text) {
			h := xxhash.Sum64String(w)
			for b := range sum {
				sum[b] += int(h>>b&1)*2 - 1
			}
		}
		for b, v := range sum {
			if v > 0 {
				prints[i] |= 1 << b
			}
		}
	}
	out := make([]uint64, len(es))
	for i := range es {
		out[i] = uint64(i)
		for j := range i {
			if bits.OnesCount64(prints[i]^prints[j]) <= 3 {
				out[i] = out[j]
				break
			}
		}
	}
	return out
}

// minHash joins an entry to the first one that shares a band of four minima of
// its word pairs.
func minHash(es []*feeds.Entry) []uint64 {
	const bands, rows = 16, 4
	out := make([]uint64, len(es))
	seen := map[[2]uint64]uint64{}
	for i, e := range es {
		var least [bands * rows]uint64
		for k := range least {
			least[k] = math.MaxUint64
		}
		ws := words(e.Title + " " + e.Text)
		for j := 0; j+1 < len(ws); j++ {
			h := xxhash.Sum64String(ws[j] + " " + ws[j+1])
			for k := range least {
				v := (h ^ uint64(k)*0x9E3779B97F4A7C15) * 0xD6E8FEB86659FD93
				least[k] = min(least[k], v^v>>32)
			}
		}
		out[i] = uint64(i)
		var keys [bands][2]uint64
		for b := range bands {
			h := uint64(b)
			for r := range rows {
				h = (h ^ least[b*rows+r]) * 0x9E3779B97F4A7C15
			}
			keys[b] = [2]uint64{uint64(b), h}
			if g, ok := seen[keys[b]]; ok && len(ws) > 1 {
				out[i] = g
				break
			}
		}
		for _, k := range keys {
			if _, ok := seen[k]; !ok {
				seen[k] = out[i]
			}
		}
	}
	return out
}

// tfidf joins an entry to the group with the nearest centroid, rarity learned
// from the collection itself.
func tfidf(es []*feeds.Entry) []uint64 {
	df := map[string]float64{}
	docs := make([]map[string]float64, len(es))
	for i, e := range es {
		docs[i] = map[string]float64{}
		for _, w := range words(e.Title + " " + e.Text) {
			docs[i][w]++
		}
		for w := range docs[i] {
			df[w]++
		}
	}
	type group struct {
		sum  map[string]float64
		norm float64
	}
	var groups []group
	has := map[string][]int{}
	out := make([]uint64, len(es))
	for i, d := range docs {
		keys := make([]string, 0, len(d))
		for w := range d {
			keys = append(keys, w)
		}
		sort.Strings(keys)
		norm := 0.0
		for _, w := range keys {
			d[w] = (1 + math.Log(d[w])) * math.Log(float64(len(es)+1)/df[w])
			norm += d[w] * d[w]
		}
		dot := map[int]float64{}
		for _, w := range keys {
			for _, g := range has[w] {
				dot[g] += d[w] * groups[g].sum[w]
			}
		}
		best, at := .3, -1
		for g := range groups {
			if v := dot[g] / (math.Sqrt(norm*groups[g].norm) + 1e-9); v > best {
				best, at = v, g
			}
		}
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{sum: map[string]float64{}})
		}
		g := &groups[at]
		for _, w := range keys {
			if g.sum[w] == 0 {
				has[w] = append(has[w], at)
			}
			g.norm += 2*g.sum[w]*d[w] + d[w]*d[w]
			g.sum[w] += d[w]
		}
		out[i] = uint64(at)
	}
	return out
}
