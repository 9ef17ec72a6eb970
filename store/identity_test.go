package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
)

// variant is article n under another guid or link.
func variant(n int, change func(e *feeds.Entry)) *feeds.Entry {
	e := article("herald", n)
	change(e)
	return e
}

func linked(to string) func(*feeds.Entry) {
	return func(e *feeds.Entry) { e.Link, e.Canonical = "https://"+to, to }
}

func guid(g string) func(*feeds.Entry) { return func(e *feeds.Entry) { e.GUID = g } }

func bare(e *feeds.Entry) { e.GUID, e.Link, e.Canonical = "", "", "" }

func both(fs ...func(*feeds.Entry)) func(*feeds.Entry) {
	return func(e *feeds.Entry) {
		for _, f := range fs {
			f(e)
		}
	}
}

func TestIdentity(t *testing.T) {
	type doc struct {
		feed  string
		items []*feeds.Entry
	}
	one := func(e ...*feeds.Entry) doc { return doc{"https://herald.example/feed", e} }
	two := func(e ...*feeds.Entry) doc { return doc{"https://herald.example/sport", e} }
	same := func(fs ...func(*feeds.Entry)) *feeds.Entry { return variant(1, both(fs...)) }
	other := func(n int, fs ...func(*feeds.Entry)) *feeds.Entry { return variant(n, both(fs...)) }
	days := func(n int) func(*feeds.Entry) {
		return func(e *feeds.Entry) {
			e.Published.Time = e.Published.Time.AddDate(0, 0, n)
			e.Published.Raw = e.Published.Time.Format(time.RFC1123Z)
		}
	}
	for _, c := range []struct {
		name string
		docs []doc
		want int
	}{
		{"the same article in two section feeds", []doc{one(same()), two(same())}, 1},
		{"another guid in each section feed", []doc{one(same(guid("a-1"))), two(same(guid("b-1")))}, 1},
		{"the guid changes, the link stays", []doc{one(same()), one(same(guid("tag:other")))}, 1},
		{"the link changes, the guid stays", []doc{one(same()), one(same(linked("herald.example/better-slug")))}, 1},
		{"first the one, then the other", []doc{one(same()), one(same(guid("x"))), one(same(guid("x"), linked("herald.example/z")))}, 1},
		{"an edited headline", []doc{one(same()), one(same(func(e *feeds.Entry) { e.Title = prose(99, 6) }))}, 1},
		{"a guid that is new on each fetch", []doc{one(same(guid("r-1"))), one(same(guid("r-2"))), one(same(guid("r-3")))}, 1},
		{"a guid that is new on each fetch, and no link", []doc{one(same(bare, guid("r-1"))), one(same(bare, guid("r-2")))}, 1},
		{"one guid for all", []doc{one(same(guid("0")), other(2, guid("0"))), one(other(3, guid("0")), same(guid("0")), other(2, guid("0")))}, 3},
		{"one guid for all, one item at a time", []doc{one(same(guid("0"))), one(other(2, guid("0"), days(3))), one(other(3, guid("0"), days(6)))}, 3},
		{"one link for all", []doc{one(same(linked("herald.example/list")), other(2, linked("herald.example/list")))}, 2},
		{"the front page as link of all", []doc{one(same(linked("herald.example"))), one(other(2, linked("herald.example")))}, 2},
		{"one guid and one link for all", []doc{one(same(guid("0"), linked("h.example/l")), other(2, guid("0"), linked("h.example/l"))), one(other(3, guid("0"), linked("h.example/l")), same(guid("0"), linked("h.example/l")))}, 3},
		{"no guid, no link", []doc{one(same(bare), other(2, bare)), one(other(2, bare), same(bare))}, 2},
		{"an item twice in a document", []doc{one(same(), same())}, 1},
		{"an item twice under two guids", []doc{one(same(guid("a")), same(guid("b")))}, 1},
		{"counters that two feeds share", []doc{one(same(guid("17"))), two(other(2, guid("17")))}, 2},
		{"a live page with another story each day", []doc{one(same(guid(""), linked("herald.example/live"))), one(other(2, guid(""), linked("herald.example/live"), days(3)))}, 2},
		{"the same, edited the next day", []doc{one(same(guid(""), linked("herald.example/live"))), one(other(2, guid(""), linked("herald.example/live"), days(3))),
			one(other(2, guid(""), linked("herald.example/live"), days(3), func(e *feeds.Entry) { e.Text += " more" }))}, 2},
		{"two outlets, one guid", []doc{one(same()), {"https://courier.example/feed", []*feeds.Entry{same()}}}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := openTemp(t)
			// Twice: nothing is new the second time, whatever came in between.
			for round := range 2 {
				for i, d := range c.docs {
					outlet := "herald"
					if d.feed == "https://courier.example/feed" {
						outlet = "courier"
					}
					at := noon.Add(time.Duration(round*len(c.docs)+i) * time.Hour)
					add(t, s, poll(d.feed, outlet, at, d.items...))
				}
				if n := intact(t, s).Entries; n != c.want {
					t.Fatalf("round %d: %d entries, want %d", round+1, n, c.want)
				}
			}
		})
	}
}

// Any interleaving of polls of two outlets' feeds keeps each article once.
func TestEveryArticleIsKeptOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "store")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "s.db")
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		delivered := map[string]bool{}
		at := noon
		for range rapid.IntRange(1, 15).Draw(t, "polls") {
			outlet := rapid.SampledFrom([]string{"herald", "courier"}).Draw(t, "outlet")
			feed := fmt.Sprintf("https://%s.example/%d", outlet, rapid.IntRange(1, 2).Draw(t, "feed"))
			at = at.Add(time.Duration(rapid.IntRange(-90, 600).Draw(t, "minutes")) * time.Minute)
			p := feeds.Poll{Feed: feed, Outlet: outlet, At: at, Outcome: feeds.Changed, State: feeds.State{URL: feed, LastObserved: at}}
			states, err := s.States()
			if err != nil {
				t.Fatal(err)
			}
			known := map[uint64]bool{}
			for _, raw := range states[feed].Known {
				known[raw] = true
			}
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 0, 6, rapid.ID[int]).Draw(t, "articles") {
				e := article(outlet, n)
				// An article may change its guid or its link, not both at once: what
				// came first is how it is known.
				change := rapid.IntRange(0, 5).Draw(t, "change")
				if !delivered[fmt.Sprint(outlet, n)] {
					change = 5
				}
				switch change {
				case 0:
					e.GUID = fmt.Sprintf("other-%d-%d", n, rapid.IntRange(1, 20).Draw(t, "guid"))
				case 1:
					e.Link += "?x=1"
					e.Canonical += "/moved"
				case 2:
					e.Text += fmt.Sprintf(" Updated %d.", rapid.IntRange(1, 3).Draw(t, "edit"))
				}
				delivered[fmt.Sprint(outlet, n)] = true
				e.Feed = feed
				it := item(e)
				if known[it.Raw] {
					it.Entry = nil
				}
				p.Items = append(p.Items, it)
			}
			if err := s.Append(context.Background(), p); err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = Open(path, Options{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		r, err := s.Verify(context.Background())
		if err != nil || !r.OK() {
			t.Fatal(r.Problems, err)
		}
		if r.Entries != len(delivered) {
			t.Fatalf("%d entries for %d articles", r.Entries, len(delivered))
		}
		for id := range uint64(r.Entries) {
			if _, ok, err := s.Entry(id + 1); !ok || err != nil {
				t.Fatal(id+1, ok, err)
			}
		}
	})
}
