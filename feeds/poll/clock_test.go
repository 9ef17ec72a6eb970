package poll

import (
	"path/filepath"
	"testing"
	"time"

	"aggregator/feeds"
)

// A program that is held up between its readings of the two clocks does not take the wall
// clock for set, which would make it ask as much too early.
func TestHeldUpBetweenTheClocksIsNotASetClock(t *testing.T) {
	const feed = "https://courier.example/feed"
	asked := at("2026-03-02T10:00:00Z")
	for reading := range 12 {
		path := filepath.Join(t.TempDir(), "diary")
		d := diaryAt(path, 1, asked, time.Hour)
		_, places, err := d.open([]string{feed})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.note(places[feed], asked, time.Hour); err != nil {
			t.Fatal(err)
		}
		d.Close()

		wall, run, n := asked.Add(time.Minute), time.Hour+time.Minute, 0
		hold := func() {
			if n++; n == reading {
				wall, run = wall.Add(20*time.Minute), run+20*time.Minute
			}
		}
		held := clock{
			wall:    func() time.Time { defer hold(); return wall },
			running: func() time.Duration { defer hold(); return run },
		}
		again := &Diary{path: path, boot: [16]byte{1}, clock: held}
		states := map[string]feeds.State{feed: {URL: feed, LastRequest: asked, Outcome: feeds.NotModified}}
		p := must(New([]Subscription{subscription(feed, normal())}, states, &memory{}, Options{Diary: again}))
		p.clock = held
		l := p.newLoop()
		l.look()
		if s := l.feeds[0].state; !s.LastRequest.Equal(asked) || l.moved != 0 {
			t.Errorf("held up after reading %d: asked at %s, the clock set by %s", reading, s.LastRequest, l.moved)
		}
		if at, ran := p.now(); at.Sub(asked) != ran.For-time.Hour {
			t.Errorf("held up after reading %d: it is %s, and the machine ran for %s", reading, at, ran.For)
		}
		if n <= reading && reading == 11 {
			t.Error("it reads the clocks less often: the test has lost its subject")
		}
		again.Close()
	}
}
