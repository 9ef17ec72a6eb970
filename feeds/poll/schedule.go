package poll

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Adaptive is the schedule that learns its interval from what the feed brings.
const Adaptive = "adaptive"

var cronParser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseSchedule reads a cron expression: five fields, or six with seconds first;
// "@hourly" and the other names; "@every 30m"; "CRON_TZ=Europe/Berlin " or "TZ=…"
// in front, UTC otherwise. It refuses schedules that never fire, and what would
// panic or silently mean something else in robfig/cron v3.0.1.
//
// "@every" counts from 1970 rather than from the start of the program, so that a
// restart changes nothing. In a zone with summer time a schedule with fixed hours
// fires once on both days of change: after the gap, or at the first of two equal
// hours. The schedule that is returned is safe for concurrent use.
func ParseSchedule(expr string) (cron.Schedule, error) {
	loc, rest, err := cutZone(strings.TrimSpace(expr))
	if err != nil {
		return nil, err
	}
	switch {
	case rest == "":
		return nil, errors.New(`the schedule is empty: write one such as "*/30 * * * *" or "@every 30m"`)
	case strings.HasPrefix(rest, "TZ=") || strings.HasPrefix(rest, "CRON_TZ="):
		return nil, fmt.Errorf("the schedule %q names two time zones", expr)
	case strings.HasPrefix(rest, "@every"):
		return parseEvery(rest)
	}
	parsed, err := cronParser.Parse(rest)
	if err != nil {
		return nil, fmt.Errorf("the schedule %q cannot be read: %w", expr, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("the schedule %q is of an unknown form", expr)
	}
	spec.Location = time.UTC
	var s cron.Schedule = spec
	if loc != time.UTC {
		s = zoned{spec, loc}
	}
	if s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("the schedule %q never comes: no such day exists", expr)
	}
	return s, nil
}

// cutZone takes "TZ=Zone " or "CRON_TZ=Zone " off the front. cron's own reader
// panics when nothing follows the zone.
func cutZone(expr string) (*time.Location, string, error) {
	tagged, rest, _ := strings.Cut(expr, " ")
	name, isZone := strings.CutPrefix(strings.TrimPrefix(tagged, "CRON_"), "TZ=")
	if !isZone {
		return time.UTC, expr, nil
	}
	if name == "" || name == "Local" {
		return nil, "", fmt.Errorf(`the schedule %q must name its time zone, such as "CRON_TZ=Europe/Berlin"`, expr)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, "", fmt.Errorf("the schedule %q names an unknown time zone: %w", expr, err)
	}
	return loc, strings.TrimSpace(rest), nil
}

// every fires at the multiples of its length since 1970.
type every time.Duration

func parseEvery(expr string) (cron.Schedule, error) {
	d, err := time.ParseDuration(strings.TrimSpace(strings.TrimPrefix(expr, "@every")))
	switch {
	case err != nil:
		return nil, fmt.Errorf(`the schedule %q must give a length of time, such as "@every 30m"`, expr)
	case d < time.Second:
		return nil, fmt.Errorf("the schedule %q is shorter than a second", expr)
	case d > 366*24*time.Hour:
		return nil, fmt.Errorf("the schedule %q is longer than a year", expr)
	}
	return every(d), nil
}

func (e every) Next(t time.Time) time.Time {
	since := t.Sub(time.Unix(0, 0))
	return t.Add(time.Duration(e) - since%time.Duration(e))
}

// zoned is a schedule in a zone whose offset may change. spec itself is in UTC.
type zoned struct {
	spec *cron.SpecSchedule
	loc  *time.Location
}

const allHours = 1<<24 - 1

func (z zoned) Next(t time.Time) time.Time {
	if z.spec.Hour&allHours == allHours {
		// Every hour: a change of offset neither skips nor doubles anything that
		// anybody would miss.
		s := *z.spec
		s.Location = z.loc
		return s.Next(t)
	}
	local := t.In(z.loc)
	wall := wallOf(local)
	if wall.Sub(wallOf(local.Add(-2*time.Hour))) != 2*time.Hour {
		wall = wall.Add(-2 * time.Hour) // what the clock jumped over may still be to come
	}
	for {
		wall = z.spec.Next(wall)
		if wall.IsZero() {
			return wall
		}
		if next := z.at(wall); next.After(t) {
			return next.In(t.Location())
		}
	}
}

// wallOf is what the clock on the wall shows at t, written as a UTC time.
func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// at is when the clock on the wall first shows wall, or has just jumped over it.
func (z zoned) at(wall time.Time) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, z.loc)
	for wallOf(t).Before(wall) {
		t = t.Add(30 * time.Minute)
	}
	for _, d := range []time.Duration{time.Hour, 30 * time.Minute} {
		if earlier := t.Add(-d); wallOf(earlier).Equal(wall) {
			return earlier
		}
	}
	return t
}
