package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// paste posts a text as a client at remote does.
func paste(h http.Handler, remote, kind, text string) *http.Response {
	r := httptest.NewRequest("POST", "/api/v1/first", strings.NewReader(text))
	r.Header.Set("Content-Type", kind)
	r.RemoteAddr = remote
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func pasted(t *testing.T, h http.Handler, kind, text string) (a firstAnswer) {
	t.Helper()
	resp := paste(h, "@", kind, text)
	if b := body(t, resp); resp.StatusCode != 200 {
		t.Fatalf("%.40q: %d %s", text, resp.StatusCode, b)
	} else if err := json.Unmarshal([]byte(b), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFirstOfWhatWasPastedIn(t *testing.T) {
	o := sampleOptions()
	o.Canonical = func(link string) string { link, _, _ = strings.Cut(link, "?"); return link }
	h := New(sample(), o)
	const strike = "Port Salim dockers end nine-day strike after night-shift deal"
	for name, c := range map[string]struct {
		kind, text, want string
		matches, given   int // given: -1 when it is not measured
	}{
		"a link":                    {"", "https://harbourpost.example/2026/101", "link", 1, -1},
		"a link with tracking":      {"", "https://harbourpost.example/2026/101?utm_source=x", "link", 1, -1},
		"a link that nobody has":    {"", "https://elsewhere.example/2026/03/port-salim-dockers-strike-night-shift-deal.html", "words of the link", 3, 0},
		"a headline":                {"text/plain; charset=utf-8", "  " + strike + "\n", "text", 3, 1000},
		"a paragraph":               {"", "“We go back with our heads up,” union secretary Tunde Afolabi told The Harbour Post.", "text", 2, 500},
		"the article as a web page": {"text/html", dockers, "text", 3, 950},
	} {
		a := pasted(t, h, c.kind, c.text)
		if a.Given.Kind != c.want || len(a.Matches) != c.matches || a.Story == nil || a.Story.ID != 1 || a.Story.First.Outlet != "harbour-post" || len(a.Story.First.Evidence) == 0 {
			t.Errorf("%s: %+v, matches %+v", name, a.Given, a.Matches)
			continue
		}
		if m := a.Matches[0]; m.Story != 1 || (m.Given == nil) != (c.given < 0) || m.Given != nil && *m.Given < c.given {
			t.Errorf("%s: the best match: %+v", name, m)
		}
	}
	for _, nothing := range []string{"Wheat prices fall to a three-year low in Odessa", "https://elsewhere.example/", "https://elsewhere.example/?p=17"} {
		if a := pasted(t, h, "", nothing); a.Story != nil || len(a.Matches) != 0 || a.Others == nil {
			t.Errorf("%s: %+v", nothing, a)
		}
	}
	if a := get[firstAnswer](t, h, "/api/v1/first?url=https%3A%2F%2Fharbourpost.example%2F2026%2F101"); a.Story == nil || a.Story.ID != 1 {
		t.Errorf("asked by GET: %+v", a)
	}
}

func TestFirstRefusesWhatItCannotRead(t *testing.T) {
	h := New(sample(), sampleOptions())
	for name, c := range map[string]struct {
		kind, text string
		status     int
	}{
		"nothing":     {"", " \n", 400},
		"a word":      {"", "strike", 400},
		"no UTF-8":    {"", "caf\xe9 au lait", 400},
		"a form":      {"multipart/form-data; boundary=x", "--x--", 415},
		"a long text": {"", strings.Repeat("word ", maxGiven/5+1), 413},
	} {
		resp := paste(h, "@", c.kind, c.text)
		var p problem
		if err := json.Unmarshal([]byte(body(t, resp)), &p); err != nil || resp.StatusCode != c.status || p.Detail == "" {
			t.Errorf("%s: %d %+v (%v)", name, resp.StatusCode, p, err)
		}
	}
	for _, target := range []string{"/api/v1/first", "/api/v1/first?url=harbourpost.example", "/api/v1/first?url=https://a.example/&q=x", "/api/v1/first?url=%zz"} {
		if resp := ask(h, "GET", target); resp.StatusCode != 400 {
			t.Errorf("%s: %d", target, resp.StatusCode)
		}
	}
	if resp := ask(h, "PUT", "/api/v1/first"); resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("PUT: %d, %s", resp.StatusCode, resp.Header.Get("Allow"))
	}
}

// Who is told that something does not work now is told when to ask again.
func TestPoliteness48OurOwn503SaysWhen(t *testing.T) {
	o := sampleOptions()
	o.Ready = func(context.Context) error { return errors.New("no room") }
	h := New(sample(), o)
	if resp := ask(h, "GET", "/readyz"); resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "60" {
		t.Errorf("%d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	if resp := ask(h, "GET", "/nothing"); resp.StatusCode != 404 || resp.Header.Get("Retry-After") != "" {
		t.Errorf("%d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

// One address is held to its rate; another one, and the unix socket, are not
// held to what it asked.
func TestPoliteness48OurOwn429SaysWhen(t *testing.T) {
	now := sampleNow
	o := sampleOptions()
	o.Now = func() time.Time { return now }
	h := New(sample(), o)
	allowed := func(remote string) bool {
		resp := paste(h, remote, "", "Wheat prices fall")
		if resp.StatusCode != 200 && (resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "") {
			t.Fatalf("%s: %d", remote, resp.StatusCode)
		}
		return resp.StatusCode == 200
	}
	for i := range askBurst {
		if !allowed("192.0.2.1:4000") || !allowed("[2001:db8::1]:4000") {
			t.Fatalf("request %d is refused", i)
		}
	}
	for remote, want := range map[string]bool{
		"192.0.2.1:4001": false, "[::ffff:192.0.2.1]:4001": false, "[2001:db8::2]:4000": false, "192.0.2.2:4000": true, "[2001:db8:1::1]:1": true, "@": true,
	} {
		if allowed(remote) != want {
			t.Errorf("%s: want %v", remote, want)
		}
	}
	now = now.Add(askEvery)
	if !allowed("192.0.2.1:4000") || allowed("192.0.2.1:4000") {
		t.Error("the rate is not what it is said to be")
	}
}
