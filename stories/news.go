package stories

import (
	"cmp"
	"slices"
	"time"
)

// News is what came about in one story that others may want to hear of. It says
// what changed, not how the story stands: that is read from the story.
type News struct {
	Seq   uint64 // grows by one with each; never given again
	Story uint64 // at that time: it may have been merged into another one since
	At    time.Time
	// Before and Now are how many outlets carried the story.
	Before, Now int
	// Copies are the entries that were found to copy another outlet's text.
	Copies []uint64
	// Was and Is are the old and the new verdict, as far as who was first and
	// how sure that is; the same when they did not change.
	Was, Is Claim
}

// Claim is whom a verdict names, and how firmly.
type Claim struct {
	Outlet     string // ID; empty when the origin is not followed
	Name       string
	Confidence Confidence
}

// Claim is the core of v.
func (v *Verdict) Claim() Claim { return Claim{v.Outlet, v.Name, v.Confidence} }

// NewsOf compares a story with what it was; before is nil for a new one. ok is
// false when there is nothing to tell: no further outlet, no further copy, and
// nobody else first. While a single outlet carries a story, how sure its verdict
// is tells nothing.
func NewsOf(before, now *Story) (n News, ok bool) {
	n = News{Story: now.ID, Now: now.Outlets(), Is: now.Verdict.Claim()}
	n.Was = n.Is
	var copied []uint64
	if before != nil {
		n.Before, n.Was = before.Outlets(), before.Verdict.Claim()
		if n.Before < 2 && n.Was.Outlet == n.Is.Outlet && n.Was.Name == n.Is.Name {
			n.Was = n.Is
		}
		copied = before.across()
	}
	for _, entry := range now.across() {
		if _, was := slices.BinarySearch(copied, entry); !was {
			n.Copies = append(n.Copies, entry)
		}
	}
	return n, n.Now > max(n.Before, 1) || len(n.Copies) > 0 || n.Was != n.Is
}

// across lists the members that copy an entry of another outlet, in order of arrival, as
// members are.
func (s *Story) across() (entries []uint64) {
	for i := range s.Members {
		m := &s.Members[i]
		if m.CopyOf == 0 {
			continue
		}
		of, ok := slices.BinarySearchFunc(s.Members, m.CopyOf, func(o Member, entry uint64) int { return cmp.Compare(o.Entry, entry) })
		if ok && s.Members[of].Outlet != m.Outlet {
			entries = append(entries, m.Entry)
		}
	}
	return entries
}
