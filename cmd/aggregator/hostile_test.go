package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

const healthyFeed = `<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Post</title><link>https://harbour.example/</link>
<item><title>Ferry service resumes after storm</title><link>https://harbour.example/ferry</link><guid>ferry</guid><description>The first boat left at six.</description></item>
</channel></rss>`

// Whatever one server does, its feed gets a clear status and the others their
// entries.
func TestBadInputHarmsNobodyElse(t *testing.T) {
	bodies := map[string]struct {
		body    string
		outcome feeds.Outcome
		entries int // kept although the document is damaged
		words   string
	}{
		"not-a-feed":    {"just a line of text", feeds.NotAFeed, 0, "feed"},
		"html":          {"<!doctype html><html><body><p>Please log in</p></body></html>", feeds.NotAFeed, 0, "feed"},
		"empty":         {"", feeds.NotAFeed, 0, "empty"},
		"truncated":     {healthyFeed[:strings.Index(healthyFeed, "</channel>")] + "<item><title>Cut o", feeds.Changed, 2, ""},
		"nul-bytes":     {strings.Replace(healthyFeed, "Ferry", "Fer\x00ry", 1), feeds.Changed, 1, ""},
		"wrong-charset": {strings.Replace(healthyFeed, "Ferry service", "F\xe9rry s\xe9rvice", 1), feeds.Changed, 1, ""},
		"bomb":          {xmlBomb(), feeds.Changed, 0, ""},
		"nested":        {"<rss version=\"2.0\"><channel><item>" + strings.Repeat("<a>", 1_000_000), feeds.Changed, 0, ""},
	}
	mux := http.NewServeMux()
	for name, b := range bodies {
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/rss+xml")
			fmt.Fprint(w, b.body)
		})
	}
	mux.HandleFunc("/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, healthyFeed) })
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("<item><title>more</title></item>\n"), 30000)
		for range 105 { // about 100 MB
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop?again", http.StatusFound) })
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/reset", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })

	m := newMachine(t)
	// A server of its own for each, as in life: one host's refusal pauses that host.
	url := map[string]string{}
	follow := func(name string) {
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		url[name] = server.URL + "/" + name
		m.follow(feeds.Outlet{ID: name, Name: name, Home: "https://" + name + ".example/"}, url[name])
	}
	for name := range bodies {
		follow(name)
	}
	others := map[string]feeds.Outcome{
		"healthy": feeds.Changed, "huge": feeds.Failed, "loop": feeds.Failed, "gone": feeds.Gone, "busy": feeds.RateLimited,
		"broken": feeds.Failed, "reset": feeds.Failed, "silent": feeds.Failed,
	}
	for name := range others {
		follow(name)
		if name == "silent" {
			m.subs[len(m.subs)-1].Settings.HeaderTimeout = time.Second
		}
	}

	states, report := m.round()
	for name, want := range bodies {
		s := states[url[name]]
		if s.Outcome != want.outcome || s.Entries != want.entries {
			t.Errorf("%s: outcome %q with %d entries, want %q with %d (problem: %s)", name, s.Outcome, s.Entries, want.outcome, want.entries, s.Problem)
		}
		if want.outcome != feeds.Changed && (s.Problem == "" || !strings.Contains(strings.ToLower(s.Problem), want.words)) {
			t.Errorf("%s: the problem says %q, want words about %q", name, s.Problem, want.words)
		}
	}
	for name, want := range others {
		s := states[url[name]]
		if s.Outcome != want {
			t.Errorf("%s: outcome %q, want %q (problem: %s)", name, s.Outcome, want, s.Problem)
		}
		if want != feeds.Changed && s.Problem == "" {
			t.Errorf("%s: no problem is told", name)
		}
		t.Logf("%-14s %-14s %s", name, s.Outcome, s.Problem)
	}
	if report.Entries < 1 {
		t.Error("the healthy feed's entry was not kept")
	}
}

// xmlBomb is the classic of entities that multiply.
func xmlBomb() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "boom">`)
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, `<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	b.WriteString(`]><rss version="2.0"><channel><title>&a11;</title></channel></rss>`)
	return b.String()
}
