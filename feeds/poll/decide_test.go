package poll

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"

	"pgregory.net/rapid"
)

func TestDecide(t *testing.T) {
	now := at("2026-03-02T10:07:00Z")
	set := feeds.DefaultSettings()
	set.Spread = 0
	r := &rules{&set, newSlots(must(newPlan(set.Schedule)), "u", 0)}
	old := feeds.State{
		URL: "u", ETag: `"a"`, BodyHash: 7, Known: []uint64{1, 2}, Entries: 2, Polls: 9, Outcome: feeds.Changed, Status: 200,
		LastRequest: now.Add(-halfHour), LastObserved: now.Add(-halfHour), LastFull: now.Add(-halfHour), LastChange: now.Add(-time.Hour),
	}
	doc := &parse.Document{Status: parse.Read, Type: "rss 2.0", Title: "T", Items: make([]feeds.Item, 2)}
	read := fetch.Response{Outcome: feeds.Changed, Status: 200, ETag: `"b"`}
	failed := func(code int) fetch.Response {
		return fetch.Response{Outcome: feeds.Failed, Status: code, Problem: "p"}
	}
	with := func(f func(s *feeds.State)) feeds.State { s := old; f(&s); return s }
	for _, c := range []struct {
		name    string
		old     feeds.State
		answer  answer
		outcome feeds.Outcome
		due     time.Duration // after the request
		check   func(s feeds.State) bool
	}{
		{"new entries", old, answer{resp: read, hash: 8, document: doc, raws: []uint64{2, 3}, fresh: 1}, feeds.Changed, 23 * time.Minute,
			func(s feeds.State) bool {
				return s.LastChange.Equal(now) && s.BodyHash == 8 && s.ETag == `"b"` && s.Title == "T"
			}},
		{"changed without news", old, answer{resp: read, hash: 8, document: doc, raws: []uint64{1, 2}}, feeds.Changed, 23 * time.Minute,
			func(s feeds.State) bool { return s.LastChange.Equal(old.LastChange) && s.Ignored == 0 }},
		{"same body", old, answer{resp: read, hash: 7}, feeds.SameBody, 23 * time.Minute,
			func(s feeds.State) bool { return s.LastObserved.Equal(now) && s.LastFull.Equal(now) && s.Entries == 2 }},
		{"not modified", old, answer{resp: fetch.Response{Outcome: feeds.NotModified, Status: 304}}, feeds.NotModified, 23 * time.Minute,
			func(s feeds.State) bool {
				return s.ETag == `"a"` && s.LastObserved.Equal(now) && s.LastFull.Equal(old.LastFull)
			}},
		{"a web page", old, answer{resp: read, hash: 9, document: &parse.Document{Status: parse.Refused}}, feeds.NotAFeed, 23 * time.Minute,
			func(s feeds.State) bool {
				return s.ETag == `"a"` && s.BodyHash == 7 && s.LastObserved.Equal(old.LastObserved)
			}},
		{"first failure", old, answer{resp: failed(500)}, feeds.Failed, 23 * time.Minute, func(s feeds.State) bool { return s.Failures == 1 && len(s.Recent) == 1 }},
		{"fifth failure", with(func(s *feeds.State) { s.Failures = 4 }), answer{resp: failed(0)}, feeds.Failed, 8 * time.Hour, nil},
		{"failure offline", with(func(s *feeds.State) { s.Failures = 4 }), answer{resp: failed(0), offline: true}, feeds.Failed, 4 * time.Hour,
			func(s feeds.State) bool { return s.Failures == 4 }},
		{"failure with Retry-After", old, answer{resp: fetch.Response{Outcome: feeds.Failed, Status: 500, RetryAfter: now.Add(3 * time.Hour)}}, feeds.Failed, 3 * time.Hour, nil},
		{"429", old, answer{resp: fetch.Response{Outcome: feeds.RateLimited, Status: 429}}, feeds.RateLimited, time.Hour,
			func(s feeds.State) bool { return !s.NotBefore.Before(now.Add(time.Hour)) }},
		{"gone", old, answer{resp: fetch.Response{Outcome: feeds.Gone, Status: 410}}, feeds.Gone, goneEvery, nil},
		{"success resets", with(func(s *feeds.State) { s.Failures = 9; s.Problem = "p"; s.NotBefore = now }),
			answer{resp: fetch.Response{Outcome: feeds.NotModified, Status: 304}}, feeds.NotModified, 23 * time.Minute,
			func(s feeds.State) bool { return s.Failures == 0 && s.Problem == "" && s.NotBefore.IsZero() }},
	} {
		before := fmt.Sprintf("%#v", c.old)
		c.answer.at = now
		s := decide(c.old, &c.answer, r)
		if s.Outcome != c.outcome || !s.LastRequest.Equal(now) || s.Polls != 10 || s.DueReason == "" || c.check != nil && !c.check(s) {
			t.Errorf("%s: %+v", c.name, s)
		}
		// Jitter adds up to an eighth.
		if d := s.NextDue.Sub(now); d < c.due || d > c.due+c.due/8+halfHour {
			t.Errorf("%s: due after %s because %q, want %s", c.name, d, s.DueReason, c.due)
		}
		if fmt.Sprintf("%#v", c.old) != before {
			t.Errorf("%s: the old state was changed", c.name)
		}
	}
}

// Whatever happened before and comes back: the next poll is later than this one by
// the floor, not before the server's wish, and comes; and the same poll decides the
// same.
func TestDecideHoldsItsPromises(t *testing.T) {
	outcomes := []feeds.Outcome{feeds.Changed, feeds.NotModified, feeds.Gone, feeds.RateLimited, feeds.Failed}
	rapid.Check(t, func(t *rapid.T) {
		now := at("2026-01-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, int64(366*24*time.Hour)).Draw(t, "now")))
		span := func(name string, limit time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(limit)).Draw(t, name))
		}
		set := feeds.DefaultSettings()
		set.Schedule = rapid.SampledFrom([]string{"*/30 * * * *", "@daily", "*/10 8-18 * * 1-5", Adaptive, "@every 1m"}).Draw(t, "schedule")
		set.Spread, set.Floor = span("spread", time.Hour), span("floor", time.Hour)
		pl := must(newPlan(set.Schedule))
		r := &rules{&set, newSlots(pl, "u", set.Spread)}
		old := feeds.State{
			URL: "u", Failures: rapid.IntRange(0, 1000).Draw(t, "failures"), Lies: rapid.IntRange(0, 4).Draw(t, "lies"),
			LastObserved: now.Add(-span("observed", 1000*time.Hour)), TTL: span("ttl", 1000*time.Hour), FreshFor: span("fresh", 1000*time.Hour),
			ETag: rapid.SampledFrom([]string{"", "x"}).Draw(t, "etag"), BodyHash: 5,
			SkipHours: rapid.SliceOfN(rapid.IntRange(0, 24), 0, 24).Draw(t, "skip"),
		}
		a := &answer{at: now, hash: rapid.Uint64Range(5, 6).Draw(t, "hash"), document: &parse.Document{Status: rapid.SampledFrom([]parse.Status{parse.Read, parse.Damaged, parse.Refused}).Draw(t, "read")}}
		a.resp = fetch.Response{Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), Status: rapid.SampledFrom([]int{0, 200, 304, 403, 404, 410, 429, 500}).Draw(t, "status"), Header: http.Header{}}
		if rapid.Bool().Draw(t, "retry") {
			a.resp.RetryAfter = now.Add(span("after", 30*24*time.Hour))
		}
		s := decide(old, a, r)
		if s.NextDue.Before(now.Add(set.Floor)) || !s.NextDue.After(now) || s.NextDue.Before(s.NotBefore) || s.NextDue.Before(a.resp.RetryAfter) {
			t.Fatalf("due %s after %s, not before %s: %s", s.NextDue, now, s.NotBefore, s.DueReason)
		}
		if s.NextDue.Sub(now) > 45*24*time.Hour || s.DueReason == "" {
			t.Fatalf("due %s, %s later: %s", s.NextDue, s.NextDue.Sub(now), s.DueReason)
		}
		if again := decide(old, a, r); !reflect.DeepEqual(s, again) {
			t.Fatal("the same poll decides differently")
		}
		// What is decided again from the state, as after a restart, is the same.
		resumed := s
		if due, _ := next(&resumed, r); !due.Equal(s.NextDue) || !resumed.NotBefore.Equal(s.NotBefore) {
			t.Fatalf("due %s, after a restart %s", s.NextDue, due)
		}
	})
}
