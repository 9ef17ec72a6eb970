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

// walk calls f with the schedule's moments within that many days, a moment at
// their very start included, until f says stop.
func walk(expr string, days int, f func(t time.Time) bool) {
	s, err := poll.ParseSchedule(expr)
	if err != nil {
		return
	}
	end := aMonth.Add(time.Duration(days) * day)
	for t := s.Next(aMonth.Add(-time.Second)); !t.IsZero() && t.Before(end) && f(t); t = s.Next(t) {
	}
}

// shortestGap is the shortest time between two moments of a schedule, over a
// week and a day: with weekdays and hours that shows every pattern. A schedule
// by days of the month is rarer, and is looked at over a year.
func shortestGap(expr string) time.Duration {
	shortest := 366 * day
	for _, days := range []int{8, 366} {
		last, n := time.Time{}, 0
		walk(expr, days, func(t time.Time) bool {
			if n > 0 {
				shortest = min(shortest, t.Sub(last))
			}
			last, n = t, n+1
			return n < 2000
		})
		if n > 2 {
			break
		}
	}
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
	for _, days := range []int{28, 366} { // a year for what is rarer than once a month
		n, first, last := 0, time.Time{}, time.Time{}
		walk(s.Schedule, days, func(t time.Time) bool {
			if n > 0 && t.Sub(last) < s.Floor {
				return true
			}
			if n == 0 {
				first = t
			}
			n, last = n+1, t
			return n < 5000
		})
		if n > 1 {
			return int(int64(n-1) * 100 * int64(day/time.Second) / int64(last.Sub(first)/time.Second))
		}
	}
	return 0 // once a year or less
}
