package stories

// copyPoints says how far two entries are over the threshold for copies; below
// 0 they are none.
//
// A copy keeps enough of the text: the shorter one's 4-word runs stand in the
// longer one, however much the longer one adds. Republished pieces keep the
// headline more often than the teaser: an equal, distinctive headline within
// three days is a copy too, unless it is of a kind that recurs at the outlet.
func (x *Index) copyPoints(a, b *features, ev *evidence) int {
	if a.outlet == b.outlet && a.outlet != 0 {
		return -1
	}
	if ev.compared >= 6 && ev.runs >= 600 {
		return ev.runs
	}
	if ev.heads >= 600 && ev.hours <= 72 && a.ntitle >= 5 && b.ntitle >= 5 && !x.recurs(a) && !x.recurs(b) {
		return ev.heads - 600
	}
	return -1
}

// recurs reports whether a headline is of a kind that its outlet uses again and
// again.
func (x *Index) recurs(f *features) bool {
	for _, s := range f.shapes {
		if x.shapes[s] >= 3 {
			return true
		}
	}
	return false
}
