package poll

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
)

// spent is what a schedule cost, and what it brought.
type spent struct {
	polls   int
	entries int
	delays  []time.Duration
}

func (s *spent) mean() time.Duration {
	sum := time.Duration(0)
	for _, d := range s.delays {
		sum += d
	}
	return sum / time.Duration(max(1, len(s.delays)))
}

func (s *spent) ninth() time.Duration {
	slices.Sort(s.delays)
	return s.delays[len(s.delays)*9/10]
}

// replay polls one feed, into which entries arrive at the given moments, from start
// to end by the rules that next gives.
func replay(arrivals []time.Time, start, end time.Time, out *spent, set feeds.Settings, url string) {
	p, err := newPlan(set.Schedule)
	if err != nil {
		panic(err)
	}
	r := &rules{&set, newSlots(p, url, set.Spread)}
	s := feeds.State{URL: url}
	n := 0
	for now := start; now.Before(end); now = s.NextDue {
		a := &answer{at: now, resp: fetch.Response{Outcome: feeds.NotModified, Status: 304, ETag: "x"}}
		doc := &parse.Document{Status: parse.Read}
		for ; n < len(arrivals) && !arrivals[n].After(now); n++ {
			doc.Items = append(doc.Items, feeds.Item{Raw: uint64(n + 1), Entry: &feeds.Entry{Published: feeds.Date{Time: arrivals[n]}}})
			if s.Polls > 0 {
				out.delays = append(out.delays, now.Sub(arrivals[n]))
				out.entries++
			}
		}
		if len(doc.Items) > 0 {
			a.document, a.fresh, a.hash = doc, len(doc.Items), uint64(n)
			a.resp.Outcome, a.resp.Status, a.resp.ETag = feeds.Changed, 200, now.String()
		}
		s = decide(s, a, r)
		out.polls++
	}
}

// streams are the arrivals of each outlet of a file: when an entry claims to have
// been published, if a poller found it within a day of that.
func streams(t *testing.T, file string) (arrivals map[string][]time.Time, start, end time.Time) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	arrivals = map[string][]time.Time{}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var e struct {
			Outlet    string
			Published time.Time
			FirstSeen time.Time `json:"first_seen"`
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Published.IsZero() || e.FirstSeen.IsZero() {
			continue
		}
		if lag := e.FirstSeen.Sub(e.Published); lag < 0 || lag > 24*time.Hour {
			continue
		}
		if start.IsZero() || e.FirstSeen.Before(start) {
			start = e.FirstSeen
		}
		end = later(end, e.FirstSeen)
		arrivals[e.Outlet] = append(arrivals[e.Outlet], e.Published)
	}
	for _, list := range arrivals {
		slices.SortFunc(list, time.Time.Compare)
	}
	return arrivals, start, end
}

// On real streams, the adaptive schedule sees entries sooner than a fixed one that
// spends as many polls.
func TestAdaptiveSpendsPollsBetterThanAFixedSchedule(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, to which the race detector is of no use: the whole run does this")
	}
	files, _ := filepath.Glob(filepath.Join(root(t), "../shared/streams/*.jsonl.gz"))
	if len(files) == 0 {
		t.Skip("no streams in ../shared/streams")
	}
	for _, file := range files {
		arrivals, start, end := streams(t, file)
		run := func(schedule string) *spent {
			set := feeds.DefaultSettings()
			set.Schedule = schedule
			out := &spent{}
			for outlet, list := range arrivals {
				replay(list, start, end, out, set, "https://"+outlet)
			}
			return out
		}
		adaptive, half := run(Adaptive), run("@every 30m")
		feedTime := time.Duration(len(arrivals)) * end.Sub(start)
		equal := run("@every " + (feedTime / time.Duration(adaptive.polls)).Round(time.Second).String())
		days := end.Sub(start).Hours() / 24
		line := func(name string, s *spent) {
			t.Logf("%-12s %6.1f polls a feed and day, delay mean %s, 90th percentile %s, %d entries", name,
				float64(s.polls)/days/float64(len(arrivals)), s.mean().Round(time.Second), s.ninth().Round(time.Second), s.entries)
		}
		t.Logf("%s: %d outlets, %.1f days", filepath.Base(file), len(arrivals), days)
		line("adaptive", adaptive)
		line("equal polls", equal)
		line("30 minutes", half)
		if adaptive.mean() >= equal.mean() {
			t.Errorf("%s: adaptive %s, fixed with as many polls %s", filepath.Base(file), adaptive.mean(), equal.mean())
		}
	}
}

// root is the module's directory.
func root(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above")
	}
}

func TestAdaptiveFollowsTheFeedWithinItsBounds(t *testing.T) {
	set := feeds.DefaultSettings()
	set.Schedule, set.Ceiling = Adaptive, 12*time.Hour
	start := at("2026-03-02T00:00:00Z")
	polls := func(every time.Duration, only func(time.Time) bool) (perDay float64, out *spent) {
		var arrivals []time.Time
		for a := start; a.Before(start.Add(28 * 24 * time.Hour)); a = a.Add(every) {
			if only == nil || only(a) {
				arrivals = append(arrivals, a)
			}
		}
		out = &spent{}
		replay(arrivals, start.Add(7*24*time.Hour), start.Add(28*24*time.Hour), out, set, "https://a.example/")
		return float64(out.polls) / 21, out
	}
	for _, c := range []struct {
		every    time.Duration
		from, to float64 // polls a day
	}{
		{time.Minute, 100, 288}, {30 * time.Minute, 40, 56}, {24 * time.Hour, 4, 12}, {1000 * time.Hour, 2, 4},
	} {
		if got, _ := polls(c.every, nil); got < c.from || got > c.to {
			t.Errorf("an entry every %s: %.1f polls a day, want %v to %v", c.every, got, c.from, c.to)
		}
	}
	// The hours in which the feed is alive get the polls.
	day, alive := polls(10*time.Minute, func(a time.Time) bool { return a.Hour() >= 8 && a.Hour() < 16 })
	if alive.mean() > 16*time.Minute || day > 72 {
		t.Errorf("a feed of eight hours a day: delay %s with %.1f polls a day", alive.mean(), day)
	}
}

func TestAdaptiveHonoursPublishersAndBackOff(t *testing.T) {
	r := &rules{new(normal()), must(newAdaptive())}
	r.settings.Schedule = Adaptive
	now := at("2026-03-02T10:00:00Z")
	good := feeds.State{URL: "u", ETag: "x", Polls: 3, LastObserved: now.Add(-time.Hour), Rhythm: &feeds.Rhythm{Watched: 100}}
	for range 50 { // 50 entries in each hour of a week
		for h := range 7 * 24 {
			count(good.Rhythm, now.Add(time.Duration(h)*time.Hour))
		}
	}
	ask := func(resp fetch.Response) time.Duration {
		s := decide(good, &answer{at: now, resp: resp}, r)
		return s.NextDue.Sub(now)
	}
	if d := ask(fetch.Response{Outcome: feeds.NotModified, Status: 304}); d != r.settings.Floor {
		t.Errorf("a very lively feed: %s", d)
	}
	if d := ask(fetch.Response{Outcome: feeds.RateLimited, Status: 429, RetryAfter: now.Add(50 * time.Hour)}); d != 50*time.Hour {
		t.Errorf("Retry-After: %s", d)
	}
	if d := ask(fetch.Response{Outcome: feeds.Gone, Status: 410}); d != goneEvery {
		t.Errorf("gone: %s", d)
	}
}

func newAdaptive() (slots, error) {
	p, err := newPlan(Adaptive)
	return newSlots(p, "u", 0), err
}
