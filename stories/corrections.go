package stories

import (
	"fmt"
	"slices"
	"time"
)

// Correction is an editor's word on which entries belong together. It holds
// against all that the texts say, until the editor undoes it.
type Correction struct {
	Number uint64 // from 1 on, in the order in which they were made
	// Split says that Entries were taken out of the story of Others, to one of
	// their own; else the story of Others was merged into that of Entries.
	Split           bool
	Entries, Others []uint64 // sorted
	Story, Other    uint64   // their stories, as they were then numbered
	Said            Word
	Undone          *Word // by whom it was taken back; nil while it holds
}

// Word is an editor's: who says so, why, and when.
type Word struct {
	By, Why string
	At      time.Time
}

// ErrCorrection is what a correction fails with that cannot be made; it says why.
type ErrCorrection struct{ error }

// CannotCorrect makes an ErrCorrection.
func CannotCorrect(format string, a ...any) error { return ErrCorrection{fmt.Errorf(format, a...)} }

// Relation is what the corrections say of two entries.
type Relation int

const (
	Unrelated Relation = iota
	Together           // they are in one story
	Apart              // they are not
)

// Corrections answers what the corrections that hold say of entries. The last
// one that speaks of two entries decides. It is read-only once made, and then safe
// for concurrent use; the nil Corrections says nothing.
type Corrections struct {
	list []Correction
	of   map[uint64][]int // by entry: positions in list, in order
}

// NewCorrections reads corrections, in order of their numbers; those that were
// undone say nothing.
func NewCorrections(list []Correction) *Corrections {
	c := &Corrections{of: map[uint64][]int{}}
	for _, one := range list {
		if one.Undone != nil {
			continue
		}
		for _, side := range [][]uint64{one.Entries, one.Others} {
			for _, e := range side {
				c.of[e] = append(c.of[e], len(c.list))
			}
		}
		c.list = append(c.list, one)
	}
	return c
}

// Relation gives what the corrections say of two entries.
func (c *Corrections) Relation(a, b uint64) Relation {
	if c == nil || a == b {
		return Unrelated
	}
	for _, i := range slices.Backward(c.of[a]) {
		one := &c.list[i]
		_, aIn := slices.BinarySearch(one.Entries, a)
		_, bIn := slices.BinarySearch(one.Entries, b)
		_, bOther := slices.BinarySearch(one.Others, b)
		switch {
		case !bIn && !bOther:
		case aIn != bIn && one.Split:
			return Apart
		case aIn != bIn:
			return Together
		case aIn && one.Split: // they were taken out together
			return Together
		}
	}
	return Unrelated
}

// Named lists the entries of which the corrections speak, in order.
func (c *Corrections) Named() (entries []uint64) {
	if c == nil {
		return nil
	}
	for e := range c.of {
		entries = append(entries, e)
	}
	slices.Sort(entries)
	return entries
}

// related calls f for every entry that shares a correction with one.
func (c *Corrections) related(entry uint64, f func(other uint64)) {
	for _, i := range c.of[entry] {
		for _, side := range [][]uint64{c.list[i].Entries, c.list[i].Others} {
			for _, e := range side {
				if e != entry {
					f(e)
				}
			}
		}
	}
}

// rulings are the corrections and where the entries stand of which they speak, in
// the window or not.
type rulings struct {
	*Corrections
	story map[uint64]uint64
}

// Correct makes the corrections hold for what is placed from now on; storyOf gives
// the story of an entry, 0 when it is in none (yet). Entries that stand where they
// must not are for the caller to move.
func (x *Index) Correct(c *Corrections, storyOf func(entry uint64) uint64) {
	x.rulings = rulings{c, map[uint64]uint64{}}
	for _, e := range c.Named() {
		x.rulings.story[e] = storyOf(e)
	}
}

// Move says that an entry now stands in a story, and what it copies, by an editor's
// word.
func (x *Index) Move(entry, story, copyOf uint64) {
	x.stands(entry, story)
	if pos, held := x.slots.find(entry); held {
		x.slots.leave(pos)
		x.slots.at(pos).copyOf = copyOf
		x.slots.join(pos, story)
	}
}

// Unite makes stories one by an editor's word: the lowest ID survives.
func (x *Index) Unite(ids ...uint64) { x.unite(ids) }

func (x *Index) stands(entry, story uint64) {
	if _, named := x.rulings.story[entry]; named {
		x.rulings.story[entry] = story
	}
}

// apart reports whether two stories hold entries that must not be in one.
func (x *Index) apart(a, b uint64) bool {
	if a == b {
		return false
	}
	for e, story := range x.rulings.story { // in any order: one is enough
		if story != a {
			continue
		}
		found := false
		x.rulings.related(e, func(other uint64) {
			found = found || x.rulings.story[other] == b && x.rulings.Relation(e, other) == Apart
		})
		if found {
			return true
		}
	}
	return false
}

// ruled says where an entry must stand, and which stories it must not join.
func (x *Index) ruled(entry uint64) (wanted []uint64, barred map[uint64]bool) {
	if _, named := x.rulings.story[entry]; !named {
		return nil, nil
	}
	barred = map[uint64]bool{}
	x.rulings.related(entry, func(other uint64) {
		story := x.rulings.story[other]
		switch {
		case story == 0:
		case x.rulings.Relation(entry, other) == Apart:
			barred[story] = true
		case x.rulings.Relation(entry, other) == Together:
			wanted = append(wanted, story)
		}
	})
	wanted = slices.DeleteFunc(wanted, func(story uint64) bool { return barred[story] })
	slices.Sort(wanted)
	return x.compatible(slices.Compact(wanted)), barred
}

// compatible keeps of several stories those that may be one with the ones before.
func (x *Index) compatible(list []uint64) []uint64 {
	if len(x.rulings.story) == 0 {
		return list
	}
	kept := list[:0:0]
	for _, s := range list {
		if !slices.ContainsFunc(kept, func(k uint64) bool { return x.apart(k, s) }) {
			kept = append(kept, s)
		}
	}
	return kept
}

// bound makes a decision fit an editor's word: the entry stands in wanted, and
// copies nothing that stands elsewhere.
func (x *Index) bound(d *decision, wanted []uint64) {
	if len(wanted) > 0 {
		if len(d.stories) > 0 && !slices.Contains(wanted, d.stories[0]) {
			*d = decision{}
		}
		d.stories, d.near, d.more = wanted, near{}, nil
		return
	}
	all := len(d.stories)
	if d.stories = x.compatible(d.stories); len(d.stories) < all {
		d.more = nil
	}
}

// ruledReason says what an editor's word did to an entry; empty when it was others
// that were taken out.
func (x *Index) ruledReason(entry uint64) string {
	if _, named := x.rulings.story[entry]; !named {
		return ""
	}
	of := x.rulings.of[entry]
	c := &x.rulings.list[of[len(of)-1]]
	if _, taken := slices.BinarySearch(c.Entries, entry); c.Split && taken {
		return fmt.Sprintf("an editor took it out of story %d (correction %d)", c.Story, c.Number)
	} else if c.Split {
		return ""
	}
	return fmt.Sprintf("an editor placed it here (correction %d)", c.Number)
}

// Divide takes entries out of a story by an editor's word. taken are the places of
// all of them, stay those of the entries left behind that change: a copy whose
// original is on the other side copies the earliest entry of its text on its own.
// The caller says which story each is in.
func Divide(members []Member, out []uint64) (taken, stay []Placement) {
	heirs := map[[2]uint64]uint64{} // a text and a side (0 or 1) lead to its original there
	side := func(entry uint64) uint64 {
		if slices.Contains(out, entry) {
			return 1
		}
		return 0
	}
	for i := range members {
		m := &members[i]
		original := m.CopyOf
		if original == 0 {
			original = m.Entry
		}
		at := [2]uint64{original, side(m.Entry)}
		if side(original) == at[1] {
			heirs[at] = original
		} else if heirs[at] == 0 {
			heirs[at] = m.Entry
		}
		p := Placement{Entry: m.Entry, CopyOf: m.CopyOf, Share: m.Share, Reasons: m.Reasons}
		if p.CopyOf != 0 {
			if p.CopyOf = heirs[at]; p.CopyOf == m.Entry {
				p.CopyOf, p.Share = 0, 0
			}
		}
		switch {
		case at[1] == 1:
			taken = append(taken, p)
		case p.CopyOf != m.CopyOf:
			stay = append(stay, p)
		}
	}
	return taken, stay
}
