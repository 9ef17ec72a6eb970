package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// freshUntil says how long a cache may keep the answer: max-age less Age, else
// Expires less Date (RFC 9111, section 4.2). Zero when the server says nothing,
// forbids keeping, or the time has passed.
func freshUntil(h http.Header, now time.Time) time.Time {
	maxAge, stated := -1.0, false
	if values := h["Cache-Control"]; len(values) > 0 {
		for _, d := range strings.Split(strings.Join(values, ","), ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(d), "=")
			switch strings.ToLower(key) {
			case "no-store", "no-cache":
				return time.Time{}
			case "max-age":
				if n, err := strconv.ParseFloat(strings.Trim(value, `" `), 64); err == nil {
					maxAge, stated = n, true
				}
			}
		}
	}
	if stated {
		if age, err := strconv.ParseFloat(first(h, "Age"), 64); err == nil && age > 0 {
			maxAge -= age
		}
		return ahead(maxAge, now)
	}
	if t, ok := parseHTTPDate(first(h, "Expires")); ok {
		return ahead(t.Sub(serverNow(h, now)).Seconds(), now)
	}
	return time.Time{}
}
