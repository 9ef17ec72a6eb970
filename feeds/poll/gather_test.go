package poll

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"aggregator/feeds"
)

// counting is a sink that counts how often it is called.
type counting struct {
	refusing
	calls int
	late  string // the feed whose polls, handed over alone, come after all others
}

func (c *counting) Append(ctx context.Context, polls ...feeds.Poll) error {
	c.mu.Lock()
	c.calls++
	c.mu.Unlock()
	if len(polls) == 1 && polls[0].Feed == c.late {
		time.Sleep(time.Millisecond)
	}
	return c.memory.Append(ctx, polls...)
}

// Polls that bring nothing are handed over together, all of them, in the order of each
// feed; those that bring something wait for nobody.
func TestPollsWithoutNewsAreKeptTogether(t *testing.T) {
	for _, still := range []bool{true, false} {
		t.Run(fmt.Sprint(still), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &counting{refusing: refusing{still: still}}
				p := c.run(t, c, 200, 65*time.Minute, "0 * * * *")
				polls := len(c.polls)
				if polls < 400 {
					t.Fatalf("%d polls", polls)
				}
				// New feeds are spread over a minute; the round an hour later is not.
				if later := c.calls - 200; still && later > 4 || !still && later != polls-200 {
					t.Errorf("%d polls were handed over in %d calls after the first 200", polls, later)
				}
				for url, s := range p.States() {
					kept := c.of(url)
					for i, k := range kept {
						if k.State.Polls != int64(i+1) {
							t.Errorf("%s: poll %d was kept at place %d", url, k.State.Polls, i)
						}
					}
					if int64(len(kept)) != s.Polls || len(c.asked[url]) != len(kept) {
						t.Errorf("%s: asked %d times, %d polls known, %d kept", url, len(c.asked[url]), s.Polls, len(kept))
					}
				}
			})
		})
	}
}

// One refused poll among those that are kept together does not take the others with it,
// nor holds them up when it is refused after all of them were kept.
func TestOneRefusedPollWithoutNewsTakesNoOtherWithIt(t *testing.T) {
	const bad = "https://h7.example/"
	t.Run("whenever", func(t *testing.T) { oneRefused(t, bad, "") })
	t.Run("last", func(t *testing.T) { oneRefused(t, bad, bad) })
}

func oneRefused(t *testing.T, bad, late string) {
	synctest.Test(t, func(t *testing.T) {
		c := &counting{refusing: refusing{still: true}, late: late}
		c.refuse = func(p feeds.Poll) error {
			if p.Feed == bad && p.Outcome == feeds.NotModified {
				return errDisk
			}
			return nil
		}
		p := c.run(t, c, 200, 6*time.Hour+5*time.Minute, "0 * * * *")
		for url, s := range p.States() {
			if n := len(c.asked[url]); n != 7 || s.Failures > 0 {
				t.Errorf("%s was asked %d times, %d failures", url, n, s.Failures)
			}
			if kept := len(c.of(url)); url != bad && kept != 7 || url == bad && kept != 1 {
				t.Errorf("%s: %d polls were kept", url, kept)
			}
		}
	})
}

// What a kill may lose holds no entry, no pause and no longer wait.
func TestWhatMayBeKeptLater(t *testing.T) {
	base := feeds.State{URL: "https://courier.example/", ETag: `"a"`, Outcome: feeds.NotModified, FreshFor: time.Minute, WebSub: &feeds.WebSub{Hub: "https://hub.example/"}}
	for name, change := range map[string]func(old, s *feeds.State){
		"":                     func(_, s *feeds.State) {},
		"same body":            func(_, s *feeds.State) { s.Outcome = feeds.SameBody },
		"shorter cache time":   func(_, s *feeds.State) { s.FreshFor = time.Second },
		"no ETag since long":   func(old, s *feeds.State) { old.ETag, s.ETag = "", "" },
		"! changed":            func(_, s *feeds.State) { s.Outcome = feeds.Changed },
		"! failed":             func(_, s *feeds.State) { s.Outcome = feeds.Failed },
		"! gone":               func(_, s *feeds.State) { s.Outcome = feeds.Gone },
		"! pause":              func(_, s *feeds.State) { s.NotBefore = at("2026-03-02T10:00:00Z") },
		"! longer cache time":  func(_, s *feeds.State) { s.FreshFor = time.Hour },
		"! no ETag any more":   func(_, s *feeds.State) { s.ETag = "" },
		"! ETag ignored again": func(_, s *feeds.State) { s.Ignored = maxIgnored },
		"! day's full request": func(old, s *feeds.State) { old.Lies, s.Lies = maxLies, maxLies },
		"! another hub":        func(_, s *feeds.State) { s.WebSub = &feeds.WebSub{Hub: "https://other.example/"} },
	} {
		old, s := base, base
		change(&old, &s)
		if want := name == "" || name[0] != '!'; idle(&old, &s) != want {
			t.Errorf("%q: %t", name, !want)
		}
	}
}
