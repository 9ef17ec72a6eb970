package stories

// A first look at an entry tells how alike the two are and whether one may copy
// the other. Only of those that it cannot rule out are all evidence and features
// read: the bounds are such that nothing is decided otherwise for it.

// glance compares f, whose words are in x.words, with the entry at pos as far as
// its sketch must be read; nil when the sketch is not there, or not to be compared.
func (x *Index) glance(v View, f *features, pos int) *judged {
	sketch := v.Sketch(x.slots.at(pos).id)
	r, o := &x.sketches, x.other(0)
	if sketch == nil || r.open(sketch, o) != nil {
		return nil
	}
	if r.words(); r.short {
		return nil
	}
	x.read = append(x.read, sketch...)
	j := judged{pos: pos, sketch: x.read[len(x.read)-len(sketch):], copy: -1, least: min(len(f.heads)+int(f.length), r.nhead+int(o.length))}
	heads := j.ev.glance(f, &x.words, r)
	j.ev.fields(f, o)
	j.score = eventScore(&j.ev)
	whole := false
	if f.outlet == o.outlet && f.outlet != 0 {
		whole = len(f.shapes) > 0 && len(o.shapes) > 0 && f.shapes[0] == o.shapes[0] // standing, perhaps
	} else {
		r.runs(o)
		j.counted = true
		j.ev.runs, j.ev.common, j.ev.compared = x.words.shared(f, o)
		whole = j.ev.compared >= leastCompared && j.ev.runs >= leastCopied ||
			min(f.ntitle, o.ntitle) >= 5 && (j.ev.same || x.words.head > 0 && heads*1000 >= x.words.head*leastTitle)
	}
	if whole && !x.look(f, &j) {
		return nil
	}
	x.judged = append(x.judged, j)
	return &x.judged[len(x.judged)-1]
}

// leastTitle is the share of its headline that an entry must find in another one
// when the two headlines' likeness is to be 850: the other's share is 1000 at most.
const leastTitle = 722

// glance fills in what the likeness of events and the sample of a story ask for, and
// gives the weight of the headlines' words that are in both. All but the words
// themselves, r, is left out.
func (ev *evidence) glance(a *features, tb *table, r *sketchReader) (heads uint64) {
	var both, headAin uint64
	for i, h := range r.hashes {
		j := tb.find(a.terms, h<<(32-termBits))
		if j < 0 {
			continue
		}
		t := r.word(i)
		w := uint64(min(t.weight(), tb.weights[j]))
		both += w
		ev.met[j>>6] |= 1 << (j & 63)
		if t.rarity >= minTelling {
			ev.words++
		}
		if a.terms[j].flags&flagTitle != 0 {
			headAin += w
			if t.flags&flagTitle != 0 {
				heads += w
			}
		}
	}
	ev.cover, ev.covered = share(both, tb.all), share(both, uint64(r.weight))
	ev.head = share(headAin, tb.head)
	return heads
}

// look reads all of an entry that was glanced at; false when it is not to be
// compared.
func (x *Index) look(f *features, j *judged) bool {
	o := x.other(x.used)
	if j.counted {
		if _, err := x.sketches.outline(j.sketch, o); err != nil {
			return false
		}
		runs, common, compared := j.ev.runs, j.ev.common, j.ev.compared
		j.ev = weighWords(f, &x.words, o)
		j.ev.runs, j.ev.common, j.ev.compared = runs, common, compared
	} else {
		if _, err := x.sketches.decode(j.sketch, o); err != nil {
			return false
		}
		j.ev = weigh(f, &x.words, o)
	}
	if standing(f, o, &j.ev) {
		return false
	}
	x.used++
	j.f = o
	j.copy = x.copyPoints(f, o, &j.ev)
	return true
}
