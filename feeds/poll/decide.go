package poll

import (
	"net/http"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
)

// answer is what one request brought, with all that decide may know of it.
type answer struct {
	at       time.Time // when the request started
	ran      feeds.Ran // that, on the clock that nobody can set
	resp     fetch.Response
	hash     uint64          // of resp.Body; 0 when there is none
	document *parse.Document // nil unless the body was new and parsed
	raws     []uint64        // the items of document
	fresh    int             // items of document that the one before did not have
	frozen   bool            // nothing is learned from this redirect
	until    time.Time       // and from none to its target before
	unheard  bool            // the publisher said nothing
	offline  bool            // and this machine seems to have no network: no feed is to blame
}

// rules are how one feed is polled.
type rules struct {
	settings *feeds.Settings
	slots    slots
}

// outcome says what the poll came to, of an answer that is complete but for it.
func (a *answer) outcome(old *feeds.State) (feeds.Outcome, string) {
	switch {
	case a.resp.Outcome == feeds.Changed && a.hash == old.BodyHash && old.BodyHash != 0:
		return feeds.SameBody, ""
	case a.resp.Outcome == feeds.Changed && (a.document == nil || a.document.Status == parse.Refused):
		problem := "the answer is no feed"
		if a.document != nil && a.document.Problem != "" {
			problem = a.document.Problem
		}
		return feeds.NotAFeed, problem
	case a.resp.Outcome == feeds.Changed:
		return feeds.Changed, ""
	case a.resp.Status == http.StatusForbidden && old.Status == http.StatusForbidden && a.resp.Outcome == feeds.Failed:
		return feeds.RateLimited, "403 again: the server refuses this reader, so it is asked more rarely"
	}
	return a.resp.Outcome, a.resp.Problem
}

// decide gives the state after a poll. It is a pure function of its arguments, and
// changes nothing that they refer to.
func decide(old feeds.State, a *answer, r *rules) feeds.State {
	s := old
	s.Outcome, s.Problem = a.outcome(&old)
	s.LastRequest, s.Status, s.Polls, s.Wire = a.at, a.resp.Status, old.Polls+1, old.Wire+a.resp.Wire
	s.NotBefore = a.resp.RetryAfter
	if a.resp.Header != nil {
		s.LastHeaders = headerLines(a.resp.Header)
	}
	if s.Outcome.Observed() {
		s.Failures = 0
		if s.Outcome != feeds.NotModified || !distrusted(&old) {
			s.LastObserved = a.at
			if s.Rhythm = nil; r.slots.schedule == nil {
				s.Rhythm = learn(&old, a)
			}
		}
		updateDocument(&s, a)
		updateValidators(&s, &old, a)
		updateHints(&s, a)
	} else {
		if !a.offline {
			s.Failures++
		}
		s.Recent = remember(old.Recent, feeds.Failure{At: a.at, Outcome: s.Outcome, Status: s.Status, Problem: s.Problem})
	}
	updateHub(&s, &old, a)
	updateMove(&s, &old, a)
	if to := a.led(&old); to != "" {
		s.LedTo, s.LedAt, s.FrozenUntil = to, a.at, a.until
	}
	s.NextDue, s.DueReason = next(&s, r)
	return s
}

// updateDocument takes over what the document says of itself.
func updateDocument(s *feeds.State, a *answer) {
	if s.Outcome != feeds.NotModified {
		s.LastFull = a.at
	}
	if s.Outcome != feeds.Changed {
		return
	}
	d := a.document
	s.Title, s.Home, s.Language, s.Type = d.Title, d.Home, d.Language, d.Type
	s.Damaged, s.Problem = d.Status == parse.Damaged, d.Problem
	s.BodyHash, s.Entries, s.Known = a.hash, len(d.Items), a.raws
	if a.fresh > 0 {
		s.LastChange = a.at
	}
}

// maxRecent bounds how many failures a state remembers.
const maxRecent = 5

func remember(old []feeds.Failure, f feeds.Failure) []feeds.Failure {
	out := make([]feeds.Failure, 0, maxRecent)
	out = append(out, old[max(0, len(old)-maxRecent+1):]...)
	return append(out, f)
}

// keptHeaders are the fields that explain a decision. The rest, cookies among
// them, is not kept.
var keptHeaders = []string{
	"Date", "Server", "Via", "Content-Type", "Content-Encoding", "Etag", "Last-Modified", "Cache-Control", "Expires",
	"Age", "Retry-After", "Ratelimit", "Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset", "X-Ratelimit-Limit",
	"X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Cf-Mitigated", "Link",
}

func headerLines(h http.Header) string {
	var b strings.Builder
	b.Grow(256)
	for _, k := range keptHeaders {
		for _, v := range h[k] {
			if len(v) > 200 {
				v = strings.ToValidUTF8(v[:200], "") + "…"
			}
			if b.Len()+len(v) > 2000 {
				return b.String()
			}
			b.WriteString(k)
			b.WriteString(": ")
			b.WriteString(v)
			b.WriteString("\n")
		}
	}
	return b.String()
}
