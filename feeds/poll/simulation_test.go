package poll

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
)

// publishers are the other side of a simulation: they answer after a while, and
// write down who asked when, by real time.
type publishers struct {
	mu      sync.Mutex
	random  *rand.Rand
	starts  map[string][]time.Time // by URL
	flying  map[string]int         // by host
	last    map[string]time.Time   // start, by host
	wait    map[string]time.Duration
	gap     time.Duration
	slow    time.Duration // longest answer
	second  time.Time
	burst   int // starts in the current second
	settled time.Time
	first   int // most starts in one second before settled, while all feeds are new
	peak    int // most starts in one second since
	atOnce  int // requests under way
	most    int // most at once
	faults  []string
	answer  func(url string, n int) fetch.Response
}

// tick is how exactly two moments can be compared that were read off a clock of
// whole microseconds.
const tick = 2 * time.Microsecond

func newPublishers(gap time.Duration) *publishers {
	return &publishers{
		random: rand.New(rand.NewPCG(1, 2)), gap: gap, slow: 3 * time.Second,
		starts: map[string][]time.Time{}, flying: map[string]int{}, last: map[string]time.Time{}, wait: map[string]time.Duration{},
		answer: func(string, int) fetch.Response {
			return fetch.Response{Outcome: feeds.NotModified, Status: 304, ETag: `"a"`}
		},
		settled: time.Now().Add(time.Hour),
	}
}

func (p *publishers) fault(format string, args ...any) {
	if len(p.faults) < 10 {
		p.faults = append(p.faults, fmt.Sprintf(format, args...))
	}
}

func (p *publishers) get(ctx context.Context, r fetch.Request) fetch.Response {
	name, _ := hostName(r.URL)
	now := time.Now()
	p.mu.Lock()
	if p.flying[name]++; p.flying[name] > 1 {
		p.fault("%s: %d requests at once", name, p.flying[name])
	}
	if last, ok := p.last[name]; ok && now.Sub(last) < p.gap-tick {
		p.fault("%s: two starts within %s", name, now.Sub(last))
	}
	p.last[name] = now
	before := p.starts[r.URL]
	if n := len(before); n > 0 && now.Sub(before[n-1]) < p.wait[r.URL]-tick {
		p.fault("%s: asked at %s, %s before it was due", r.URL, now, p.wait[r.URL]-now.Sub(before[n-1]))
	}
	p.starts[r.URL] = append(before, now)
	if s := now.Truncate(time.Second); s.Equal(p.second) {
		p.burst++
	} else {
		p.second, p.burst = s, 1
	}
	p.atOnce++
	if p.most = max(p.most, p.atOnce); !now.Before(p.settled) {
		p.peak = max(p.peak, p.burst)
	} else {
		p.first = max(p.first, p.burst)
	}
	answer := p.answer(r.URL, len(before))
	pause := time.Duration(p.random.Int64N(int64(p.slow)))
	p.mu.Unlock()
	time.Sleep(pause)
	p.mu.Lock()
	p.flying[name]--
	p.atOnce--
	p.mu.Unlock()
	answer.Conditional = true
	return answer
}

// Append is the poller's sink: it notes how long each feed is to be left alone.
func (p *publishers) Append(_ context.Context, polls ...feeds.Poll) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, poll := range polls {
		p.wait[poll.Feed] = poll.State.NextDue.Sub(poll.State.LastRequest)
	}
	return nil
}

// store keeps states for restarts.
type store struct {
	*publishers
	states map[string]feeds.State
	dead   atomic.Bool     // the program was killed: what is under way is never kept
	lost   map[string]bool // answers that were not
}

func (s *store) Append(ctx context.Context, polls ...feeds.Poll) error {
	if s.dead.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, poll := range polls {
			s.lost[poll.Feed+poll.At.String()] = true
			s.wait[poll.Feed] = 5 * time.Minute // the floor is all that holds of itself
		}
		return context.Canceled
	}
	s.publishers.Append(ctx, polls...)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, poll := range polls {
		s.states[poll.Feed] = poll.State
	}
	return nil
}

// machine is a clock that can be set, and that goes on while its machine sleeps.
type machine struct {
	started time.Time
	boots   int
	set     atomic.Int64 // nanoseconds by which it was set
}

// reboot has the machine start now, its clock off by so much.
func (m *machine) reboot(off time.Duration) {
	m.started, m.boots = time.Now().Add(-20*time.Second), m.boots+1
	m.set.Store(int64(off))
}

// diary is the diary of a program that starts now.
func (m *machine) diary(path string) *Diary {
	return &Diary{path: path, boot: [16]byte{1, byte(m.boots)}, clock: m.clock()}
}

func (m *machine) clock() clock {
	return clock{
		wall: func() time.Time {
			return time.Now().UTC().Round(0).Add(time.Duration(m.set.Load())).Truncate(time.Microsecond)
		},
		running: func() time.Duration { return time.Since(m.started) },
	}
}

// simulate runs 1,000 feeds on 250 hosts for the given time, and starts again after each
// span that between gives, which may set the clock and sleep. Every second end is a kill.
// The feeds have these schedules in turn, or the usual one.
func simulate(t *testing.T, p *publishers, total time.Duration, between func(m *machine) (run, down time.Duration), schedules ...string) *store {
	t.Helper()
	var subs []Subscription
	set := feeds.DefaultSettings()
	for i := range 1000 {
		url := fmt.Sprintf("https://h%d.example/%d", i%250, i)
		if len(schedules) > 0 {
			set.Schedule = schedules[i%len(schedules)]
		}
		subs = append(subs, Subscription{Feed: feeds.Feed{URL: url, Outlet: "o"}, Outlet: feeds.Outlet{ID: "o"}, Settings: set})
	}
	st := &store{publishers: p, states: map[string]feeds.State{}, lost: map[string]bool{}}
	m := &machine{started: time.Now().Add(-time.Hour)}
	path := filepath.Join(t.TempDir(), "diary")
	end := time.Now().Add(total)
	for kill := false; time.Now().Before(end); kill = !kill {
		run, down := between(m)
		diary := m.diary(path)
		poller, err := New(subs, maps.Clone(st.states), st, Options{Diary: diary})
		if err != nil {
			t.Fatal(err)
		}
		poller.get, poller.clock = p.get, m.clock()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(min(run, time.Until(end)), func() { st.dead.Store(kill); cancel() })
		if err := poller.Run(ctx); err != nil {
			t.Fatal(err)
		}
		st.dead.Store(false)
		diary.Close()
		time.Sleep(down)
	}
	for _, f := range p.faults {
		t.Error(f)
	}
	return st
}

// gaps are the longest time between two polls of a feed, and the number of polls.
func (p *publishers) gaps(from, to time.Time) (longest time.Duration, polls int) {
	for _, starts := range p.starts {
		last := from
		for _, s := range append(starts, to) {
			longest = max(longest, s.Sub(last))
			last = s
		}
		polls += len(starts)
	}
	return longest, polls
}

// calm fails when too many asked at once.
func (p *publishers) calm(t *testing.T) {
	t.Helper()
	if p.first > 30 || p.peak > 12 {
		t.Errorf("%d polls of new feeds started within one second, %d later", p.first, p.peak)
	}
	if p.most > 16 {
		t.Errorf("%d requests were under way at once", p.most)
	}
}

func TestPoliteness14And15TwoWeeksOfAThousandFeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPublishers(5 * time.Second)
		p.slow = 300 * time.Millisecond // so that it is not the places that spread the feeds
		from := time.Now()
		days := 14
		if testing.Short() {
			days = 2
		}
		simulate(t, p, time.Duration(days)*24*time.Hour, func(*machine) (time.Duration, time.Duration) { return 1000 * time.Hour, 0 })
		longest, polls := p.gaps(from, time.Now())
		if longest > 32*time.Minute {
			t.Errorf("a feed was left alone for %s", longest)
		}
		if want := 1000 * 48 * days; polls < want*99/100 || polls > want+1000 {
			t.Errorf("%d polls, want about %d", polls, want)
		}
		p.calm(t)
		t.Logf("%d polls, longest gap %s; starts in a second: %d while all feeds are new, then at most %d; %d at once", polls, longest, p.first, p.peak, p.most)
	})
}

func TestPoliteness13RestartsSleepAndClockSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPublishers(5 * time.Second)
		rnd := rand.New(rand.NewPCG(3, 4))
		var downs time.Duration
		restarts := 0
		days := 7
		if testing.Short() {
			days = 3
		}
		st := simulate(t, p, time.Duration(days)*24*time.Hour, func(m *machine) (time.Duration, time.Duration) {
			restarts++
			run := time.Duration(rnd.Int64N(int64(5 * time.Hour)))
			if restarts%4 == 0 {
				run = time.Duration(rnd.Int64N(int64(90 * time.Second))) // a crash loop
			}
			down := time.Duration(0)
			if restarts%3 == 0 {
				down = time.Duration(rnd.Int64N(int64(4 * time.Hour)))
			}
			downs += down
			if restarts%5 == 0 { // somebody sets the clock while the poller runs
				by := time.Duration(rnd.Int64N(int64(6*time.Hour))) - 3*time.Hour
				time.AfterFunc(run*9/10, func() { m.set.Add(int64(by)) })
			}
			if restarts%7 == 0 { // or while it does not
				m.set.Add(rnd.Int64N(int64(6*time.Hour)) - int64(3*time.Hour))
			}
			return run, down
		})
		if restarts < 4*days {
			t.Fatalf("only %d restarts", restarts)
		}
		for url, s := range st.states {
			if s.Polls < int64(14*days) || s.Failures > 0 {
				t.Errorf("%s was polled %d times in %d days", url, s.Polls, days)
			}
		}
		p.calm(t)
		_, polls := p.gaps(time.Now(), time.Now())
		if len(st.lost) < days*5/7 {
			t.Errorf("only %d answers were lost: the kills have lost their subject", len(st.lost))
		}
		t.Logf("%d polls over %d runs, down for %s in all, %d answers lost to kills; starts in a second: %d while all feeds are new, then at most %d; %d at once", polls, restarts, downs, len(st.lost), p.first, p.peak, p.most)
	})
}

// How long a machine was off only its clock tells, and that may have been set meanwhile
// or have stopped, and may be put right once it runs. What is sure is that the requests
// were made before it started: the floor holds, and no feed is forgotten.
func TestPoliteness13AMachineThatWasOff(t *testing.T) {
	const year = 365 * 24 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		p := newPublishers(5 * time.Second)
		rnd := rand.New(rand.NewPCG(5, 6))
		from, starts := time.Now(), 0
		days := 5
		if testing.Short() {
			days = 2
		}
		simulate(t, p, time.Duration(days)*24*time.Hour, func(m *machine) (time.Duration, time.Duration) {
			off := []time.Duration{0, 2 * time.Hour, -2 * time.Hour, 3 * year, -3 * year, 20 * time.Minute, -20 * time.Minute}[starts%7]
			before := m.set.Load()
			if m.reboot(off); before != int64(off) {
				for url := range p.wait {
					p.wait[url] = 5 * time.Minute
				}
			}
			if starts%2 == 1 { // it is put right soon
				time.AfterFunc(time.Minute, func() { m.set.Store(0) })
			}
			starts++
			return time.Duration(rnd.Int64N(int64(4 * time.Hour))), time.Duration(rnd.Int64N(int64(20 * time.Minute)))
		})
		longest, polls := p.gaps(from, time.Now())
		if starts < 8*days || longest > 150*time.Minute { // a start loses up to an interval when the clock went back
			t.Errorf("a feed was left alone for %s; %d starts of the machine", longest, starts)
		}
		p.calm(t)
		t.Logf("%d polls over %d starts of the machine, longest gap %s; starts in a second: %d while all feeds are new, then at most %d; %d at once", polls, starts, longest, p.first, p.peak, p.most)
	})
}

// Where the clocks change, in spring and in autumn, a schedule in local time loses no
// day and doubles none, nobody is asked early, and there is no burst.
func TestPoliteness15SummerTimeLosesAndDoublesNothing(t *testing.T) {
	schedules := []string{"CRON_TZ=Europe/Berlin 30 2 * * *", "CRON_TZ=Europe/Berlin */30 * * * *", "CRON_TZ=Europe/Berlin 0 1,2,3 * * *", "CRON_TZ=Asia/Kolkata 0 6 * * *"}
	aDay := []int{1, 48, 3, 1}
	for from, merged := range map[string]int{ // two days before a change
		"2000-03-24T12:00:00Z": 1, // 2 and 3 o'clock are one moment then
		"2000-10-27T12:00:00Z": 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(at(from)))
			p := newPublishers(5 * time.Second)
			const days = 4
			simulate(t, p, days*24*time.Hour, func(*machine) (time.Duration, time.Duration) { return 1000 * time.Hour, 0 }, schedules...)
			for i := range 1000 {
				url := fmt.Sprintf("https://h%d.example/%d", i%250, i)
				// The first poll of a new feed comes at once; a slot too close to it is left out.
				got, want := len(p.starts[url]), 1+days*aDay[i%4]
				if i%4 == 2 {
					want -= merged
				}
				if got != want && (got != want-1 || i%4 != 1) {
					t.Errorf("%s by %q: %d polls, want %d", url, schedules[i%4], got, want)
				}
			}
			p.calm(t)
			t.Logf("from %s: starts in a second: at most %d once all feeds are known; %d at once", from, p.peak, p.most)
		})
	}
}

// A night without a network, or behind a captive portal, is nobody's failure: when
// it is over, every feed is polled within its usual interval.
func TestANightOfflineBlamesNobody(t *testing.T) {
	for name, away := range map[string]func(url string) fetch.Response{
		"no network": func(string) fetch.Response {
			return fetch.Response{Outcome: feeds.Failed, Problem: "the network does not lead to the server"}
		},
		"captive portal": func(url string) fetch.Response {
			return fetch.Response{Outcome: feeds.Changed, Status: 200, Body: []byte("<html>Room number?"), FinalURL: "http://hotel.example/login",
				Redirects: []fetch.Hop{{URL: url, Status: 301}}}
		},
		"log-in page at every address": func(url string) fetch.Response {
			return fetch.Response{Outcome: feeds.Changed, Status: 200, Body: []byte("<html>Room number?"), FinalURL: url}
		},
		"511": func(url string) fetch.Response {
			return fetch.Response{Outcome: feeds.Failed, Status: 511, FinalURL: url}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPublishers(5 * time.Second)
				back := time.Now().Add(11 * time.Hour)
				leave := time.Now().Add(2 * time.Hour)
				p.answer = func(url string, n int) fetch.Response {
					if now := time.Now(); now.After(leave) && now.Before(back) {
						return away(url)
					}
					return fetch.Response{Outcome: feeds.NotModified, Status: 304, ETag: `"a"`}
				}
				st := simulate(t, p, 13*time.Hour, func(*machine) (time.Duration, time.Duration) { return 100 * time.Hour, 0 })
				late := 0
				for url, starts := range p.starts {
					heard := false
					for _, s := range starts {
						heard = heard || s.After(back) && s.Before(back.Add(65*time.Minute))
					}
					if !heard {
						late++
					}
					if s := st.states[url]; s.PollURL != "" || s.ETag == "" {
						t.Errorf("%s: %+v", url, s)
					}
				}
				if late > 0 {
					t.Errorf("%d feeds were not polled within an hour of the network's return", late)
				}
			})
		})
	}
}

// While a host wants to be left alone, none of its feeds is asked, and all come
// back after it, one after the other.
func TestPoliteness21APauseHoldsForAllFeedsOfTheHostWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPublishers(5 * time.Second)
		p.settled = time.Time{}
		from := time.Now()
		refused, until := "", time.Time{}
		p.answer = func(url string, n int) fetch.Response {
			if name, _ := hostName(url); name == "h7.example" {
				if time.Now().Before(until) {
					p.fault("%s was asked %s before the pause was over", url, time.Until(until))
				}
				if refused == "" && time.Since(from) > 6*time.Hour {
					refused, until = url, time.Now().Add(2*time.Hour)
					return fetch.Response{Outcome: feeds.RateLimited, Status: 429, RetryAfter: until}
				}
			}
			return fetch.Response{Outcome: feeds.NotModified, Status: 304, ETag: `"a"`}
		}
		st := simulate(t, p, 12*time.Hour, func(*machine) (time.Duration, time.Duration) { return 100 * time.Hour, 0 })
		if refused == "" {
			t.Fatal("nobody was refused")
		}
		for url, starts := range p.starts {
			if name, _ := hostName(url); name != "h7.example" {
				continue
			}
			after := 0
			for _, s := range starts {
				if !s.Before(until) {
					after++
				}
			}
			if after < 3 || st.states[url].Failures > 0 {
				t.Errorf("%s was asked %d times after the pause", url, after)
			}
		}
	})
}
