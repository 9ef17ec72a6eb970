package stories

const (
	leastCompared = 6   // runs by which texts are called copies
	leastAlike    = 850 // likeness of the headlines of copies, per mille
)

// leastCopied is the share of runs, per mille, that a copy of a long text shares.
const leastCopied = 370

// copyPoints says how far two entries are over the threshold for copies; below
// 0 they are none.
//
// A copy keeps the text: the shorter one's 4-word runs stand in the longer one,
// however much the longer one adds. Of a short text nearly all of them must,
// because two newsrooms do write a dozen words alike; of a long one three eighths
// are more than quotations and an agency's background explain.
//
// Republished pieces keep the headline more often than the teaser: an equal,
// distinctive headline within three days is a copy too, unless it is of a kind
// that recurs at the outlet.
func (x *Index) copyPoints(a, b *features, ev *evidence) int {
	if a.outlet == b.outlet && a.outlet != 0 {
		return -1
	}
	if need := ev.neededRuns(a, b); ev.compared >= leastCompared && ev.runs >= need {
		return ev.runs - need
	}
	if min(a.ntitle, b.ntitle) >= 5 && ev.hours <= 72 && ev.numbers == 0 && ev.unmet == 0 &&
		ev.titles >= leastAlike && (ev.same || ev.heads >= 850 || ev.titles >= 950 && ev.heads >= 600) &&
		!x.recurs(a) && !x.recurs(b) {
		return ev.titles - leastAlike
	}
	return -1
}

// neededRuns is the share of runs, per mille, that makes two texts copies.
func (ev *evidence) neededRuns(a, b *features) int {
	short := int(min(a.length, b.length))
	need := leastCopied + 6000/max(short, 1)
	if short < 60 && ev.heads < 200 {
		need = max(need, 950) // a shared agency sentence under two headlines is no copy
	}
	return need
}

// mostPoints is what copyPoints gives at most when f is one of the two.
func (f *features) mostPoints() int {
	return 1000 - min(leastCopied+6000/max(int(f.length), 1), leastAlike)
}

// recurs reports whether a headline is of a kind that its outlet uses again and
// again.
func (x *Index) recurs(f *features) bool {
	for _, s := range f.shapes {
		if x.shapes.get(s) >= 3 {
			return true
		}
	}
	return false
}

// standing reports whether two entries of one outlet share a standing headline
// (a newsletter, a quiz, "Day 12 of the war") and little of their text: they
// are never compared. Nobody lists such headlines; that the outlet uses one
// again over another text shows it.
func standing(a, b *features, ev *evidence) bool {
	return a.outlet == b.outlet && a.outlet != 0 && len(a.shapes) > 0 && len(b.shapes) > 0 &&
		a.shapes[0] == b.shapes[0] && ev.compared > 0 && ev.runs < 500
}
