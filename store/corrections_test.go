package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/feeds"
	"aggregator/stories"
)

// one is an article of an outlet; two outlets' ones of a number are a text and its
// copy.
func one(outlet string, n int) *feeds.Entry {
	e := article(outlet, n)
	e.GUID = fmt.Sprint(outlet, n)
	return e
}

// ferryStory is a store with one story of three entries (1 of herald, 2 of courier, 3 of
// tribune) and one story of entry 4.
func ferryStory(t *testing.T) (*Store, string) {
	t.Helper()
	s, path := openTemp(t)
	for i, o := range someOutlets {
		add(t, s, poll("https://"+o.ID+".example/feed", o.ID, noon.Add(time.Duration(i)*time.Hour), one(o.ID, 1)))
	}
	add(t, s, poll("https://herald.example/2", "herald", noon.Add(4*time.Hour), one("herald", 900)))
	stand(t, s, "1: 1 2 3; 2: 4")
	return s, path
}

// stand lists what story holds what entries.
func stand(t *testing.T, s *Store, want string) {
	t.Helper()
	intact(t, s)
	byStory := map[uint64]string{}
	for _, st := range all(t, s) {
		for _, m := range st.Members {
			byStory[st.ID] += fmt.Sprint(" ", m.Entry)
		}
	}
	var got []string
	for id := uint64(1); id < 300; id++ {
		if byStory[id] != "" {
			got = append(got, fmt.Sprintf("%d:%s", id, byStory[id]))
		}
	}
	if g := strings.Join(got, "; "); g != want {
		t.Errorf("stories are %q, want %q", g, want)
	}
}

var said = stories.Word{By: "ada", Why: "another ferry", At: noon.Add(5 * time.Hour)}

// What an editor took out stays out: after reopening, after a reindex, when its text
// comes again, and when a new copy of it comes.
func TestSplitHolds(t *testing.T) {
	ctx := context.Background()
	s, path := ferryStory(t)
	c, err := s.Split(ctx, []uint64{3}, said)
	if err != nil || c.Number != 1 || c.Story != 1 || c.Other != 3 {
		t.Fatalf("%+v %v", c, err)
	}
	stand(t, s, "1: 1 2; 2: 4; 3: 3")
	st, _, err := s.Story(3)
	if err != nil || len(st.Corrections) != 1 || st.Corrections[0].Said.By != "ada" || st.Corrections[0].Said.Why != "another ferry" || !strings.Contains(st.Members[0].Reasons[0], "correction 1") {
		t.Errorf("%+v %v", st, err)
	}
	if st, _, _ = s.Story(1); len(st.Corrections) != 1 {
		t.Errorf("%+v", st)
	}
	edited := one("tribune", 1)
	edited.Text += " And a word more."
	add(t, s, poll("https://tribune.example/feed", "tribune", noon.Add(6*time.Hour), edited))
	stand(t, s, "1: 1 2; 2: 4; 3: 3")
	before := digest(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if digest(t, s) != before {
		t.Error("reopened it says something else")
	}
	if err := s.Reindex(ctx); err != nil {
		t.Fatal(err)
	}
	stand(t, s, "1: 1 2; 2: 4; 3: 3")
	// A copy of both texts joins one story and does not unite the two.
	again := one("courier", 1)
	again.GUID, again.Link, again.Canonical = "x", "https://courier.example/x", "courier.example/x"
	add(t, s, poll("https://courier.example/2", "courier", noon.Add(7*time.Hour), again))
	intact(t, s)
	if a, _, _ := s.StoryOf(1); a != 1 {
		t.Errorf("entry 1 is in story %d", a)
	}
	if b, _, _ := s.StoryOf(3); b != 3 {
		t.Errorf("entry 3 is in story %d", b)
	}
}

// What an editor merged stays one, and redirects; undone, it goes apart again.
func TestMergeHoldsAndUndo(t *testing.T) {
	ctx := context.Background()
	s, path := ferryStory(t)
	c, err := s.Merge(ctx, 2, 1, said)
	if err != nil || c.Story != 1 || c.Other != 2 {
		t.Fatalf("%+v %v", c, err)
	}
	stand(t, s, "1: 1 2 3 4")
	if st, _, _ := s.Story(2); st.ID != 1 || len(st.Corrections) != 1 {
		t.Errorf("%+v", st)
	}
	// Its own words changed, it stays all the same: the editor placed it here.
	edited := one("herald", 950)
	edited.GUID, edited.Link, edited.Canonical = one("herald", 900).GUID, one("herald", 900).Link, one("herald", 900).Canonical
	add(t, s, poll("https://herald.example/2", "herald", noon.Add(6*time.Hour), edited))
	stand(t, s, "1: 1 2 3 4")
	if err := s.Reindex(ctx); err != nil {
		t.Fatal(err)
	}
	stand(t, s, "1: 1 2 3 4")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	undone, err := s.Undo(ctx, 1, stories.Word{By: "bob", Why: "no", At: noon.Add(7 * time.Hour)})
	if err != nil || undone.Undone == nil || undone.Undone.By != "bob" || undone.Said.By != "ada" {
		t.Fatalf("%+v %v", undone, err)
	}
	stand(t, s, "1: 1 2 3; 3: 4")
	if st, _, _ := s.Story(2); st.ID != 1 {
		t.Error("a number that redirects leads elsewhere")
	}
	if err := s.Reindex(ctx); err != nil {
		t.Fatal(err)
	}
	stand(t, s, "1: 1 2 3; 3: 4")
	if d := cmp.Diff(1, len(s.Corrections())); d != "" {
		t.Error("what was undone is off the record")
	}
	// A split comes back when it is undone.
	if _, err := s.Split(ctx, []uint64{2, 3}, said); err != nil {
		t.Fatal(err)
	}
	stand(t, s, "1: 1; 3: 4; 4: 2 3")
	if _, err := s.Undo(ctx, 2, said); err != nil {
		t.Fatal(err)
	}
	stand(t, s, "1: 1 2 3; 3: 4")
}

func TestCorrectionsThatCannotBe(t *testing.T) {
	ctx := context.Background()
	s, _ := ferryStory(t)
	if _, err := s.Split(ctx, []uint64{3}, said); err != nil {
		t.Fatal(err)
	}
	before := digest(t, s)
	for want, try := range map[string]func() error{
		"no entries are named":     func() error { _, err := s.Split(ctx, nil, said); return err },
		"there is no entry 99":     func() error { _, err := s.Split(ctx, []uint64{99}, said); return err },
		"nothing would be left":    func() error { _, err := s.Split(ctx, []uint64{4}, said); return err },
		"take out what is in one":  func() error { _, err := s.Split(ctx, []uint64{1, 4}, said); return err },
		"is one story already":     func() error { _, err := s.Merge(ctx, 1, 1, said); return err },
		"there is no story 99":     func() error { _, err := s.Merge(ctx, 1, 99, said); return err },
		"there is no correction 9": func() error { _, err := s.Undo(ctx, 9, said); return err },
	} {
		var cannot stories.ErrCorrection
		if err := try(); !errors.As(err, &cannot) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if digest(t, s) != before {
		t.Error("what failed changed something")
	}
	if _, err := s.Undo(ctx, 1, said); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(ctx, 1, said); err == nil || !strings.Contains(err.Error(), "undone already") {
		t.Error(err)
	}
}

// An entry whose text is replaced leaves the story when it no longer belongs.
func TestReplacedTextLeavesItsStory(t *testing.T) {
	s, _ := ferryStory(t)
	other := one("courier", 700)
	same := one("courier", 1)
	other.GUID, other.Link, other.Canonical = same.GUID, same.Link, same.Canonical
	add(t, s, poll("https://courier.example/feed", "courier", noon.Add(6*time.Hour), other))
	stand(t, s, "1: 1 3; 2: 4; 3: 2")
}
