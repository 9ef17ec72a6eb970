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
	keys, weights []uint32
	// Open addressing by position, all zero between calls. Its size is bounded by
	// how many are looked at, not by the window: it stays close to the processor.
	met     [2 * maxLooked]candidate
	touched []uint16 // places in met
	best    []candidate
}

// candidate is an entry, and the weight of what it shares.
type candidate struct {
	weight uint32 // never 0
	pos    uint32
}

// add adds to the weight of an entry.
func (d *finder) add(pos, weight uint32) {
	i := pos * 0x9E3779B1 >> (32 - 13)
	for d.met[i].weight != 0 && d.met[i].pos != pos {
		i = (i + 1) % (2 * maxLooked)
	}
	if d.met[i].weight == 0 {
		d.met[i].pos = pos
		d.touched = append(d.touched, uint16(i))
	}
	d.met[i].weight += weight
}

// candidates gives the positions of the entries that share most with f,
// weightiest first, the newer one first among equals. How many it looks at is
// bounded, so that a full window costs about as much as a small one.
func (x *Index) candidates(f *features) []candidate {
	s, d := &x.slots, &x.found
	d.keys, d.weights = keysOf(d.keys[:0], f, 0), d.weights[:0] // headline and text samples: copies
	for range d.keys {
		d.weights = append(d.weights, 4096)
	}
	for i := range f.terms {
		t := &f.terms[i]
		if t.rarity >= minRarity && (i < 40 || t.flags&flagTitle != 0) {
			d.keys, d.weights = append(d.keys, t.hash), append(d.weights, x.words.weights[i])
		}
	}
	s.found.values(d.keys)
	looked := 0
	for i, value := range d.keys {
		var one [1]uint32
		all := s.found.of(value, &one)
		all = all[max(len(all)-maxPerKey, 0):]
		all = all[max(len(all)-(maxLooked-looked), 0):]
		for k := len(all) - 1; k >= 0 && int(all[k]) >= s.first; k-- {
			d.add(all[k], d.weights[i])
			looked++
		}
	}
	d.best = d.best[:0]
	for _, i := range d.touched {
		c := d.met[i]
		d.met[i] = candidate{}
		full := len(d.best) == maxCandidates
		if full && byWeight(c, d.best[maxCandidates-1]) > 0 {
			continue
		}
		if lang := s.list[c.pos].lang; lang != f.lang && lang != 0 && f.lang != 0 || x.barred[s.list[c.pos].story] {
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
