package stories

import "slices"

const (
	maxPerKey     = 256  // newest entries looked at for one key
	maxLooked     = 1024 // for all keys of an entry
	maxCandidates = 24   // compared in full
	minRarity     = 3 * unit
	// leastShared is the part of the weight of all words looked for that an entry must
	// share to be compared, unless it shares most: one in so many. Of the entries that
	// join a story hardly any share less with it; of all that share a rare word with an
	// entry nine in ten do.
	leastShared = 10
	copyWeight  = 4096 // of a key that only copies share
)

// finder gathers the entries of the window that share rare words with one.
type finder struct {
	keys, weights []uint32
	lists         [][]uint32 // of each key, the newest last
	ones          []uint32   // room for lists of one
	words         []uint64   // of the entry: weight, then hash
	// sums add up what the entries of a place share. Several entries may have one place,
	// so that a sum is never less than what one of them shares.
	sums [places]uint32
	// Open addressing by position, all zero between calls.
	met     [places]candidate
	touched []uint16 // places in met
	order   []uint64 // of those that share enough: weight, then position
	best    []candidate
}

// places bounds the room for entries looked at by how many these can be, not by the
// window: it stays close to the processor.
const (
	placeBits = 12
	places    = 1 << placeBits // four times maxLooked
)

// candidate is an entry, and the weight of what it shares.
type candidate struct {
	weight uint32 // never 0
	pos    uint32
}

func placeOf(pos uint32) uint32 { return pos * 0x9E3779B1 >> (32 - placeBits) }

// candidates gives the positions of the entries that share most with f,
// weightiest first, the newer one first among equals. How many it looks at is
// bounded, so that a full window costs about as much as a small one.
func (x *Index) candidates(f *features) []candidate {
	d := &x.found
	all := x.keys(f)
	most := d.add()
	if most == 0 {
		return nil
	}
	// Most entries share one word and no more. They are told by their sums, and only the
	// others are told apart. Where all share too little the one that shares most is
	// wanted, and a sum does not say how much that is: half of the highest is tried,
	// then what that brought, then all.
	few := all / leastShared
	least := min(max(few, 1), (most+1)/2)
	below := x.gather(f, least, few)
	for len(d.best) == 0 && least > 1 {
		least, below = max(below, 1), 1
		x.gather(f, least, few)
	}
	return d.best // none when all that were met are in other languages
}

// keys finds the lists of entries that may share something with f, the weightiest
// words first, as far as there is room for them, and gives the weight of all these
// words.
func (x *Index) keys(f *features) (all uint32) {
	s, d := &x.slots, &x.found
	d.keys, d.weights, d.lists, d.words = keysOf(d.keys[:0], f, 0), d.weights[:0], d.lists[:0], d.words[:0]
	for range d.keys { // headline and text samples: copies
		d.weights = append(d.weights, copyWeight)
	}
	for i := range f.terms {
		t := &f.terms[i]
		if t.rarity >= minRarity && (i < 40 || t.flags&flagTitle != 0) {
			d.words = append(d.words, uint64(x.words.weights[i])<<32|uint64(t.hash))
			all += x.words.weights[i]
		}
	}
	slices.Sort(d.words)
	for _, w := range slices.Backward(d.words) {
		d.keys, d.weights = append(d.keys, uint32(w)), append(d.weights, uint32(w>>32))
	}
	d.ones = slices.Grow(d.ones[:0], len(d.keys))[:len(d.keys)]
	looked := 0
	for some := range slices.Chunk(d.keys, 8) { // commoner words, with longer lists, come later: often there is no room for them
		if looked == maxLooked {
			break
		}
		s.found.values(some)
		for _, value := range some {
			list := s.found.of(value, (*[1]uint32)(d.ones[len(d.lists):]))
			list = list[max(len(list)-min(maxPerKey, maxLooked-looked), 0):]
			if len(list) > 0 && list[0] < uint32(s.first) { // it left the window, perhaps others
				gone, _ := slices.BinarySearch(list, uint32(s.first))
				list = list[gone:]
			}
			d.lists = append(d.lists, list)
			looked += len(list)
		}
	}
	return all
}

// add sums up what the entries of each place share, and gives the highest sum.
func (d *finder) add() (most uint32) {
	clear(d.sums[:])
	for i, list := range d.lists {
		w := d.weights[i]
		for _, pos := range list {
			at := &d.sums[placeOf(pos)]
			*at += w
			most = max(most, *at)
		}
	}
	return most
}

// gather puts into d.best, in their order, the entries that share at least least, as far
// as they may be compared with f: those that share few or more, and at least one. It gives
// the most that any other one shared of the places that it looked at.
func (x *Index) gather(f *features, least, few uint32) (below uint32) {
	d := &x.found
	for i, list := range d.lists {
		for _, pos := range list {
			if at := placeOf(pos); d.sums[at] >= least {
				d.meet(at, pos, d.weights[i])
			}
		}
	}
	d.order = d.order[:0]
	for _, i := range d.touched {
		c := d.met[i]
		d.met[i] = candidate{}
		if c.weight < least {
			below = max(below, c.weight)
			continue
		}
		d.order = append(d.order, uint64(c.weight)<<32|uint64(c.pos))
	}
	d.touched, d.best = d.touched[:0], d.best[:0]
	slices.Sort(d.order)
	for _, o := range slices.Backward(d.order) { // what is asked of an entry lies anywhere in memory: of few
		c := candidate{weight: uint32(o >> 32), pos: uint32(o)}
		if len(d.best) == maxCandidates || len(d.best) > 0 && c.weight < few {
			break
		}
		if lang := *x.slots.langs.at(int(c.pos)); lang != f.lang && lang != 0 && f.lang != 0 {
			continue
		}
		if len(x.barred) > 0 && x.barred[x.slots.at(int(c.pos)).story] {
			continue
		}
		d.best = append(d.best, c)
	}
	return below
}

// meet adds to the weight of an entry, which is looked for from place at on.
func (d *finder) meet(at, pos, weight uint32) {
	for d.met[at].weight != 0 && d.met[at].pos != pos {
		at = (at + 1) % places
	}
	if d.met[at].weight == 0 {
		d.met[at].pos = pos
		d.touched = append(d.touched, uint16(at))
	}
	d.met[at].weight += weight
}
