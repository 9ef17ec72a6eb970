package config

import (
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/poll"
)

func checkSchedule(s string) (string, string) {
	if s == poll.Adaptive {
		return "", ""
	}
	if strings.TrimSpace(s) == "" {
		return "this is empty", `write one like "*/30 * * * *" or "@every 30m"`
	}
	if _, err := poll.ParseSchedule(s); err != nil {
		return cut(err.Error()), `write five fields like "*/30 * * * *" (minute hour day month weekday), "@hourly" or "@every 30m"`
	}
	return "", ""
}

// aMonth is four weeks that stand for any other in judging a schedule: from a
// Monday, in winter, so that no change of clocks lies in it. Fixed, so that
// the same file gives the same answer on any day.
var aMonth = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// walk calls f with the schedule's moments in four weeks (a year, when it is
// rarer than that), a minute's worth of seconds included, until f says stop.
func walk(expr string, f func(t time.Time) bool) {
	s, err := poll.ParseSchedule(expr)
	if err != nil {
		return
	}
	t := s.Next(aMonth.Add(-time.Second))
	end := aMonth.Add(28 * day)
	if t.After(end) {
		end = aMonth.Add(366 * day)
	}
	for ; !t.IsZero() && t.Before(end) && f(t); t = s.Next(t) {
	}
}

// shortestGap is the shortest time between two moments of a schedule.
func shortestGap(expr string) time.Duration {
	shortest, last, n := 366*day, time.Time{}, 0
	walk(expr, func(t time.Time) bool {
		if !last.IsZero() {
			shortest = min(shortest, t.Sub(last))
		}
		last = t
		n++
		return n < 5000 // over 28 days that is every eight minutes
	})
	return shortest
}

// RequestsPerDay is how many requests a day, times 100, a feed's settings cost
// its publisher: the schedule's moments that the floor lets through, on the
// average of four weeks; for an adaptive schedule the most that the floor
// allows. What the publisher's own hints save is not known here.
func RequestsPerDay(s feeds.Settings) int {
	if s.Schedule == poll.Adaptive {
		return int(100 * day / max(s.Floor, time.Second))
	}
	n, first, last := 0, time.Time{}, time.Time{}
	walk(s.Schedule, func(t time.Time) bool {
		if n > 0 && t.Sub(last) < s.Floor {
			return true
		}
		if n == 0 {
			first = t
		}
		n, last = n+1, t
		return n < 28*24*60
	})
	if n < 2 {
		return n * 100 / 366
	}
	return int(int64(n-1) * 100 * int64(day/time.Second) / int64(last.Sub(first)/time.Second))
}
