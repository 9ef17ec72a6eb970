package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// ownWords is what an outlet reports of an event in its own words: only such a verdict can
// be certain by the polls alone, since of one text in two outlets both may have it from an
// agency.
func ownWords(outlet string, n int) *feeds.Entry {
	r := rand.New(rand.NewPCG(uint64(n), 13))
	name := func() string { // a rare one
		w := []byte{byte('A' + r.IntN(26))}
		for range 3 {
			w = append(w, "aeiou"[r.IntN(5)], "bdfgklmnprstvz"[r.IntN(14)])
		}
		return string(w)
	}
	ship, island, captain, harbour, firm := name(), name(), name(), name(), name()
	hurt, aboard := 20+r.IntN(70), 200+r.IntN(700)
	e := article(outlet, n)
	switch outlet {
	case "herald":
		e.Title = fmt.Sprintf("Ferry %s runs aground off %s, %d hurt", ship, island, hurt)
		e.Text = fmt.Sprintf("The ferry %s ran aground off %s with %d people aboard and %d of them were hurt, said its captain, %s. Tugs from %s came at dawn. The owner, %s, opens an inquiry.", ship, island, aboard, hurt, captain, harbour, firm)
	case "courier":
		e.Title = fmt.Sprintf("%d injured as ferry %s hits rocks near %s", hurt, ship, island)
		e.Text = fmt.Sprintf("Rescuers from %s brought %d passengers of the %s ashore on Monday after the ship struck rocks near %s. %d were injured. Captain %s blamed fog; the company %s gave no comment.", harbour, aboard, ship, island, hurt, captain, firm)
	default:
		e.Title = fmt.Sprintf("%s: %d passengers injured on the stranded ferry %s", island, hurt, ship)
		e.Text = fmt.Sprintf("Fog was thick when the %s left %s for %s. An hour later she lay on a reef, %d of the %d on board injured. %s, her captain, and %s, to whom she belongs, face questions.", ship, harbour, island, hurt, aboard, captain, firm)
	}
	e.Summary = e.Text
	return e
}

// Whatever the poller's clock does (it is set back and forward by minutes or hours,
// and the machine sleeps), no interval that the store keeps is negative, and no verdict is
// certain of an outlet whose feed truly showed the text after another's did, though a
// third of the dates are claimed too early. The polls go through the store, and the
// verdicts are those that readers are given.
func TestClockStepsMakeNothingWronglyCertain(t *testing.T) {
	certain, judged, stepped := 0, 0, 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 11))
		s, _ := openTemp(t)
		truth, set := noon, time.Duration(0)
		carried := map[string][]*feeds.Entry{}
		shown := map[string]time.Time{} // when an outlet's feed truly had an article first
		texts := 0
		for range 150 {
			switch truth = truth.Add(time.Duration(1+r.IntN(15)) * time.Minute); r.IntN(12) {
			case 0: // the clock is set; more than a day wrong is not told from a clock that was wrong before
				step := []time.Duration{time.Minute, time.Hour, 6 * time.Hour, 11 * time.Hour}[r.IntN(4)]
				set = time.Duration(r.Int64N(int64(2*step))) - step
				stepped++
			case 1: // it is put right
				set = 0
			case 2: // the machine sleeps
				truth = truth.Add(time.Duration(r.IntN(9)) * time.Hour)
			}
			n, o := texts, someOutlets[r.IntN(3)].ID
			if texts > 0 && r.IntN(3) > 0 { // a text that there was, perhaps by another outlet
				n = max(0, texts-1-r.IntN(6))
			} else {
				texts++
			}
			if name := fmt.Sprint(o, n); shown[name].IsZero() {
				shown[name] = truth
				e := ownWords(o, n)
				e.Published = feeds.Date{Time: truth.Truncate(time.Second), Raw: "so they say", Element: "pubDate"}
				if r.IntN(3) == 0 { // a lie that agrees with a clock set wrong
					e.Published.Time = e.Published.Time.Add(-time.Duration(r.IntN(12*60)) * time.Minute)
				}
				carried[o] = append(carried[o], e)
			}
			for range 1 + r.IntN(3) { // outlets that are polled now
				truth = truth.Add(time.Duration(r.IntN(90)) * time.Second)
				o := someOutlets[r.IntN(3)].ID
				add(t, s, poll("https://"+o+".example/feed", o, truth.Add(set), carried[o]...))
			}
		}
		for _, story := range all(t, s) {
			for _, m := range story.Members {
				if !m.Seen.After.IsZero() && !m.Seen.After.Before(m.Seen.At) {
					t.Errorf("seed %d: entry %d was seen in (%v, %v]", seed, m.Entry, m.Seen.After, m.Seen.At)
				}
			}
			if len(story.Members) < 2 {
				continue
			}
			judged++
			v := story.Verdict
			if v.Confidence != stories.Certain {
				continue
			}
			certain++
			when := func(outlet, link string) time.Time {
				var n int
				if _, err := fmt.Sscanf(link, "https://"+outlet+".example/news/%d", &n); err != nil {
					t.Fatal(link, err)
				}
				return shown[fmt.Sprint(outlet, n)]
			}
			for _, m := range story.Members { // two minutes back go unnoticed: polls end in some disorder
				if first, other := when(v.Outlet, v.URL), when(m.Outlet, m.Link); first.After(other.Add(2 * time.Minute)) {
					t.Errorf("seed %d: certain of %s at %s, although %s had it at %s: %s", seed, v.Outlet, first.Format(time.DateTime), m.Outlet, other.Format(time.DateTime), v.Reason)
				}
			}
		}
		intact(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if certain < 50 || stepped < 60 {
		t.Errorf("only %d of %d verdicts were certain, the clock was set %d times: the test has lost its subject", certain, judged, stepped)
	}
	t.Logf("%d of %d verdicts were certain; the clock was set %d times", certain, judged, stepped)
}
