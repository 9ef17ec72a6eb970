package poll

import (
	"fmt"
	"strconv"
	"time"

	"aggregator/feeds"
)

const (
	maxBackoff   = 48 * time.Hour      // between two tries of a feed that fails
	maxRatePause = 7 * 24 * time.Hour  // of our own choosing, after a 429 without Retry-After
	goneEvery    = 30 * 24 * time.Hour // between two looks at a feed that is gone
)

// bound is a moment before which a feed is not asked, and why.
type bound struct {
	at  time.Time
	why string
}

func (b *bound) raise(at time.Time, why func() string) {
	if at.After(b.at) {
		b.at, b.why = at, why()
	}
}

// next is when the feed is due after the poll that s describes, and which rule
// decided that. It sets s.NotBefore when the server wants a pause without saying
// how long.
func next(s *feeds.State, r *rules) (time.Time, string) {
	if s.Outcome == feeds.RateLimited {
		s.NotBefore = later(s.NotBefore, ratePause(s, r))
	}
	due, why := wish(s, r)
	if b := bounds(s, r, due); b.at.After(due) {
		due, why = r.slots.due(s.LastRequest, b.at), b.why
	}
	if free, moved := skip(s, r, due); moved {
		due, why = free, "the feed's skipHours or skipDays leave out the hours before"
	}
	return due, why
}

// wish is when the feed would be asked if nobody minded.
func wish(s *feeds.State, r *rules) (time.Time, string) {
	if r.slots.schedule == nil {
		return paced(s, orDuration(r.settings.Ceiling, 24*time.Hour))
	}
	return r.slots.after(s.LastRequest), r.slots.why
}

// bounds is the latest moment before which a feed is not asked, when it is after from.
func bounds(s *feeds.State, r *rules, from time.Time) bound {
	b := bound{at: from}
	set, last := r.settings, s.LastRequest
	b.raise(last.Add(set.Floor), func() string {
		return fmt.Sprintf("at least %s between two requests", words(set.Floor))
	})
	b.raise(s.NotBefore, func() string {
		if s.Outcome == feeds.RateLimited && s.NotBefore.Sub(ownPause(s, r)).Abs() < time.Millisecond {
			return "the server wants fewer requests and does not say how few: at least twice the usual wait, doubled with each failure"
		}
		return "the server wants no request before " + s.NotBefore.UTC().Format("2006-01-02 15:04:05 UTC")
	})
	b.raise(toldUntil(s), func() string {
		return "its hub, which tells when something is new; a look now and then is for safety"
	})
	limit := orDuration(set.MaxFresh, 24*time.Hour)
	b.raise(last.Add(min(s.FreshFor, limit)), func() string {
		return asks("the server lets its answer be kept for", s.FreshFor, limit)
	})
	b.raise(last.Add(min(s.TTL, limit)), func() string {
		return asks("the feed asks for", s.TTL, limit)
	})
	switch {
	case s.Outcome == feeds.Gone:
		b.raise(last.Add(goneEvery), func() string { return "the feed is gone (410): one look a month" })
	case s.Failures > 0:
		b.raise(last.Add(backoff(s, r)), func() string {
			return fmt.Sprintf("%d failures in a row, each doubles the wait", s.Failures)
		})
	case !validatorsWork(s) && !s.LastFull.IsZero() && s.FreshFor == 0 && s.TTL == 0:
		b.raise(last.Add(set.FullFloor), func() string {
			return fmt.Sprintf("the server has no working ETag or Last-Modified, so each request costs the whole feed: at least %s between two", words(set.FullFloor))
		})
	}
	return b
}

// hint is the longest wait that a publisher asks for, as it said it.
func hint(s *feeds.State) time.Duration { return max(s.TTL, s.FreshFor) }

func asks(what string, d, limit time.Duration) string {
	if d > limit {
		return fmt.Sprintf("%s %s, of which %s are granted", what, words(d), words(limit))
	}
	return what + " " + words(d)
}

// backoff is the wait after s.Failures failures in a row. The first costs nothing:
// the feed is asked at its next slot.
func backoff(s *feeds.State, r *rules) time.Duration {
	if s.Failures < 2 {
		return 0
	}
	return jitter(s, doubled(r.slots.period, s.Failures-1, maxBackoff))
}

// ratePause is until when a server that wants fewer requests is left alone when it
// does not say itself: at least twice the interval, doubled each time.
func ratePause(s *feeds.State, r *rules) time.Time {
	if !s.NotBefore.IsZero() && s.Failures < 2 {
		return s.NotBefore
	}
	return ownPause(s, r)
}

// ownPause is the wait of our own choosing.
func ownPause(s *feeds.State, r *rules) time.Time {
	return s.LastRequest.Add(jitter(s, doubled(max(r.slots.period, r.settings.Floor), max(s.Failures, 1), maxRatePause)))
}

// doubled is d doubled n times, at most limit or d itself.
func doubled(d time.Duration, n int, limit time.Duration) time.Duration {
	limit = max(limit, d)
	for range n {
		if d >= limit/2 {
			return limit
		}
		d *= 2
	}
	return d
}

// jitter lengthens d by up to an eighth, by a hash of the feed and its failures, so
// that feeds that failed together do not come back together.
func jitter(s *feeds.State, d time.Duration) time.Duration {
	return d + phaseOf(s.URL+strconv.Itoa(s.Failures), d/8)
}

// skip moves due out of the hours and days that the feed asks to leave out (RSS
// 2.0, GMT). A feed that leaves out everything leaves out nothing.
func skip(s *feeds.State, r *rules, due time.Time) (time.Time, bool) {
	if len(s.SkipHours) == 0 && len(s.SkipDays) == 0 {
		return due, false
	}
	free := due.UTC()
	for range 8 * 24 {
		if !skips(s, free) {
			if free.Equal(due) {
				return due, false
			}
			moved := r.slots.due(s.LastRequest, free)
			if skips(s, moved) {
				moved = free // the schedule has no window outside the hours left out
			}
			return moved, true
		}
		free = free.Truncate(time.Hour).Add(time.Hour)
	}
	return due, false
}

func skips(s *feeds.State, t time.Time) bool {
	t = t.UTC()
	for _, d := range s.SkipDays {
		if d == t.Weekday() {
			return true
		}
	}
	for _, h := range s.SkipHours {
		if h%24 == t.Hour() {
			return true
		}
	}
	return false
}

// updateHints keeps what the publisher asks for.
func updateHints(s *feeds.State, a *answer) {
	fresh := time.Duration(0)
	if !a.resp.FreshUntil.IsZero() {
		fresh = max(0, a.resp.FreshUntil.Sub(a.at)).Round(time.Second)
	}
	switch {
	case s.Outcome != feeds.NotModified:
		s.FreshFor = fresh
	case fresh > 0:
		s.FreshFor = min(s.FreshFor, fresh) // a 304 may shorten it, not lengthen it
	}
	if d := a.document; d != nil && s.Outcome == feeds.Changed {
		s.TTL = max(d.TTL, d.UpdateEvery, 0)
		s.SkipHours, s.SkipDays = d.SkipHours, d.SkipDays
	}
}

func words(d time.Duration) string {
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.Round(time.Millisecond).String()
}

func orDuration(d, standard time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return standard
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
