package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/store"
)

// routesOf are all patterns that the server answers.
func routesOf(t testing.TB) []string {
	mux := &recorded{ServeMux: http.NewServeMux()}
	o := sampleOptions()
	o.Traffic = NewTraffic()
	(&server{Options: o, source: sample(), answers: newAnswers()}).routes(mux)
	if len(mux.patterns) < 20 {
		t.Fatal(mux.patterns)
	}
	return mux.patterns
}

// TestEveryHandlerAnswersMalformedParametersWithAProblem sends each address of
// the server, also with malformed numbers and names in its path, every kind of
// bad parameter: the answer is 4xx as problem+json, or the page as ever where
// parameters do not matter, and never a 500.
func TestEveryHandlerAnswersMalformedParametersWithAProblem(t *testing.T) {
	h := New(sample(), sampleOptions())
	queries := []string{
		"", "limit=0", "limit=1e9", "limit=-1", "min_outlets=x", "min_share=101", "since=yesterday", "until=2026-13-01", "copies=maybe", "after=nowhere", "after=0.0",
		"after=99999999999999999999.1", "lnag=en", "q=a&q=b", "q=%ff", "q=%00", "%zz", "a;b=c", "=", "archive=2026-02-30", "archive=1&archive=2", "url=x", "url=ftp://x", "feed=%00",
		"failed=perhaps", "lang=" + strings.Repeat("a", 300), strings.Repeat("x=1&", 900), "limit=" + strings.Repeat("9", 4000),
	}
	segments := []string{"1", "0", "-1", "99999999999999999999", "4711", "x", "%00", "%ff", "1%2F2", ".", "%2e%2e", strings.Repeat("9", 300)}
	refused, sent := 0, 0
	for _, pattern := range routesOf(t) {
		method, path, both := strings.Cut(pattern, " ")
		if !both {
			method, path = "GET", pattern
		}
		if path == "/api/v1/events" {
			continue // a stream without parameters, which does not end
		}
		path = strings.TrimSuffix(path, "{$}")
		for _, segment := range segments {
			target := path
			for strings.Contains(target, "{") {
				a, b := strings.IndexByte(target, '{'), strings.IndexByte(target, '}')
				target = target[:a] + segment + target[b+1:]
			}
			for _, query := range queries {
				r := httptest.NewRequest(method, "/", nil)
				u, err := url.ParseRequestURI(target)
				if err != nil {
					continue
				}
				u.RawQuery = query
				r.URL, r.RequestURI = u, target+"?"+query
				r.RemoteAddr = "@"
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				sent++
				switch status := w.Code; {
				case status >= 500:
					t.Errorf("%s %s?%.60s: %d %s", method, target, query, status, w.Body)
				case status >= 400:
					refused++
					var p problem
					if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != status || p.Detail == "" || w.Header().Get("Content-Type") != "application/problem+json" {
						t.Errorf("%s %s?%.60s: %d %s", method, target, query, status, w.Body)
					}
				}
			}
			if target == path {
				break
			}
		}
	}
	if refused < sent/3 {
		t.Errorf("only %d of %d requests were refused", refused, sent)
	}
}

// FuzzRequest sends whatever it likes to every handler: never a 500, a problem
// where the API refuses, and a body that is as long as it says.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "/feed.atom", "archive=2026-03-04&lang=en", "gzip;q=0.5, zstd", `W/"abc"`, "application/rss+xml", "")
	f.Add("POST", "/api/v1/first", "", "", "", "text/html", "<p>Port Salim dockers end nine-day strike")
	f.Add("GET", "/api/v1/first", "url=https%3A%2F%2Fharbourpost.example%2F2026%2F101", "", "*", "*/*", "")
	f.Add("GET", "/stories/1", "", "identity", `"x", "y"`, "text/html", "")
	f.Add("GET", "/api/v1/polls", "after=1-x&failed=yes", "br", "", "", "")
	f.Add("HEAD", "/feed", "q=a+b", "", "", "application/feed+json;q=0.1, */*", "")
	o := sampleOptions()
	h := New(sample(), o)
	f.Fuzz(func(t *testing.T, method, path, query, encoding, etag, accept, text string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Path == "/api/v1/events" || method == "" || strings.ContainsFunc(method, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(text))
		r.Method, r.URL, r.RequestURI, r.RemoteAddr = method, u, path+"?"+query, "@"
		r.URL.RawQuery = query
		r.Header.Set("Accept-Encoding", encoding)
		r.Header.Set("If-None-Match", etag)
		r.Header.Set("If-Modified-Since", etag)
		r.Header.Set("Accept", accept)
		r.Header.Set("Content-Type", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code >= 400 && strings.HasPrefix(u.Path, "/api/v1/") && method != http.MethodHead {
			if err := json.Unmarshal(w.Body.Bytes(), new(problem)); err != nil {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		if n := w.Header().Get("Content-Length"); n != "" && method != http.MethodHead && w.Code == 200 && n != fmt.Sprint(w.Body.Len()) {
			t.Fatalf("Content-Length %s, %d bytes", n, w.Body.Len())
		}
	})
}

// TestSlowReadersHoldNoTransaction: readers that take a large answer and then
// read nothing of it do not keep the store from being compacted, which waits for
// every transaction.
func TestSlowReadersHoldNoTransaction(t *testing.T) {
	outlet := feeds.Outlet{ID: "post", Name: "The Post", Home: "https://post.example"}
	st, err := store.Open(t.TempDir()+"/store.db", store.Options{Outlets: []feeds.Outlet{outlet}})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	p := feeds.Poll{Feed: "https://post.example/feed", Outlet: "post", At: time.Now(), Outcome: feeds.Changed}
	for i := range 40 {
		link := fmt.Sprintf("https://post.example/%d", i)
		text := strings.Repeat(fmt.Sprintf("<p>Article %d is long.</p> ", i), 4000)
		p.Items = append(p.Items, feeds.Item{Raw: uint64(i + 1), Entry: &feeds.Entry{Outlet: "post", GUID: link, Link: link, Canonical: link[8:], Title: "Article " + itoa(i), Content: text, Text: text}})
	}
	if err := st.Append(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(New(st, Options{Outlets: []feeds.Outlet{outlet}, Now: time.Now}))
	defer server.Close()
	defer server.CloseClientConnections()
	for _, path := range []string{"/feed.atom", "/feed.json", "/api/v1/stories", "/api/v1/events", "/", "/feed.rss?q=article"} {
		for range 3 {
			c, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.(*net.TCPConn).SetReadBuffer(4096); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
			if _, err := io.ReadFull(c, make([]byte, 12)); err != nil { // the answer has begun
				t.Fatal(path, err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if _, _, err := st.Compact(ctx); err != nil {
		t.Fatalf("the store waits for slow readers: %v", err)
	}
	if err := st.Append(ctx, p); err != nil {
		t.Fatal(err)
	}
}
