package poll

import (
	"fmt"
	"math"
	"time"

	"aggregator/feeds"
)

const (
	// rhythmBase sets how many polls an adaptive schedule spends: a feed that
	// brings an entry every rhythmBase is polled every rhythmBase.
	rhythmBase = 30 * time.Minute
	// rhythmHalf is how long it takes until what was learned counts half.
	rhythmHalf = 7 * 24 * time.Hour
	// rhythmPast is how far the first document's dates are believed back.
	rhythmPast = 28 * 24 * time.Hour
	// rhythmTrust weighs the average hour and day against what was learned of
	// each: so many entries make a habit count half.
	rhythmTrust = 24
)

// learn takes the new entries of an observed poll into the rhythm.
//
// An entry counts at the time that it claims when that lies since the last look,
// else, once for all such entries, in the middle of the time since. A feed that
// rewrites its old items is not livelier for it: items whose date is older do not
// count.
func learn(old *feeds.State, a *answer) *feeds.Rhythm {
	var r feeds.Rhythm
	if old.Rhythm != nil {
		r = *old.Rhythm
	}
	// After a long time a document shows the end of it only; and the clock may have been set.
	since := later(old.LastObserved, a.at.Add(-rhythmHalf))
	if old.LastObserved.IsZero() {
		since = oldest(a)
	}
	watched := a.at.Sub(since)
	if watched <= 0 {
		return &r
	}
	fade(&r, math.Exp2(-watched.Hours()/rhythmHalf.Hours()))
	r.Watched += watched.Hours()
	if a.document == nil || a.fresh == 0 {
		return &r
	}
	undated := false
	known := make(map[uint64]bool, len(old.Known))
	for _, raw := range old.Known {
		known[raw] = true
	}
	for _, item := range a.document.Items {
		if item.Entry == nil || known[item.Raw] {
			continue
		}
		switch at := item.Entry.Published.Time; {
		case at.IsZero():
			undated = true
		case at.After(a.at):
			count(&r, a.at)
		case at.After(since):
			count(&r, at)
		}
	}
	if undated {
		count(&r, since.Add(watched/2))
	}
	return &r
}

// oldest is from when on a first document shows what was published: its oldest
// date, unless that is older than rhythmPast.
func oldest(a *answer) time.Time {
	from := a.at
	if a.document != nil {
		for _, item := range a.document.Items {
			if item.Entry != nil && !item.Entry.Published.Time.IsZero() && item.Entry.Published.Time.Before(from) {
				from = item.Entry.Published.Time
			}
		}
	}
	return later(from, a.at.Add(-rhythmPast))
}

func fade(r *feeds.Rhythm, by float64) {
	r.Watched *= by
	r.Entries *= by
	for i := range r.Hours {
		r.Hours[i] *= by
	}
	for i := range r.Days {
		r.Days[i] *= by
	}
}

func count(r *feeds.Rhythm, at time.Time) {
	at = at.UTC()
	r.Entries++
	r.Hours[at.Hour()]++
	r.Days[at.Weekday()]++
}

// rate is how many new entries an hour are to be expected at a moment.
func rate(r *feeds.Rhythm, at time.Time) float64 {
	at = at.UTC()
	mean := meanRate(r)
	hour := (r.Hours[at.Hour()]*24 + rhythmTrust) / (r.Entries + rhythmTrust)
	day := (r.Days[at.Weekday()]*7 + rhythmTrust) / (r.Entries + rhythmTrust)
	return mean * hour * day
}

// meanRate is how many new entries an hour brings on average. What is not known
// yet counts like four hours with two entries.
func meanRate(r *feeds.Rhythm) float64 { return (r.Entries + 2) / (r.Watched + 4) }

// paced is when to poll next by the rhythm. Between two polls lies the geometric
// mean of rhythmBase and the time between two new entries: waits are shared among
// feeds, and among the hours of one feed, so that a given number of polls sees
// entries soonest (the delay falls as the poll rate grows, and the best poll rates
// are as the square roots of the change rates).
func paced(s *feeds.State, ceiling time.Duration) (time.Time, string) {
	r := s.Rhythm
	if r == nil {
		r = &feeds.Rhythm{}
	}
	at, share := s.LastRequest, 0.0
	end := s.LastRequest.Add(ceiling)
	for at.Before(end) {
		next := at.Truncate(time.Hour).Add(time.Hour)
		interval := math.Sqrt(rhythmBase.Hours() / rate(r, at)) // hours
		part := next.Sub(at).Hours() / interval
		if share+part >= 1 {
			at = at.Add(time.Duration((1 - share) * interval * float64(time.Hour)))
			break
		}
		share += part
		at = next
	}
	wait := min(at.Sub(s.LastRequest), ceiling)
	wait -= phaseOf(s.URL+fmt.Sprint(s.Polls), wait/16) // feeds with one rhythm stay apart
	return s.LastRequest.Add(wait), fmt.Sprintf("the adaptive schedule: about %.3g new entries a day, and a wait of %s at this hour", meanRate(r)*24, wait.Round(time.Second))
}
