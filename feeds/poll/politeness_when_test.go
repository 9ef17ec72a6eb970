package poll

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// due is how long after its last request the feed is due.
func due(s feeds.State) time.Duration { return s.NextDue.Sub(s.LastRequest) }

// between fails unless the feed is due within [from, to] of its last request and
// the reason says why.
func between(t *testing.T, s feeds.State, from, to time.Duration, why string) {
	t.Helper()
	if d := due(s); d < from || d > to || !strings.Contains(s.DueReason, why) {
		t.Errorf("due after %s because %q; want %s to %s because %q", d, s.DueReason, from, to, why)
	}
}

func TestPoliteness12TheUsualIntervalAndTheFloor(t *testing.T) {
	w := newWorld(t, ok(document(1), "ETag", `"a"`))
	between(t, w.ask(0), 5*time.Minute, 35*time.Minute, "")
	s := normal()
	s.Schedule, s.Spread = "* * * * *", 0
	sub := subscription(w.URL+"/feed", s)
	w.now = w.now.Add(time.Hour)
	w.poll(Options{}, sub)
	between(t, w.states[sub.Feed.URL], 5*time.Minute, 5*time.Minute, "at least 5 minutes")
}

func TestPoliteness12WithoutWorkingValidatorsHourly(t *testing.T) {
	hour, loose := time.Hour, 2*time.Hour
	w := newWorld(t, ok(document(1)))
	between(t, w.ask(0), hour, loose, "no working ETag or Last-Modified")
	// Its own max-age or ttl says otherwise.
	w = newWorld(t, ok(document(1), "Cache-Control", "max-age=60"))
	between(t, w.ask(0), 5*time.Minute, 35*time.Minute, "")
	// Validators that the server gives and ignores do not work either.
	w = newWorld(t, ok(document(1), "ETag", `"a"`))
	for range 3 {
		between(t, w.ask(hour), 5*time.Minute, 35*time.Minute, "")
	}
	between(t, w.ask(hour), hour, loose, "no working")
	w.answer = status(304, "") // and once they work, they work
	between(t, w.ask(hour), 5*time.Minute, 35*time.Minute, "")
	// The operator wrote a schedule for this very feed.
	s := normal()
	s.FullFloor = s.Floor
	sub := subscription(w.URL+"/feed", s)
	w.poll(Options{Force: true}, sub)
	between(t, w.states[sub.Feed.URL], 5*time.Minute, 35*time.Minute, "")
}

func TestPoliteness13TheLastRequestSurvivesARestart(t *testing.T) {
	w := newWorld(t, ok(document(1), "ETag", `"a"`))
	before := w.ask(0)
	sub := subscription(w.URL+"/feed", normal())
	w.now = w.now.Add(time.Minute)
	w.poll(Options{}, sub) // restarted, and asked to poll everything now
	if len(w.seen) != 1 {
		t.Errorf("%d requests a minute apart", len(w.seen))
	}
	p, err := New([]Subscription{sub}, w.states, &w.memory, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := p.newLoop()
	l.enter(p.feeds[0], w.now)
	if got := p.feeds[0].due; !got.Equal(before.NextDue) {
		t.Errorf("before the restart due at %s, after it at %s", before.NextDue, got)
	}
}

func TestPoliteness16CacheTimesPostpone(t *testing.T) {
	for cache, c := range map[string]struct {
		from, to time.Duration
		why      string
	}{
		"max-age=5400":     {90*time.Minute - time.Second, 2 * time.Hour, "be kept for"},
		"max-age=0":        {5 * time.Minute, 35 * time.Minute, ""},
		"no-cache":         {5 * time.Minute, 35 * time.Minute, ""},
		"no-store":         {5 * time.Minute, 35 * time.Minute, ""},
		"max-age=31536000": {24 * time.Hour, 25 * time.Hour, "of which 24 hours are granted"},
	} {
		w := newWorld(t, ok(document(1), "ETag", `"a"`, "Cache-Control", cache))
		t.Run(cache, func(t *testing.T) { between(t, w.ask(0), c.from, c.to, c.why) })
	}
}

// A wait that is cut short is said once, in the log, and shown by why.
func TestPoliteness16WhatIsNotGrantedIsSaid(t *testing.T) {
	w := newWorld(t, ok(document(1), "ETag", `"a"`, "Cache-Control", "max-age=31536000"))
	log, lines := logLines()
	sub := subscription(w.URL+"/feed", normal())
	w.poll(Options{Log: log}, sub)
	w.now = w.now.Add(25 * time.Hour)
	w.poll(Options{Log: log}, sub)
	if n := strings.Count(lines.String(), "granted=\"24 hours\""); n != 1 || !strings.Contains(lines.String(), "asked=\"30 days\"") || len(w.seen) != 2 {
		t.Errorf("said %d times in %d polls:\n%s", n, len(w.seen), lines)
	}
	if why := strings.Join(Why(w.states[sub.Feed.URL], normal(), feeds.Around{}, w.now), "\n"); !strings.Contains(why, " between two requests, of which at most 24 hours are granted") {
		t.Error(why)
	}
}

func TestPoliteness17A304ShortensTheCacheTimeOnly(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`, "Cache-Control", "max-age=7200"),
		status(304, "", "Cache-Control", "max-age=36000"),
		status(304, ""),
		status(304, "", "Cache-Control", "max-age=3600"),
		ok(document(2), "Cache-Control", "max-age=36000")))
	for i, want := range []time.Duration{2 * time.Hour, 2 * time.Hour, 2 * time.Hour, time.Hour, 10 * time.Hour} {
		if got := w.ask(0).FreshFor; (got - want).Abs() > 2*time.Second {
			t.Errorf("answer %d: kept for %s, want %s", i+1, got, want)
		}
	}
}

func TestPoliteness18TheFeedsOwnHints(t *testing.T) {
	with := func(elements string) string { return strings.Replace(document(1), "<item>", elements+"<item>", 1) }
	hint := func(elements string) feeds.State {
		w := newWorld(t, ok(with(elements), "ETag", `"a"`))
		return w.ask(0)
	}
	between(t, hint("<ttl>120</ttl>"), 2*time.Hour, 150*time.Minute, "the feed asks for 2 hours")
	between(t, hint("<ttl>5000</ttl>"), 24*time.Hour, 25*time.Hour, "granted")
	for _, junk := range []string{"<ttl>0</ttl>", "<ttl>-5</ttl>", "<ttl>soon</ttl>", "<ttl>0.1</ttl>", "<skipHours><hour>noon</hour></skipHours>"} {
		between(t, hint(junk), 5*time.Minute, 35*time.Minute, "")
	}
	sy := strings.Replace(with("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"), "<rss ", `<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" `, 1)
	w := newWorld(t, ok(sy, "ETag", `"a"`))
	between(t, w.ask(0), 6*time.Hour, 7*time.Hour, "the feed asks for 6 hours")
	w = newWorld(t, ok(strings.Replace(sy, "daily", "dayly", 1), "ETag", `"a"`))
	if d := due(w.ask(0)); d > 7*time.Hour {
		t.Errorf("updatePeriod 'dayly': due after %s", d)
	}
}

func TestPoliteness18SkipHoursAndDays(t *testing.T) {
	sl := newSlots(must(newPlan("*/30 * * * *")), "feed", halfHour)
	r := &rules{new(normal()), sl}
	base := feeds.State{URL: "feed", ETag: "x", Outcome: feeds.NotModified}
	for hour := range 24 {
		s := base
		s.LastRequest = at("2026-03-02T00:10:00Z").Add(time.Duration(hour) * time.Hour) // a Monday
		s.SkipHours = []int{1, 2, 3, 24 - 1}
		s.SkipDays = []time.Weekday{time.Sunday}
		got, _ := next(&s, r)
		if h := got.UTC().Hour(); h >= 1 && h <= 3 || h == 23 || got.Sub(s.LastRequest) > 6*time.Hour {
			t.Errorf("last at %s: due at %s", s.LastRequest, got)
		}
		s.SkipDays = []time.Weekday{time.Monday}
		if got, _ := next(&s, r); got.UTC().Weekday() != time.Tuesday || got.Sub(s.LastRequest) > 28*time.Hour {
			t.Errorf("Monday left out, last at %s: due at %s", s.LastRequest, got)
		}
		s.SkipDays = []time.Weekday{0, 1, 2, 3, 4, 5, 6} // everything is left out: nothing is
		if got, _ := next(&s, r); got.Sub(s.LastRequest) > 2*halfHour {
			t.Errorf("all days left out: due at %s after %s", got, s.LastRequest)
		}
	}
}

// A wait that the server did not set differs from feed to feed, so that those that were
// refused together do not come back together.
func TestPoliteness20WaitsOfOurOwnAreSpread(t *testing.T) {
	w := newWorld(t, status(429, ""))
	set, subs, waits := normal(), []Subscription{}, map[time.Duration]bool{}
	set.SharedHost = true
	for i := range 8 {
		subs = append(subs, subscription(fmt.Sprintf("%s/%d", w.URL, i), set))
	}
	w.poll(Options{}, subs...)
	for url, s := range w.states {
		d := s.NotBefore.Sub(s.LastRequest)
		if waits[d] = true; d < time.Hour || d > time.Hour*9/8 {
			t.Errorf("%s waits for %s", url, d)
		}
	}
	if len(waits) != len(subs) {
		t.Errorf("%d feeds have %d waits", len(subs), len(waits))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestPoliteness19RetryAfterIsHonouredInFull(t *testing.T) {
	week := 7 * 24 * time.Hour
	for _, code := range []int{429, 503} {
		w := newWorld(t, status(code, "", "Retry-After", "604800"))
		s := w.ask(0)
		between(t, s, week-time.Second, week+time.Hour, "the server wants no request before")
		w.now = w.now.Add(week - time.Minute)
		w.poll(Options{}, subscription(w.URL+"/feed", normal()))
		if len(w.seen) != 1 {
			t.Errorf("%d: asked again before the week was over", code)
		}
	}
}

func TestPoliteness20And23WaitsGrowAndEnd(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		first  time.Duration // least wait after the first
		limit  time.Duration
	}{
		{"429", status(429, ""), time.Hour, 8 * 24 * time.Hour},
		{"500", status(500, ""), 5 * time.Minute, 55 * time.Hour},
		{"404", status(404, ""), 5 * time.Minute, 55 * time.Hour},
		{"not a feed", ok("<html>"), 5 * time.Minute, 55 * time.Hour},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 5 * time.Minute, 55 * time.Hour},
	} {
		w := newWorld(t, c.answer)
		before := time.Duration(0)
		for i := range 20 {
			s := w.ask(24 * time.Hour)
			d := due(s)
			if own := strings.Contains(s.DueReason, "does not say how few"); own != (c.name == "429") {
				t.Errorf("%s is due because of %q", c.name, s.DueReason)
			}
			if i == 0 && d < c.first || d > c.limit || d < before/2 || s.DueReason == "" {
				t.Errorf("%s, failure %d: due after %s (before: %s)", c.name, i+1, d, before)
			}
			before = d
		}
		if before < 40*time.Hour {
			t.Errorf("%s: after 20 failures due after %s", c.name, before)
		}
		// 25: success resets all of it.
		w.lock.Lock() // the server may still be at an answer that was broken off
		w.answer = ok(document(1), "ETag", `"a"`)
		w.lock.Unlock()
		s := w.ask(24 * time.Hour)
		if s.Failures != 0 || due(s) > 35*time.Minute || s.Problem != "" || len(s.Recent) != maxRecent {
			t.Errorf("%s, then success: %d failures, due after %s, %d recent", c.name, s.Failures, due(s), len(s.Recent))
		}
	}
}

func TestPoliteness21A429PausesTheWholeHost(t *testing.T) {
	for _, shared := range []bool{false, true} {
		w := newWorld(t, status(429, "", "Retry-After", "7200"))
		s := normal()
		s.SharedHost = shared
		a, b := subscription(w.URL+"/a", s), subscription(w.URL+"/b", s)
		w.poll(Options{}, a, b)
		if want := map[bool]int{false: 1, true: 2}[shared]; len(w.seen) != want {
			t.Errorf("shared %v: %d requests, want %d", shared, len(w.seen), want)
		}
		w.now = w.now.Add(time.Hour)
		w.poll(Options{}, a, b) // the pause outlives a restart
		if want := map[bool]int{false: 1, true: 2}[shared]; len(w.seen) != want {
			t.Errorf("shared %v, restarted: %d requests, want %d", shared, len(w.seen), want)
		}
	}
}

func TestPoliteness22Repeated403(t *testing.T) {
	w := newWorld(t, status(403, ""))
	if s := w.ask(0); s.Outcome != feeds.Failed || !s.NotBefore.IsZero() {
		t.Errorf("the first 403 is %s", s.Outcome)
	}
	s := w.ask(halfHour)
	if s.Outcome != feeds.RateLimited || s.NotBefore.Sub(s.LastRequest) < time.Hour {
		t.Errorf("the second 403 is %s, no request before %s", s.Outcome, s.NotBefore.Sub(s.LastRequest))
	}
	if a, b := w.seen[0].UserAgent(), w.last().UserAgent(); a != b {
		t.Errorf("the user agent became %q", b)
	}
}

func TestPoliteness24Gone(t *testing.T) {
	w := newWorld(t, answers(ok(document(1), "ETag", `"a"`), status(410, "")))
	w.ask(0)
	between(t, w.ask(halfHour), 30*24*time.Hour, 31*24*time.Hour, "gone (410)")
}

func TestPoliteness25AWebPageChangesNothing(t *testing.T) {
	w := newWorld(t, answers(ok(document(2, 1), "ETag", `"a"`), ok("<html><body>Accept our terms</body></html>", "ETag", `"p"`)))
	good := w.ask(0)
	s := w.ask(halfHour)
	if s.Outcome != feeds.NotAFeed || s.Failures != 1 || s.ETag != good.ETag || s.BodyHash != good.BodyHash ||
		s.Entries != 2 || len(s.Known) != 2 || !s.LastObserved.Equal(good.LastObserved) || len(w.polls[1].Items) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestPoliteness26ManualRefresh(t *testing.T) {
	for _, shared := range []bool{false, true} { // a pause of the whole host, and of the feed alone
		w := newWorld(t, answers(ok(document(1)), status(429, "", "Retry-After", "3600")))
		set := normal()
		set.SharedHost = shared
		sub := subscription(w.URL+"/feed", set)
		w.poll(Options{}, sub)
		for _, c := range []struct {
			later time.Duration
			force bool
			want  int
		}{
			{4 * time.Minute, false, 1}, // within the floor
			{time.Minute, false, 2},
			{50 * time.Minute, false, 2}, // within Retry-After
			{0, true, 3},
		} {
			w.now = w.now.Add(c.later)
			log, lines := logLines()
			w.poll(Options{Force: c.force, Log: log}, sub)
			if len(w.seen) != c.want {
				t.Errorf("shared %v, %+v: %d requests", shared, c, len(w.seen))
			}
			if c.force && !strings.Contains(lines.String(), "forced") {
				t.Errorf("nothing in the log says that it was forced: %s", lines)
			}
		}
	}
}
