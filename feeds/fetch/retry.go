package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter caps what a server can ask for: far above any sensible pause, far
// below losing a feed because a server's clock is wrong.
const maxRetryAfter = 30 * 24 * time.Hour

// retryAfter reads how long the server wants to be left alone: Retry-After (RFC
// 9110, section 10.2.3) with any status, else the widespread rate-limit fields
// when they say that nothing is left, or with a 429 or 503.
func retryAfter(status int, h http.Header, now time.Time) time.Time {
	if v := first(h, "Retry-After"); v != "" {
		if t := parseRetryAfter(v, serverNow(h, now), now); !t.IsZero() {
			return t
		}
	}
	refused := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
	for _, field := range limitFields {
		reset := first(h, field.reset)
		if reset == "" {
			continue
		}
		left, err := strconv.ParseFloat(first(h, field.remaining), 64)
		if refused || err == nil && left < 1 {
			if t := parseReset(reset, now); !t.IsZero() {
				return t
			}
		}
	}
	if values := h["Ratelimit"]; len(values) > 0 {
		return combinedLimit(values, refused, now)
	}
	return time.Time{}
}

// Pause is how long the server of an answer wants to be left alone, at most 30 days;
// 0 when it does not say.
func Pause(res *http.Response) time.Duration {
	now := time.Now()
	return max(0, retryAfter(res.StatusCode, res.Header, now).Sub(now))
}

// limitFields are the spellings in use, as net/http writes them.
var limitFields = []struct{ remaining, reset string }{
	{"Ratelimit-Remaining", "Ratelimit-Reset"},
	{"X-Ratelimit-Remaining", "X-Ratelimit-Reset"},
	{"X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"},
}

// parseRetryAfter reads delta seconds or a date. A date counts from the server's
// own clock, so that a difference between the clocks cancels out.
func parseRetryAfter(v string, server, now time.Time) time.Time {
	v = strings.TrimSpace(v)
	if seconds, err := strconv.ParseFloat(v, 64); err == nil {
		return ahead(seconds, now)
	}
	if t, ok := parseHTTPDate(v); ok {
		return ahead(t.Sub(server).Seconds(), now)
	}
	return time.Time{}
}

// parseReset reads a rate limit's reset: seconds from now, or since 1970.
func parseReset(v string, now time.Time) time.Time {
	n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil {
		return time.Time{}
	}
	if n > 1e9 {
		n -= float64(now.Unix())
	}
	return ahead(n, now)
}

// combinedLimit reads the single RateLimit field of the IETF drafts:
// `limit=100, remaining=0, reset=50` or `"default";r=0;t=50`.
func combinedLimit(values []string, refused bool, now time.Time) time.Time {
	var reset time.Time
	left, known := 0.0, false
	for _, part := range strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' || r == ';' }) {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(key) {
		case "remaining", "r":
			n, err := strconv.ParseFloat(value, 64)
			left, known = n, err == nil
		case "reset", "t":
			reset = parseReset(value, now)
		}
	}
	if refused || known && left < 1 {
		return reset
	}
	return time.Time{}
}

// ahead is the moment that many seconds from now, within the cap; zero when it is
// not in the future. NaN compares false and ends there too.
func ahead(seconds float64, now time.Time) time.Time {
	if !(seconds > 0) {
		return time.Time{}
	}
	if seconds > maxRetryAfter.Seconds() {
		return now.Add(maxRetryAfter)
	}
	return now.Add(time.Duration(seconds * float64(time.Second)))
}

// serverNow is what the server's clock showed; now when it did not say, or said
// nonsense.
func serverNow(h http.Header, now time.Time) time.Time {
	if t, ok := parseHTTPDate(first(h, "Date")); ok && t.Year() > 2000 {
		return t
	}
	return now
}

// ServerTime is what time it was, by a server's clock, when an answer with these fields
// left it, or the cache that kept it (RFC 9111, section 5.1). ok is false when it did not say.
func ServerTime(h http.Header) (t time.Time, ok bool) {
	if t, ok = parseHTTPDate(first(h, "Date")); !ok || t.Year() <= 2000 {
		return time.Time{}, false
	}
	if age, err := strconv.ParseUint(first(h, "Age"), 10, 31); err == nil {
		t = t.Add(time.Duration(age) * time.Second)
	}
	return t, true
}

// dateForms are the three of RFC 9110, section 5.6.7, and what real servers send
// instead. A one-digit "2" reads one and two digits.
var dateForms = []string{
	"Mon, 2 Jan 2006 15:04:05 MST",
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05",
	"Monday, 2-Jan-06 15:04:05 MST",
	"Mon, 2-Jan-2006 15:04:05 MST",
	"Mon, 2-Jan-06 15:04:05 MST",
	"Mon Jan _2 15:04:05 2006",
	"2 Jan 2006 15:04:05 MST",
	"2 Jan 2006 15:04:05 -0700",
	time.RFC3339,
}

// parseHTTPDate reads a date of a header field. Zones other than numeric ones are
// GMT, which is all that HTTP allows.
func parseHTTPDate(v string) (time.Time, bool) {
	v = strings.TrimSpace(v)
	if v == "" {
		return time.Time{}, false
	}
	if t, err := http.ParseTime(v); err == nil {
		return t.UTC(), true
	}
	for _, form := range dateForms {
		if t, err := time.ParseInLocation(form, v, time.UTC); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
