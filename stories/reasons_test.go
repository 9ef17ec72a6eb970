package stories

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

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
	w.place(6, &feeds.Entry{Outlet: "six", Title: "Reindeer herders sell wool to Kyoto weavers", Text: "Weavers in Kyoto buy the wool of reindeer herders. A fortnight of talks in a village of Norway was needed; engineers build a mill in Alta."}, at(11))
	w.place(7, &feeds.Entry{Outlet: "seven", Title: "Storm over Madeira"}, at(12))
	w.place(8, &feeds.Entry{Outlet: "eight", Title: "School choir of Sodankylä wins a prize in Vienna", Text: "The choir of Sodankylä in Lapland won first prize in Vienna on Sunday. Twelve choirs of eight countries sang before dawn in the park; the choir sings for the mayor of Oulu in June."}, at(13))
	for id, want := range map[uint64][]string{
		1: {"nothing in the window resembles it"},
		2: {"100.0 % of the shorter text's word runs stand in entry 1, too", "% are needed", `names and numbers "Inari"`, `the words "`},
		3: {"points, 0.00 needed", "most of all entry", `"Rovaniemi"`, `"Lapland's"`, `"mast"`},
		6: {"began a story of its own: nearest was entry 1; no name or number in common"},
		8: {"began a story of its own: nearest was entry ", " points short"},
		7: {"began a story of its own: nearest was entry ", "in common"},
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

// An entry that shows two stories to be one says so, and by how much.
func TestReasonsOfAMerge(t *testing.T) {
	a, err := txtar.ParseFile("testdata/scenarios/merge-bridge.txtar")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, Options{})
	for i, f := range a.Files {
		e, seen := scenarioEntry(t, f.Name, string(f.Data))
		p := w.place(uint64(i+1), e, seen)
		got := strings.Join(p.Reasons, "\n")
		if says := strings.Contains(got, "fits the story of entry ") && strings.Contains(got, " needed to make the two one"); says != (len(p.Merged) > 0) {
			t.Errorf("%s merged stories %v:\n%s", f.Name, p.Merged, got)
		}
	}
}

func TestNamed(t *testing.T) {
	known := func(id uint64) (outlet, headline string) {
		switch id {
		case 7:
			return "Premium Times", "Ferry sinks"
		case 8:
			return "Premium Times", ""
		}
		return "", ""
	}
	for reason, want := range map[string]string{
		"most of all entry 7, and entry 8": "most of all entry 7 (Premium Times: “Ferry sinks”), and entry 8 (Premium Times)",
		"nearest was entry 77":             "nearest was entry 77",
		"entry 99999999999999999999":       "entry 99999999999999999999",
		`the words "entry", "7"`:           `the words "entry", "7"`,
	} {
		if got := Named(reason, known); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
