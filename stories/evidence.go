package stories

import "slices"

// evidence is what two entries have in common, and what sets them apart. All
// shares are per mille of the words' weights.
type evidence struct {
	weight   uint32                       // of all the words they share, in 1/16 bit
	cover    int                          // share of a's words that stand in b
	covered  int                          // share of b's words that stand in a
	head     int                          // share of a's headline that stands anywhere in b
	headed   int                          // share of b's headline that stands anywhere in a
	hours    int                          // between them; 0 when unknown
	heads    int                          // share of the shorter headline's 3-word runs that stand in the other
	runs     int                          // share of the shorter text's 4-word runs that stand in the other
	common   int                          // how many runs that is
	compared int                          // of how many
	same     bool                         // equal headlines
	titles   int                          // likeness of the headlines
	top      int                          // rarity of the two rarest words they share, together
	unmet    int                          // share of b's headline names and numbers that a lacks
	words    int                          // how many words they share that are rarer than minTelling
	timed    bool                         // hours is known
	names    uint32                       // weight of the names and numbers they share
	lacking  int                          // share of b's names and numbers in headline and first words that a lacks
	numbers  int                          // 1 when both headlines have numbers and none is in both
	front    int                          // share of a's headline and first words that stand in b's
	third    int                          // rarity of the third rarest word they share
	nameHits int                          // names rarer than minName in both headlines
	body     int                          // share of the text beside the headline that stands in the other, the lower of the two; unsaid when one has no text
	met      [(maxTerms + 63) / 64]uint64 // which of a's terms stand in b
}

// minTelling is the rarity of a word that says something of its own: it stands
// in fewer than one of sixteen entries.
const minTelling = 4 * unit

// minName is that of a name that is not on everybody's lips: one of 128 entries.
const minName = 7 * unit

// unsaid is the share of its text that an entry without one is taken to share.
const unsaid = 300

// weight of a word: the square of its rarity, more for names and numbers.
func (t term) weight() uint32 {
	w := uint32(t.rarity) * uint32(t.rarity) / unit
	if t.flags&(flagName|flagNumber) != 0 {
		w += w / 2
	}
	return w * (2 + uint32(t.flags>>oftenShift&3)) / 2
}

// table finds the words and runs of the entry being placed, which is compared with
// many; it is filled once for each.
type table struct {
	slots   [512]uint16      // index + 1 into terms, by hash
	words   [64]uint64       // a bit for each word: most others' words have none
	runs    [128]uint64      // a bit for each run, by its last bits
	weights [maxTerms]uint32 // of the terms
	// What all words weigh, those of the headline, and those of it and the first
	// words of the text; how many numbers the headline has.
	all, head, front uint64
	body             uint64 // of the words that the headline does not have
	numbers          int
}

func (tb *table) fill(f *features) {
	*tb = table{}
	for _, r := range f.runs {
		tb.runs[r>>6&127] |= 1 << (r & 63)
	}
	for i := range f.terms {
		t := &f.terms[i]
		h := t.hash >> (32 - termBits) & 511
		for tb.slots[h] != 0 {
			h = (h + 1) & 511
		}
		tb.slots[h] = uint16(i + 1)
		tb.words[t.hash>>(38-termBits)&63] |= 1 << (t.hash >> (32 - termBits) & 63)
		w := t.weight()
		tb.weights[i] = w
		tb.all += uint64(w)
		if t.flags&(flagTitle|flagLead) != 0 {
			tb.front += uint64(w)
		}
		if t.flags&flagTitle == 0 {
			tb.body += uint64(w)
		}
		if t.flags&flagTitle != 0 {
			tb.head += uint64(w)
			if t.flags&flagNumber != 0 {
				tb.numbers++
			}
		}
	}
}

// find gives the place of a word among terms by termBits of its hash, -1 when it is not
// there.
func (tb *table) find(terms []term, hash uint32) int {
	if tb.words[hash>>(38-termBits)&63]>>(hash>>(32-termBits)&63)&1 == 0 {
		return -1
	}
	for h := hash >> (32 - termBits) & 511; tb.slots[h] != 0; h = (h + 1) & 511 {
		if i := int(tb.slots[h] - 1); (terms[i].hash^hash)>>(32-termBits) == 0 {
			return i
		}
	}
	return -1
}

// weigh compares a, whose words tb finds, against b.
func weigh(a *features, tb *table, b *features) evidence {
	ev := weighWords(a, tb, b)
	ev.runs, ev.common, ev.compared = tb.shared(a, b)
	return ev
}

// weighWords is weigh without the runs of the texts, which b may lack.
func weighWords(a *features, tb *table, b *features) evidence {
	var ev evidence
	allA, headA, frontA, numA := tb.all, tb.head, tb.front, tb.numbers
	var allB, headB, both, headAin, headBin, heads, names, unmet, opening, lacking, shared, frontBoth, bodyB, bodyAin, bodyBin uint64
	var top, second, third uint8
	numB, numBoth := 0, 0
	for i := range b.terms {
		t := &b.terms[i]
		w := uint64(t.weight())
		allB += w
		j := tb.find(a.terms, t.hash)
		if t.flags&flagTitle == 0 {
			bodyB += w
			if j >= 0 {
				bodyBin += min(w, uint64(tb.weights[j]))
			}
		}
		if j >= 0 && a.terms[j].flags&flagTitle == 0 {
			bodyAin += min(w, uint64(tb.weights[j]))
		}
		if t.flags&flagTitle != 0 {
			headB += w
			if t.flags&flagNumber != 0 {
				numB++
			}
			if t.flags&(flagName|flagNumber) != 0 {
				names += w
				if j < 0 {
					unmet += w
				}
			}
		}
		if t.flags&(flagName|flagNumber) != 0 && t.flags&(flagTitle|flagLead) != 0 {
			opening += w
			if j < 0 {
				lacking += w
			}
		}
		if j >= 0 {
			if t.flags&(flagName|flagNumber) != 0 {
				shared += w
			}
			w = min(w, uint64(tb.weights[j]))
			both += w
			if t.rarity >= minTelling {
				ev.words++
			}
			ev.met[j>>6] |= 1 << (j & 63)
			if r := min(t.rarity, a.terms[j].rarity); r > top {
				top, second, third = r, top, second
			} else if r > second {
				second, third = r, second
			} else if r > third {
				third = r
			}
			if t.flags&(flagTitle|flagLead) != 0 && a.terms[j].flags&(flagTitle|flagLead) != 0 {
				frontBoth += w
			}
			if t.flags&a.terms[j].flags&flagTitle != 0 {
				heads += w
				if t.flags&a.terms[j].flags&flagName != 0 && t.rarity >= minName {
					ev.nameHits++
				}
				if t.flags&flagNumber != 0 {
					numBoth++
				}
			}
			if t.flags&flagTitle != 0 {
				headBin += w
			}
			if a.terms[j].flags&flagTitle != 0 {
				headAin += w
			}
		}
	}
	ev.top = int(top) + int(second)
	ev.third = int(third)
	ev.body = unsaid
	if tb.body > 0 && bodyB > 0 {
		ev.body = min(share(bodyAin, tb.body), share(bodyBin, bodyB))
	}
	ev.front = share(frontBoth, frontA)
	ev.unmet = share(unmet, names)
	ev.lacking = share(lacking, opening)
	ev.names = uint32(min(shared, 1<<31))
	if numA > 0 && numB > 0 && numBoth == 0 {
		ev.numbers = 1
	}
	if headA > 0 && headB > 0 {
		ev.titles = int(root(heads * 1000 / headA * (heads * 1000 / headB)))
	}
	ev.weight = uint32(min(both, 1<<31))
	ev.cover = share(both, allA)
	ev.covered = share(both, allB)
	ev.head = share(headAin, headA)
	ev.headed = share(headBin, headB)
	ev.fields(a, b)
	n := overlap(a.heads, b.heads)
	ev.heads = share(uint64(n), uint64(min(len(a.heads), len(b.heads))))
	return ev
}

// fields compares what needs no words.
func (ev *evidence) fields(a, b *features) {
	if a.when != 0 && b.when != 0 {
		ev.timed = true
		ev.hours = int(max(a.when-b.when, b.when-a.when) / 3600)
	}
	ev.same = a.title == b.title && a.title != 0
}

// shared is f.shared(o) for the entry that the table was filled with.
func (tb *table) shared(f, o *features) (permille, common, of int) {
	limit := min(f.limit, o.limit)
	for _, r := range o.runs {
		if r > limit {
			break
		}
		if tb.runs[r>>6&127]>>(r&63)&1 != 0 {
			if _, ok := slices.BinarySearch(f.runs, r); ok {
				common++
			}
		}
	}
	short := f.runs
	if f.length > o.length {
		short = o.runs
	}
	of, more := slices.BinarySearch(short, limit)
	if more {
		of++
	}
	return share(uint64(common), uint64(of)), common, of
}

// shared estimates how much of the shorter text stands in the other one: per
// mille, with the sample it rests on.
func (f *features) shared(o *features) (permille, common, of int) {
	var tb table
	tb.fill(f)
	return tb.shared(f, o)
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
