package store

import (
	"context"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
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

// What was seen under a clock that was wrong is shown with the right times as soon as they
// are known: of a clock that servers found right before it was set at once, of one that the
// machine was started with when it is put right and servers say so. Where stories stand in
// the list does not change by that, and its pages hold each of them once.
func TestReadersSeeRightTimes(t *testing.T) {
	const hour = time.Hour
	s, _ := openTemp(t)
	n := 0
	tell := func(at time.Duration, boot string, ran time.Duration, right bool) {
		t.Helper()
		n++
		e := article("herald", n)
		e.Published = feeds.Date{}
		p := poll("https://herald.example/feed", "herald", noon.Add(at), e)
		p.Ran = feeds.Ran{Boot: boot, For: 100*hour + ran, Right: right}
		add(t, s, p)
	}
	check := func(what string, entry uint64, after, at time.Duration) {
		t.Helper()
		id, _, err := s.StoryOf(entry)
		if err != nil {
			t.Fatal(err)
		}
		story, _, err := s.Story(id)
		if err != nil {
			t.Fatal(err)
		}
		want := feeds.Seen{After: noon.Add(after), At: noon.Add(at)}
		if got := story.Members[0].Seen; got != want || story.Verdict.At != want.At || story.Verdict.After != want.After || !story.Created.Equal(want.At) || !story.History[0].At.Equal(want.At) {
			t.Errorf("%s: seen in (%v, %v] and published in (%v, %v], created at %v, want (%v, %v]", what,
				got.After.Sub(noon), got.At.Sub(noon), story.Verdict.After.Sub(noon), story.Verdict.At.Sub(noon), story.Created.Sub(noon), after, at)
		}
	}
	tell(0, "a", 0, true)
	tell(hour, "a", hour, true)
	check("right", 2, 0, hour)
	tell(722*hour, "a", 2*hour, false)
	check("set a month ahead", 3, hour, 2*hour)
	tell(723*hour, "a", 3*hour, false)
	check("and an hour later", 4, 2*hour, 3*hour)
	tell(-716*hour, "b", 0, false)
	tell(-715*hour, "b", hour, false)
	check("started a month behind: nobody knows", 6, -716*hour, -715*hour)
	tell(6*hour, "b", 2*hour, true)
	check("put right", 7, 5*hour, 6*hour)
	check("and so is what was seen before that", 6, 4*hour, 5*hour)
	met := map[uint64]bool{}
	for q := (stories.Query{Limit: 1}); ; {
		list, next, err := s.Stories(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, story := range list {
			if met[story.ID] {
				t.Errorf("story %d is on two pages", story.ID)
			}
			met[story.ID] = true
		}
		if q.After = next; next.IsZero() {
			break
		}
	}
	if len(met) != n {
		t.Errorf("%d stories of %d are on a page", len(met), n)
	}
	intact(t, s)
}
