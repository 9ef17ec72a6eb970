package store

import (
	"slices"
	"strings"
	"testing"
)

func TestFindsEntriesByLink(t *testing.T) {
	s, path := openTemp(t)
	add(t, s, poll("https://herald.example/feed", "herald", noon, article("herald", 1), article("herald", 2)))
	republished := article("courier", 1)
	republished.Canonical = article("herald", 1).Canonical // a link that two outlets carry
	add(t, s, poll("https://courier.example/feed", "courier", noon, republished))
	check := func(s *Store) {
		t.Helper()
		for _, c := range []struct {
			link, canonical string
			titles          []string
		}{
			{"https://herald.example/news/2?utm_source=x", "herald.example/news/2", []string{article("herald", 2).Title}},
			{"", "herald.example/news/1", []string{article("herald", 1).Title, article("herald", 1).Title}},
			{"tag:herald,2", "", []string{article("herald", 2).Title}},
			{"https://herald.example/", "herald.example/", nil},
			{"https://herald.example/news/9", "herald.example/news/9", nil},
			{"", "", nil},
		} {
			ids, err := s.Find(c.link, c.canonical)
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, id := range ids {
				e, _, err := s.Entry(id)
				if err != nil {
					t.Fatal(err)
				}
				titles = append(titles, e.Title)
			}
			if !slices.Equal(titles, c.titles) {
				t.Errorf("%s, %s: %q, want %q", c.link, c.canonical, titles, c.titles)
			}
		}
	}
	check(s)
	if got := s.Feeds(); len(got) != 2 || got[0].URL != "https://herald.example/feed" || got[0].Outlet != "herald" || got[1].Outlet != "courier" {
		t.Errorf("feeds: %+v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	check(r)
}

func TestFindsEntriesByTheirText(t *testing.T) {
	s, _ := openTemp(t)
	for n := range 40 {
		add(t, s, poll("https://herald.example/feed", "herald", noon, article("herald", n)))
	}
	copied := article("courier", 7)
	copied.Text += "\nThis article is first published on The Herald."
	add(t, s, poll("https://courier.example/feed", "courier", noon, copied))
	words := strings.Fields(article("herald", 7).Text)
	for name, given := range map[string]string{
		"the headline": article("herald", 7).Title,
		"a paragraph":  strings.Join(words[20:45], " "),
		"all of it":    article("herald", 7).Title + "\n" + article("herald", 7).Text,
	} {
		found, err := s.Alike(given, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 2 || found[0].Share < 950 || found[1].Share < 950 {
			t.Errorf("%s: %+v", name, found)
			continue
		}
		for _, l := range found {
			if e, _, err := s.Entry(l.Entry); err != nil || e.Title != article("herald", 7).Title {
				t.Errorf("%s: %q, %v", name, e.Title, err)
			}
		}
	}
	if found, err := s.Alike(prose(4711, 40), 10); err != nil || len(found) != 0 {
		t.Errorf("a text that nobody has: %+v, %v", found, err)
	}
	if found, err := s.Alike(article("herald", 7).Title, 1); err != nil || len(found) != 1 {
		t.Errorf("the limit is not kept: %+v, %v", found, err)
	}
}
