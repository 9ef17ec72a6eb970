package store

import (
	"context"
	"reflect"
	"testing"
	"time"

	"aggregator/stories"
)

func newsOf(t *testing.T, s *Store, after uint64) []stories.News {
	t.Helper()
	list, latest, err := s.News(after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > 0 && list[len(list)-1].Seq != latest {
		t.Errorf("the latest is %d, listed up to %d", latest, list[len(list)-1].Seq)
	}
	return list
}

// What came about in a story is kept with it: a further outlet, a copy, another
// verdict. What one outlet alone does is no news, nor is a poll that brings
// nothing, nor placing old entries anew.
func TestNewsAreKeptWithWhatTheyTell(t *testing.T) {
	s, path := openTemp(t)
	feed := func(outlet string, at time.Duration, n ...int) {
		var list []int
		p := poll("https://"+outlet+".example/feed", outlet, noon.Add(at))
		for _, n := range append(list, n...) {
			p.Items = append(p.Items, item(article(outlet, n)))
		}
		add(t, s, p)
	}
	feed("herald", 0)
	feed("courier", 0)
	feed("herald", time.Minute, 1)
	if n := newsOf(t, s, 0); len(n) != 0 {
		t.Fatalf("a story of one outlet is news: %+v", n)
	}
	feed("courier", time.Hour, 1)
	feed("courier", 2*time.Hour, 1)
	first := newsOf(t, s, 0)
	if len(first) != 1 || first[0].Before != 1 || first[0].Now != 2 || len(first[0].Copies) != 1 || !first[0].At.Equal(noon.Add(time.Hour)) {
		t.Fatalf("the copy of another outlet: %+v", first)
	}
	feed("tribune", 2*time.Hour, 1)
	second := newsOf(t, s, first[0].Seq)
	if len(second) != 1 || second[0].Now != 3 || second[0].Story != first[0].Story || len(second[0].Copies) != 1 || second[0].Copies[0] == first[0].Copies[0] {
		t.Fatalf("the next one: %+v", second)
	}
	if err := s.Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetMark(context.Background(), "a", first[0].Seq); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if seq, ok, err := s.Mark("a"); err != nil || !ok || seq != first[0].Seq {
		t.Errorf("the mark after a restart: %d, %v, %v", seq, ok, err)
	}
	if _, ok, _ := s.Mark("b"); ok {
		t.Error("a mark that nobody set")
	}
	if n := newsOf(t, s, 0); len(n) != 2 {
		t.Errorf("after reindex and restart there are %d news", len(n))
	}
	intact(t, s)
}

// A verdict that another entry corrects is news even of a story that one outlet
// carried; a verdict that merely becomes surer of it is not.
func TestNewsOfVerdicts(t *testing.T) {
	one := func(outlet string, c stories.Confidence, carriers ...string) *stories.Story {
		s := &stories.Story{ID: 1, Verdict: stories.Verdict{Outlet: outlet, Confidence: c}}
		for i, o := range carriers {
			s.Members = append(s.Members, stories.Member{Entry: uint64(i + 1), Outlet: o})
		}
		return s
	}
	for name, c := range map[string]struct {
		before, now *stories.Story
		ok, changed bool
	}{
		"surer, alone":    {one("a", stories.Likely, "a"), one("a", stories.Certain, "a"), false, false},
		"surer":           {one("a", stories.Likely, "a", "b"), one("a", stories.Certain, "a", "b"), true, true},
		"corrected":       {one("b", stories.Likely, "b"), one("a", stories.Certain, "b", "a"), true, true},
		"a carrier":       {one("a", stories.Certain, "a", "b"), one("a", stories.Certain, "a", "b", "c"), true, false},
		"the same":        {one("a", stories.Certain, "a", "b"), one("a", stories.Certain, "a", "b"), false, false},
		"new, alone":      {nil, one("a", stories.Likely, "a"), false, false},
		"new, of two":     {nil, one("a", stories.Likely, "a", "b"), true, false},
		"an entry leaves": {one("a", stories.Likely, "a", "b"), one("a", stories.Likely, "a"), false, false},
	} {
		n, ok := stories.NewsOf(c.before, c.now)
		if ok != c.ok || (n.Was != n.Is) != c.changed {
			t.Errorf("%s: %+v, %v", name, n, ok)
		}
	}
}

func TestNewsAreBounded(t *testing.T) {
	s, _ := openTemp(t)
	now := &stories.Story{ID: 1, Members: []stories.Member{{Entry: 1, Outlet: "a"}, {Entry: 2, Outlet: "b"}}}
	err := s.do(context.Background(), func(b *batch) error {
		for range maxNews + 5 {
			if err := b.tell(&touched{}, now, 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list, latest, err := s.News(0, 2*maxNews)
	if err != nil || len(list) != maxNews || list[0].Seq != 6 || latest != maxNews+5 {
		t.Errorf("%d kept from %d, latest %d, %v", len(list), list[0].Seq, latest, err)
	}
}

// What a story's verdicts were is kept whole, with all their evidence, however many outlets
// follow.
func TestHistoryKeepsTheEvidence(t *testing.T) {
	s, _ := openTemp(t)
	var told []stories.Verdict
	for i, outlet := range []string{"herald", "gazette", "courier", "tribune"} {
		e := article(outlet, 1)
		e.Title, e.Published.Time = article("herald", 1).Title, noon.Add(-time.Duration(i)*time.Hour)
		add(t, s, poll("https://"+outlet+".example/feed", outlet, noon.Add(time.Duration(i+1)*time.Hour), e))
		list := all(t, s)
		if len(list) != 1 {
			t.Fatalf("%d stories", len(list))
		}
		told = append(told, list[0].Verdict)
	}
	history := all(t, s)[0].History
	if len(history) != len(told) || len(told[1].Evidence) < 2 {
		t.Fatalf("%d verdicts are kept of %+v", len(history), told)
	}
	for i := range told {
		if !reflect.DeepEqual(history[i].Verdict, told[i]) {
			t.Errorf("verdict %d was\n%+v\nand is kept as\n%+v", i, told[i], history[i].Verdict)
		}
	}
}
