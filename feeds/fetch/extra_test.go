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
	for scheme, want := range map[string]int{"http": 3, "https": 5} {
		a := &attempt{request: Request{Settings: s}, origin: &url.URL{Scheme: scheme, Host: "courier.example"}}
		req, err := http.NewRequest("GET", "https://courier.example/feed", nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.setHeader(req); len(req.Header) != want {
			t.Errorf("from %s: %v", scheme, req.Header)
		}
	}
}

// The name and password in an address go to it, and to where it leads on the same host
// only when the redirect is a path.
func TestAuthorizationByAddress(t *testing.T) {
	other := serveRaw(t, func(string) string { return reply("200 OK", "", feedText) })
	own := serveRaw(t, func(request string) string {
		if path(request) == "/feed" {
			return reply("307 Temporary Redirect", "Location: here\r\n", "")
		}
		return reply("303 See Other", "Location: "+other.URL+"/there\r\n", "")
	})
	r := get(t, Request{URL: strings.Replace(own.URL, "://", "://reader:secret@", 1) + "/feed", Settings: loopback()})
	for i := range 2 {
		if got := own.got(t, i); !strings.Contains(got, "\r\nAuthorization: Basic cmVhZGVyOnNlY3JldA==\r\n") {
			t.Errorf("the host was sent\n%s", got)
		}
	}
	if got := other.got(t, 0); strings.Contains(got, "Authorization") {
		t.Errorf("another host was sent\n%s", got)
	}
	if r.Outcome != feeds.Changed || len(r.Redirects) != 2 || r.FinalURL != other.URL+"/there" {
		t.Errorf("%+v", r)
	}
}

func TestRedirectsThatLeadNowhere(t *testing.T) {
	location := "Location: http://[::1\r\n"
	w := serveRaw(t, func(string) string { return reply("308 Permanent Redirect", location, "moved") })
	if r := get(t, Request{URL: w.URL, Settings: loopback()}); r.Outcome != feeds.Failed || r.Status != 308 || r.Problem != errLocation.Error() || len(r.Redirects) != 1 {
		t.Errorf("%+v", r)
	}
	location = ""
	if r := get(t, Request{URL: w.URL, Settings: loopback()}); r.Outcome != feeds.Failed || r.Status != 308 || r.Problem != "308: permanent redirect" || len(r.Redirects) != 0 {
		t.Errorf("%+v", r)
	}
	s := loopback()
	s.MaxRedirects, location = -1, "Location: /there\r\n"
	if r := get(t, Request{URL: w.URL, Settings: s}); r.Problem != "more than 0 redirects" {
		t.Errorf("%+v", r)
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
