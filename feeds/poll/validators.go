package poll

import (
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

const (
	// maxLies is how many times an unchanged ETag may come with changed entries
	// before a 304 is no longer believed.
	maxLies = 3
	// maxIgnored is how many whole, unchanged documents in a row may answer a
	// conditional request before the validators count as not working.
	maxIgnored = 3
	// fullEvery is how often a feed whose 304 is not believed is asked without
	// validators.
	fullEvery = 24 * time.Hour
)

// request is what to ask for a feed in state s at a moment.
func request(s *feeds.State, settings *feeds.Settings, at time.Time) fetch.Request {
	r := fetch.Request{URL: asked(s), Settings: *settings, ValidatorsOf: s.ValidatorsOf}
	if r.ValidatorsOf == "" {
		r.ValidatorsOf = s.URL
	}
	if !distrusted(s) || at.Sub(s.LastFull).Abs() < fullEvery { // the clock may have been set back
		r.ETag, r.LastModified = s.ETag, s.LastModified
	}
	return r
}

// asked is the address that a poll asks.
func asked(s *feeds.State) string {
	if s.PollURL != "" {
		return s.PollURL
	}
	return s.URL
}

func distrusted(s *feeds.State) bool { return s.Lies >= maxLies }

// validatorsWork reports whether an unchanged feed costs the publisher a 304 only.
func validatorsWork(s *feeds.State) bool {
	return (s.ETag != "" || s.LastModified != "") && s.Ignored < maxIgnored && !distrusted(s)
}

// updateValidators keeps the validators of an answer that showed the feed.
func updateValidators(s, old *feeds.State, a *answer) {
	r := &a.resp
	if s.Outcome == feeds.NotModified {
		// RFC 9111, section 4.3.4: a 304 updates the fields that it carries.
		if r.ETag != "" {
			s.ETag = r.ETag
		}
		if r.LastModified != "" {
			s.LastModified = r.LastModified
		}
		s.Ignored = 0
		return
	}
	if r.Conditional && a.fresh == 0 && !heardSince(old) { // what was new may have been pushed
		s.Ignored++
	}
	if a.fresh > 0 && r.ETag != "" && r.ETag == old.ETag && validatorsOf(s, r) == old.ValidatorsOf {
		s.Lies++
	}
	s.ETag, s.LastModified, s.ValidatorsOf = r.ETag, r.LastModified, validatorsOf(s, r)
	if s.Outcome == feeds.Changed && s.Damaged {
		// It may have been cut on its way. Once the same bytes have come twice,
		// they are what the publisher has, and SameBody keeps their validators.
		s.ETag, s.LastModified = "", ""
	}
}

func validatorsOf(s *feeds.State, r *fetch.Response) string {
	if len(r.Redirects) == 0 && s.PollURL == "" {
		return ""
	}
	return r.FinalURL
}
