package main

import (
	"fmt"
	"time"
)

// stamp is a time of day in UTC, with its year once that could be mistaken.
func stamp(t time.Time, layout string) string {
	if day := time.Since(t).Abs(); day > 300*24*time.Hour {
		return t.UTC().Format("2 Jan 2006 " + layout)
	}
	return t.UTC().Format("2 Jan " + layout)
}

// shortTime is a time for people that may be unknown.
func shortTime(t *time.Time) string {
	if t == nil {
		return "time unknown"
	}
	return stamp(*t, "15:04 UTC")
}

// cellTime is shortTime where a table's head says UTC.
func cellTime(t *time.Time) string {
	if t == nil {
		return "–"
	}
	return stamp(*t, "15:04")
}

// at writes a time that may be unknown, after a comma.
func at(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return ", " + shortTime(t)
}

// when is at for a verdict that names an entry. An origin whose own entry is not here (0) had
// it by the time at which the first carrier did.
func when(entry uint64, t *time.Time) string {
	if entry == 0 && at(t) != "" {
		return ", by " + shortTime(t)
	}
	return at(t)
}

// ago says how long ago a time was.
func ago(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return roughly(time.Since(*t)) + " ago"
}

// until says how long it takes until a time.
func until(t *time.Time) string {
	switch {
	case t == nil:
		return "–"
	case time.Until(*t) <= 0:
		return "due"
	}
	return "in " + roughly(time.Until(*t))
}

var units = []struct {
	of   time.Duration
	name string
}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}

// roughly is a duration in the greatest unit of which it has two.
func roughly(d time.Duration) string {
	for _, u := range units {
		if d.Abs() >= 2*u.of || u.of == time.Second {
			return fmt.Sprintf("%d %s", d/u.of, u.name)
		}
	}
	return ""
}

func lagWords(seconds *int64) string {
	if seconds == nil {
		return "–"
	}
	return roughly(time.Duration(*seconds) * time.Second)
}

func clock(t time.Time) string { return t.Format("15:04:05") }
