package serve

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// A new story comes into the merged feeds when it has settled, without any
// change of the stories; page and API have it at once.
func TestNewStoriesSettle(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	now := start
	story := func(id uint64, title string, seen time.Time) stories.Story {
		m := stories.Member{Entry: id, Outlet: "post", Title: title, Seen: feeds.Seen{After: seen.Add(-time.Hour), At: seen}}
		return stories.Story{ID: id, Members: []stories.Member{m}, Verdict: stories.Verdict{Outlet: "post", Entry: id, At: seen}, Created: seen}
	}
	src := newMemory([]stories.Story{story(1, "The ferry is back", start.Add(-time.Hour))}, nil)
	o := Options{BaseURL: "https://news.example.org", Settle: 2 * time.Minute, Now: func() time.Time { return now }}
	h := New(src, o)
	type copyOf struct{ etag, modified string }
	before := map[string]copyOf{}
	for _, path := range formats {
		r := ask(h, "GET", path)
		before[path] = copyOf{r.Header.Get("ETag"), r.Header.Get("Last-Modified")}
	}
	// The second entry of the new story does not put it off further.
	fresh := story(2, "A bridge is out", start)
	fresh.Members = append(fresh.Members, stories.Member{Entry: 3, Outlet: "scoop", Title: "A bridge is out", Seen: feeds.Seen{After: start, At: start.Add(time.Minute)}})
	src.put(fresh)
	for _, step := range []struct {
		after time.Duration
		shown bool
	}{{0, false}, {119 * time.Second, false}, {2 * time.Minute, true}, {time.Hour, true}} {
		now = start.Add(step.after)
		for _, server := range []struct {
			name  string
			serve func(string, ...string) (int, string, string)
		}{
			{"the same process", func(path string, headers ...string) (int, string, string) {
				r := ask(h, "GET", path, headers...)
				return r.StatusCode, r.Header.Get("ETag"), body(t, r)
			}},
			{"another process", func(path string, headers ...string) (int, string, string) {
				r := ask(New(src, o), "GET", path, headers...)
				return r.StatusCode, r.Header.Get("ETag"), body(t, r)
			}},
		} {
			for _, path := range formats {
				_, etag, text := server.serve(path)
				if strings.Contains(text, "A bridge is out") != step.shown || !strings.Contains(text, "The ferry is back") {
					t.Errorf("%s, %s after %v: shown is not %v", server.name, path, step.after, step.shown)
				}
				if (etag != before[path].etag) != step.shown {
					t.Errorf("%s, %s after %v: the ETag %s, before %s", server.name, path, step.after, etag, before[path].etag)
				}
				for _, condition := range [][2]string{{"If-None-Match", before[path].etag}, {"If-Modified-Since", before[path].modified}} {
					if status, _, _ := server.serve(path, condition[0], condition[1]); (status == 200) != step.shown {
						t.Errorf("%s, %s after %v: %s is answered with %d", server.name, path, step.after, condition[0], status)
					}
				}
			}
			for _, path := range []string{"/", "/api/v1/stories"} {
				if _, _, text := server.serve(path); !strings.Contains(text, "A bridge is out") {
					t.Errorf("%s, %s after %v: the new story is missing", server.name, path, step.after)
				}
			}
		}
	}
}

// What stood in a feed's archive at its first poll is no news, and does not wait.
func TestArchivesDoNotSettle(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	m := stories.Member{Entry: 1, Outlet: "post", Title: "The ferry is back", Seen: feeds.Seen{At: now}}
	src := newMemory([]stories.Story{{ID: 1, Members: []stories.Member{m}, Verdict: stories.Verdict{Outlet: "post", Entry: 1, At: now}, Created: now}}, nil)
	h := New(src, Options{BaseURL: "https://news.example.org", Settle: 2 * time.Minute, Now: func() time.Time { return now }})
	for _, path := range formats {
		if text := body(t, ask(h, "GET", path)); !strings.Contains(text, "The ferry is back") {
			t.Errorf("%s holds the archive back", path)
		}
	}
}

// What was seen by a clock that was a month ahead waits no month when the clock is right
// again, and clients that know dates only are not told meanwhile that nothing changed.
func TestWhatAClockAheadSawIsShown(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	story := func(id uint64, title string, seen time.Time) stories.Story {
		m := stories.Member{Entry: id, Outlet: "post", Title: title, Seen: feeds.Seen{After: seen.Add(-time.Hour), At: seen}}
		return stories.Story{ID: id, Members: []stories.Member{m}, Verdict: stories.Verdict{Outlet: "post", Entry: id, At: seen}, Created: seen}
	}
	now := start.AddDate(0, 0, 30)
	src := newMemory([]stories.Story{story(1, "The ferry is back", now.Add(-time.Hour))}, nil)
	h := New(src, Options{BaseURL: "https://news.example.org", Settle: 2 * time.Minute, Now: func() time.Time { return now }})
	stamps := map[string]string{}
	for _, path := range formats {
		stamps[path] = ask(h, "GET", path).Header.Get("Last-Modified")
	}
	now = start
	for _, path := range formats {
		r := ask(h, "GET", path, "If-Modified-Since", stamps[path])
		if text := body(t, r); !strings.Contains(text, "The ferry is back") {
			t.Errorf("%s is answered with %d and holds the story back", path, r.StatusCode)
		}
	}
	src.put(story(2, "A bridge is out", start.Add(-time.Hour)))
	for _, path := range formats {
		r := ask(h, "GET", path)
		if at, err := http.ParseTime(r.Header.Get("Last-Modified")); err != nil || at.After(now) {
			t.Errorf("%s was changed at %v, which is still to come", path, at)
		}
		if text := body(t, r); !strings.Contains(text, "A bridge is out") || !strings.Contains(text, "The ferry is back") {
			t.Errorf("%s: %s", path, text)
		}
	}
}
