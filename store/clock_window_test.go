package store

import (
	"context"
	"testing"
	"time"

	"aggregator/feeds"
)

// What leaves the window, and what retention removes, goes by time that went by, not by what
// the clock shows: set days ahead, or started so, it has nothing forgotten, and the time that
// the machine was off counts when servers tell of it. A reindex places as polls did.
func TestNothingLeavesBecauseTheClockWasSet(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	type reading struct {
		at    time.Duration // after noon, by the wall clock
		boot  string
		ran   time.Duration
		right bool
	}
	for _, c := range []struct {
		name   string
		polls  []reading // by the last one another outlet has the text
		joins  bool      // it is in the window still
		pruned bool      // by a retention of 14 days
	}{
		{"two days", []reading{{2 * day, "a", 2 * day, false}}, true, false},
		{"more than the window", []reading{{9 * day, "a", 9 * day, false}}, false, false},
		{"more than the retention", []reading{{20 * day, "a", 20 * day, false}}, false, true},
		{"set a month ahead for a while", []reading{{30 * day, "a", 3 * hour, false}, {31 * day, "a", 27 * hour, false}, {2 * day, "a", 2 * day, false}}, true, false},
		{"set a month ahead to stay", []reading{{30 * day, "a", 3 * hour, false}, {31 * day, "a", 27 * hour, false}}, true, false},
		{"set a month back for a while", []reading{{-30 * day, "a", 3 * hour, false}, {2 * day, "a", 2 * day, false}}, true, false},
		{"set a month back, and then more than the window", []reading{{-30 * day, "a", 3 * hour, false}, {-21 * day, "a", 9*day + 3*hour, false}}, false, false},
		{"started a month ahead", []reading{{30 * day, "b", 0, false}, {31 * day, "b", day, false}}, true, false},
		{"started a month ahead, and put right", []reading{{30 * day, "b", 0, false}, {2 * day, "b", 2 * hour, true}}, true, false},
		{"off for twenty days, and servers tell the time", []reading{{20 * day, "b", 0, true}}, false, true},
		{"off for twenty days, with a clock that stood still meanwhile", []reading{{2 * hour, "b", 0, false}, {20 * day, "b", hour, true}}, false, true},
		{"off for twenty days, and nobody tells the time", []reading{{20 * day, "b", 0, false}}, true, false},
		{"off for ten hours each day, and nobody tells the time", []reading{{day, "b", 10 * hour, false}, {2 * day, "c", 10 * hour, false},
			{3 * day, "d", 10 * hour, false}, {4 * day, "e", 10 * hour, false}, {5 * day, "f", 10 * hour, false}, {6 * day, "g", 10 * hour, false},
			{7 * day, "h", 10 * hour, false}, {8 * day, "i", 10 * hour, false}}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, path := openTemp(t)
			tell := func(outlet string, r reading, entries ...*feeds.Entry) {
				p := poll("https://"+outlet+".example/feed", outlet, noon.Add(r.at), entries...)
				p.Ran = feeds.Ran{Boot: r.boot, For: 100*hour + r.ran, Right: r.right}
				add(t, s, p)
				if _, err := s.Retain(context.Background(), Retention{Age: 14 * day}); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = openAt(t, path)
			}
			tell("herald", reading{0, "a", 0, true}, article("herald", 1), article("herald", 2))
			tell("herald", reading{hour, "a", hour, true}, article("herald", 3)) // the others are gone
			last := len(c.polls) - 1
			for i, r := range c.polls[:last] {
				tell("tribune", r, article("tribune", 10+i))
			}
			tell("courier", c.polls[last], article("courier", 1))
			check := func() {
				t.Helper()
				joined := false
				for _, story := range all(t, s) {
					joined = joined || story.Outlets() > 1
				}
				if joined != c.joins {
					t.Errorf("the text in two outlets is one story: %v", joined)
				}
			}
			check()
			if r := intact(t, s); (r.Gone > 0) != c.pruned {
				t.Errorf("%d entries were pruned", r.Gone)
			}
			if err := s.Reindex(context.Background()); err != nil {
				t.Fatal(err)
			}
			check()
		})
	}
}

// An edit that was kept by a clock a month ahead does not have those of a month dropped when
// the clock is right again.
func TestEditsAfterTheClockWasAhead(t *testing.T) {
	s, _ := openTemp(t)
	at := noon
	edit := func(text string, at time.Time) string {
		e := article("herald", 1)
		e.Text, e.Summary = text, text
		p := poll("https://herald.example/feed", "herald", at, e)
		p.Ran = feeds.Ran{Boot: "a", For: at.Sub(noon) + 100*time.Hour}
		if at.After(noon.AddDate(0, 0, 20)) {
			p.Ran.For -= 30 * 24 * time.Hour
		}
		add(t, s, p)
		got, _, err := s.Entry(1)
		if err != nil {
			t.Fatal(err)
		}
		return got.Text
	}
	for i := range maxVersions + 1 {
		at = at.Add(time.Hour)
		edit(prose(uint64(i), 60), at)
	}
	for _, c := range []struct {
		after time.Duration
		kept  bool
	}{{time.Hour, false}, {30*24*time.Hour + 2*time.Hour, true}, {3 * time.Hour, true}, {4 * time.Hour, false}, {28 * time.Hour, true}} {
		text := prose(uint64(c.after), 60)
		if got := edit(text, at.Add(c.after)); (got == text) != c.kept {
			t.Errorf("the edit %v after the last: kept is not %v", c.after, c.kept)
		}
	}
	intact(t, s)
}
