package stories

import "time"

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
	copied := map[uint64]bool{}
	if before != nil {
		n.Before, n.Was = before.Outlets(), before.Verdict.Claim()
		if n.Before < 2 && n.Was.Outlet == n.Is.Outlet && n.Was.Name == n.Is.Name {
			n.Was = n.Is
		}
		for i := range before.Members {
			if before.across(&before.Members[i]) {
				copied[before.Members[i].Entry] = true
			}
		}
	}
	for i := range now.Members {
		if m := &now.Members[i]; now.across(m) && !copied[m.Entry] {
			n.Copies = append(n.Copies, m.Entry)
		}
	}
	return n, n.Now > max(n.Before, 1) || len(n.Copies) > 0 || n.Was != n.Is
}

// across reports whether m copies an entry of another outlet.
func (s *Story) across(m *Member) bool {
	return m.CopyOf != 0 && s.any(func(o *Member) bool { return o.Entry == m.CopyOf && o.Outlet != m.Outlet })
}
