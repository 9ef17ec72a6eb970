package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
)

// claimed are the publication dates that entry id came with, the first one
// first, and when each was first seen.
func claimed(t *testing.T, s *Store, id uint64) (dates, seen []time.Time) {
	t.Helper()
	err := s.view(func(r *reader) error {
		h, err := r.s.readHead(r.heads, id)
		if err != nil || h == nil {
			t.Fatal(id, h, err)
		}
		dates, seen = append(dates, h.Published.date().Time), append(seen, h.Sightings.seen().At)
		for _, c := range h.Claims {
			dates, seen = append(dates, c.Published.date().Time), append(seen, c.Seen.time())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dates, seen
}

// The date of the first sight stays, and every later claim is kept beside it
// with the poll that saw it: nothing else changes when a feed dates its entries
// anew, whether all of them at every poll or one by an "update now" button.
func TestLaterDatesAreKeptBesideTheFirst(t *testing.T) {
	const feed = "https://herald.example/feed"
	hours := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	dated := func(n int, at time.Time) *feeds.Entry {
		e := article("herald", n)
		e.Published = feeds.Date{Time: at, Raw: at.Format(time.RFC1123Z), Element: "pubDate"}
		return e
	}
	first := article("herald", 1).Published.Time
	for _, c := range []struct {
		name  string
		polls []time.Time // the date that the entry claims at each hourly poll
		dates []int       // the polls whose claims are kept
	}{
		{"never changed", []time.Time{first, first, first}, []int{0}},
		{"dated anew once", []time.Time{first, hours(1), hours(1)}, []int{0, 1}},
		{"and back", []time.Time{first, hours(1), first, hours(1)}, []int{0, 1}},
		{"dated before the first claim", []time.Time{first, hours(-48), hours(2)}, []int{0, 1, 2}},
		{"the date goes away and comes", []time.Time{first, {}, hours(2)}, []int{0, 1, 2}},
		{"no date at first sight", []time.Time{{}, hours(1)}, []int{0, 1}},
		{"in the future", []time.Time{first, hours(9000)}, []int{0, 1}},
		{"the time of each poll", []time.Time{first, hours(1), hours(2), hours(3), hours(4), hours(5), hours(6), hours(7), hours(8), hours(9), hours(10), hours(11)},
			[]int{0, 1, 2, 3, 4, 5, 6, 7, 11}}, // bounded: the latest takes the last place
	} {
		t.Run(c.name, func(t *testing.T) {
			s, path := openTemp(t)
			for i, at := range c.polls {
				one, two := dated(1, at), dated(2, at)
				if at.IsZero() {
					one.Published, two.Published = feeds.Date{}, feeds.Date{}
				}
				add(t, s, poll(feed, "herald", hours(i), one, two))
				if i == len(c.polls)/2 { // a restart loses none of it
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
					s = openAt(t, path)
				}
			}
			if r := intact(t, s); r.Entries != 2 || r.Versions != 0 {
				t.Errorf("%d entries, %d versions; want 2 and 0", r.Entries, r.Versions)
			}
			var want, when []time.Time
			for _, i := range c.dates {
				want, when = append(want, c.polls[i]), append(when, hours(i))
			}
			for id := uint64(1); id <= 2; id++ {
				dates, seen := claimed(t, s, id)
				if d := cmp.Diff(want, dates); d != "" {
					t.Errorf("entry %d: claims: %s", id, d)
				}
				if d := cmp.Diff(when, seen); d != "" {
					t.Errorf("entry %d: seen: %s", id, d)
				}
			}
			for _, story := range all(t, s) {
				for _, m := range story.Members {
					if !m.Published.Time.Equal(c.polls[0]) || !m.Seen.At.Equal(noon) || !m.Seen.After.IsZero() {
						t.Errorf("entry %d is shown with %v, seen %v", m.Entry, m.Published.Time, m.Seen)
					}
				}
				anew, want := 0, min(len(c.dates), maxClaims)-1
				for _, e := range story.Verdict.Evidence {
					if e.Entry == story.Members[0].Entry && strings.HasPrefix(e.Text, "re-dated: at ") {
						anew++
					}
				}
				if anew != want {
					t.Errorf("%d of %d later dates are among the evidence: %+v", anew, want, story.Verdict.Evidence)
				}
				if len(story.History) != 1 {
					t.Errorf("the verdict changed with the dates: %+v", story.History)
				}
			}
		})
	}
}

// An edit keeps the dates that it claims with its version, beside the first.
func TestAnEditWithANewDate(t *testing.T) {
	s, _ := openTemp(t)
	const feed = "https://herald.example/feed"
	e := article("herald", 1)
	add(t, s, poll(feed, "herald", noon, e))
	edited := article("herald", 1)
	edited.Text += " Corrected."
	edited.Published.Time = noon.Add(time.Hour)
	edited.Published.Raw = edited.Published.Time.Format(time.RFC1123Z)
	add(t, s, poll(feed, "herald", noon.Add(2*time.Hour), edited))
	if r := intact(t, s); r.Entries != 1 || r.Versions != 1 {
		t.Errorf("%d entries, %d versions", r.Entries, r.Versions)
	}
	dates, seen := claimed(t, s, 1)
	if d := cmp.Diff([]time.Time{e.Published.Time, edited.Published.Time}, dates); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]time.Time{noon, noon.Add(2 * time.Hour)}, seen); d != "" {
		t.Error(d)
	}
	got, ok, err := s.Entry(1)
	if err != nil || !ok || !got.Published.Time.Equal(edited.Published.Time) || got.Text != edited.Text {
		t.Errorf("%+v %v %v", got, ok, err)
	}
}
