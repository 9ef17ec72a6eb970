package fetch

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aggregator/feeds"
)

func TestExtraFieldsGoToTheFeedsOwnOriginOnly(t *testing.T) {
	other := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	own := serveRaw(t, func(request string) string {
		if path(request) == "/feed" {
			return reply("302 Found", "Location: /here\r\n", "")
		}
		return reply("302 Found", "Location: "+other.URL+"/there\r\n", "")
	})
	s := loopback()
	s.Header = map[string]string{"authorization": "Basic c2VjcmV0", "X-Api-Key": "secret"}
	r := get(t, Request{URL: own.URL + "/feed", Settings: s})
	for i := range 2 {
		if got := own.got(t, i); !strings.Contains(got, "\r\nAuthorization: Basic c2VjcmV0\r\n") || !strings.Contains(got, "\r\nX-Api-Key: secret\r\n") {
			t.Errorf("the feed's origin was sent\n%s", got)
		}
	}
	if got := other.got(t, 0); strings.Contains(strings.ToLower(got), "secret") || strings.Contains(got, "Authorization") {
		t.Errorf("another origin was sent\n%s", got)
	}
	if r.Outcome != feeds.Changed {
		t.Errorf("%s: %s", r.Outcome, r.Problem)
	}
	// The same host without TLS, or with it, is another origin.
	a := &attempt{request: Request{Settings: s}}
	req, err := http.NewRequest("GET", "https://courier.example/feed", nil)
	if err != nil {
		t.Fatal(err)
	}
	for scheme, want := range map[string]int{"http": 0, "https": 2} {
		a.setExtra(req, &url.URL{Scheme: scheme, Host: "courier.example"})
		if len(req.Header) != want {
			t.Errorf("from %s: %v", scheme, req.Header)
		}
	}
}

func TestAProxyIsAskedInsteadOfTheHost(t *testing.T) {
	proxy := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	s := loopback()
	s.Proxy = proxy.URL
	r := get(t, Request{URL: "http://courier.invalid/feed", Settings: s})
	if r.Outcome != feeds.Changed || !strings.HasPrefix(proxy.got(t, 0), "GET http://courier.invalid/feed HTTP/1.1\r\n") {
		t.Errorf("%s %s\n%s", r.Outcome, r.Problem, proxy.got(t, 0))
	}
	s.AllowPrivate = nil // a private proxy must be allowed like any private address
	if r := get(t, Request{URL: "http://courier.invalid/feed", Settings: s}); r.Problem != errProxyNotPublic.Error() {
		t.Errorf("%s %s", r.Outcome, r.Problem)
	}
	s.Proxy = "::"
	if r := get(t, Request{URL: "http://courier.invalid/feed", Settings: s}); !strings.Contains(r.Problem, "proxy") {
		t.Errorf("%s %s", r.Outcome, r.Problem)
	}
}
