package stories

import (
	"cmp"
	"slices"
	"time"

	"aggregator/feeds"
)

// Attribute says who published a story first, and, for each group of copies
// within it, whose text it is. members are the story's, in order of arrival;
// they are not changed. The result depends on nothing else: the same members
// give the same verdict.
//
// A group's verdict comes from what its entries state of their origin; failing
// that from the polls (when each was first seen); failing that from the dates
// that the feeds claim. A story's verdict is that of the text in it that
// appeared first. The words used:
//
//   - Certain: two independent kinds of evidence agree, and none contradicts. A
//     stated origin is certain when its own entry is here and no other outlet was
//     seen to have the text before it, or when two outlets name the same origin
//     and nobody names another. An observed one is certain when the polls saw it
//     while it was still absent from every other outlet's feeds, and no other
//     outlet claims to be older; for one text in several outlets, of which none
//     says where it is from, this is only Likely, because about half of such
//     texts come from an agency.
//   - Likely: the better part of the evidence says so, and what remains open is
//     named (one statement alone, overlapping polls with dates that differ, a
//     date that contradicts the polls). With a single outlet there is nobody to
//     compare it with: that is Likely too, unless nothing is known of its time.
//   - Tie: two outlets are within two minutes of each other by their own dates
//     and nothing else separates them.
//   - Unknown: the evidence does not separate them, or contradicts itself. Tie
//     and Unknown still name an outlet, the one whose entry is shown, but they
//     do not claim that it was first.
//
// All of it speaks of the outlets that are followed and of those that entries
// name: an outlet that nobody follows and nobody credits cannot be known.
func Attribute(members []Member, d *Directory) (Verdict, []Group) {
	if len(members) == 0 {
		return Verdict{Confidence: Unknown, Reason: "Nothing is known of this story."}, nil
	}
	if d == nil {
		d = NewDirectory(nil)
	}
	all := make([]*Member, len(members))
	for i := range members {
		all[i] = &members[i]
	}
	bySteadyTime(all)
	slices.SortStableFunc(all, func(a, b *Member) int { return cmp.Compare(a.Entry, b.Entry) })
	var groups []Group
	var texts []*text
	at := &addresses{all: all}
	for _, t := range splitTexts(all) {
		texts = append(texts, t)
		if m := t.members[0]; len(t.members) == 1 && len(m.Stated) == 0 {
			t.here, t.open = m, true
			continue
		}
		t.resolve(all, at, d)
		if len(t.members) > 1 {
			groups = append(groups, t.group())
		}
	}
	first := earliest(texts, d)
	if first.open {
		first.resolve(all, at, d)
	}
	return amongOthers(first, texts, d), groups
}

// text is one text: an original with its copies, or an entry that has none.
type text struct {
	original uint64
	members  []*Member
	verdict  Verdict
	// here stands for the text when texts are compared: the origin's own entry,
	// or the first one seen here.
	here *Member
	// proxy: the origin is not followed, so that here only carries it.
	proxy bool
	// open: nobody else has it and it states no origin, so that here is clear and
	// the verdict, which is reached only if it is the story's first, is not yet.
	open bool
}

func (t *text) group() Group {
	g := Group{Original: t.original, Verdict: t.verdict}
	for _, m := range t.members {
		g.Members = append(g.Members, m.Entry)
	}
	return g
}

// splitTexts sorts members into texts by CopyOf, in order of their originals.
func splitTexts(all []*Member) []*text {
	byOriginal := map[uint64]*text{}
	var texts []*text
	for _, m := range all {
		o := originalOf(m)
		if byOriginal[o] == nil {
			byOriginal[o] = &text{original: o}
			texts = append(texts, byOriginal[o])
		}
		byOriginal[o].members = append(byOriginal[o].members, m)
	}
	slices.SortStableFunc(texts, func(a, b *text) int { return cmp.Compare(a.original, b.original) })
	return texts
}

// originalOf is the entry whose text m carries.
func originalOf(m *Member) uint64 {
	if m.CopyOf != 0 {
		return m.CopyOf
	}
	return m.Entry
}

// firsts returns the first entry of each outlet, the earliest first. Portals,
// which only show what others publish, come last.
func firsts(members []*Member, d *Directory) []*Member {
	best := map[string]*Member{}
	var out []*Member
	for _, m := range members {
		if b := best[m.Outlet]; b == nil || earlier(m, b) {
			best[m.Outlet] = m
		}
	}
	for _, m := range members {
		if best[m.Outlet] == m {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *Member) int {
		if p, q := isPortal(a, d), isPortal(b, d); p != q {
			if q {
				return -1
			}
			return 1
		}
		if earlier(a, b) {
			return -1
		}
		return 1
	})
	return out
}

func earlier(a, b *Member) bool {
	x, y := appearance(a).best, appearance(b).best
	if x.IsZero() != y.IsZero() {
		return y.IsZero()
	}
	if !x.Equal(y) {
		return x.Before(y)
	}
	if !a.Seen.At.Equal(b.Seen.At) {
		return a.Seen.At.Before(b.Seen.At)
	}
	return a.Entry < b.Entry
}

func isPortal(m *Member, d *Directory) bool { return d.agency[m.Outlet].Portal }

func isAgency(m *Member, d *Directory) bool { return agencyName(m, d) != "" }

// resolve decides whose text it is. all are the story's members.
func (t *text) resolve(all []*Member, at *addresses, d *Directory) {
	lead := firsts(t.members, d)
	var found []*origin
	var selfs []statement
	if slices.ContainsFunc(t.members, func(m *Member) bool { return len(m.Stated) > 0 }) {
		near := append(append([]*Member{}, t.members...), all...)
		found, selfs = statedOrigins(t.members, near, at, d)
	}
	switch {
	case len(found) > 0:
		best, how := choose(found)
		t.byStatement(best, how, found, lead, d)
	default:
		t.byTimes(lead, d)
	}
	for _, s := range selfs {
		t.verdict.Evidence = append(t.verdict.Evidence, selfEvidence(s, t.verdict.Outlet, d))
	}
	t.verdict.Evidence = append(t.verdict.Evidence, textEvidence(t.members, t.verdict.Entry, d)...)
}

// byStatement gives the text to the origin that the statements name.
func (t *text) byStatement(o *origin, how agreement, found []*origin, lead []*Member, d *Directory) {
	v := Verdict{Outlet: o.outlet, Name: o.name, URL: o.url, Basis: Stated, Confidence: Likely}
	var against []Evidence
	own := o.entry
	first := lead[0] // the first seen here of the others
	for _, m := range lead {
		if m.Outlet != o.outlet {
			first = m
			break
		}
	}
	seenFirst := false  // the times speak for another outlet
	var refuted *Member // and beyond doubt for this one
	if own != nil {
		v.Entry, v.URL = own.Entry, own.Link
		for _, m := range lead {
			if m.Outlet == own.Outlet {
				continue
			}
			before := earlier(m, own)
			switch {
			case m.Seen.Before(own.Seen):
				seenFirst = true
				against = append(against, beforeEvidence(m, own, d))
				if refuted == nil && o.kind != feeds.Wire && before && compare(m, own).confidence == Certain {
					refuted = m
				}
			case before && rank(compare(m, own).confidence) >= rank(Likely):
				seenFirst = true
				against = append(against, olderEvidence(m, own, d))
			}
		}
		t.here = own
	} else {
		v.SeenHere = first.Entry
		v.At = appearance(first).best
		t.here, t.proxy = first, true
	}
	lagged := false // a copy was there before the origin's own feed had it
	switch {
	case refuted != nil, how == disputed:
		v.Confidence = Unknown
	case own != nil:
		t.here, lagged = asOriginal(own, lead)
	}
	if own != nil {
		setTime(&v, t.here)
	}
	switch {
	case v.Confidence == Unknown:
	case how == agreed && !seenFirst && (own != nil || o.voices > 1):
		v.Confidence = Certain
	}
	v.Evidence = statedEvidence(o, found, d)
	v.Evidence = append(v.Evidence, against...)
	v.Evidence = append(v.Evidence, seenEvidence(lead, t.here, lagged, d)...)
	v.Reason = statedReason(o, v.Confidence, first, own, seenFirst, d)
	switch {
	case refuted != nil:
		v.Reason = refutedReason(o, own, refuted, d)
	case how == disputed:
		v.Reason = disputedReason(o, found, d)
	}
	t.verdict = v
}

// byTimes gives the text to the outlet that had it first, by the polls or by
// the dates.
func (t *text) byTimes(lead []*Member, d *Directory) {
	win := lead[0]
	o := order{Observed, Likely}
	var closest *Member // the rival who decides how firm it is
	if len(lead) > 1 {
		o, closest = against(win, lead[1:], d)
	}
	// An agency hands its text to others before it stands on its own site.
	var agency *Member
	for _, m := range lead {
		if isAgency(m, d) && (agency == nil || earlier(m, agency)) {
			agency = m
		}
	}
	v := Verdict{Basis: o.basis, Confidence: o.confidence}
	// Two outlets with one text and no credit often have it from an agency.
	uncredited := closest != nil && rank(o.confidence) >= rank(Likely) && !isAgency(win, d)
	if uncredited {
		v.Confidence = Likely
	}
	switch {
	case agency != nil && agency != win && len(lead) > 1:
		v.Basis, v.Confidence, v.SeenHere = Stated, Likely, win.Entry
		v.Reason = agencyReason(agency, win, d)
		v.Evidence = append(v.Evidence, agencyEvidence(agency, d), beforeEvidence(win, agency, d))
		win = agency
	case closest == nil:
		v.Basis, v.Confidence = alone(win)
		v.Reason = aloneReason(win, lead[1:], d)
	default:
		v.Reason = timesReason(win, closest, o, d)
		if uncredited {
			v.Reason = uncreditedReason(v.Reason)
			v.Evidence = append(v.Evidence, uncreditedEvidence(win, closest, d))
		}
	}
	if isPortal(win, d) { // portals come last: there is nobody else
		v.Confidence, v.Reason = Unknown, portalReason(win, d)
	}
	v.Outlet, v.Name, v.URL, v.Entry = win.Outlet, nameOf(win.Outlet, d), win.Link, win.Entry
	setTime(&v, win)
	v.Evidence = append(v.Evidence, seenEvidence(lead, win, false, d)...)
	t.verdict, t.here = v, win
}

// against compares the winner with every rival and returns the least firm
// result, with the rival who causes it (the first such). A portal is no rival,
// but one that had it earlier leaves open whether it is the portal's own.
func against(win *Member, rivals []*Member, d *Directory) (order, *Member) {
	var worst order
	var who *Member
	portal := false
	for _, r := range rivals {
		if r.Outlet == win.Outlet {
			continue
		}
		if isPortal(r, d) && !isPortal(win, d) {
			portal = portal || earlier(r, win)
			continue
		}
		if o := compare(win, r); who == nil || rank(o.confidence) < rank(worst.confidence) {
			worst, who = o, r
		}
	}
	if who == nil {
		return order{Observed, Likely}, nil
	}
	if portal {
		worst.confidence = weaker(worst.confidence, Likely)
	}
	return worst, who
}

// alone says on what a verdict stands that has no rival: on the polls when they
// saw the entry come, else on its date; on nothing when it came with the first
// poll of its feed and has none.
func alone(m *Member) (Basis, Confidence) {
	switch c := judge(m); {
	case m.Seen.Bounded():
		return Observed, Likely
	case c == claimAlone || c == claimDay:
		return Claimed, Likely
	}
	return Observed, Unknown
}

// setTime fills in when the winner's entry was published, as far as is known.
func setTime(v *Verdict, m *Member) {
	v.After, v.At = m.Seen.After, appearance(m).best
	if v.At.IsZero() && judge(m) == claimDay {
		v.At = m.Published.Time
	}
}

// earliest returns the text that appeared first.
func earliest(texts []*text, d *Directory) *text {
	win := texts[0]
	for _, t := range texts[1:] {
		p, q := isPortal(t.here, d), isPortal(win.here, d)
		if p != q {
			if q {
				win = t
			}
			continue
		}
		if earlier(t.here, win.here) {
			win = t
		}
	}
	return win
}

// amongOthers is the verdict of the text that appeared first, weakened by what the
// comparison with the story's other texts leaves open.
func amongOthers(win *text, texts []*text, d *Directory) Verdict {
	var worst order
	var who *text
	portal := false
	for _, t := range texts {
		if t == win || t.here.Entry == win.here.Entry || t.here.Outlet == win.here.Outlet {
			continue
		}
		if isPortal(t.here, d) && !isPortal(win.here, d) {
			portal = portal || earlier(t.here, win.here)
			continue
		}
		o := compare(win.here, t.here)
		if t.proxy && o.confidence == Certain {
			o.confidence = Likely // its origin may have had it before it was seen here
		}
		if who == nil || rank(o.confidence) < rank(worst.confidence) {
			worst, who = o, t
		}
	}
	if who == nil {
		return win.verdict
	}
	if portal {
		worst.confidence = weaker(worst.confidence, Likely)
	}
	v := win.verdict
	single := len(firsts(win.members, d)) == 1 && v.Basis != Stated
	if single { // there was nobody to compare it with inside its text
		v.Basis, v.Confidence = worst.basis, worst.confidence
		v.Reason = timesReason(win.here, who.here, worst, d)
	} else {
		if rank(worst.confidence) < rank(v.Confidence) && v.Basis != Stated {
			v.Basis = worst.basis
		}
		v.Reason = withOthers(v.Reason, v.Confidence, win.here, who.here, worst, d)
		v.Confidence = weaker(v.Confidence, worst.confidence)
	}
	v.Evidence = append([]Evidence{}, v.Evidence...)
	for _, t := range texts {
		if t != win {
			v.Evidence = append(v.Evidence, seenEvidence(firsts(t.members, d), win.here, false, d)...)
		}
	}
	return v
}

func nameOf(id string, d *Directory) string {
	if o, ok := d.Outlet(id); ok && o.Name != "" {
		return o.Name
	}
	return id
}

// gap is how long after a b came, by what is best known.
func gap(a, b *Member) time.Duration {
	x, y := appearance(a).best, appearance(b).best
	if x.IsZero() || y.IsZero() {
		return 0
	}
	return y.Sub(x)
}
