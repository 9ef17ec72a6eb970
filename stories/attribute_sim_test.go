package stories

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"aggregator/feeds"

	"pgregory.net/rapid"
)

// newsroom is an outlet of the simulation: how it is polled and how its feed
// behaves.
type newsroom struct {
	id       string
	interval time.Duration
	phase    time.Duration
	failing  float64       // share of polls that fail
	down     time.Duration // an outage of its feed begins here
	since    time.Duration // polled since then; before, the feed is an archive
	polls    []look        // those that succeed, in order
}

// look is one successful poll of a simulated feed.
type look struct {
	room   int
	at     time.Time // when it truly was
	told   time.Time // what the poller's clock said
	number uint64    // of the entries that it brings
	// By the store's clock: what told is as it was set last, the latest of any poll
	// before, and the setting.
	now, latest time.Time
	setting     uint64
}

// step is a change of the poller's clock.
type step struct {
	at   time.Duration
	by   time.Duration
	anew bool
}

// steps makes what happens to the poller's clock within three days: mostly
// nothing, else it is set once or twice, by seconds, hours or days, and perhaps back. anew
// says of each whether the machine was started anew meanwhile.
func steps(r *rand.Rand) (out []step) {
	if r.IntN(2) == 0 {
		return nil
	}
	for range 1 + r.IntN(2) {
		by := time.Duration(r.Int64N(int64(10*time.Minute))) - 5*time.Minute
		switch r.IntN(4) {
		case 0, 1:
			by = time.Duration(r.Int64N(int64(6*time.Hour))) - 3*time.Hour
		case 2:
			by = time.Duration(r.Int64N(int64(60*24*time.Hour))) - 30*24*time.Hour
		}
		at := time.Duration(r.Int64N(int64(72 * time.Hour)))
		out = append(out, step{at, by, r.IntN(3) == 0})
		if r.IntN(2) == 0 {
			out = append(out, step{at + time.Duration(r.Int64N(int64(6*time.Hour))), -by, r.IntN(3) == 0})
		}
	}
	return out
}

// replay makes the polls of all newsrooms within four days. In a quarter of the
// worlds the poller's machine sleeps for some hours.
func replay(r *rand.Rand, rooms []newsroom, start time.Time, clock []step) *feeds.Clock {
	asleep, awake := time.Duration(0), time.Duration(0)
	if r.IntN(4) == 0 {
		asleep = time.Duration(r.Int64N(int64(72 * time.Hour)))
		awake = asleep + time.Duration(r.Int64N(int64(12*time.Hour)))
	}
	var all []look
	for i, n := range rooms {
		for at := start.Add(n.phase); at.Sub(start) < 96*time.Hour; at = at.Add(n.interval) {
			gone := at.Sub(start)
			if gone < n.since || gone > n.down && gone < n.down+2*time.Hour || gone > asleep && gone < awake || r.Float64() < n.failing {
				continue
			}
			told := at
			for _, s := range clock {
				if gone >= s.at {
					told = told.Add(s.by)
				}
			}
			all = append(all, look{room: i, at: at, told: told})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at.Before(all[j].at) })
	var latest time.Time
	var kept feeds.Clock
	witnessed := r.IntN(2) == 0 // servers say what time it is
	for i, l := range all {
		l.number = uint64(i + 1)
		ran, off := feeds.Ran{Boot: "0", For: l.at.Sub(start)}, l.told.Sub(l.at)
		for i, s := range clock {
			if s.anew && l.at.Sub(start) >= s.at {
				ran = feeds.Ran{Boot: fmt.Sprint(i + 1), For: l.at.Sub(start) - s.at}
			}
		}
		ran.Right = witnessed && off.Abs() < 2*time.Minute
		l.now, l.latest, _ = kept.Poll(l.told, ran, latest, l.number)
		l.setting = kept.Now()
		_, latest = feeds.Appeared(l.now, time.Time{}, l.latest)
		rooms[l.room].polls = append(rooms[l.room].polls, l)
	}
	return &kept
}

// seen is what the polls of a newsroom tell of an entry that its feed shows from
// shown on.
func (n newsroom) seen(shown time.Time, clock *feeds.Clock) (m Member) {
	i := sort.Search(len(n.polls), func(i int) bool { return !n.polls[i].at.Before(shown) })
	var previous time.Time
	l := n.polls[i]
	if i > 0 {
		previous = n.polls[i-1].now.Add(clock.Of(n.polls[i-1].setting).Ahead - clock.Of(l.setting).Ahead)
	}
	m.Entry = l.number
	m.Seen, _ = feeds.Appeared(l.now, previous, l.latest)
	m.Clock, m.ClockAfter = clock.OfEntry(m.Entry, m.Seen)
	return m
}

// lag is how long a feed takes to show what its site published: usually
// minutes, sometimes hours, as real polling shows.
func lag(r *rand.Rand) time.Duration {
	switch p := r.Float64(); {
	case p < .75:
		return time.Duration(r.Int64N(int64(3 * time.Minute)))
	case p < .95:
		return time.Duration(r.Int64N(int64(30 * time.Minute)))
	}
	return time.Duration(r.Int64N(int64(2 * time.Hour)))
}

// claimedDate is what a feed says of an entry published at published; origin is
// when its text was first published anywhere.
func claimedDate(r *rand.Rand, published, shown, origin time.Time) feeds.Date {
	t := published
	switch p := r.Float64(); {
	case p < .80:
	case p < .84: // dated anew when it went into the feed
		t = shown
	case p < .87: // back-dated
		t = t.Add(-time.Duration(r.Int64N(int64(24 * time.Hour))))
	case p < .90: // stamped ahead
		t = shown.Add(30 * time.Minute)
	case p < .93: // the date of the text that it copies
		t = origin
	case p < .95: // a zone misread
		t = t.Add(time.Duration(r.IntN(11)-5) * time.Hour)
	default:
		return feeds.Date{}
	}
	return feeds.Date{Time: t.Truncate(time.Second)}
}

type tally struct{ right, wrong int }

func (t *tally) String() string {
	return fmt.Sprintf("%d right, %d wrong (%.4f)", t.right, t.wrong, float64(t.right)/float64(max(1, t.right+t.wrong)))
}

// above reports whether more than this share is wrong, by more than the chance
// of a small sample (four standard deviations) explains.
func (t *tally) above(share float64) bool {
	want := share * float64(t.right+t.wrong)
	return float64(t.wrong) > want+4*math.Sqrt(want)
}

// TestSimulatedNewsrooms lets outlets publish at known times, with feeds that
// lag, dates that lie, polls that fail, a poller whose clock is set and whose
// machine sleeps, and footers that sometimes name the wrong one, and counts how
// often a verdict of each confidence is right. What is certain because it was
// observed is wrong through a feed's lag alone, never through the clock.
func TestSimulatedNewsrooms(t *testing.T) {
	byConfidence := map[Confidence]*tally{Certain: {}, Likely: {}, Tie: {}, Unknown: {}}
	byBasis := map[string]*tally{}
	byInterval := map[time.Duration]map[Confidence]*tally{}
	byClock := map[string]map[Confidence]*tally{}
	world := func(seed uint64, interval time.Duration) {
		r := rand.New(rand.NewPCG(seed, 1))
		var rooms []newsroom
		var outlets []feeds.Outlet
		for i := range 2 + r.IntN(6) {
			n := newsroom{id: fmt.Sprintf("o%d", i), interval: interval + time.Duration(r.Int64N(int64(interval)/4)), down: 1000 * time.Hour, failing: r.Float64() * .1}
			n.phase = time.Duration(r.Int64N(int64(n.interval)))
			if r.IntN(10) == 0 {
				n.down = time.Duration(r.Int64N(int64(48 * time.Hour)))
			}
			if r.IntN(10) == 0 {
				n.since = 24 * time.Hour
			}
			rooms = append(rooms, n)
			outlets = append(outlets, feeds.Outlet{ID: n.id, Name: "Outlet " + n.id, Home: "https://" + n.id + "-news.org/"})
		}
		d := NewDirectory(outlets)
		start := noon
		set := steps(r)
		clock := replay(r, rooms, start, set)
		touched := "untouched"
		for _, s := range set {
			if touched = "set by hours at most"; s.by.Abs() > 3*time.Hour {
				touched = "set by days"
				break
			}
		}
		for range 40 {
			origin := start.Add(24*time.Hour + time.Duration(r.Int64N(int64(24*time.Hour))))
			copies := r.IntN(3) > 0
			var members []Member
			first, shownAt := "", map[string]time.Time{}
			for k, i := range r.Perm(len(rooms))[:2+r.IntN(len(rooms)-1)] {
				n := rooms[i]
				published := origin
				if k == 0 {
					first = n.id
				} else {
					d := time.Duration(r.Int64N(int64(20 * time.Minute)))
					if r.IntN(2) == 0 {
						d = time.Duration(r.Int64N(int64(12 * time.Hour)))
					}
					published = origin.Add(time.Second + d)
				}
				shown := published.Add(lag(r))
				m := n.seen(shown, clock)
				m.Outlet, m.Link, m.Published = n.id, "https://"+n.id+"-news.org/a", claimedDate(r, published, shown, origin)
				if copies && k > 0 && r.Float64() < .3 {
					named := first
					if r.Float64() < .01 { // it took the text from another copy
						named = rooms[r.IntN(len(rooms))].id
					}
					m.Stated = []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Outlet " + named, Where: "footer"}}
				}
				members = append(members, m)
				shownAt[n.id] = shown
			}
			// Whatever the clock does, an interval that ended before another began
			// was the earlier one; two minutes back go unnoticed.
			slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Entry, b.Entry) }) // as they arrived
			var steady []*Member
			for i := range members {
				if copies && i > 0 {
					members[i].CopyOf = members[0].Entry
				}
				steady = append(steady, &members[i])
			}
			bySteadyTime(steady)
			for i := range members {
				for j := range members {
					a, b := shownAt[members[i].Outlet], shownAt[members[j].Outlet]
					if steady[i].Seen.Before(steady[j].Seen) && a.After(b.Add(2*time.Minute)) {
						t.Fatalf("seed %d: shown at %v and %v, but seen %v and %v", seed, a, b, members[i].Seen, members[j].Seen)
					}
				}
			}
			v, groups := Attribute(members, d)
			for _, g := range append(groups, Group{Verdict: v}) {
				if problem := tooFirm(g.Verdict); problem != "" {
					t.Fatalf("%s: %+v", problem, g.Verdict)
				}
			}
			if byInterval[interval] == nil {
				byInterval[interval] = map[Confidence]*tally{Certain: {}, Likely: {}, Tie: {}, Unknown: {}}
			}
			if byClock[touched] == nil {
				byClock[touched] = map[Confidence]*tally{Certain: {}, Likely: {}, Tie: {}, Unknown: {}}
			}
			here, there := byInterval[interval][v.Confidence], byClock[touched][v.Confidence]
			c, key := byConfidence[v.Confidence], string(v.Basis)+" "+string(v.Confidence)
			if byBasis[key] == nil {
				byBasis[key] = &tally{}
			}
			if v.Outlet == first {
				c.right++
				here.right++
				there.right++
				byBasis[key].right++
			} else {
				c.wrong++
				here.wrong++
				there.wrong++
				byBasis[key].wrong++
			}
			// What is certain never contradicts the intervals, nor the feeds where
			// it was observed.
			for _, m := range steady {
				if v.Confidence != Certain || v.Entry == 0 || m.Outlet == v.Outlet {
					continue
				}
				won := steady[slices.IndexFunc(steady, func(m *Member) bool { return m.Entry == v.Entry })]
				if v.Basis == Observed && shownAt[v.Outlet].After(shownAt[m.Outlet].Add(2*time.Minute)) {
					t.Fatalf("seed %d: certain of %s, shown at %v, although %s had been shown at %v: %+v", seed, v.Outlet, shownAt[v.Outlet], m.Outlet, shownAt[m.Outlet], v)
				}
				if m.Seen.Before(won.Seen) {
					t.Fatalf("certain of %s although %s was seen before: %+v", v.Outlet, m.Outlet, v)
				}
			}
		}
	}
	intervals := []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour}
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		for i, interval := range intervals {
			world(seed+uint64(i), interval)
			world(seed^0x9e3779b97f4a7c15+uint64(i), interval)
		}
	})
	for _, c := range []Confidence{Certain, Likely, Tie, Unknown} {
		t.Logf("%-8s %v", c, byConfidence[c])
	}
	for k, v := range byBasis {
		t.Logf("  %-18s %v", k, v)
	}
	shares := func(of map[Confidence]*tally) string {
		all := 0
		for _, c := range of {
			all += c.right + c.wrong
		}
		line := fmt.Sprintf("%d stories", all)
		for _, c := range []Confidence{Certain, Likely, Tie, Unknown} {
			n := of[c]
			line += fmt.Sprintf(", %s %.1f %% (right %.2f %%)", c, 100*float64(n.right+n.wrong)/float64(all), 100*float64(n.right)/float64(max(1, n.right+n.wrong)))
		}
		return line
	}
	for _, i := range intervals {
		t.Logf("polled every %v: %s", i, shares(byInterval[i]))
	}
	for k, v := range byClock {
		t.Logf("clock %s: %s", k, shares(v))
	}
	if c := byConfidence[Certain]; c.above(.001) {
		t.Errorf("certain is right in %v, want 99.9 %%", c)
	}
	if c := byConfidence[Likely]; c.above(.05) {
		t.Errorf("likely is right in %v, want 95 %%", c)
	}
}
