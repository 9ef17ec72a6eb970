package fetch

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const feedText = `<?xml version="1.0"?><rss version="2.0"><channel><title>The Courier</title></channel></rss>`

func TestPoliteness01FirstRequestHasNoValidators(t *testing.T) {
	w := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	get(t, Request{URL: w.URL, Settings: loopback()})
	for _, field := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "Range"} {
		if strings.Contains(w.got(t, 0), field) {
			t.Errorf("the first request carries %s:\n%s", field, w.got(t, 0))
		}
	}
}

func TestPoliteness02ETagByteForByte(t *testing.T) {
	for _, tag := range []string{`"a b"`, `W/"x"`, `w/"x"`, `unquoted`, `"" ""`, `"ü` + "\xff" + `"`, `W/"a--gzip"`, `"a\"b"`, `'single'`} {
		w := serveRaw(t, func(request string) string {
			if strings.Contains(request, "If-None-Match:") {
				return reply("304 Not Modified", "", "")
			}
			return reply("200 OK", "ETag: "+tag+"\r\n", feedText)
		})
		first := get(t, Request{URL: w.URL, Settings: loopback()})
		second := get(t, Request{URL: w.URL, ETag: first.ETag, LastModified: first.LastModified, Settings: loopback()})
		if !strings.Contains(w.got(t, 1), "\r\nIf-None-Match: "+tag+"\r\n") {
			t.Errorf("%q came back as\n%s", tag, w.got(t, 1))
		}
		if second.Outcome != feeds.NotModified {
			t.Errorf("%q: outcome %s", tag, second.Outcome)
		}
	}
}

func TestPoliteness03LastModifiedAsReceived(t *testing.T) {
	for _, date := range []string{"Sun, 01 Mar 2026 07:00:00 GMT", "Sun,  01 Mar 2026  07:00:00 GMT", "Sunday, 01-Mar-26 07:00:00 GMT", "Tue, 3 Mar 2026 08:00:00 +0000", "yesterday", "2026-03-03T08:00:00Z", "Sun Mar  1 07:00:00 2026", "0"} {
		w := serveRaw(t, func(string) string { return reply("200 OK", "Last-Modified: "+date+"\r\n", feedText) })
		first := get(t, Request{URL: w.URL, Settings: loopback()})
		get(t, Request{URL: w.URL, LastModified: first.LastModified, Settings: loopback()})
		if !strings.Contains(w.got(t, 1), "\r\nIf-Modified-Since: "+date+"\r\n") {
			t.Errorf("%q came back as\n%s", date, w.got(t, 1))
		}
	}
}

func TestPoliteness04BothValidatorsOrTheChosenOne(t *testing.T) {
	for choice, want := range map[string][2]bool{"": {true, true}, "etag": {true, false}, "last-modified": {false, true}} {
		w := serveRaw(t, func(string) string { return reply("304 Not Modified", "", "") })
		s := loopback()
		s.Validators = choice
		get(t, Request{URL: w.URL, ETag: `"a"`, LastModified: "Sun, 01 Mar 2026 07:00:00 GMT", Settings: s})
		got := [2]bool{strings.Contains(w.got(t, 0), "If-None-Match: \"a\"\r\n"), strings.Contains(w.got(t, 0), "If-Modified-Since: Sun, 01 Mar 2026 07:00:00 GMT\r\n")}
		if got != want {
			t.Errorf("validators %q: sent %v, want %v", choice, got, want)
		}
	}
}

func TestPoliteness11ValidatorsGoOnlyWhereTheyCameFrom(t *testing.T) {
	target := serveRaw(t, func(request string) string {
		if strings.Contains(request, "If-None-Match: \"t\"") {
			return reply("304 Not Modified", "", "")
		}
		return reply("200 OK", "ETag: \"t\"\r\n", feedText)
	})
	old := serveRaw(t, func(string) string { return reply("302 Found", "Location: "+target.URL+"/feed\r\n", "") })

	// Validators of the old address stay away from the target.
	first := get(t, Request{URL: old.URL, ETag: `"o"`, LastModified: "x", ValidatorsOf: old.URL, Settings: loopback()})
	if strings.Contains(target.got(t, 0), "If-") {
		t.Errorf("the target was sent another address's validators:\n%s", target.got(t, 0))
	}
	// Those of the target reach the target, and not the old address.
	second := get(t, Request{URL: old.URL, ETag: first.ETag, ValidatorsOf: first.FinalURL, Settings: loopback()})
	if strings.Contains(old.got(t, 1), "If-") || second.Outcome != feeds.NotModified {
		t.Errorf("outcome %s, old address was sent\n%s", second.Outcome, old.got(t, 1))
	}
}

func TestPoliteness01A304WithoutValidatorsIsNoAnswer(t *testing.T) {
	w := serveRaw(t, func(string) string { return reply("304 Not Modified", "", "") })
	if r := get(t, Request{URL: w.URL, Settings: loopback()}); r.Outcome != feeds.Failed {
		t.Errorf("%s", r.Outcome)
	}
}

// liesAhead reports whether a moment lies so far ahead of an answer that came between before and
// now; servers tell it by the second. None at all is as good as no wait.
func liesAhead(at time.Time, want time.Duration, before time.Time) bool {
	if want == 0 {
		return !at.After(time.Now().Add(time.Second))
	}
	return !at.Before(before.Add(want-time.Second)) && !at.After(time.Now().Add(want+time.Second))
}

func TestPoliteness16CacheTimes(t *testing.T) {
	now := time.Now().UTC()
	date := now.Add(-time.Hour).Format(http.TimeFormat) // the server's clock is an hour behind
	for headers, want := range map[string]time.Duration{
		"Cache-Control: max-age=600\r\n":                                         10 * time.Minute,
		"Cache-Control: public, max-age=\"600\"\r\nAge: 60\r\n":                  9 * time.Minute,
		"Cache-Control: max-age=600\r\nAge: 900\r\n":                             0,
		"Cache-Control: max-age=600, no-cache\r\n":                               0,
		"Cache-Control: no-store\r\nExpires: Fri, 01 Jan 2100 00:00:00 GMT\r\n":  0,
		"Cache-Control: max-age=0\r\nExpires: Fri, 01 Jan 2100 00:00:00 GMT\r\n": 0,
		"Cache-Control: private\r\nCache-Control: max-age=60\r\n":                time.Minute,
		"Date: " + date + "\r\nExpires: " + now.Format(http.TimeFormat) + "\r\n": time.Hour,
		"Expires: -1\r\n": 0, "Expires: 0\r\n": 0, "Cache-Control: max-age=soon\r\n": 0, "": 0,
	} {
		w := serveRaw(t, func(string) string { return reply("200 OK", headers, feedText) })
		before := time.Now()
		r := get(t, Request{URL: w.URL, Settings: loopback()})
		if !liesAhead(r.FreshUntil, want, before) {
			t.Errorf("%q: fresh until %s, want %s from %s on", headers, r.FreshUntil, want, before)
		}
	}
}

func TestPoliteness19RetryAfterInAllForms(t *testing.T) {
	written := time.Now()
	in := func(d time.Duration, form string) string { return written.UTC().Add(d).Format(form) }
	day := 24 * time.Hour
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"seconds", "120", 2 * time.Minute},
		{"seconds with a fraction", "1.5", 1500 * time.Millisecond},
		{"a week", "604800", 7 * day},
		{"more than the cap", "999999999999", 30 * day},
		{"RFC 1123", in(time.Hour, http.TimeFormat), time.Hour},
		{"+0000", in(time.Hour, "Mon, 02 Jan 2006 15:04:05 +0000"), time.Hour},
		{"UTC", in(time.Hour, "Mon, 02 Jan 2006 15:04:05 UTC"), time.Hour},
		{"one-digit day", in(40*day, "Mon, 2 Jan 2006 15:04:05 GMT"), 30 * day},
		{"RFC 850", in(time.Hour, "Monday, 02-Jan-06 15:04:05 GMT"), time.Hour},
		{"asctime", in(time.Hour, time.ANSIC), time.Hour},
		{"RFC 3339", in(time.Hour, time.RFC3339), time.Hour},
		{"past", in(-time.Hour, http.TimeFormat), 0},
		{"zero", "0", 0}, {"negative", "-1", 0}, {"words", "later", 0}, {"not a number", "NaN", 0}, {"absent", "", 0},
	} {
		for _, status := range []string{"429 Too Many Requests", "503 Service Unavailable"} {
			w := serveRaw(t, func(string) string { return reply(status, "Retry-After: "+c.value+"\r\n", "") })
			r := get(t, Request{URL: w.URL, Settings: loopback()})
			if !liesAhead(r.RetryAfter, c.want, written) || r.Outcome != feeds.RateLimited {
				t.Errorf("%s, %s: %s, wait until %s, want %s from %s on", c.name, status, r.Outcome, r.RetryAfter, c.want, written)
			}
		}
	}
}

func TestPoliteness19DateCountsFromTheServersClock(t *testing.T) {
	for _, form := range []string{"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 GMT", "Monday, 2-Jan-06 15:04:05 GMT", "Mon, 2-Jan-2006 15:04:05 GMT", time.ANSIC} {
		for day := 1; day <= 9; day++ {
			server := time.Date(2031, 5, day, 10, 0, 0, 0, time.UTC) // years ahead of ours
			w := serveRaw(t, func(string) string {
				return reply("429 Too Many Requests", "Date: "+server.Format(http.TimeFormat)+"\r\nRetry-After: "+server.Add(10*time.Minute).Format(form)+"\r\n", "")
			})
			before := time.Now()
			at := get(t, Request{URL: w.URL, Settings: loopback()}).RetryAfter
			if !liesAhead(at, 10*time.Minute, before) {
				t.Errorf("%s, day %d: wait until %s, which was answered after %s", form, day, at, before)
			}
		}
	}
}

func TestPoliteness20RateLimitFields(t *testing.T) {
	written := time.Now()
	epoch := written.Add(5 * time.Minute).Unix()
	for _, c := range []struct {
		status, headers string
		want            time.Duration
	}{
		{"429 Too Many Requests", "X-RateLimit-Reset: 300\r\n", 5 * time.Minute},
		{"429 Too Many Requests", fmt.Sprintf("X-RateLimit-Reset: %d\r\n", epoch), 5 * time.Minute},
		{"429 Too Many Requests", "RateLimit: limit=10, remaining=0, reset=60\r\n", time.Minute},
		{"429 Too Many Requests", "RateLimit: \"default\";r=0;t=60\r\n", time.Minute},
		{"429 Too Many Requests", "Retry-After: 30\r\nX-RateLimit-Reset: 300\r\n", 30 * time.Second},
		{"200 OK", "X-RateLimit-Remaining: 0.0\r\nX-RateLimit-Reset: 300\r\n", 5 * time.Minute},
		{"200 OK", "X-RateLimit-Remaining: 99\r\nX-RateLimit-Reset: 300\r\n", 0},
		{"200 OK", "RateLimit: limit=10, remaining=0, reset=60\r\n", time.Minute},
		{"200 OK", "RateLimit: limit=10, remaining=3, reset=60\r\n", 0},
	} {
		w := serveRaw(t, func(string) string { return reply(c.status, c.headers, feedText) })
		if r := get(t, Request{URL: w.URL, Settings: loopback()}); !liesAhead(r.RetryAfter, c.want, written) {
			t.Errorf("%s %q: wait until %s, want %s from %s on", c.status, c.headers, r.RetryAfter, c.want, written)
		}
	}
}

func TestPoliteness22ChallengeIsNamed(t *testing.T) {
	w := serveRaw(t, func(string) string { return reply("403 Forbidden", "cf-mitigated: challenge\r\n", "<html>") })
	r := get(t, Request{URL: w.URL, Settings: loopback()})
	if r.Outcome != feeds.RateLimited || !strings.Contains(r.Problem, "challenge") {
		t.Errorf("%s: %s", r.Outcome, r.Problem)
	}
	if !strings.Contains(w.got(t, 0), "User-Agent: "+DefaultUserAgent+"\r\n") || len(w.requests) != 1 {
		t.Errorf("%d requests, the first\n%s", len(w.requests), w.got(t, 0))
	}
}

func TestPoliteness30RedirectLimits(t *testing.T) {
	w := serveRaw(t, func(request string) string {
		to := map[string]string{
			"/loop": "/loop2", "/loop2": "/loop", "/self": "/self",
			"/1": "/2", "/2": "/3", "/3": "/4", "/4": "/5", "/5": "/6", "/6": "/7",
			"/ftp": "ftp://127.0.0.1/feed", "/file": "file:///etc/passwd", "/private": "http://10.1.2.3:9/feed", "/mapped": "http://[::ffff:10.1.2.3]:9/",
		}[path(request)]
		if to == "" {
			return reply("200 OK", "", feedText)
		}
		return reply("302 Found", "Location: "+to+"\r\n", "")
	})
	for from, want := range map[string]string{
		"/loop": errLoop.Error(), "/self": errLoop.Error(), "/1": "more than 5 redirects", "/2": "",
		"/ftp": errScheme.Error(), "/file": errScheme.Error(), "/private": "10.1.2.3 is not a public address" + allowIt, "/mapped": "::ffff:10.1.2.3 is not a public address" + allowIt,
	} {
		r := get(t, Request{URL: w.URL + from, Settings: loopback()})
		if r.Problem != want {
			t.Errorf("%s: %q, want %q", from, r.Problem, want)
		}
		if want == "" && (r.Outcome != feeds.Changed || len(r.Redirects) != 5 || !strings.HasSuffix(r.FinalURL, "/7")) {
			t.Errorf("%s: %s at %s after %v", from, r.Outcome, r.FinalURL, r.Redirects)
		}
	}
}

func TestPoliteness30NoWayBackFromHTTPS(t *testing.T) {
	plain := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusMovedPermanently))
	defer secure.Close()
	c := New()
	defer c.Close()
	trustTestServer(t, c, secure)
	r := c.Get(t.Context(), Request{URL: secure.URL, Settings: loopback()})
	if r.Problem != errDowngrade.Error() || len(plain.requests) != 0 {
		t.Errorf("%q, and %d requests in the clear", r.Problem, len(plain.requests))
	}
}

// trustTestServer lets c accept the server's own certificate.
func trustTestServer(t *testing.T, c *Client, srv *httptest.Server) {
	t.Helper()
	s := loopback()
	h, err := c.transport(&s)
	if err != nil {
		t.Fatal(err)
	}
	h.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

func TestPoliteness33NoRefererNoCookiesNoExtras(t *testing.T) {
	w := serveRaw(t, func(request string) string {
		if strings.HasPrefix(path(request), "/feed") {
			return reply("302 Found", "Set-Cookie: id=1\r\nLocation: /there?b=2#part\r\n", "")
		}
		return reply("200 OK", "Set-Cookie: id=2\r\n", feedText)
	})
	c := New()
	defer c.Close()
	for range 2 {
		c.Get(t.Context(), Request{URL: w.URL + "/feed?key=secret&a=1#top", Settings: loopback()})
	}
	for i, want := range []string{"GET /feed?key=secret&a=1 HTTP/1.1", "GET /there?b=2 HTTP/1.1", "GET /feed?key=secret&a=1 HTTP/1.1", "GET /there?b=2 HTTP/1.1"} {
		got := w.got(t, i)
		if line, _, _ := strings.Cut(got, "\r\n"); line != want {
			t.Errorf("request %d is %q, want %q", i, line, want)
		}
		for _, line := range strings.Split(strings.TrimSpace(got), "\r\n")[1:] {
			name, _, _ := strings.Cut(line, ":")
			switch name {
			case "Host", "User-Agent", "Accept", "Accept-Encoding":
			default:
				t.Errorf("request %d carries %q", i, line)
			}
		}
	}
}

func TestPoliteness34UserAgent(t *testing.T) {
	w := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	s := loopback()
	get(t, Request{URL: w.URL, Settings: s})
	s.UserAgent = "courier-desk/2 (+https://courier.example/bot)"
	get(t, Request{URL: w.URL, Settings: s})
	for i, want := range []string{DefaultUserAgent, s.UserAgent} {
		if !strings.Contains(w.got(t, i), "\r\nUser-Agent: "+want+"\r\n") {
			t.Errorf("request %d:\n%s", i, w.got(t, i))
		}
	}
}

func TestPoliteness35CodingsAskedForAreDecoded(t *testing.T) {
	w := serveRaw(t, func(request string) string {
		if !strings.Contains(request, "\r\nAccept-Encoding: gzip, br, zstd\r\n") || !strings.Contains(request, "\r\nAccept: application/atom+xml, application/rss+xml, application/feed+json") {
			return reply("406 Not Acceptable", "", "")
		}
		p := path(request)[1:]
		coding, name, _ := strings.Cut(p, "/")
		return reply("200 OK", "Content-Encoding: "+name+"\r\n", string(pack(coding, []byte(feedText))))
	})
	for _, p := range []string{
		"gzip/gzip", "br/br", "zstd/zstd", "zlib/deflate", "deflate/deflate", "gzip/x-gzip", "gzip/GZIP", // as said
		"plain/gzip", "plain/br", "plain/zstd", "plain/deflate", "plain/utf-8", "plain/identity", // lies
		"gzip/", "gzip/identity", "zstd/gzip", "gzip/br", "padded/gzip", "twice/gzip", "twice/gzip,gzip",
	} {
		r := get(t, Request{URL: w.URL + "/" + p, Settings: loopback()})
		if string(r.Body) != feedText {
			t.Errorf("%s: %s %s %.40q", p, r.Outcome, r.Problem, r.Body)
		}
	}
}

func pack(coding string, b []byte) []byte {
	var out bytes.Buffer
	switch coding {
	case "gzip", "padded", "twice":
		z := gzip.NewWriter(&out)
		z.Write(b)
		z.Close()
		if coding == "padded" {
			out.Write(make([]byte, 20))
		}
		if coding == "twice" {
			return pack("gzip", out.Bytes())
		}
	case "br":
		z := brotli.NewWriter(&out)
		z.Write(b)
		z.Close()
	case "zstd":
		z, _ := zstd.NewWriter(&out)
		z.Write(b)
		z.Close()
	case "zlib", "deflate":
		return deflated(coding == "zlib", b)
	default:
		return b
	}
	return out.Bytes()
}

func TestPoliteness35SizesAreBounded(t *testing.T) {
	huge := bytes.Repeat([]byte("<item>"), 1<<17)
	packed := map[string]string{}
	for _, coding := range []string{"plain", "gzip", "br", "zstd"} {
		packed[coding] = string(pack(coding, huge))
	}
	w := serveRaw(t, func(request string) string {
		coding := path(request)[1:]
		headers := "Content-Encoding: " + coding + "\r\n"
		switch coding {
		case "stated":
			return reply("200 OK", "Content-Length: 99999999999\r\n", "")
		case "exact":
			return reply("200 OK", "", packed["plain"][:100000])
		}
		return reply("200 OK", headers, packed[coding])
	})
	s := loopback()
	endless := serveRaw(t, func(string) string { return reply("200 OK", "X: "+strings.Repeat("y", 600<<10)+"\r\n", feedText) })
	if r := get(t, Request{URL: endless.URL, Settings: s}); r.Outcome != feeds.Failed {
		t.Errorf("a header of 600 KiB: %s", r.Outcome)
	}
	s.MaxBody = 100000
	for p, want := range map[string]string{
		"plain": "larger than", "stated": "larger than", "gzip": "unpacked, ", "br": "unpacked, ", "zstd": "unpacked, ", "exact": "",
	} {
		r := get(t, Request{URL: w.URL + "/" + p, Settings: s})
		if p == "exact" {
			if r.Outcome != feeds.Changed || len(r.Body) != 100000 {
				t.Errorf("%s: %s, %d bytes", p, r.Problem, len(r.Body))
			}
			continue
		}
		if r.Outcome != feeds.Failed || !strings.Contains(r.Problem, want) || r.Body != nil || r.Wire > s.MaxBody+1 {
			t.Errorf("%s: %s %q, %d bytes read", p, r.Outcome, r.Problem, r.Wire)
		}
	}
}

func TestPoliteness36Timeouts(t *testing.T) {
	stalls := serveRaw(t, func(request string) string {
		if path(request) == "/silent" {
			return ""
		}
		return reply("200 OK", "Content-Length: 500\r\n", "<rss>")
	})
	s := loopback()
	s.HeaderTimeout, s.Timeout = 50*time.Millisecond, 2*time.Minute
	if r := get(t, Request{URL: stalls.URL + "/silent", Settings: s}); r.Problem != "the server took too long to begin its answer" {
		t.Errorf("headers: %q", r.Problem)
	}
	s.HeaderTimeout, s.Timeout = 2*time.Minute, 50*time.Millisecond
	if r := get(t, Request{URL: stalls.URL + "/silent", Settings: s}); r.Problem != errWhole.Error() {
		t.Errorf("whole: %q", r.Problem)
	}
	s.Timeout = 2 * time.Minute
	if r := get(t, Request{URL: stalls.URL + "/cut", Settings: s}); r.Problem != "the answer ended early, after 5 bytes" {
		t.Errorf("cut: %q", r.Problem)
	}
	s.ConnectTimeout = time.Second
	r := get(t, Request{URL: strings.Replace(stalls.URL, "http:", "https:", 1) + "/", Settings: s})
	if r.Problem != "the server does not speak TLS on this port" && r.Problem != "the TLS handshake took too long" && r.Problem != "the server closed the connection without a whole answer" {
		t.Errorf("TLS: %q", r.Problem)
	}
}

func TestPoliteness36HTTP2(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"2"`)
		if r.ProtoMajor != 2 {
			http.Error(w, "HTTP/2 only", http.StatusHTTPVersionNotSupported)
		} else if r.Header.Get("If-None-Match") == `"2"` {
			w.WriteHeader(http.StatusNotModified)
		} else {
			fmt.Fprint(w, feedText)
		}
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c := New()
	defer c.Close()
	trustTestServer(t, c, srv)
	first := c.Get(t.Context(), Request{URL: srv.URL, Settings: loopback()})
	second := c.Get(t.Context(), Request{URL: srv.URL, ETag: first.ETag, Settings: loopback()})
	if string(first.Body) != feedText || second.Outcome != feeds.NotModified {
		t.Errorf("%s %s, then %s %s", first.Outcome, first.Problem, second.Outcome, second.Problem)
	}
}

func TestPoliteness37DeltasAreNeitherAskedForNorTaken(t *testing.T) {
	w := serveRaw(t, func(string) string { return reply("226 IM Used", "IM: feed\r\n", feedText) })
	r := get(t, Request{URL: w.URL, ETag: `"a"`, Settings: loopback()})
	if strings.Contains(w.got(t, 0), "A-IM") || r.Outcome != feeds.Failed || r.Body != nil {
		t.Errorf("%s: %s\n%s", r.Outcome, r.Problem, w.got(t, 0))
	}
}

func TestPoliteness38HostsThatOptedOutAreNeverAsked(t *testing.T) {
	shy := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	lead := serveRaw(t, func(string) string {
		return reply("301 Moved Permanently", "Location: "+strings.Replace(shy.URL, "127.0.0.1", "localhost", 1)+"/feed\r\n", "")
	})
	s := loopback()
	s.OptOut = []string{"LOCALHOST", "courier.example"}
	for _, url := range []string{lead.URL, strings.Replace(shy.URL, "127.0.0.1", "localhost", 1), "http://www.courier.example/feed"} {
		if r := get(t, Request{URL: url, Settings: s}); r.Problem != errOptOut.Error() || len(shy.requests) != 0 {
			t.Errorf("%s: %q, %d requests", url, r.Problem, len(shy.requests))
		}
	}
	s.OptOut = []string{"host", "7.0.0.1"}
	if r := get(t, Request{URL: shy.URL, Settings: s}); r.Outcome != feeds.Changed {
		t.Errorf("another host: %q", r.Problem)
	}
}
