package poll

import (
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

func TestWhyNamesWhatDecides(t *testing.T) {
	now := at("2026-03-02T10:00:00Z")
	asked := feeds.State{URL: "u", LastRequest: now.Add(-10 * time.Minute), NextDue: now.Add(20 * time.Minute), DueReason: `the schedule "*/30 * * * *"`,
		Outcome: feeds.NotModified, Status: 304, Polls: 4, Wire: 400000, ETag: "x", LastFull: now.Add(-time.Hour)}
	with := func(f func(s *feeds.State)) feeds.State { s := asked; f(&s); return s }
	for _, c := range []struct {
		s    feeds.State
		want []string
	}{
		{feeds.State{URL: "u"}, []string{"never been asked"}},
		{asked, []string{"10m0s ago: not modified (HTTP status 304)", `in 20m0s: the schedule "*/30`, "48 requests and 4.8 MB a day", "costs it a 304"}},
		{with(func(s *feeds.State) { s.NextDue = now.Add(-time.Minute) }), []string{"has been due since 2026-03-02 09:59:00 UTC"}},
		{with(func(s *feeds.State) { s.ETag = "" }), []string{"no ETag and no Last-Modified"}},
		{with(func(s *feeds.State) { s.Lies = 3 }), []string{"not believed"}},
		{with(func(s *feeds.State) { s.Ignored = 3 }), []string{"ignored them 3 times"}},
		{with(func(s *feeds.State) { s.PollURL = "https://new.example/" }), []string{"moved for good and is asked at https://new.example/"}},
		{with(func(s *feeds.State) { s.MovedTo, s.MovedPolls = "https://new.example/", 2 }), []string{"in 2 polls", "After 5 such polls over 7 days"}},
		{with(func(s *feeds.State) {
			s.Outcome, s.Status, s.Problem, s.Failures, s.NotBefore = feeds.RateLimited, 429, "429: slow down", 2, now.Add(time.Hour)
			s.Recent = []feeds.Failure{{At: now.Add(-time.Hour), Problem: "404: nothing"}, {At: now.Add(-time.Minute), Problem: "429: slow down"}, {At: now, Problem: "429: slow down"}}
		}), []string{"rate limited, 429: slow down; it is failure 2 in a row", "Until 2026-03-02 11:00:00 UTC it is not asked by hand either", "failed at 2026-03-02 09:00:00 UTC: 404: nothing",
			"failed 2 times from 2026-03-02 09:59:00 UTC to 2026-03-02 10:00:00 UTC: 429: slow down"}},
		{with(func(s *feeds.State) { s.ETag, s.LastFull = "", time.Time{} }), []string{"has not sent the feed yet"}},
		{with(func(s *feeds.State) { s.NextDue, s.Wire = now.Add(30*24*time.Hour), 0 }), []string{"in 30 days: ", "one request in 30 days."}},
		{with(func(s *feeds.State) { s.LastRequest = now }), []string{"10:00:00 UTC, now: not modified"}},
		{with(func(s *feeds.State) { s.ValidatorsOf = "https://there.example/" }), []string{"redirects to https://there.example/", "not taken for a move"}},
		{with(func(s *feeds.State) { s.TTL = 2 * time.Hour }), []string{"asks for 2 hours between two requests."}},
		{with(func(s *feeds.State) { s.SkipDays, s.SkipHours = []time.Weekday{time.Sunday}, []int{1, 24} }), []string{"not to be read on Sunday, in the hours 1, 0 (GMT)"}},
		{with(func(s *feeds.State) { s.TTL, s.LastHeaders = 48*time.Hour, "Etag: \"a\"\n" }), []string{"asks for 2 days", "at most 24 hours", `said Etag: "a"`}},
	} {
		text := strings.Join(Why(c.s, feeds.DefaultSettings(), feeds.Around{}, now), "\n")
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
}
