package feeds

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// clocked is a clock with the polls that it has taken in.
type clocked struct {
	Clock
	latest time.Time
	next   uint64
}

// poll takes in a poll and gives it in steady time.
func (c *clocked) poll(at time.Time, ran Ran) time.Time {
	c.next++
	now, before, _ := c.Poll(at, ran, c.latest, c.next)
	_, c.latest = Appeared(now, time.Time{}, before)
	return now.Add(c.Of(c.Now()).Ahead)
}

func TestClockCountsSteadyTime(t *testing.T) {
	const day = 24 * time.Hour
	h := func(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Hour))) }
	on := func(boot string, hours float64, right bool) Ran {
		return Ran{boot, time.Duration(hours * float64(time.Hour)), right}
	}
	type poll struct {
		at     time.Time
		ran    Ran
		steady time.Time
	}
	for _, c := range []struct {
		name  string
		polls []poll
		// apart is how much of steady time from the first poll to the last may not have
		// gone by, and by how much the first one's time differs in the last one's setting.
		apart, to time.Duration
	}{
		{"nobody sets it", []poll{{h(0), on("a", 1, false), h(0)}, {h(5), on("a", 6, false), h(5)}}, 0, 0},
		{"it is set by three days, and put right", []poll{{h(0), on("a", 1, false), h(0)}, {h(73), on("a", 2, false), h(1)}, {h(2), on("a", 3, false), h(2)}}, 0, 0},
		{"it was wrong until it was put right", []poll{{h(-72), on("a", 1, false), h(-72)}, {h(1), on("a", 2, false), h(-71)}}, 0, 3 * day},
		{"a poll comes late that started before it was set", []poll{{h(0), on("a", 1, false), h(0)}, {h(73), on("a", 2, false), h(1)}, {h(.5), on("a", 1.5, false), h(.5)}}, 0, 3 * day},
		{"started anew: how long it was off its clock alone tells", []poll{{h(0), on("a", 9, false), h(0)}, {h(5), on("b", 0, false), h(5)}}, 5 * time.Hour, 0},
		{"started anew, and servers tell the time", []poll{{h(0), on("a", 9, true), h(0)}, {h(5), on("b", 0, false), h(5)}, {h(6), on("b", 1, true), h(6)}}, 0, 0},
		{"started anew, and servers told the time only afterwards", []poll{{h(0), on("a", 9, false), h(0)}, {h(5), on("b", 0, true), h(5)}}, 5 * time.Hour, 0},
		{"started anew with a clock that stood still", []poll{{h(0), on("a", 9, true), h(0)}, {h(0), on("b", 0, false), h(0)}, {h(6), on("b", 1, true), h(1)}}, 0, 0},
		{"started anew a month ahead", []poll{{h(0), on("a", 9, false), h(0)}, {h(720), on("b", 0, false), h(0)}, {h(721), on("b", 1, false), h(1)}}, 0, 30 * day},
		{"started anew a day behind, and put right", []poll{{h(0), on("a", 9, true), h(0)}, {h(-24), on("b", 0, false), h(0)}, {h(3), on("b", 1, true), h(1)}}, 0, 0},
		{"the counter goes back, as a machine that is restored does", []poll{{h(0), on("a", 99, false), h(0)}, {h(5), on("a", 1, false), h(5)}}, 5 * time.Hour, 0},
		{"by the wall clock alone: hours", []poll{{h(0), Ran{}, h(0)}, {h(5), Ran{}, h(5)}, {h(2), Ran{}, h(2)}}, 0, 0},
		{"by the wall clock alone: days back", []poll{{h(72), Ran{}, h(72)}, {h(0), Ran{}, h(72)}, {h(1), Ran{}, h(73)}}, 0, -3 * day},
		{"a file of before", []poll{{h(0), Ran{}, h(0)}, {h(5), on("a", 1, false), h(5)}}, 5 * time.Hour, 0},
	} {
		var k clocked
		var first Standing
		for i, p := range c.polls {
			if got := k.poll(p.at, p.ran).Round(time.Millisecond); !got.Equal(p.steady) { // it grows by a resolution at least
				t.Errorf("%s: poll %d is at %v in steady time, want %v", c.name, i+1, got.Sub(noon), p.steady.Sub(noon))
			}
		}
		first, _ = k.OfEntry(1, Seen{At: c.polls[0].at})
		last := k.Of(k.Now())
		if got := first.Apart(last).Round(time.Millisecond); got != c.apart {
			t.Errorf("%s: %v in doubt, want %v", c.name, got, c.apart)
		}
		if got := first.To(last).Round(time.Millisecond); got != c.to {
			t.Errorf("%s: differs by %v, want %v", c.name, got, c.to)
		}
	}
}

// Settings that are forgotten count as the oldest that is not, and the others keep their
// numbers.
func TestForgottenSettingsOfTheClock(t *testing.T) {
	var c clocked
	for i := range maxSettings + 100 {
		c.poll(noon.Add(time.Duration(i%2)*time.Hour+time.Duration(i)*time.Minute), Ran{Boot: "a", For: time.Duration(i) * time.Minute})
	}
	if len(c.Settings) != maxSettings || c.Dropped != 100 || c.Now() != maxSettings+99 {
		t.Fatalf("%d settings, %d dropped, the present one has number %d", len(c.Settings), c.Dropped, c.Now())
	}
	if c.Of(3) != c.Of(100) || c.Of(100).Ahead != 0 || c.Of(101).Ahead != -time.Hour {
		t.Errorf("settings 3, 100 and 101 are %v, %v and %v", c.Of(3), c.Of(100), c.Of(101))
	}
}

// Counted time never goes back, and no more of it goes by than truly did, but for a day at
// each start of the machine. Between two moments at which servers found the clock right no
// less goes by. A time that the wall clock showed was no later than it is taken to be.
func TestCountedTime(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var c clocked
		truth, set, boot, ran, starts := noon, time.Duration(0), 0, time.Hour, 0
		var counted, right, rightCounted time.Time
		type shown struct{ wall, counted time.Time }
		var all []shown
		for i := range 200 {
			pass := time.Duration(r.Int64N(int64(time.Hour)))
			switch r.IntN(10) {
			case 0:
				set = time.Duration(r.Int64N(int64(60*24*time.Hour))) - 30*24*time.Hour
			case 1:
				set = 0
			case 2:
				boot, starts, ran = boot+1, starts+1, 0
				truth = truth.Add(time.Duration(r.Int64N(int64(time.Duration(1+r.IntN(20*24)) * time.Hour))))
				if r.IntN(2) == 0 {
					set = time.Duration(r.Int64N(int64(60*24*time.Hour))) - 30*24*time.Hour
				}
			}
			truth, ran = truth.Add(pass), ran+pass
			ok := set == 0 && r.IntN(3) == 0
			wall := truth.Add(set)
			c.poll(wall, Ran{Boot: strconv.Itoa(boot), For: ran, Right: ok})
			at := c.Counted(c.Now(), c.latest)
			if at.Before(counted) {
				t.Fatalf("seed %d, poll %d: counted time goes back by %v", seed, i, counted.Sub(at))
			}
			counted = at
			all = append(all, shown{c.latest, at})
			if most := truth.Sub(noon) + time.Duration(starts)*dayBack; i > 0 && at.Sub(all[0].counted) > most+time.Hour {
				t.Fatalf("seed %d, poll %d: %v were counted, %v went by", seed, i, at.Sub(all[0].counted), truth.Sub(noon))
			}
			if ok {
				if !right.IsZero() && at.Sub(rightCounted) < truth.Sub(right)-5*time.Minute {
					t.Fatalf("seed %d, poll %d: %v were counted, %v went by", seed, i, at.Sub(rightCounted), truth.Sub(right))
				}
				right, rightCounted = truth, at
			}
			if one := all[r.IntN(len(all))]; c.CountedAtMost(one.wall).Before(one.counted) {
				t.Fatalf("seed %d, poll %d: %v was shown at %v at most, and truly at %v", seed, i, one.wall, c.CountedAtMost(one.wall), one.counted)
			}
		}
	}
}
