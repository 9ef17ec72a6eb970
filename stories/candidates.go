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
		at := s.heads[key]
		for n := 0; at > uint32(s.first*keysEach) && n < maxPerKey && looked < maxLooked; n++ {
			pos := (at - 1) / keysEach
			if d.weight[pos] == 0 {
				d.touched = append(d.touched, pos)
			}
			d.weight[pos] += weight
			at = s.links[at-1]
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
		e := &s.list[pos]
		if e.lang != f.lang && e.lang != 0 && f.lang != 0 {
			continue
		}
		if len(d.best) < maxCandidates {
			d.best = append(d.best, c)
			if len(d.best) == maxCandidates {
				slices.SortFunc(d.best, byWeight)
			}
			continue
		}
		if byWeight(c, d.best[maxCandidates-1]) < 0 {
			i, _ := slices.BinarySearchFunc(d.best, c, byWeight)
			copy(d.best[i+1:], d.best[i:])
			d.best[i] = c
		}
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
