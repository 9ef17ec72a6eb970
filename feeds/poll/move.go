package poll

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"aggregator/feeds"
)

const (
	// moveAfter and movePolls are how long and how often a permanent redirect
	// must have delivered the feed before its target is asked directly.
	moveAfter = 7 * 24 * time.Hour
	movePolls = 5
	// moveFailures is how many failures in a row of a learned address lead back
	// to the one that the operator wrote.
	moveFailures = 3
)

// updateMove learns from redirects where the feed has moved to, and forgets what
// it learned when that stops working. The operator's address always stays the
// feed's key.
func updateMove(s, old *feeds.State, a *answer) {
	r := &a.resp
	missing := r.Status == http.StatusNotFound || r.Status == http.StatusGone
	switch {
	case s.PollURL != "" && !s.Outcome.Observed():
		if missing || s.Failures >= moveFailures {
			s.PollURL = ""
			forgetMove(s)
		}
	case missing && len(r.Redirects) == 0 && s.MovedTo != "" && !a.frozen:
		adopt(s, s.MovedTo) // the old address is gone, and was seen to lead there
	case !s.Outcome.Observed():
	case len(r.Redirects) == 0 || !allPermanent(a) || a.frozen:
		forgetMove(s)
	case upgrade(asked(s), r.FinalURL):
		adopt(s, r.FinalURL)
	case !overlaps(s, old, a):
	case s.MovedTo != r.FinalURL:
		s.MovedTo, s.MovedSince, s.MovedPolls = r.FinalURL, a.at, 1
	default:
		s.MovedPolls++
		if s.MovedPolls >= movePolls && a.at.Sub(s.MovedSince) >= moveAfter {
			adopt(s, r.FinalURL)
		}
	}
}

func adopt(s *feeds.State, to string) {
	s.PollURL = to
	if to == s.URL {
		s.PollURL = ""
	}
	forgetMove(s)
}

func forgetMove(s *feeds.State) {
	s.MovedTo, s.MovedSince, s.MovedPolls = "", time.Time{}, 0
}

func allPermanent(a *answer) bool {
	for _, h := range a.resp.Redirects {
		if !h.Permanent() {
			return false
		}
	}
	return true
}

// overlaps reports whether the answer is the feed that was there before: the same
// document, or one with an item of the last.
func overlaps(s, old *feeds.State, a *answer) bool {
	if s.Outcome != feeds.Changed {
		return true
	}
	return len(old.Known) > 0 && a.fresh < len(a.raws)
}

// upgrade reports whether to is from with https in place of http.
func upgrade(from, to string) bool {
	f, err1 := url.Parse(from)
	t, err2 := url.Parse(to)
	return err1 == nil && err2 == nil && f.Scheme == "http" && t.Scheme == "https" &&
		strings.EqualFold(f.Hostname(), t.Hostname()) && f.RequestURI() == t.RequestURI()
}
