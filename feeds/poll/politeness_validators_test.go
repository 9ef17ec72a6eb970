package poll

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

const halfHour = 30 * time.Minute

func TestPoliteness01LaterRequestsCarryAllStoredValidators(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`, "Last-Modified", "then"),
		status(304, ""), status(500, ""), status(404, ""), status(429, ""), ok("<html>", "ETag", `"x"`), status(304, "")))
	w.ask(0)
	if w.sent() != [2]string{} {
		t.Errorf("the first request carries %v", w.sent())
	}
	for i := range 7 {
		if w.ask(halfHour); w.sent() != [2]string{`"a"`, "then"} {
			t.Errorf("request %d carries %v", i+2, w.sent())
		}
	}
}

func TestPoliteness05A200ReplacesBothValidators(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`, "Last-Modified", "then"),
		ok(document(2, 1), "ETag", `"b"`),
		ok(document(3, 2), "Last-Modified", "now"),
		ok(document(4, 3)), status(500, "")))
	for i, want := range [][2]string{{}, {`"a"`, "then"}, {`"b"`, ""}, {"", "now"}, {}} {
		if w.ask(halfHour); w.sent() != want {
			t.Errorf("request %d carries %q, want %q", i+1, w.sent(), want)
		}
	}
}

func TestPoliteness06AlsoWhenTheBodyIsTheSame(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`, "Last-Modified", "then"),
		ok(document(1), "ETag", `"b"`, "Last-Modified", "then"),
		ok(document(1), "ETag", `"b"`, "Last-Modified", "now"),
		ok(document(1), "Last-Modified", "now"), status(304, "")))
	for i, want := range [][2]string{{}, {`"a"`, "then"}, {`"b"`, "then"}, {`"b"`, "now"}, {"", "now"}} {
		s := w.ask(halfHour)
		if w.sent() != want {
			t.Errorf("request %d carries %q, want %q", i+1, w.sent(), want)
		}
		if i > 0 && i < 4 && s.Outcome != feeds.SameBody {
			t.Errorf("request %d: %s", i+1, s.Outcome)
		}
	}
}

func TestPoliteness07A304UpdatesWhatItCarries(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`, "Last-Modified", "then"),
		status(304, "", "ETag", `"b"`), status(304, "", "Last-Modified", "now"), status(304, "")))
	for i, want := range [][2]string{{}, {`"a"`, "then"}, {`"b"`, "then"}, {`"b"`, "now"}} {
		if w.ask(halfHour); w.sent() != want {
			t.Errorf("request %d carries %q, want %q", i+1, w.sent(), want)
		}
	}
}

// A sink that fails has either not stored the poll or stored it without being able
// to say so. In neither case may an entry be lost.
func TestPoliteness08ValidatorsCommitWithEntries(t *testing.T) {
	for _, persists := range []bool{false, true} {
		w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") == `"b"` {
				rw.WriteHeader(304)
				return
			}
			ok(document(2, 1), "ETag", `"b"`)(rw, r)
		})
		sub := subscription(w.URL+"/feed", normal())
		fail := true
		w.refuse = func(p feeds.Poll) error {
			if !fail {
				return nil
			}
			fail = false
			if persists {
				w.polls = append(w.polls, p)
				w.states[p.Feed] = p.State
			}
			return errDisk
		}
		// The same process goes on after the failure.
		p, err := New([]Subscription{sub}, nil, &w.memory, Options{Force: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if w.sent() != [2]string{} {
			t.Errorf("persists %v: after a failed commit the request carries %q", persists, w.sent())
		}
		entries := 0
		for _, poll := range w.polls {
			entries += len(poll.Items)
		}
		if entries < 2 {
			t.Errorf("persists %v: %d entries reached the sink", persists, entries)
		}
		// After a restart, only what was stored counts.
		if s := w.ask(halfHour); s.Outcome != feeds.NotModified {
			t.Errorf("persists %v: %s", persists, s.Outcome)
		}
	}
}

func TestPoliteness09UnreadBodiesLeaveNoValidators(t *testing.T) {
	w := newWorld(t, answers(
		ok(document(1), "ETag", `"a"`),
		ok("<html><body>Log in</body></html>", "ETag", `"login"`),
		ok(strings.TrimSuffix(document(2, 1), "nel></rss>"), "ETag", `"cut"`), // cut in its last tag
		ok(document(3, 2, 1), "ETag", `"c"`), status(304, "")))
	for i, want := range [][2]string{{}, {`"a"`, ""}, {`"a"`, ""}, {}, {`"c"`, ""}} {
		s := w.ask(halfHour)
		if w.sent() != want {
			t.Errorf("request %d carries %q, want %q", i+1, w.sent(), want)
		}
		if i == 2 && (s.Outcome != feeds.Changed || !s.Damaged) {
			t.Errorf("the cut document is %s, damaged %v", s.Outcome, s.Damaged)
		}
	}
}

// A document that comes damaged twice, with the same bytes, is what the publisher
// has: from then on it costs a 304.
func TestPoliteness09ADamagedFeedIsNotFetchedWholeForEver(t *testing.T) {
	broken := strings.TrimSuffix(document(2, 1), "nel></rss>")
	w := newWorld(t, ok(broken, "ETag", `"broken"`))
	for i, want := range [][2]string{{}, {}, {`"broken"`, ""}} {
		if w.ask(halfHour); w.sent() != want {
			t.Errorf("request %d carries %q, want %q", i+1, w.sent(), want)
		}
	}
}

func TestPoliteness10LyingETag(t *testing.T) {
	n := 0
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		n++
		if n > 5 && r.Header.Get("If-None-Match") != "" {
			rw.WriteHeader(304)
			return
		}
		ok(document(n, n-1), "ETag", `"always"`)(rw, r)
	})
	var s feeds.State
	for range 5 {
		s = w.ask(halfHour)
		if s.Outcome != feeds.Changed || s.Entries != 2 {
			t.Fatalf("poll %d: %s, %d entries: an unchanged ETag hid a change", n, s.Outcome, s.Entries)
		}
	}
	if s.Lies != 4 {
		t.Errorf("%d lies were counted", s.Lies)
	}
	full, lastFull := 0, s.LastFull
	for range 3 * 48 { // three days
		s = w.ask(halfHour)
		if w.sent()[0] == "" {
			if full++; w.now.Sub(lastFull) < 24*time.Hour {
				t.Errorf("a request without validators came %s after the last", w.now.Sub(lastFull))
			}
			lastFull = w.now
		} else if s.LastObserved.Equal(w.now) {
			t.Error("a 304 that nobody believes counts as having looked")
		}
	}
	if full != 3 {
		t.Errorf("%d requests without validators in three days", full)
	}
}

func TestPoliteness11AfterARedirectTheValidatorsBelongToItsTarget(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/feed":
			http.Redirect(rw, r, "/target", http.StatusFound)
		case r.Header.Get("If-None-Match") == `"t"`:
			rw.WriteHeader(304)
		default:
			ok(document(1), "ETag", `"t"`)(rw, r)
		}
	})
	w.ask(0)
	if s := w.ask(halfHour); s.Outcome != feeds.NotModified {
		t.Errorf("%s: %s", s.Outcome, s.Problem)
	}
	var got string
	for _, r := range w.seen {
		got += fmt.Sprintf("%s %s; ", r.URL.Path, r.Header.Get("If-None-Match"))
	}
	if got != `/feed ; /target ; /feed ; /target "t"; ` {
		t.Error(got)
	}
}
