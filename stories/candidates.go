package stories

import "slices"

const (
	maxPerKey     = 256  // newest entries looked at for one key
	maxLooked     = 4096 // for all keys of an entry
	maxCandidates = 24   // compared in full
	minRarity     = 3 * unit
)

// finder gathers the entries of the window that share rare words with one.
type finder struct {
	weight  []uint32 // by position; all zero between calls
	touched []uint32
	best    []candidate
}

type candidate struct {
	weight uint32
	pos    uint32
}

// candidates gives the positions of the entries that share most with f,
// weightiest first, the newer one first among equals. How many it looks at is
// bounded, so that a full window costs about as much as a small one.
func (x *Index) candidates(f *features) []candidate {
	s, d := &x.slots, &x.found
	if len(d.weight) < len(s.list) {
		d.weight = make([]uint32, len(s.list)+len(s.list)/2+1024)
	}
	looked := 0
	look := func(key, weight uint32) {
		var one [1]uint32
		all := s.found.of(key, &one)
		for i := len(all) - 1; i >= max(len(all)-maxPerKey, 0) && int(all[i]) >= s.first && looked < maxLooked; i-- {
			pos := all[i]
			if d.weight[pos] == 0 {
				d.touched = append(d.touched, pos)
			}
			d.weight[pos] += weight
			looked++
		}
	}
	var keys [keysEach]uint32
	for _, key := range keysOf(keys[:0], f, 0) { // headline and text samples: copies
		look(key, 4096)
	}
	for i := range f.terms {
		t := &f.terms[i]
		if t.rarity >= minRarity && (i < 40 || t.flags&flagTitle != 0) {
			look(t.hash, t.weight())
		}
	}
	d.best = d.best[:0]
	for _, pos := range d.touched {
		c := candidate{d.weight[pos], pos}
		d.weight[pos] = 0
		full := len(d.best) == maxCandidates
		if full && byWeight(c, d.best[maxCandidates-1]) > 0 {
			continue
		}
		if lang := s.list[pos].lang; lang != f.lang && lang != 0 && f.lang != 0 || x.barred[s.list[pos].story] {
			continue
		}
		if !full {
			d.best = append(d.best, c)
			if len(d.best) == maxCandidates {
				slices.SortFunc(d.best, byWeight)
			}
			continue
		}
		i, _ := slices.BinarySearchFunc(d.best, c, byWeight)
		copy(d.best[i+1:], d.best[i:])
		d.best[i] = c
	}
	d.touched = d.touched[:0]
	if len(d.best) < maxCandidates {
		slices.SortFunc(d.best, byWeight)
	}
	return d.best
}

func byWeight(a, b candidate) int {
	if a.weight != b.weight {
		return int(b.weight) - int(a.weight)
	}
	return int(b.pos) - int(a.pos)
}
