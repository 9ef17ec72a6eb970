package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
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

// rig is a machine that polls: its clock is set, it sleeps, and is started anew, whereupon the
// store's file is opened again.
type rig struct {
	r      *rand.Rand
	truth  time.Time
	set    time.Duration // how far the wall clock is ahead of the truth
	boot   int
	began  time.Time // the boot
	sound  bool      // nobody sets the clock
	tells  bool      // polls carry the running clock
	asks   bool      // and whether servers say that the wall clock is right
	since  int       // polls since it was set
	worst  time.Duration
	times  int // that it was set
	booted int
}

// happens is what happens to the machine before the next polls, if anything does.
func (g *rig) happens() {
	step := func() time.Duration {
		by := []time.Duration{10 * time.Minute, time.Hour, 11 * time.Hour, g.worst}[g.r.IntN(4)]
		return time.Duration(g.r.Int64N(int64(2*by))) - by
	}
	was := g.set
	switch g.truth = g.truth.Add(time.Duration(1+g.r.IntN(15)) * time.Minute); g.r.IntN(12) {
	case 0:
		if !g.sound {
			g.set = step()
		}
	case 1: // it is put right
		g.set = 0
	case 2: // the machine sleeps
		g.truth = g.truth.Add(time.Duration(g.r.IntN(9)) * time.Hour)
	case 3:
		if !g.tells && !g.sound {
			break
		}
		stopped := g.truth
		g.truth = g.truth.Add(time.Duration(g.r.IntN(9*60)) * time.Minute)
		g.boot, g.began, g.booted = g.boot+1, g.truth.Add(-time.Minute), g.booted+1
		if g.sound {
			break
		}
		switch g.r.IntN(3) {
		case 0: // with its clock wrong
			g.set = step()
		case 1: // without a clock: it goes on where it stopped
			g.set -= g.truth.Sub(stopped)
		}
	}
	if g.set != was {
		g.times, g.since = g.times+1, 0
	}
}

// reads is what the machine's clocks show.
func (g *rig) reads() (at time.Time, ran feeds.Ran) {
	g.since++
	at = g.truth.Add(g.set)
	if g.tells {
		ran = feeds.Ran{Boot: fmt.Sprint(g.boot), For: g.truth.Sub(g.began), Right: g.asks && g.since > 2 && g.set.Abs() < 2*time.Minute}
	}
	return at, ran
}

// run has outlets publish and the machine poll them through a store, and counts verdicts
// about several outlets: wrong are those that are certain of an outlet whose feed truly
// showed the text after another's did.
func (g *rig) run(t *testing.T, seed uint64) (judged, certain, wrong int) {
	g.r = rand.New(rand.NewPCG(seed, 11))
	g.truth, g.began = noon, noon.Add(-time.Hour)
	s, path := openTemp(t)
	carried := map[string][]*feeds.Entry{}
	shown := map[string]time.Time{} // when an outlet's feed truly had an article first
	var late []func()               // polls that wait to be kept
	texts := 0
	for range 150 {
		booted := g.booted
		if g.happens(); g.booted > booted {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openAt(t, path)
		}
		n, o := texts, someOutlets[g.r.IntN(3)].ID
		if texts > 0 && g.r.IntN(3) > 0 { // a text that there was, perhaps by another outlet
			n = max(0, texts-1-g.r.IntN(6))
		} else {
			texts++
		}
		if name := fmt.Sprint(o, n); shown[name].IsZero() {
			shown[name] = g.truth
			e := ownWords(o, n)
			e.Published = feeds.Date{Time: g.truth.Truncate(time.Second), Raw: "so they say", Element: "pubDate"}
			if g.r.IntN(3) == 0 { // a lie that agrees with a clock set wrong
				e.Published.Time = e.Published.Time.Add(-time.Duration(g.r.IntN(12*60)) * time.Minute)
				if g.r.IntN(3) == 0 {
					e.Published.Time = g.truth.Add(g.set).Truncate(time.Second)
				}
			}
			carried[o] = append(carried[o], e)
		}
		for range 1 + g.r.IntN(3) { // outlets that are polled now
			g.truth = g.truth.Add(time.Duration(g.r.IntN(90)) * time.Second)
			o := someOutlets[g.r.IntN(3)].ID
			at, ran := g.reads()
			p := poll("https://"+o+".example/feed", o, at, carried[o]...)
			p.Ran = ran
			if g.tells && !g.sound && g.r.IntN(20) == 0 {
				late = append(late, func() { add(t, s, p) })
				continue
			}
			add(t, s, p)
		}
		if len(late) > 0 && g.r.IntN(4) == 0 {
			for _, keep := range late {
				keep()
			}
			late = nil
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
				wrong++
				t.Errorf("seed %d: certain of %s at %s, although %s had it at %s: %s", seed, v.Outlet, first.Format(time.DateTime), m.Outlet, other.Format(time.DateTime), v.Reason)
				break
			}
		}
	}
	intact(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return judged, certain, wrong
}

// Whatever the poller's clock does (it is set back and forward by minutes to a month, while
// the program runs or between two runs, and the machine sleeps and is started anew with a
// clock that is right, wrong, or was not running), no interval that the store keeps is
// negative, and no verdict is certain of an outlet whose feed truly showed the text after
// another's did, though a third of the dates are claimed too early, and polls come to be
// kept late. Where the wall clock alone is known, it is set while the program runs. The polls
// go through the store, and the verdicts are those that readers are given.
func TestClockStepsMakeNothingWronglyCertain(t *testing.T) {
	worlds := uint64(5)
	if testing.Short() {
		worlds = 2
	}
	if n, _ := strconv.Atoi(os.Getenv("AGGREGATOR_CLOCKS")); n > 0 {
		worlds = uint64(n)
	}
	for _, c := range []struct {
		name  string
		worst time.Duration
		g     rig
		least int // certain, of a hundred
	}{
		{"hours, by the wall clock alone", 11 * time.Hour, rig{}, 15},
		{"three days, by the wall clock alone", 72 * time.Hour, rig{}, 15},
		{"three days", 72 * time.Hour, rig{tells: true}, 20},
		{"thirty days", 30 * 24 * time.Hour, rig{tells: true}, 20},
		{"thirty days, and servers that tell the time", 30 * 24 * time.Hour, rig{tells: true, asks: true}, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			judged, certain, wrong, times, booted := 0, 0, 0, 0, 0
			for seed := range worlds {
				g := c.g
				g.worst = c.worst
				j, n, bad := g.run(t, seed)
				judged, certain, wrong, times, booted = judged+j, certain+n, wrong+bad, times+g.times, booted+g.booted
			}
			if 100*certain < c.least*judged || judged < 10*int(worlds) || times < 5*int(worlds) {
				t.Errorf("only %d of %d verdicts were certain, the clock was set %d times: the test has lost its subject", certain, judged, times)
			}
			t.Logf("%d of %d verdicts were certain, %d of them wrong; the clock was set %d times, the machine started anew %d times", certain, judged, wrong, times, booted)
		})
	}
}

// Where nobody sets the clock, as much is certain as if it were trusted blindly, however
// often the machine is started anew, when servers tell the time. Without them, as much is
// certain as the machine's running alone shows: here it is started anew every few hours.
func TestACalmClockCostsNoCertainty(t *testing.T) {
	counts, worlds := map[string]int{}, 4
	if testing.Short() {
		worlds = 2
	}
	for name, g := range map[string]rig{
		"trusted blindly": {sound: true}, "witnessed": {sound: true, tells: true, asks: true}, "alone": {sound: true, tells: true},
	} {
		judged, booted := 0, 0
		for seed := range uint64(worlds) {
			g.worst = time.Hour
			rig := g
			j, n, _ := rig.run(t, seed)
			judged, counts[name], booted = judged+j, counts[name]+n, booted+rig.booted
		}
		t.Logf("%s: %d of %d verdicts were certain; the machine was started anew %d times", name, counts[name], judged, booted)
	}
	if counts["witnessed"] != counts["trusted blindly"] || counts["trusted blindly"] < 7*worlds {
		t.Error("as many should be certain with a clock that servers find right as with one that is trusted")
	}
	if 2*counts["alone"] < counts["trusted blindly"] {
		t.Error("restarts cost more than half of what is certain")
	}
}

// An interval is by the clock as it was set at its end, over a restart of the program, too,
// and whatever an earlier version of it wrote.
func TestSeenAcrossSettingsOfTheClock(t *testing.T) {
	const hour = time.Hour
	s, path := openTemp(t)
	feed, n := "https://herald.example/feed", 0
	var carried []*feeds.Entry
	for _, c := range []struct {
		what      string
		at        time.Duration // after noon, by the wall clock
		boot      string
		ran       time.Duration
		after, to time.Duration // the interval of what is new; to 0: as at
	}{
		{"the first poll, by an earlier version", 0, "", 0, never, 0},
		{"and the next", hour, "", 0, 0, 0},
		{"now the running clock is known", 2 * hour, "a", 9 * hour, hour, 0},
		{"as set", 3 * hour, "a", 10 * hour, 2 * hour, 0},
		{"set forward by three days", 76 * hour, "a", 11 * hour, 75 * hour, 0},
		{"put right, but for ten minutes", 5*hour - 10*time.Minute, "a", 12 * hour, 4*hour - 10*time.Minute, 0},
		{"a poll that started before, and waited", 75*hour + 30*time.Minute, "a", 10*hour + 30*time.Minute, never, 5*hour - 10*time.Minute + time.Microsecond},
		{"the machine was off, and has the setting by which that was shortest", 7*hour - 10*time.Minute, "b", hour, 3*hour + 30*time.Minute, 0},
		{"and again, and has its clock a week back, so that no time went by", 8*hour - 168*hour, "c", 0, -160*hour - time.Microsecond, 0},
	} {
		n++
		carried = append(carried, article("herald", n))
		p := poll(feed, "herald", noon.Add(c.at), carried...)
		p.Ran = feeds.Ran{Boot: c.boot, For: c.ran}
		add(t, s, p)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, path)
		want := feeds.Seen{At: noon.Add(c.at)}
		if c.to != 0 {
			want.At = noon.Add(c.to)
		}
		if c.after != never {
			want.After = noon.Add(c.after)
		}
		found := false
		for _, story := range all(t, s) {
			for _, m := range story.Members {
				if m.Entry == uint64(n) {
					found = true
					if m.Seen != want {
						t.Errorf("%s: seen in (%v, %v], want (%v, %v]", c.what, m.Seen.After.Sub(noon), m.Seen.At.Sub(noon), want.After.Sub(noon), want.At.Sub(noon))
					}
				}
			}
		}
		if !found {
			t.Errorf("%s: entry %d is gone", c.what, n)
		}
	}
	intact(t, s)
}

const never = time.Duration(-1 << 62)
