package fetch

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

func deflated(wrapped bool, b []byte) []byte {
	var out bytes.Buffer
	if wrapped {
		z := zlib.NewWriter(&out)
		z.Write(b)
		z.Close()
	} else {
		z, _ := flate.NewWriter(&out, 6)
		z.Write(b)
		z.Close()
	}
	return out.Bytes()
}

func TestStatusesAndTheirOutcomes(t *testing.T) {
	w := serveRaw(t, func(request string) string {
		return reply(strings.ReplaceAll(path(request)[1:], "_", " "), "", feedText)
	})
	for status, want := range map[string]feeds.Outcome{
		"200_OK": feeds.Changed, "203_Ok": feeds.Changed, "204_None": feeds.Failed, "206_Part": feeds.Failed,
		"300_Many": feeds.Failed, "400_Bad": feeds.Failed, "401_Login": feeds.Failed, "403_No": feeds.Failed,
		"404_None": feeds.Failed, "410_Gone": feeds.Gone, "429_Slow": feeds.RateLimited, "500_Oops": feeds.Failed,
		"503_Busy": feeds.RateLimited, "999_LinkedIn": feeds.Failed,
	} {
		r := get(t, Request{URL: w.URL + "/" + status, Settings: loopback()})
		if r.Outcome != want || (r.Problem == "") != (want == feeds.Changed) || (r.Body != nil) != (want == feeds.Changed) {
			t.Errorf("%s: %s %q", status, r.Outcome, r.Problem)
		}
	}
}

func TestAddressesThatAreNotPublicAreRefused(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "8.8.8.8": true, "64:ff9b::808:808": true, "2002:0808:0808::1": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false,
		"100.64.0.1": false, "192.0.0.8": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "203.0.113.9": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fec0::1": false, "ff02::1": false, "::ffff:10.0.0.1": false,
		"64:ff9b::a00:1": false, "2002:0a00:0001::1": false, "2001:db8::1": false, "100::1": false,
		"::7f00:1": false, "::ffff:0:7f00:1": false, "3fff::1": false, "5f00::1": false,
	} {
		err := guard(netip.AddrPortFrom(netip.MustParseAddr(address), 80).String(), nil)
		if (err == nil) != want {
			t.Errorf("%s: public %v, want %v", address, err == nil, want)
		}
	}
	if guard("10.1.2.3:80", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}) != nil {
		t.Error("an allowed range is refused")
	}
	w := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	for url, want := range map[string]string{w.URL: "127.0.0.1 is not a public address; if it is meant, name its range in allow_private",
		strings.Replace(w.URL, "127.0.0.1", "localhost", 1): "localhost leads to an address that is not public, in a private network or of this machine; if it is meant, name its range in allow_private"} {
		if r := get(t, Request{URL: url}); r.Problem != want || len(w.requests) != 0 {
			t.Errorf("%s: %q, %d requests", url, r.Problem, len(w.requests))
		}
	}
}

func TestFailuresAreExplained(t *testing.T) {
	resets := serveRaw(t, func(string) string { return "HTTP/1.1 garbage\r\n\r\n" })
	closes := serveRaw(t, func(string) string { return "\r\n" })
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	refused := httptest.NewServer(nil)
	refused.Close()
	for url, want := range map[string]string{
		resets.URL + "/?key=secret": "malformed HTTP",
		closes.URL + "/?key=secret": "",
		secure.URL:                  "the TLS certificate is signed by nobody known",
		refused.URL + "/?key=s":     "the server refuses connections",
		"ftp://example.org/":        "the address must start with http:// or https:// and name a host",
		"http://":                   "the address must start with",
		"http://a b/":               "the address cannot be read",
	} {
		r := get(t, Request{URL: url, Settings: loopback()})
		if r.Outcome != feeds.Failed || r.Problem == "" || !strings.Contains(r.Problem, want) || strings.Contains(r.Problem, "secret") {
			t.Errorf("%s: %s %q", url, r.Outcome, r.Problem)
		}
	}
	s := loopback()
	s.AllowPrivate = []string{"10.0.0.1"}
	if r := get(t, Request{URL: closes.URL, Settings: s}); !strings.Contains(r.Problem, "CIDR") {
		t.Errorf("a wrong range: %q", r.Problem)
	}
}

func TestGetEndsWithItsContext(t *testing.T) {
	w := serveRaw(t, func(string) string { return "" })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	c := New()
	defer c.Close()
	if r := c.Get(ctx, Request{URL: w.URL, Settings: loopback()}); r.Outcome != feeds.Failed || r.Took > loopback().Timeout/2 {
		t.Errorf("%s after %s: %s", r.Outcome, r.Took, r.Problem)
	}
}

func TestAHostileHeaderIsNotSentBack(t *testing.T) {
	w := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	r := get(t, Request{URL: w.URL, ETag: "a\r\nX-Evil: 1", LastModified: "b\x00", Settings: loopback()})
	if r.Outcome != feeds.Changed || r.Conditional || strings.Contains(w.got(t, 0), "Evil") {
		t.Errorf("%s %q\n%s", r.Outcome, r.Problem, w.got(t, 0))
	}
}

// FuzzHeaders: whatever a server writes into its header fields, the moments that
// are read from them lie ahead and within their caps.
func FuzzHeaders(f *testing.F) {
	f.Add("120", "max-age=60", "Sun, 01 Mar 2026 07:00:00 GMT", "limit=1, remaining=0, reset=9")
	f.Add("Sun, 1 Mar 2026 07:00:00 UTC", "max-age=-1", "0", "\"q\";r=0;t=1e300")
	f.Add("1e400", "max-age=1e400", "x", "=;=,")
	f.Fuzz(func(t *testing.T, retry, cache, date, limit string) {
		now := time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC)
		h := http.Header{"Retry-After": {retry}, "Cache-Control": {cache}, "Expires": {date}, "Date": {retry}, "Ratelimit": {limit}, "X-Ratelimit-Reset": {limit}}
		for _, at := range []time.Time{retryAfter(429, h, now), retryAfter(200, h, now), freshUntil(h, now)} {
			if !at.IsZero() && (!at.After(now) && at != now || at.Sub(now) > maxRetryAfter) {
				t.Errorf("%s is out of bounds", at)
			}
		}
	})
}

// FuzzDecode: no body makes decoding panic or exceed its limit.
func FuzzDecode(f *testing.F) {
	for _, c := range []string{"gzip", "br", "zstd", "zlib", "deflate", "plain", "padded", "twice"} {
		f.Add(pack(c, []byte(feedText)), c)
	}
	f.Fuzz(func(t *testing.T, body []byte, coding string) {
		out, err := decode(body, []string{coding}, 1<<16)
		if err == nil && len(out) > max(1<<16, len(body)) {
			t.Errorf("%d bytes", len(out))
		}
	})
}
