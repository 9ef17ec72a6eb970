package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"aggregator/feeds"
	"aggregator/stories"
)

// firsts says for each entry which entry of its story came first.
func firsts(t *testing.T, s *Store) map[uint64]uint64 {
	t.Helper()
	m := map[uint64]uint64{}
	for _, story := range all(t, s) {
		for _, e := range story.Members {
			if m[e.Entry] != 0 {
				t.Errorf("entry %d stands in two stories", e.Entry)
			}
			m[e.Entry] = story.Members[0].Entry
		}
	}
	return m
}

// daily is what one outlet carries on a day: some of it is what another one had.
func daily(outlet, day int) feeds.Poll {
	o := someOutlets[outlet]
	var list []*feeds.Entry
	for n := range 20 {
		e := article(o.ID, 20*day+n)
		if n%3 != 0 { // own words
			e.Title, e.Text = prose(uint64(7000*outlet+20*day+n), 8), prose(uint64(9000*outlet+20*day+n), 60)
			e.Summary = e.Text
		}
		list = append(list, e)
	}
	return poll("https://"+o.ID+".example/feed", o.ID, noon.AddDate(0, 0, day).Add(time.Duration(outlet)*time.Hour), list...)
}

// While a store is reindexed polls are kept and readers see what is intact; in
// the end all is as when nothing had happened meanwhile, and as after reopening.
func TestReindexWhileServing(t *testing.T) {
	defer func(n int) { rebuildStep = n }(rebuildStep)
	rebuildStep = 20
	days := 5
	fill := func(s *Store, from, to int) {
		for d := from; d < to; d++ {
			for o := range someOutlets {
				add(t, s, daily(o, d))
			}
		}
	}
	// A minute's window finds no copies: the stories of old are others.
	path := t.TempDir() + "/store.db"
	narrow, err := Open(path, Options{Outlets: someOutlets, Window: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	fill(narrow, 0, days)
	if err := narrow.Close(); err != nil {
		t.Fatal(err)
	}
	quiet, _ := openTemp(t)
	fill(quiet, 0, days+3)
	if err := quiet.Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := firsts(t, quiet)

	s := openAt(t, path)
	generation, _ := s.Changed()
	started, met, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var reported int64
	ctx := WithProgress(context.Background(), func(done, of int64) {
		if reported == 0 { // it waits between two steps, so that the others do not come too late
			close(started)
			<-met
		}
		if done < reported || done > of {
			t.Errorf("%d of %d done after %d", done, of, reported)
		}
		reported = done
	})
	var work sync.WaitGroup
	work.Go(func() {
		defer close(done)
		if err := s.Reindex(ctx); err != nil {
			t.Error(err)
		}
	})
	work.Go(func() {
		<-started
		if err := s.Reindex(context.Background()); !errors.Is(err, ErrReindexing) {
			t.Error("two at once: ", err)
		}
		fill(s, days, days+1)
		close(met)
		fill(s, days+1, days+3)
	})
	work.Go(func() {
		for open := true; open; {
			select {
			case <-done:
				open = false
			default:
			}
			intact(t, s) // in one transaction: pages of a list may show a story twice
		}
	})
	work.Wait()
	r := intact(t, s)
	if d := cmp.Diff(want, firsts(t, s)); d != "" {
		t.Error(d)
	}
	if g, _ := s.Changed(); g == generation || r.Entries != len(want) {
		t.Errorf("generation %d, %d entries of %d", g, r.Entries, len(want))
	}
	_ = s.view(func(r *reader) error {
		if r.tx.Bucket(bucketRebuild) != nil || r.tx.Bucket(bucketFormer) != nil {
			t.Error("the buckets of the rebuild are still there")
		}
		return nil
	})
	before := digest(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if d := digest(t, s); d != before {
		t.Error("reopened it says something else")
	}
	fill(s, days+3, days+4)
	fill(quiet, days+3, days+4)
	intact(t, quiet)
	intact(t, s)
	if d := cmp.Diff(firsts(t, quiet), firsts(t, s)); d != "" {
		t.Error("polls afterwards: ", d)
	}
}

// An entry that is edited while the store is reindexed is placed with its new
// text, and a story that changed has its newest verdict.
func TestEditWhileReindexing(t *testing.T) {
	s, _ := openTemp(t)
	const herald, courier = "https://herald.example/feed", "https://courier.example/feed"
	add(t, s, poll(herald, "herald", noon, article("herald", 1)))
	add(t, s, poll(courier, "courier", noon, article("courier", 2)))
	r := &rebuild{s: s, index: stories.NewIndex(stories.Options{}), changed: map[uint64]bool{}, met: map[uint64]bool{}, used: bitset{}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	must(s.alone(ctx, r.begin))
	must(s.alone(ctx, func() error { _, err := r.step(10); return err }))
	copied := *article("courier", 2)
	copied.Title, copied.Text, copied.Summary = article("herald", 1).Title, article("herald", 1).Text, article("herald", 1).Text
	add(t, s, poll(courier, "courier", noon.Add(time.Hour), &copied))
	live := firsts(t, s)
	if live[2] != 1 {
		t.Fatalf("the edit made no copy: %v", live)
	}
	must(s.alone(ctx, func() error {
		for left := 1; left > 0; {
			var err error
			if left, err = r.step(10); err != nil {
				return err
			}
		}
		return r.swap(nil)
	}))
	intact(t, s)
	if d := cmp.Diff(live, firsts(t, s)); d != "" {
		t.Error(d)
	}
	// Story 2, which the edit merged into story 1, is reached for ever.
	if st, ok, err := s.Story(2); err != nil || !ok || st.ID != 1 {
		t.Errorf("story 2 is %v %v %v", st.ID, ok, err)
	}
}

// With other rules the daemon serves at once: readers see the old stories, polls
// are kept, and what they brought is shown with the new ones.
func TestServesWhileRulesChange(t *testing.T) {
	s, path := filled(t)
	want := firsts(t, s)
	makeStale(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s, err := Open(path, Options{Outlets: someOutlets, Later: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if stale, err := s.Stale(ctx); err != nil || !stale {
		t.Fatal(stale, err)
	}
	add(t, s, poll("https://tribune.example/feed", "tribune", noon.AddDate(0, 0, 2), article("tribune", 500)))
	if d := cmp.Diff(want, firsts(t, s)); d != "" {
		t.Error("before: ", d)
	}
	if err := s.Reindex(ctx); err != nil {
		t.Fatal(err)
	}
	intact(t, s)
	if got := firsts(t, s); len(got) != len(want)+1 {
		t.Errorf("%d entries, %d before", len(got), len(want))
	}
	if stale, err := s.Stale(ctx); err != nil || stale {
		t.Error("still stale", err)
	}
}

// An interrupted reindex has done nothing, and leaves nothing behind.
func TestInterruptedReindex(t *testing.T) {
	for _, point := range []string{"rebuilt", "swapped"} {
		s, _ := filled(t)
		before := digest(t, s)
		broken := errors.New("the disk broke")
		s.fault = func(at string) error {
			if at == point {
				return broken
			}
			return nil
		}
		if err := s.Reindex(context.Background()); !errors.Is(err, broken) {
			t.Fatal(point, err)
		}
		s.fault = nil
		intact(t, s)
		if digest(t, s) != before {
			t.Error(point, ": something changed")
		}
		if err := s.db.View(func(tx *bbolt.Tx) error {
			if tx.Bucket(bucketRebuild) != nil {
				return errors.New("the buckets of the rebuild are still there")
			}
			return nil
		}); err != nil {
			t.Error(point, err)
		}
		if err := s.Reindex(context.Background()); err != nil {
			t.Error(err)
		}
		intact(t, s)
	}
}
