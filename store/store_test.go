package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
	"aggregator/stories"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var someOutlets = []feeds.Outlet{
	{ID: "herald", Name: "The Herald", Home: "https://herald.example", Language: "en", Category: "north"},
	{ID: "courier", Name: "The Courier", Home: "https://courier.example", Language: "en", Category: "south"},
	{ID: "tribune", Name: "The Tribune", Home: "https://tribune.example", Language: "en", Category: "south"},
}

func openTemp(t testing.TB) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	return openAt(t, path), path
}

// intact fails the test when the store does not verify.
func intact(t testing.TB, s *Store) Report {
	t.Helper()
	r, err := s.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		t.Error(p)
	}
	return r
}

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{Outlets: someOutlets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// prose writes words that are the same for the same seed and, but for a few,
// other words for another one.
func prose(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		for range 2 + r.IntN(3) {
			b.WriteString([]string{"ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "der", "gan", "hol", "mir", "pes", "tan"}[r.IntN(16)])
		}
	}
	return b.String()
}

// article makes an entry of an outlet; the number tells articles apart, and
// articles of one number say the same.
func article(outlet string, n int) *feeds.Entry {
	link := fmt.Sprintf("https://%s.example/news/%d", outlet, n)
	text := prose(uint64(n), 60)
	at := noon.Add(-time.Duration(n) * time.Minute)
	return &feeds.Entry{Outlet: outlet, GUID: fmt.Sprintf("tag:%s,%d", outlet, n), Link: link, Canonical: link[8:], Title: prose(uint64(n)+1<<40, 8),
		Summary: text, Text: text, Published: feeds.Date{Time: at, Raw: at.Format(time.RFC1123Z), Element: "pubDate"}}
}

func item(e *feeds.Entry) feeds.Item {
	return feeds.Item{Raw: xxhash.Sum64String(fmt.Sprintf("%+v", *e)), Entry: e}
}

func poll(feed, outlet string, at time.Time, entries ...*feeds.Entry) feeds.Poll {
	p := feeds.Poll{Feed: feed, Outlet: outlet, At: at, Outcome: feeds.Changed,
		State: feeds.State{URL: feed, ETag: `"` + at.String() + `"`, LastRequest: at, LastObserved: at, Outcome: feeds.Changed, Polls: 1}}
	for _, e := range entries {
		e.Feed = feed
		it := item(e)
		p.Items = append(p.Items, it)
		p.State.Known = append(p.State.Known, it.Raw)
	}
	return p
}

// running gives a poll the reading of a clock that nobody set since noon.
func running(p feeds.Poll) feeds.Poll {
	p.Ran = feeds.Ran{Boot: "one", For: 1000*time.Hour + p.At.Sub(noon)}
	return p
}

func add(t testing.TB, s *Store, p feeds.Poll) {
	t.Helper()
	if err := s.Append(context.Background(), p); err != nil {
		t.Fatal(err)
	}
}

func all(t testing.TB, s *Store) []stories.Story {
	t.Helper()
	var out []stories.Story
	q := stories.Query{Limit: 7}
	for {
		page, next, err := s.Stories(q)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page...)
		if next.IsZero() {
			return out
		}
		q.After = next
	}
}

func entries(list []stories.Story) (n int) {
	for i := range list {
		n += len(list[i].Members)
	}
	return n
}

func TestKeepsEachEntryOnce(t *testing.T) {
	s, path := openTemp(t)
	const feed = "https://herald.example/feed"
	add(t, s, poll(feed, "herald", noon, article("herald", 1), article("herald", 2)))
	add(t, s, poll(feed, "herald", noon.Add(time.Hour), article("herald", 3), article("herald", 1), article("herald", 2)))
	check := func(s *Store) {
		t.Helper()
		if r := intact(t, s); r.Entries != 3 || r.Feeds != 1 {
			t.Errorf("%+v", r)
		}
		if n := entries(all(t, s)); n != 3 {
			t.Fatalf("%d entries, want 3", n)
		}
		e, ok, err := s.Entry(1)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		want := article("herald", 2) // the lower one in the document comes first
		want.Feed = feed
		if d := cmp.Diff(*want, e); d != "" {
			t.Error(d)
		}
		states, err := s.States()
		if err != nil {
			t.Fatal(err)
		}
		if st := states[feed]; len(st.Known) != 3 || !st.LastObserved.Equal(noon.Add(time.Hour)) {
			t.Errorf("state %+v", st)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(openAt(t, path))
}

func TestSeenIsBetweenTwoPollsOfTheFeed(t *testing.T) {
	s, _ := openTemp(t)
	const feed = "https://herald.example/feed"
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	add(t, s, poll(feed, "herald", at(0), article("herald", 1)))
	same := feeds.Poll{Feed: feed, Outlet: "herald", At: at(1), Outcome: feeds.NotModified, State: feeds.State{URL: feed, LastObserved: at(1)}}
	add(t, s, same)
	failed := feeds.Poll{Feed: feed, Outlet: "herald", At: at(2), Outcome: feeds.Failed, State: feeds.State{URL: feed, LastObserved: at(1)}}
	add(t, s, failed)
	add(t, s, poll(feed, "herald", at(3), article("herald", 2), article("herald", 1)))
	want := map[uint64]feeds.Seen{1: {At: at(0)}, 2: {After: at(1), At: at(3)}}
	for _, story := range all(t, s) {
		for _, m := range story.Members {
			if d := cmp.Diff(want[m.Entry], m.Seen); d != "" {
				t.Errorf("entry %d: %s", m.Entry, d)
			}
		}
	}
}

func TestCopiesStandInOneStory(t *testing.T) {
	s, _ := openTemp(t)
	e := article("herald", 5)
	add(t, s, poll("https://herald.example/feed", "herald", noon, article("herald", 1)))
	add(t, s, poll("https://courier.example/feed", "courier", noon, article("courier", 2)))
	add(t, s, poll("https://herald.example/feed", "herald", noon.Add(time.Hour), e))
	c := *e
	c.Outlet, c.GUID, c.Link, c.Canonical = "courier", "x-5", "https://courier.example/x/5", "courier.example/x/5"
	add(t, s, poll("https://courier.example/feed", "courier", noon.Add(2*time.Hour), &c))
	id, ok, err := s.StoryOf(4)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	story, ok, err := s.Story(id)
	if err != nil || !ok || len(story.Members) != 2 {
		t.Fatalf("%+v %v %v", story, ok, err)
	}
	if story.Members[1].CopyOf != story.Members[0].Entry || story.Verdict.Outlet != "herald" {
		t.Errorf("%+v", story)
	}
	if h := story.History; len(h) != 2 || h[1].Verdict.Outlet != story.Verdict.Outlet || h[1].Because != "it was joined by entry 4 of The Courier" {
		t.Errorf("history %+v", story.History)
	}
}
