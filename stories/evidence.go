package stories

// evidence is what two entries have in common, and what sets them apart. All
// shares are per mille of the words' weights.
type evidence struct {
	weight   uint32 // of all the words they share, in 1/16 bit
	cover    int    // share of a's words that stand in b
	covered  int    // share of b's words that stand in a
	head     int    // share of a's headline that stands anywhere in b
	headed   int    // share of b's headline that stands anywhere in a
	hours    int    // between them; 0 when unknown
	heads    int    // share of the shorter headline's 3-word runs that stand in the other
	runs     int    // share of the shorter text's 4-word runs that stand in the other
	common   int    // how many runs that is
	compared int    // of how many
	same     bool   // equal headlines
}

// weight of a word: the square of its rarity, more for names and numbers.
func (t term) weight() uint32 {
	w := uint32(t.rarity) * uint32(t.rarity) / unit
	if t.flags&(flagName|flagNumber) != 0 {
		w += w / 2
	}
	return w
}

// table finds an entry's words by hash; it is filled once for each entry placed.
type table struct {
	slots [512]uint16 // index + 1 into terms
}

func (tb *table) fill(terms []term) {
	*tb = table{}
	for i := range terms {
		h := terms[i].hash >> 4 & 511
		for tb.slots[h] != 0 {
			h = (h + 1) & 511
		}
		tb.slots[h] = uint16(i + 1)
	}
}

func (tb *table) find(terms []term, hash uint32) int {
	for h := hash >> 4 & 511; tb.slots[h] != 0; h = (h + 1) & 511 {
		if i := int(tb.slots[h] - 1); terms[i].hash == hash {
			return i
		}
	}
	return -1
}

// weigh compares a, whose words tb finds, against b.
func weigh(a *features, tb *table, b *features) evidence {
	var ev evidence
	var allA, allB, headA, headB, both, headAin, headBin uint64
	for i := range a.terms {
		w := uint64(a.terms[i].weight())
		allA += w
		if a.terms[i].flags&flagTitle != 0 {
			headA += w
		}
	}
	for i := range b.terms {
		t := &b.terms[i]
		w := uint64(t.weight())
		allB += w
		if t.flags&flagTitle != 0 {
			headB += w
		}
		if j := tb.find(a.terms, t.hash); j >= 0 {
			w = min(w, uint64(a.terms[j].weight()))
			both += w
			if t.flags&flagTitle != 0 {
				headBin += w
			}
			if a.terms[j].flags&flagTitle != 0 {
				headAin += w
			}
		}
	}
	ev.weight = uint32(min(both, 1<<31))
	ev.cover = share(both, allA)
	ev.covered = share(both, allB)
	ev.head = share(headAin, headA)
	ev.headed = share(headBin, headB)
	if a.when != 0 && b.when != 0 {
		ev.hours = int(max(a.when-b.when, b.when-a.when) / 3600)
	}
	ev.same = a.title == b.title && a.title != 0
	n := overlap(a.heads, b.heads)
	ev.heads = share(uint64(n), uint64(min(len(a.heads), len(b.heads))))
	ev.runs, ev.common, ev.compared = a.shared(b)
	return ev
}

// shared estimates how much of the shorter text stands in the other one: per
// mille, with the sample it rests on.
func (f *features) shared(o *features) (permille, common, of int) {
	if f.length > o.length {
		f, o = o, f
	}
	limit := min(f.limit, o.limit)
	i, j := 0, 0
	for i < len(f.runs) && f.runs[i] <= limit {
		of++
		for j < len(o.runs) && o.runs[j] < f.runs[i] {
			j++
		}
		if j < len(o.runs) && o.runs[j] == f.runs[i] {
			common++
		}
		i++
	}
	return share(uint64(common), uint64(of)), common, of
}

// overlap counts the values that two sorted lists share.
func overlap(a, b []uint32) int {
	n, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n++
			i++
			j++
		}
	}
	return n
}

func share(part, of uint64) int {
	if of == 0 {
		return 0
	}
	return int(part * 1000 / of)
}
