package stories

import (
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// A reader is told of each placement which text decided, what the two share, and how
// far that is over what is needed.
func TestReasons(t *testing.T) {
	w := newWorld(t, Options{})
	at := func(hour int) feeds.Seen { return feeds.Seen{At: time.Date(2026, 3, 18, hour, 0, 0, 0, time.UTC)} }
	text := "The tallest radio mast of Lapland fell in a storm before dawn and took the village of Inari off the air. Engineers from Rovaniemi expect to need a fortnight for a spare."
	w.place(1, &feeds.Entry{Outlet: "one", Title: "Storm fells tallest radio mast of Lapland", Text: text}, at(6))
	w.place(2, &feeds.Entry{Outlet: "two", Title: "Inari off the air", Text: text}, at(7))
	w.place(3, &feeds.Entry{Outlet: "three", Title: "Inari without radio after mast falls", Text: "The Finnish village of Inari has no radio since a storm felled Lapland's tallest mast; a spare from Rovaniemi will take two weeks."}, at(8))
	w.place(4, &feeds.Entry{Outlet: "four", Title: "Storm fells tallest radio mast of Lapland"}, at(9))
	w.place(5, &feeds.Entry{Outlet: "five", Title: "Storm fells tallest radio mast of Lapland"}, at(10))
	for id, want := range map[uint64][]string{
		1: {"nothing in the window resembles it"},
		2: {"100.0 % of the shorter text's word runs stand in entry 1, too", "% are needed", `names and numbers "Inari"`, `the words "`},
		3: {"points, 0.00 needed", "most of all entry", `"Rovaniemi"`, `"Lapland's"`, `"mast"`},
		5: {"its headline is that of entry 4: 98.5 % alike, 85.0 % are needed"},
	} {
		got := strings.Join(w.placed[id].Reasons, "\n")
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("entry %d: %q is not among its reasons:\n%s", id, part, got)
			}
		}
		if strings.Contains(got, `"the"`) || strings.Contains(got, `"of"`) {
			t.Errorf("entry %d: common words are no reasons:\n%s", id, got)
		}
	}
}
