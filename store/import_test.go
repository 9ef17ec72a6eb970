package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
)

// What is imported are claims alone; imported again it is nothing new; the feed's
// own poll takes it for what it is, with the feed's date and no edit.
func TestImport(t *testing.T) {
	ctx := context.Background()
	s, path := openTemp(t)
	const feed = "https://herald.example/feed"
	of := func(e *feeds.Entry) Imported { return Imported{feed, "herald", e} }
	export := func() (list []Imported) {
		for n := range 3 {
			e := article("herald", n+1)
			e.Published.Raw = e.Published.Time.Format(time.RFC3339)
			list = append(list, of(e))
		}
		return list
	}
	at := noon.Add(24 * time.Hour)
	ids, fresh, err := s.Import(ctx, export(), at)
	if err != nil || fresh != 3 {
		t.Fatal(ids, fresh, err)
	}
	if d := cmp.Diff([]uint64{1, 2, 3}, ids); d != "" {
		t.Error(d)
	}
	before := digest(t, s)
	if ids, fresh, err = s.Import(ctx, append(export(), export()...), at); err != nil || fresh != 0 || len(ids) != 6 || ids[5] != 3 {
		t.Error(ids, fresh, err)
	}
	if digest(t, s) != before {
		t.Error("importing again changed something")
	}
	for _, st := range all(t, s) {
		if m := st.Members[0]; !m.Seen.After.IsZero() || m.Published.Element != imported || st.Verdict.Confidence == "certain" {
			t.Errorf("%+v", st)
		}
	}
	// The daemon polls the feed for the first time.
	add(t, s, poll(feed, "herald", at.Add(time.Hour), article("herald", 9), article("herald", 2), article("herald", 1)))
	r := intact(t, s)
	if r.Entries != 4 || r.Versions != 0 {
		t.Errorf("%+v", r)
	}
	id, _, _ := s.StoryOf(1)
	st, _, _ := s.Story(id)
	if m := st.Members[0]; len(m.Redated) != 0 || m.Published.Element != "pubDate" {
		t.Errorf("%+v", m)
	}
	// One that the feed has first is not touched by a later import.
	e := article("herald", 9)
	e.Text = "Another wording."
	if _, fresh, err := s.Import(ctx, []Imported{of(e)}, at.Add(2*time.Hour)); err != nil || fresh != 0 {
		t.Error(fresh, err)
	}
	if got, _, _ := s.Entry(4); got.Text == "Another wording." {
		t.Error("an import changed an entry")
	}
	intact(t, s)
	before = digest(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if digest(t, openAt(t, path)) != before {
		t.Error("reopened it says something else")
	}
	if _, _, err := openAt(t, t.TempDir()+"/x.db").Import(ctx, []Imported{{Outlet: "herald"}}, at); err == nil {
		t.Error("no feed, no error")
	}
}
