package poll

import (
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
)

// What was noted by a clock that was a month ahead for a poll does no harm when it is right
// again: a feed whose 304 is not believed is asked for its whole document each day, and the
// rhythm of one that brings an entry an hour does not seem to be another.
func TestNotesOfAClockThatWasAhead(t *testing.T) {
	now := at("2026-03-02T10:00:00Z")
	lies := feeds.State{ETag: `"always"`, Lies: maxLies, LastFull: now.AddDate(0, 0, 30)}
	if r := request(&lies, new(feeds.Settings), now); r.ETag != "" {
		t.Error("a feed whose 304 is not believed is asked with validators, as long as the clock was ahead")
	}
	s := feeds.State{LastObserved: now}
	raw := uint64(0)
	look := func(at time.Time) {
		raw++
		a := &answer{at: at, fresh: 1, document: &parse.Document{Items: []feeds.Item{{Raw: raw, Entry: &feeds.Entry{Published: feeds.Date{Time: now}}}}}}
		a.resp = fetch.Response{Outcome: feeds.Changed}
		s.Rhythm, s.LastObserved = learn(&s, a), at
	}
	hour := func() { now = now.Add(time.Hour); look(now) }
	for range 14 * 24 {
		hour()
	}
	before := meanRate(s.Rhythm)
	now = now.Add(time.Hour)
	look(now.AddDate(0, 0, 30))
	for range 4 * 24 {
		hour()
	}
	if after := meanRate(s.Rhythm); after < before/2 || after > 2*before {
		t.Errorf("%.2f entries an hour were expected before the clock was set, and %.2f four days after", before, after)
	}
}
