package serve

import (
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// A copy of an original that it names is not older than it, whatever its own
// date says; and an original whose feed lagged is not younger than its copy.
func TestNoCopyIsShownBeforeItsOriginal(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	stated := []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Harbour Post", Phrase: "first published on Harbour Post", Where: "footer"}}
	dated := func(t time.Time) feeds.Date { return feeds.Date{Time: t, Raw: t.Format(time.RFC3339)} }
	for _, at := range []time.Duration{-73, -36, -20, 0, 20} { // what the original dates itself, in minutes
		st := stories.Story{ID: 1, Members: []stories.Member{
			{Entry: 1, Outlet: "scoop", Seen: feeds.Seen{At: noon}, Published: dated(noon.Add(-35 * time.Minute)), Stated: stated},
			{Entry: 2, Outlet: "post", Seen: feeds.Seen{After: noon.Add(time.Minute), At: noon.Add(3 * time.Minute)}, Published: dated(noon.Add(at * time.Minute)), CopyOf: 1, Share: 1000},
		}}
		st.Verdict, st.Groups = stories.Attribute(st.Members, stories.NewDirectory([]feeds.Outlet{{ID: "post", Name: "Harbour Post"}, {ID: "scoop", Name: "Scoop"}}))
		it := newItem(&st)
		if it.lead.Entry != 2 || len(it.carriers) != 1 {
			t.Fatalf("dated %d: the lead is %d: %+v", at, it.lead.Entry, st.Verdict)
		}
		if c := it.carriers[0]; !c.HasLag || c.Lag < 0 {
			t.Errorf("dated %d: the copy lags by %v", at, c.Lag)
		}
		if st.Verdict.At.After(noon) {
			t.Errorf("dated %d: at %v, though a copy was there at noon", at, st.Verdict.At)
		}
	}
}
