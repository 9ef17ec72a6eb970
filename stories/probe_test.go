package stories

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
)

const ferryText = "The first boat to Skerry Island left the harbour at six on Monday morning, carrying mail, bread and forty passengers who had " +
	"waited since the storm closed the route a week ago. The harbour master, Ingrid Solberg, said that two more crossings were planned for the afternoon."

func TestProbe(t *testing.T) {
	const title = "Ferry service to Skerry Island resumes after week-long storm"
	sentence := "The harbour master, Ingrid Solberg, said that two more crossings were planned for the afternoon."
	other := " Elsewhere the council met to speak of wheat, of roads, of a bridge that nobody had crossed since the spring, and of money."
	for name, c := range map[string]struct {
		given    string
		alike    bool
		min, max int // of Share
	}{
		"the headline":             {title, true, 1000, 1000},
		"the headline in capitals": {strings.ToUpper(title), true, 400, 1000},
		"its words":                {"Skerry ferry resumes, storm", true, 0, 0},
		"a sentence":               {sentence, true, 1000, 1000},
		"the whole article":        {title + "\n" + ferryText, true, 950, 1000},
		"the article among much":   {strings.Repeat(other, 8) + ferryText, true, 100, 400},
		"another event":            {"Wheat prices fall to three-year low", false, 0, 0},
		"common words":             {"the first of the week", false, 0, 700},
		"a long other text":        {strings.Repeat(other, 3), false, 0, 50},
	} {
		p := NewProbe(c.given)
		l := p.Measure(7, title, ferryText)
		if p.Alike(l) != c.alike || l.Share < c.min || l.Share > c.max || l.Entry != 7 {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

// What Glance sees in the sketch leads to the entries that Measure wants.
func TestGlanceFindsWhatWasTaken(t *testing.T) {
	e := &feeds.Entry{Outlet: "harbour", Title: "Ferry service to Skerry Island resumes", Text: ferryText}
	sketch := NewIndex(Options{}).Place(nil, 1, e, feeds.Seen{}, time.Time{}).Sketch
	words := strings.Fields(ferryText)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(words)-8).Draw(t, "from")
		n := rapid.IntRange(8, len(words)-from).Draw(t, "words")
		given := strings.Join(words[from:from+n], " ")
		if got := NewProbe(given).Glance(sketch); got < 900 {
			t.Fatalf("%q: %d", given, got)
		}
	})
	if got := NewProbe("Wheat prices fall to three-year low").Glance(sketch); got > 100 {
		t.Errorf("another event: %d", got)
	}
	if got := NewProbe(ferryText).Glance([]byte{Rules + 1, 2, 3}); got != 0 {
		t.Errorf("a sketch of other rules: %d", got)
	}
}

func FuzzProbe(f *testing.F) {
	f.Add("Ferry service resumes", "Ferry", "service resumes")
	f.Add("渡し船の運航が再開", "渡し船", "")
	f.Fuzz(func(t *testing.T, given, title, text string) {
		p := NewProbe(given)
		l := p.Measure(1, title, text)
		for _, n := range []int{l.Share, l.OfEntry, l.Words, l.Headline} {
			if n < 0 || n > 1000 {
				t.Fatalf("%+v", l)
			}
		}
		if l.Same > p.Words() {
			t.Fatalf("%+v of %d words", l, p.Words())
		}
		p.Alike(l)
	})
}
