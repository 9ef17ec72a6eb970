package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// However the clocks of a cluster's pollers are set while they run, and when one stands still
// for hours, as a paused machine does: an entry was there by the end of its interval, and at
// its begin it was not. Each poller knows how its own clock was set, and the next poll of a
// feed is another one's.
func TestIntervalsOfManyPollers(t *testing.T) {
	bounded, times := 0, 0
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 3))
		asks := seed%2 == 0 // servers tell the time
		truth := noon
		pollers := make([]*rig, 3)
		paused := make([]time.Duration, len(pollers))
		for i := range pollers {
			pollers[i] = &rig{r: r, truth: noon, began: noon.Add(-time.Duration(1+i) * time.Hour), boot: 10 * (i + 1), tells: true, asks: asks}
		}
		s, _ := openTemp(t)
		carried, polled := map[string][]*feeds.Entry{}, map[string]time.Time{}
		type polls struct{ without, with time.Time } // the last one and the first one
		truly := map[string]polls{}
		var log []feeds.Poll
		for n := range 250 {
			truth = truth.Add(time.Duration(1+r.IntN(12)) * time.Minute)
			i := r.IntN(len(pollers))
			g := pollers[i]
			switch r.IntN(25) {
			case 0:
				if paused[i] == 0 && g.since > 0 { // what a machine is started with nobody can check
					by := []time.Duration{10 * time.Minute, 5 * time.Hour, 20 * 24 * time.Hour}[r.IntN(3)]
					g.set, g.since, times = time.Duration(r.Int64N(int64(2*by)))-by, 0, times+1
				}
			case 1:
				if g.set != 0 {
					g.set, g.since = 0, 0
				}
			case 2: // it stood still, and its clock is put right at once
				if asks && g.set == 0 {
					by := time.Duration(1+r.IntN(10)) * time.Hour
					truth, paused[i], g.since = truth.Add(by), by, 0
					g.began = g.began.Add(by)
				}
			case 3:
				g.boot, g.began, g.set, g.since = g.boot+1, truth.Add(-time.Minute), 0, 0
			}
			g.truth = truth
			o := someOutlets[r.IntN(3)].ID
			if r.IntN(2) == 0 {
				carried[o] = append(carried[o], article(o, n+1))
			}
			at, ran := g.reads()
			if ran.Right {
				paused[i] = 0
			}
			p := poll("https://"+o+".example/feed", o, at, carried[o]...)
			p.Ran = ran
			log = append(log, p)
			for _, e := range carried[o] {
				if _, known := truly[e.Link]; !known {
					truly[e.Link] = polls{polled[o], truth}
				}
			}
			polled[o] = truth
		}
		if err := s.Follow(t.Context(), "polls", logOf(log)); err != nil {
			t.Fatal(err)
		}
		list, _, err := s.Stories(stories.Query{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, story := range list {
			for _, m := range story.Members {
				was := truly[m.Link]
				if m.Seen.At.Before(was.with.Add(-2 * time.Minute)) {
					t.Errorf("seed %d: entry %d was seen by %v, and the first poll that had it started at %v", seed, m.Entry, m.Seen.At.Sub(noon), was.with.Sub(noon))
				}
				if m.Seen.After.After(was.without.Add(2 * time.Minute)) {
					t.Errorf("seed %d: entry %d was absent at %v, and the last poll without it started at %v", seed, m.Entry, m.Seen.After.Sub(noon), was.without.Sub(noon))
				}
				if m.Seen.Bounded() {
					bounded++
				}
			}
		}
		intact(t, s)
		if t.Failed() {
			t.Fatal(fmt.Sprint("seed ", seed))
		}
	}
	if bounded < 1000 || times < 100 {
		t.Errorf("%d intervals with a begin, and clocks were set %d times: the test has lost its subject", bounded, times)
	}
	t.Logf("%d intervals have a begin; clocks were set %d times", bounded, times)
}
