package stories

import (
	"cmp"
	"math"
	"slices"
)

// judged is an entry of the window that was compared.
type judged struct {
	pos     int
	sketch  []byte
	f       *features // nil when it was only glanced at
	ev      evidence  // then in part
	copy    int       // points over the threshold for copies; below 0 it is none
	score   int       // per mille: how much the two look like reports of one event
	least   int       // words of the shorter one
	mixed   bool      // it is a collage of the entry's text and of others
	counted bool      // the runs that the two share were; f, then, has none
}

// decision is where an entry belongs, as far as the evidence says.
type decision struct {
	stories []uint64 // best first; more than one when it shows them to be one
	copyOf  uint64
	share   int
	takes   uint64  // the original that it takes the place of
	copied  *judged // the entry it copies, or that copies it
	best    *judged // the entry it resembles most
	score   int     // of the story
	members int     // that the story's score rests on
	near    near    // what it came nearest to joining, when it joins none
	more    []near  // of the further stories that it shows to be the same
}

// near is the entry most like another one in a story that this one was weighed against.
type near struct {
	entry uint64 // 0: none
	score int
	need  int  // for the two stories to be one
	words int  // telling ones that they share, when they are too few
	frame bool // all that they share may be a frame of words
}

const (
	maxStories = 6  // compared as a whole
	maxSample  = 8  // members of a story that are looked at
	maxKin     = 32 // members among which those of one text are looked for
	leastKin   = 60 // likeness below which two entries have nothing in common
)

// other gives the i-th reusable room for features.
func (x *Index) other(i int) *features {
	for len(x.others) <= i {
		x.others = append(x.others, &features{})
	}
	return x.others[i]
}

// decide compares f with the window.
func (x *Index) decide(v View, f *features) decision {
	var d decision
	s := &x.slots
	x.words.fill(f)
	x.judged, x.read = x.judged[:0], x.read[:0]
	x.used = 1
	for _, c := range x.candidates(f) {
		if j := x.judge(v, f, int(c.pos)); j != nil && j.copy >= f.mostPoints() && !x.collage(v, f, int(c.pos)) {
			break // none of the others can be a closer copy
		}
	}
	if j := x.chooseCopy(v, f); j != nil {
		d.copied = j
		e := s.at(j.pos)
		d.share = j.ev.runs
		root := cmp.Or(e.copyOf, e.id)
		if pos, held := s.find(root); held && !s.at(pos).took && f.host != 0 && slices.Contains(j.f.sources, f.host) && !slices.Contains(f.sources, j.f.host) {
			d.takes = root
		} else {
			d.copyOf = root
		}
		d.best, d.score, d.members = j, 1000, 1
		d.stories = append(d.stories, e.story)
		return d
	}
	x.chooseStory(v, f, &d)
	return d
}

// chooseCopy gives the entry that f shares most of its text with, when one of the
// two copies the other; nil when none does.
func (x *Index) chooseCopy(v View, f *features) *judged {
	for {
		at := -1
		for i := range x.judged {
			if c := x.judged[i].copy; c >= 0 && (at < 0 || c > x.judged[at].copy) {
				at = i
			}
		}
		if at < 0 {
			return nil
		}
		if pos := x.judged[at].pos; !x.collage(v, f, pos) {
			return &x.judged[at]
		}
		x.judged[at].copy, x.judged[at].mixed = -1, true
	}
}

// collage reports whether the entry at pos holds texts that have nothing to do with
// each other, of which f would be a further one: of the entries that share a text with
// it, there is one at least, and none has anything in common with f. A digest that comes
// before the articles that it holds must not make them copies of each other, nor
// one story.
func (x *Index) collage(v View, f *features, pos int) bool {
	s := &x.slots
	e := s.at(pos)
	root := cmp.Or(e.copyOf, e.id)
	others := 0
	at := s.families[e.story].newest
	for n := 0; at != 0 && n < maxKin && others < maxSample; n++ {
		o := s.at(int(at - 1))
		if int(at-1) != pos && (o.id == root || o.copyOf == root) {
			if j := x.judge(v, f, int(at-1)); j != nil {
				if j.ev.common > 0 || j.ev.words > 2 || j.score >= leastKin {
					return false
				}
				others++
			}
		}
		at = o.older
	}
	return others > 0
}

// unmixed gives the place in judged of the entry most like f of the story of that at
// best, leaving out collages; -1 when no other is left.
func (x *Index) unmixed(v View, f *features, best int) int {
	story := x.slots.at(x.judged[best].pos).story
	for best >= 0 && x.collage(v, f, x.judged[best].pos) {
		x.judged[best].mixed = true
		best = -1
		for i := range x.judged {
			j := &x.judged[i]
			if !j.mixed && x.slots.at(j.pos).story == story && (best < 0 || j.score > x.judged[best].score) {
				best = i
			}
		}
	}
	return best
}

// judge compares f with the entry at pos, once.
func (x *Index) judge(v View, f *features, pos int) *judged {
	for i := range x.judged {
		if x.judged[i].pos == pos {
			return &x.judged[i]
		}
	}
	return x.glance(v, f, pos)
}

// chooseStory finds the story that f resembles most. The likeness to its best
// member counts, and so does the mean likeness to a sample of its members, so
// that a story does not grow along a chain of neighbours.
//
// When f fits a second story far better than it need, the two are one.
func (x *Index) chooseStory(v View, f *features, d *decision) {
	s := &x.slots
	type story struct {
		id   uint64
		best int // index into judged
	}
	var list []story
	var scores []scored
	for i := range x.judged {
		id := s.at(x.judged[i].pos).story
		k := slices.IndexFunc(list, func(t story) bool { return t.id == id })
		if k < 0 {
			list = append(list, story{id, i})
		} else if x.judged[i].score > x.judged[list[k].best].score {
			list[k].best = i
		}
	}
	slices.SortStableFunc(list, func(a, b story) int { return x.judged[b.best].score - x.judged[a.best].score })
	for _, t := range list[:min(len(list), maxStories)] {
		var sample [maxSample]*judged
		var members [maxSample]int
		if t.best = x.unmixed(v, f, t.best); t.best < 0 {
			continue
		}
		n := 0
		for at := s.families[t.id].newest; at != 0 && n < maxSample; at = s.at(int(at - 1)).older {
			if j := x.judge(v, f, int(at-1)); j != nil && !j.mixed {
				members[n] = int(at - 1)
				n++
			}
		}
		for i := range n {
			sample[i] = x.judge(v, f, members[i])
		}
		best := &x.judged[t.best]
		telling := best.ev.words >= 3 || best.ev.words == 2 && best.least <= 14
		other := s.at(x.judged[t.best].pos).id
		if !telling && d.near.entry == 0 {
			d.near = near{entry: other, words: best.ev.words, score: math.MinInt}
		}
		if !telling && x.watch == nil || best.f == nil && !x.look(f, best) {
			continue // a name in common is no evidence, however rare
		}
		r := x.regardOf(f, best, sample[:n])
		r[byRival] = int32(best.score)
		for _, o := range list {
			if o.id != t.id {
				r[byRival] = int32(best.score - x.judged[o.best].score)
				break
			}
		}
		r[bySize] = int32(log2(s.families[t.id].size))
		score := x.model.score(&r)
		if x.watch != nil {
			x.watch(t.id, x.judged[t.best].pos, &r, score)
		}
		if !telling {
			continue
		}
		frame := r.frame(f.lang) || r[byHeadless] != 0 && swapped(f, best.f)
		if d.near.entry == 0 || score > d.near.score {
			d.near = near{entry: other, score: score, frame: frame}
		}
		if frame {
			continue
		}
		scores = append(scores, scored{t.id, other, score})
		if score >= joinAt && (d.best == nil || score > d.score) {
			d.score, d.members = score, n
			d.stories = append(d.stories[:0], t.id)
			d.best = best
		}
	}
	for _, sc := range scores {
		if d.best == nil || sc.id == d.stories[0] {
			continue
		}
		smaller := min(s.families[sc.id].size, s.families[d.stories[0]].size)
		if need := mergeAt[min(int(smaller), len(mergeAt))-1]; sc.score >= need {
			d.stories = append(d.stories, sc.id)
			d.more = append(d.more, near{entry: sc.entry, score: sc.score, need: need})
		}
	}
}

type scored struct {
	id    uint64
	entry uint64 // the one most like f
	score int
}

// eventScore says how much two entries look like reports of one event.
func eventScore(ev *evidence) int {
	return int(root(uint64(ev.cover) * uint64(ev.covered)))
}

// root is the whole square root.
func root(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	r := n
	for q := (r + 1) / 2; q < r; q = (r + n/r) / 2 {
		r = q
	}
	return r
}
