package poll

import (
	"fmt"
	"strings"
	"time"

	"aggregator/feeds"
)

// Why explains a feed's polling to its operator, a sentence a line: when it was
// asked and what came of it, when it is asked next and which rule decided that,
// what it costs the publisher, what is trusted and what is not, and the latest
// failures. around is what else is known, and now is when it is read.
func Why(s feeds.State, set feeds.Settings, around feeds.Around, now time.Time) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if s.LastRequest.IsZero() {
		say("It has never been asked.")
		if !s.NextDue.IsZero() {
			say("It will be asked %s: %s.", when(s.NextDue, now), s.DueReason)
		}
		return out
	}
	say("It was last asked %s: %s.", when(s.LastRequest, now), outcomeWords(&s))
	if s.NextDue.After(now) {
		say("It will be asked again %s, because of %s.", when(s.NextDue, now), s.DueReason)
	} else {
		say("It has been due since %s, because of %s.", stamp(s.NextDue), s.DueReason)
	}
	if s.NotBefore.After(now) {
		say("The server wants no request before %s.", stamp(s.NotBefore))
	}
	requests, bytes := Cost(s)
	say("At this pace it costs the publisher %.3g requests and %s a day.", requests, megabytes(bytes))
	out = append(out, whyTrust(&s)...)
	out = append(out, whyAround(around, now)...)
	out = append(out, whyHub(s.WebSub, now)...)
	if s.TTL > 0 || s.FreshFor > 0 {
		say("The publisher asks for %s between two requests, of which at most %s are granted.",
			words(max(s.TTL, s.FreshFor)), words(orDuration(set.MaxFresh, 24*time.Hour)))
	}
	if s.Damaged {
		say("The last document was damaged: %s.", orWord(s.Problem, "it was read in part"))
	}
	for _, f := range s.Recent {
		say("It failed at %s: %s.", stamp(f.At), f.Problem)
	}
	for line := range strings.Lines(s.LastHeaders) {
		say("The last answer said %s", strings.TrimSuffix(line, "\n"))
	}
	return out
}

// whyTrust says what is believed of the server and its redirects.
func whyTrust(s *feeds.State) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case distrusted(s):
		say("Its ETag stayed the same %d times while its entries changed, so a 304 is not believed: it is fetched whole once a day.", s.Lies)
	case s.ETag == "" && s.LastModified == "":
		say("The server gives no ETag and no Last-Modified: each request moves the whole feed.")
	case s.Ignored >= maxIgnored:
		say("The server gives validators and ignored them %d times in a row: each request moves the whole feed.", s.Ignored)
	default:
		say("The server's validators work: an unchanged feed costs it a 304.")
	}
	if s.PollURL != "" {
		say("It has moved and is asked at %s.", s.PollURL)
	}
	if s.MovedTo != "" {
		say("A permanent redirect to %s delivered it in %d polls since %s; it is asked there after %d polls over %s.",
			s.MovedTo, s.MovedPolls, stamp(s.MovedSince), movePolls, words(moveAfter))
	}
	return out
}

// Cost is what a feed costs its publisher a day at the pace of its last interval:
// requests, and bytes of bodies at the mean of all polls so far.
func Cost(s feeds.State) (requests, bytes float64) {
	interval := s.NextDue.Sub(s.LastRequest)
	if interval <= 0 || s.Polls == 0 {
		return 0, 0
	}
	requests = float64(24*time.Hour) / float64(interval)
	return requests, requests * float64(s.Wire) / float64(s.Polls)
}

func outcomeWords(s *feeds.State) string {
	text := string(s.Outcome)
	if s.Status != 0 {
		text += fmt.Sprintf(" (HTTP status %d)", s.Status)
	}
	if s.Problem != "" {
		text += ", " + s.Problem
	}
	if s.Failures > 1 {
		text += fmt.Sprintf("; it is failure %d in a row", s.Failures)
	}
	return text
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func when(t, now time.Time) string {
	d := t.Sub(now).Round(time.Second)
	if d < 0 {
		return fmt.Sprintf("at %s, %s ago", stamp(t), -d)
	}
	return fmt.Sprintf("at %s, in %s", stamp(t), d)
}

func megabytes(n float64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.3g kB", n/1e3)
	}
	return fmt.Sprintf("%.3g MB", n/1e6)
}

func orWord(s, standard string) string {
	if s == "" {
		return standard
	}
	return s
}
