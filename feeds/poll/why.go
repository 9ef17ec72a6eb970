package poll

import (
	"fmt"
	"strconv"
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
		say("It will be asked again %s: %s.", when(s.NextDue, now), s.DueReason)
	} else {
		say("It has been due since %s: %s.", stamp(s.NextDue), s.DueReason)
	}
	if s.NotBefore.After(now) {
		say("Until %s it is not asked by hand either, unless that is forced.", stamp(s.NotBefore))
	}
	if around.PauseWhy == s.DueReason {
		around.Paused = time.Time{} // it was said
	}
	out = append(out, whyAround(around, now)...)
	say("At this pace it costs the publisher %s.", costWords(s))
	out = append(out, whyTrust(&s)...)
	if around.Renamed > 0 {
		say("%d of its %d entries have borne another guid or address before; they are still told apart, by what did not change.", around.Renamed, around.Present)
	}
	out = append(out, whyHub(s.WebSub, now)...)
	if asked, granted := hint(&s), orDuration(set.MaxFresh, 24*time.Hour); asked > granted {
		say("The publisher asks for %s between two requests, of which at most %s are granted.", words(asked), words(granted))
	} else if asked > 0 {
		say("The publisher asks for %s between two requests.", words(asked))
	}
	if left := skipWords(&s); left != "" {
		say("The feed asks not to be read %s (GMT).", left)
	}
	if s.Damaged {
		say("The last document was damaged: %s.", orWord(s.Problem, "it was read in part"))
	}
	for rest := s.Recent; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Problem == rest[0].Problem {
			n++
		}
		if n == 1 {
			say("It failed at %s: %s.", stamp(rest[0].At), rest[0].Problem)
		} else {
			say("It failed %d times from %s to %s: %s.", n, stamp(rest[0].At), stamp(rest[n-1].At), rest[0].Problem)
		}
		rest = rest[n:]
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
		say("Its ETag stayed the same %d times while its entries changed, so a 304 is not believed: once a day it is asked without validators.", s.Lies)
	case s.LastFull.IsZero() && s.ETag == "" && s.LastModified == "":
		say("The server has not sent the feed yet, so nothing is known of its ETag and Last-Modified.")
	case s.ETag == "" && s.LastModified == "":
		say("The server gives no ETag and no Last-Modified: each request moves the whole feed.")
	case s.Ignored >= maxIgnored:
		say("The server gives validators and ignored them %d times in a row: each request moves the whole feed.", s.Ignored)
	default:
		say("The server's validators work: an unchanged feed costs it a 304.")
	}
	switch {
	case s.PollURL != "":
		say("It has moved for good and is asked at %s; write that address into the configuration when you like.", s.PollURL)
	case s.MovedTo == "" && s.ValidatorsOf != "" && s.ValidatorsOf != s.URL:
		say("Its address redirects to %s. That is followed each time and not taken for a move: the redirect is not permanent, or brought no entry yet that was there before.", s.ValidatorsOf)
	}
	if s.MovedTo != "" {
		say("Its address redirects to %s, for good as the server says, and the feed came from there in %s since %s. After %d such polls over %s that address is asked itself; until then the redirect may be a mistake.",
			s.MovedTo, polls(s.MovedPolls), stamp(s.MovedSince), movePolls, words(moveAfter))
	}
	return out
}

func polls(n int) string {
	if n == 1 {
		return "one poll"
	}
	return strconv.Itoa(n) + " polls"
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

// costWords says what a feed costs its publisher.
func costWords(s feeds.State) string {
	requests, bytes := Cost(s)
	switch interval := s.NextDue.Sub(s.LastRequest); {
	case interval >= 48*time.Hour:
		return "one request in " + span(interval)
	case bytes == 0:
		return few(requests) + " requests a day"
	}
	return few(requests) + " requests and " + megabytes(bytes) + " a day"
}

// few is a number with three digits, or all that it has before the point.
func few(n float64) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}

// skipWords says which days and hours a feed leaves out; empty when none.
func skipWords(s *feeds.State) string {
	var out, hours []string
	for _, d := range s.SkipDays {
		out = append(out, "on "+d.String())
	}
	for _, h := range s.SkipHours {
		hours = append(hours, strconv.Itoa(h%24))
	}
	if len(hours) > 0 {
		out = append(out, "in the hours "+strings.Join(hours, ", "))
	}
	return strings.Join(out, ", ")
}

func outcomeWords(s *feeds.State) string {
	text := string(s.Outcome)
	if s.Outcome == feeds.SameBody {
		text = "nothing new, the same document as before"
	}
	if s.Status != 0 && !strings.HasPrefix(s.Problem, strconv.Itoa(s.Status)) {
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
	switch d := t.Sub(now).Round(time.Second); {
	case d < 0:
		return fmt.Sprintf("at %s, %s ago", stamp(t), span(-d))
	case d == 0:
		return fmt.Sprintf("at %s, now", stamp(t))
	default:
		return fmt.Sprintf("at %s, in %s", stamp(t), span(d))
	}
}

// span is a length of time for a person: seconds count in the short run only.
func span(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", (d+12*time.Hour)/(24*time.Hour))
	}
	return d.Round(time.Second).String()
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
