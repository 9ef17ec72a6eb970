package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// Real entries, in the order in which a poller saw them: each article is kept
// once, whatever the feeds held when, and a second replay adds nothing.
func TestMeasureReplayOfRealPolls(t *testing.T) {
	const days = 1
	r, err := os.Open(filepath.Join("..", "..", "shared", "streams", "global_2026-03.jsonl.gz"))
	if err != nil {
		t.Skip("needs the recorded streams: ", err)
	}
	defer r.Close()
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID, Outlet, URL, Title, Summary, Lang string
		Published                             string
		FirstSeen                             time.Time `json:"first_seen"`
		LastSeen                              time.Time `json:"last_seen"`
	}
	var end time.Time
	rows := map[string][]row{} // by outlet
	times := map[string][]time.Time{}
	articles := map[string]bool{}
	sc := bufio.NewScanner(unzipped)
	sc.Buffer(nil, 1<<22)
	for sc.Scan() {
		var v row
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if end.IsZero() {
			end = v.FirstSeen.AddDate(0, 0, days)
		}
		if v.FirstSeen.After(end) {
			break
		}
		rows[v.Outlet] = append(rows[v.Outlet], v)
		articles[v.Outlet+" "+v.URL] = true
		times[v.Outlet] = append(times[v.Outlet], v.FirstSeen)
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	var polls []feeds.Poll
	for outlet, list := range rows {
		slices.SortFunc(times[outlet], time.Time.Compare)
		for _, at := range slices.Compact(times[outlet]) {
			var items []*feeds.Entry
			for _, v := range list {
				if !v.FirstSeen.After(at) && !v.LastSeen.Before(at) {
					published, _ := time.Parse(time.RFC3339, v.Published)
					items = append(items, &feeds.Entry{Outlet: outlet, GUID: v.URL, Link: v.URL, Canonical: strings.TrimPrefix(v.URL, "https://"), Title: v.Title,
						Summary: v.Summary, Text: v.Summary, Language: v.Lang, Published: feeds.Date{Time: published, Raw: v.Published, Element: "pubDate"}})
				}
			}
			polls = append(polls, poll("https://feeds.example/"+outlet, strings.ToLower(strings.ReplaceAll(outlet, " ", "-")), at, items...))
		}
	}
	slices.SortFunc(polls, func(a, b feeds.Poll) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Feed, b.Feed)
	})
	s, _ := openTemp(t)
	for range 2 {
		for _, p := range polls {
			add(t, s, p)
		}
		if r := intact(t, s); r.Entries != len(articles) {
			t.Fatalf("%d entries of %d articles in %d polls", r.Entries, len(articles), len(polls))
		}
	}
	t.Logf("%d articles in %d polls", len(articles), len(polls))
}

// Polls of many feeds, readers and checks at the same time agree in the end.
func TestTogether(t *testing.T) {
	s, _ := openTemp(t)
	f := newFarm()
	var polls []feeds.Poll
	for i := range 40 {
		polls = append(polls, f.poll(i, 0, 10, noon.Add(time.Duration(i)*time.Second)))
	}
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				list, _, err := s.Stories(stories.Query{Limit: 20})
				if err != nil {
					t.Error(err)
					return
				}
				for _, story := range list {
					if _, ok, err := s.Entry(story.Members[0].Entry); err != nil || !ok {
						t.Error(ok, err)
					}
				}
				_, next := s.Changed()
				select {
				case <-next:
				case <-ctx.Done():
				}
			}
		})
	}
	together(t, s, polls, 16)
	stop()
	readers.Wait()
	if r := intact(t, s); r.Entries != 400 {
		t.Errorf("%d entries, want 400", r.Entries)
	}
}
