package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aggregator/config"
	"aggregator/feeds"
)

const checkedFeed = `<rss version="2.0"><channel><title>T</title><link>https://outlet.example/</link><description>d</description>
<item><title>Older</title><link>https://outlet.example/1</link><pubDate>Mon, 02 Mar 2026 09:30:00 +0000</pubDate></item>
<item><title>Newer</title><link>https://outlet.example/2</link><pubDate>Mon, 02 Mar 2026 11:15:00 +0000</pubDate></item>
</channel></rss>`

// check runs the command on a configuration with one outlet for each address.
func check(t *testing.T, ctx context.Context, urls []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var toml strings.Builder
	for i, u := range urls {
		fmt.Fprintf(&toml, "[[outlet]]\nname = \"Outlet %d\"\nhome = \"https://outlet%d.example/\"\nhost_gap = \"0\"\nallow_private = [\"127.0.0.0/8\"]\n[[outlet.feed]]\nurl = %q\n", i, i, u)
	}
	file := filepath.Join(t.TempDir(), "aggregator.toml")
	if err := os.WriteFile(file, []byte(toml.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := checkCommand()
	var out, errs bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(append([]string{"--config", file}, args...))
	err = cmd.ExecuteContext(ctx)
	return out.String(), errs.String(), err
}

func TestCheckTriesEachFeedOnce(t *testing.T) {
	var asked, paused atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/good", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 11:15:00 GMT")
		fmt.Fprint(w, checkedFeed)
	})
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, checkedFeed) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/good?from=moved", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "<!doctype html><html><body>Please log in</body></html>")
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, checkedFeed[:len(checkedFeed)-80]) })
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		mux.ServeHTTP(w, r)
	}))
	defer site.Close()
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paused.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer busy.Close()

	urls := []string{site.URL + "/good", site.URL + "/plain", site.URL + "/moved", site.URL + "/page", site.URL + "/missing", site.URL + "/cut",
		busy.URL + "/a", busy.URL + "/b"}
	out, errs, err := check(t, t.Context(), urls, "--fetch", "--json")
	if err == nil || err.Error() != "4 of 8 feeds could not be read; the reasons stand above" || errs != "" {
		t.Errorf("error %v, on stderr %q", err, errs)
	}
	var got checkOut
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	newest := time.Date(2026, 3, 2, 11, 15, 0, 0, time.UTC)
	for i, want := range []struct {
		outcome                 feeds.Outcome
		status, entries         int
		etag, modified, problem bool
		redirects               int
		advice                  string
	}{
		{feeds.Changed, 200, 2, true, true, false, 0, ""},
		{feeds.Changed, 200, 2, false, false, false, 0, "no validators"},
		{feeds.Changed, 200, 2, true, true, false, 1, "/good?from=moved"},
		{feeds.NotAFeed, 200, 0, false, false, true, 0, ""},
		{feeds.Failed, 404, 0, false, false, true, 0, ""},
		{feeds.Changed, 200, 1, false, false, true, 0, "no validators"},
		{feeds.RateLimited, 429, 0, false, false, true, 0, ""},
		{feeds.RateLimited, 0, 0, false, false, true, 0, ""},
	} {
		f := got.Feeds[i]
		if f.Tried == nil {
			t.Errorf("%s was not tried", urls[i])
			continue
		}
		f.Tried.Entries = min(f.Tried.Entries, 2) // how much of a cut feed is read is the parser's affair
		if f.URL != urls[i] || f.Tried.Outcome != want.outcome || f.Tried.Status != want.status || f.Tried.ETag != want.etag ||
			f.Tried.LastModified != want.modified || (f.Tried.Problem != "") != want.problem || len(f.Tried.Redirects) != want.redirects ||
			f.Tried.Entries < want.entries || (len(f.Advice) > 0) != (want.advice != "") || !strings.Contains(strings.Join(f.Advice, " "), want.advice) {
			t.Errorf("%s: %+v, advice %q", urls[i], *f.Tried, f.Advice)
		}
		if want.outcome == feeds.Changed && !want.problem && (f.Tried.Newest == nil || !f.Tried.Newest.Equal(newest) || f.Tried.Type != "rss 2.0") {
			t.Errorf("%s: %+v", urls[i], *f.Tried)
		}
	}
	// Without validators: the whole document, hourly; with them: when something is new.
	if f := got.Feeds[1]; f.Requests != 24 || f.Bytes != 24*int64(len(checkedFeed)) {
		t.Errorf("without validators: %v requests, %d bytes a day", f.Requests, f.Bytes)
	}
	if f := got.Feeds[0]; f.Requests != 48 || f.Bytes != 0 || f.Tried.LastDay != 0 { // nothing new in the last day
		t.Errorf("with validators: %v requests, %d bytes a day", f.Requests, f.Bytes)
	}
	if asked.Load() != 7 || paused.Load() != 1 { // six feeds and a redirect; a host that says no is not asked again
		t.Errorf("%d and %d requests", asked.Load(), paused.Load())
	}

	out, _, _ = check(t, t.Context(), urls[:3], "--fetch")
	for _, want := range []string{"STATUS", "rss 2.0", "etag+last-modified", "301", "11:15", "it has moved for good", "3 outlets, 3 feeds, all good", "120 requests a day", "They move about 9 KB a day"} {
		if !strings.Contains(out, want) {
			t.Errorf("the table lacks %q:\n%s", want, out)
		}
	}
}

func TestCheckEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-release
	}))
	defer slow.Close()
	defer close(release)
	out, _, err := check(t, ctx, []string{slow.URL + "/a", slow.URL + "/b"}, "--fetch")
	if err == nil || err.Error() != "interrupted after 0 of 2 feeds" || !strings.Contains(out, "not asked") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCheckReportsProblemsAsJSON(t *testing.T) {
	out, _, err := check(t, t.Context(), []string{"ftp://outlet.example/", "https://outlet.example/#top"}, "--json", "--fetch")
	var problems config.Problems
	if !errors.As(err, &problems) || len(problems) != 2 {
		t.Errorf("%v", err)
	}
	var got checkOut
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Good || len(got.Problems) != 2 || got.Problems[0].Line != 7 || got.Problems[0].Key != "outlet.feed.url" {
		t.Errorf("%v %+v", err, got)
	}
}
