package websub_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/websub"
)

// Whatever somebody sends to a callback, a challenge is only said back for what was
// asked for, and as plain text.
func FuzzCallback(f *testing.F) {
	const feed, topic = "https://c.example/feed", "https://c.example/self"
	f.Add("GET", "tok", "hub.mode=subscribe&hub.topic=https://c.example/self&hub.challenge=x&hub.lease_seconds=10", "", "")
	f.Add("POST", "tok", "", "sha1=00", "<feed/>")
	f.Add("GET", "tok", "hub.mode=denied&hub.topic=https://c.example/self&hub.reason=%ff", "", "")
	f.Fuzz(func(t *testing.T, method, token, query, signature, body string) {
		s := websub.New(websub.Options{Callback: "https://a.example", Now: time.Now})
		s.Changed(feed, &feeds.WebSub{Hub: "https://h.example/", Topic: topic, Token: "tok", Secret: "secret", Awaiting: true})
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: websub.Path + token, RawQuery: query}
		r.Header.Set("X-Hub-Signature", signature)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Body.Len() > 0 {
			q := r.URL.Query()
			if w.Code != http.StatusOK || token != "tok" || q.Get("hub.topic") != topic || w.Body.String() != q.Get("hub.challenge") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
				t.Errorf("%d %q to %s %q %q", w.Code, w.Body, method, token, query)
			}
		}
	})
}
