package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/stories"
)

// filled is a store of entries that were never edited; some copy others.
func filled(t *testing.T) (*Store, string) {
	t.Helper()
	s, path := openTemp(t)
	for i := range 30 {
		outlet := someOutlets[i%3].ID
		at := noon.Add(time.Duration(i) * time.Hour)
		add(t, s, poll("https://"+outlet+".example/feed", outlet, at, article(outlet, i+2), article(outlet, i+1)))
	}
	return s, path
}

func TestPrunedItemsDoNotReturnAsNew(t *testing.T) {
	s, path := openTemp(t)
	const feed = "https://herald.example/feed"
	old := poll(feed, "herald", noon, article("herald", 1), article("herald", 2))
	add(t, s, running(old))
	later := noon.AddDate(0, 3, 0)
	add(t, s, running(poll(feed, "herald", later, article("herald", 3), article("herald", 2))))
	if got, err := s.Prune(context.Background(), 30*24*time.Hour); err != nil || got != (Pruned{1, 1}) {
		t.Fatal(got, err)
	}
	before := intact(t, s)
	if before.Entries != 2 || before.Gone != 1 {
		t.Fatalf("%+v", before)
	}
	add(t, s, poll(feed, "herald", later.Add(time.Hour), article("herald", 3), article("herald", 2), article("herald", 1)))
	if r := intact(t, s); r.Entries != 2 {
		t.Errorf("%d entries after an old item came back, want 2", r.Entries)
	}
	if r, err := s.Prune(context.Background(), 0); err != nil || r.Entries != 0 {
		t.Errorf("%+v, %v: entries that stand in a feed or in the window are not pruned", r, err)
	}
	want, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	intact(t, s)
	if d, err := s.Digest(); err != nil || d != want {
		t.Error("compacting changed the digest", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	intact(t, openAt(t, path))
}

func TestCompactGivesRoomBack(t *testing.T) {
	s, path := openTemp(t)
	f := newFarm()
	for i := range 40 {
		add(t, s, running(f.poll(i, 0, 30, noon)))
	}
	for i := range 40 {
		add(t, s, running(f.poll(i, 100, 1, noon.AddDate(0, 2, 0))))
	}
	got, err := s.Prune(context.Background(), 30*24*time.Hour)
	if err != nil || got.Entries != 40*30 {
		t.Fatalf("%+v %v", got, err)
	}
	s.fault = func(point string) error {
		if point == "before rename" {
			return errors.New("stop")
		}
		return nil
	}
	if _, _, err := s.Compact(context.Background()); err == nil {
		t.Error("no error")
	}
	s.fault = nil
	intact(t, s)
	before, after, err := s.Compact(context.Background())
	if err != nil || after*3 > before {
		t.Fatalf("%d bytes before, %d after, %v", before, after, err)
	}
	if r := intact(t, s); r.Entries != 40 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(path + ".compact"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the working file is still there: ", err)
	}
	add(t, s, f.poll(1, 101, 1, noon.AddDate(0, 2, 1)))
}

// Without edits, reindexing gives every entry the story that it had.
func TestReindexKeepsStories(t *testing.T) {
	s, _ := filled(t)
	membership := func() map[uint64]uint64 {
		m := map[uint64]uint64{}
		for _, story := range all(t, s) {
			for _, e := range story.Members {
				m[e.Entry] = story.ID
			}
		}
		return m
	}
	want := membership()
	if err := s.Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	intact(t, s)
	if d := cmp.Diff(want, membership()); d != "" {
		t.Error(d)
	}
	digest, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Digest(); err != nil || d != digest {
		t.Error("a second reindex changed something", err)
	}
	add(t, s, poll("https://tribune.example/feed", "tribune", noon.AddDate(0, 0, 1), article("tribune", 500)))
	intact(t, s)
}

// A store whose sketches other rules made is placed anew when it is opened.
func TestChangedRulesReindex(t *testing.T) {
	s, path := filled(t)
	want := len(all(t, s))
	makeStale(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if r := intact(t, s); r.Stories != want {
		t.Errorf("%d stories, %d before", r.Stories, want)
	}
}

// makeStale writes a sketch of other rules.
func makeStale(t *testing.T, s *Store) {
	t.Helper()
	err := s.do(context.Background(), func(b *batch) error {
		k, v := b.sketches.Cursor().First()
		r, err := openSketches(k, v)
		if err != nil {
			return err
		}
		return b.setSketch(r.first(), []byte{stories.Rules + 1})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every field of a feed's state comes back, those that will be added too.
func TestStatesComeBackWhole(t *testing.T) {
	s, path := openTemp(t)
	p := poll("https://herald.example/feed", "herald", noon, article("herald", 1))
	known := p.State.Known
	fill(reflect.ValueOf(&p.State).Elem(), 1)
	p.State.URL, p.State.Known = p.Feed, known
	add(t, s, p)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	states, err := openAt(t, path).States()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p.State, states[p.Feed]); d != "" {
		t.Error(d)
	}
}

// fill sets every field of a value to something.
func fill(v reflect.Value, n int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(noon.Add(time.Duration(n) * time.Second)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n+i)
		}
	case reflect.Float64:
		v.SetFloat(float64(n) / 3)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n+i)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n+i)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint64:
		v.SetUint(uint64(n))
	default:
		v.SetInt(int64(n))
	}
}

func TestChangedIsClosedAtTheNextStory(t *testing.T) {
	s, _ := openTemp(t)
	n, next := s.Changed()
	add(t, s, poll("https://herald.example/feed", "herald", noon))
	select {
	case <-next:
		t.Error("a poll that brought nothing changed a story")
	default:
	}
	add(t, s, poll("https://herald.example/feed", "herald", noon.Add(time.Hour), article("herald", 1)))
	<-next
	if m, _ := s.Changed(); m != n+1 {
		t.Errorf("generation %d after %d", m, n)
	}
}

func TestPagesHoldEveryStoryOnce(t *testing.T) {
	s, _ := filled(t)
	var last stories.Cursor
	seen := map[uint64]bool{}
	for _, story := range all(t, s) {
		if p := story.Position(); !p.Past(last) || seen[story.ID] {
			t.Errorf("story %d at %v after %v", story.ID, p, last)
		} else {
			last = p
		}
		seen[story.ID] = true
	}
	if r := intact(t, s); len(seen) != r.Stories {
		t.Errorf("%d stories in the pages, %d in the store", len(seen), r.Stories)
	}
	q := stories.Query{Since: noon.Add(-5 * time.Minute), Until: noon.Add(time.Minute)}
	got, _, err := s.Stories(q)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, story := range all(t, s) {
		if q.Match(&story) {
			want++
		}
	}
	if len(got) != want || want == 0 {
		t.Errorf("%d stories in that time, want %d", len(got), want)
	}
}

// One change that cannot be made does not spoil those that share its transaction.
func TestOneBadChangeSpoilsNoOther(t *testing.T) {
	s, _ := openTemp(t)
	started, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- s.do(context.Background(), func(*batch) error {
			select {
			case <-started:
			default:
				close(started)
				<-release
			}
			return nil
		})
	}()
	<-started
	// These wait in the queue and join the transaction that is open.
	bad := errors.New("cannot be")
	var answers []*request
	for i := range 3 {
		p := poll("https://herald.example/feed", "herald", noon.Add(time.Duration(i)*time.Hour), article("herald", 10*i+1))
		r := &request{done: make(chan error, 1), change: func(b *batch) error {
			if i == 1 {
				return bad
			}
			return b.apply(&p)
		}}
		s.queue <- r
		answers = append(answers, r)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	for i, r := range answers {
		if err := <-r.done; (i == 1) != errors.Is(err, bad) || i != 1 && err != nil {
			t.Errorf("change %d: %v", i, err)
		}
	}
	if r := intact(t, s); r.Entries != 2 {
		t.Errorf("%d entries, want 2", r.Entries)
	}
}
