package poll

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

// refusing is a sink that refuses some polls. It notes when each feed was asked.
type refusing struct {
	memory
	asked map[string][]time.Time
	still bool // nothing is new after the first time
}

func (r *refusing) get(_ context.Context, q fetch.Request) fetch.Response {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[q.URL] = append(r.asked[q.URL], time.Now())
	if r.still && len(r.asked[q.URL]) > 1 {
		return fetch.Response{Outcome: feeds.NotModified, Status: 304, Conditional: true}
	}
	return fetch.Response{Outcome: feeds.Changed, Status: 200, Body: []byte(document(len(r.asked[q.URL]))), ETag: `"a"`, Conditional: true}
}

// run polls so many feeds for so long, by a schedule or the usual one.
func (r *refusing) run(t *testing.T, sink Sink, n int, span time.Duration, schedule ...string) *Poller {
	t.Helper()
	r.asked = map[string][]time.Time{}
	var subs []Subscription
	set := feeds.DefaultSettings()
	set.FullFloor = 0 // the document changes at every request
	if len(schedule) > 0 {
		set.Schedule, set.Spread = schedule[0], 0
	}
	for i := range n {
		url := fmt.Sprintf("https://h%d.example/", i)
		subs = append(subs, Subscription{Feed: feeds.Feed{URL: url, Outlet: "o"}, Outlet: feeds.Outlet{ID: "o"}, Settings: set})
	}
	clock := (&machine{started: time.Now().Add(-time.Hour)}).clock()
	diary := &Diary{path: filepath.Join(t.TempDir(), "diary"), clock: clock}
	defer diary.Close()
	p, err := New(subs, nil, sink, Options{Diary: diary})
	if err != nil {
		t.Fatal(err)
	}
	p.get, p.clock = r.get, clock
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return p
}

// While nothing can be stored, what was asked for is kept in hand, no more feeds are
// asked than there are places, and none of it counts against a feed: when there is
// room again all go on within their usual interval.
func TestAFullDiskIsNoFeedsFailure(t *testing.T) {
	t.Run("with news", func(t *testing.T) { fullDisk(t, false) })
	t.Run("without news", func(t *testing.T) { fullDisk(t, true) })
}

func fullDisk(t *testing.T, still bool) {
	synctest.Test(t, func(t *testing.T) {
		r := &refusing{still: still}
		full, room := time.Now().Add(2*time.Hour), time.Now().Add(8*time.Hour)
		r.refuse = func(feeds.Poll) error {
			if now := time.Now(); now.After(full) && now.Before(room) {
				return errDisk
			}
			return nil
		}
		p := r.run(t, r, 200, 10*time.Hour)
		during, late := 0, 0
		for url, starts := range r.asked {
			back := false
			for i, s := range starts {
				if s.After(full) && s.Before(room) {
					during++
				}
				back = back || s.After(room) && s.Before(room.Add(45*time.Minute))
				if i > 0 && s.Sub(starts[i-1]) < 5*time.Minute-tick {
					t.Errorf("%s was asked twice within %s", url, s.Sub(starts[i-1]))
				}
			}
			if !back {
				late++
			}
			if kept := len(r.of(url)); kept != len(starts) {
				t.Errorf("%s was asked %d times, and %d answers were kept", url, len(starts), kept)
			}
		}
		for url, s := range p.States() {
			if want := map[bool]feeds.Outcome{false: feeds.Changed, true: feeds.NotModified}[still]; s.Failures > 0 || s.Outcome != want {
				t.Errorf("%s: %s, %d failures", url, s.Outcome, s.Failures)
			}
		}
		if during > 20 || late > 0 { // the places, and what was gathered within a second
			t.Errorf("%d requests while nothing could be stored; %d feeds were not asked within 45 minutes afterwards", during, late)
		}
	})
}

// The log says why polls cannot be stored, once for each reason, and when they can again.
func TestTheLogNamesEachReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reasons := []string{"input/output error", "mounted for reading only", "mounted for reading only"}
		sink := &memory{refuse: func(feeds.Poll) (err error) {
			if len(reasons) > 0 {
				err, reasons = errors.New(reasons[0]), reasons[1:]
			}
			return err
		}}
		log, lines := logLines()
		p, err := New(nil, nil, sink, Options{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.keep(t.Context(), feeds.Poll{Feed: "https://h.example/", State: feeds.State{URL: "https://h.example/"}}, true, 0); err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"input/output error", "mounted for reading only", "polls can be stored again"} {
			if n := strings.Count(lines.String(), words); n != 1 {
				t.Errorf("%q is said %d times:\n%s", words, n, lines)
			}
		}
	})
}

// A poll that is refused while others are kept holds nobody up. Its feed is asked once
// more as soon as that is polite, then by its schedule, and is not to blame.
func TestOneRefusedFeedHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bad = "https://h7.example/"
		r := &refusing{}
		r.refuse = func(p feeds.Poll) error {
			if p.Feed == bad {
				return errDisk
			}
			return nil
		}
		p := r.run(t, r, 200, 12*time.Hour)
		for url, starts := range r.asked {
			if len(starts) < 23 || len(starts) > 26 {
				t.Errorf("%s was asked %d times in 12 hours", url, len(starts))
			}
		}
		starts := r.asked[bad]
		if gap := starts[1].Sub(starts[0]); gap < 5*time.Minute-tick || gap > 7*time.Minute {
			t.Errorf("it was asked again after %s", gap)
		}
		if s := p.States()[bad]; s.Failures > 0 || s.ETag != "" || s.Entries != 0 {
			t.Errorf("%+v", s)
		}
	})
}
