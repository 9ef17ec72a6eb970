package poll

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

func TestSchedulesThatAreRefused(t *testing.T) {
	for _, expr := range []string{
		"", "   ", "TZ=0", "CRON_TZ=UTC", "TZ=", "TZ= * * * * *", "CRON_TZ=Nowhere/City * * * * *", "TZ=UTC TZ=UTC * * * * *", "TZ=Local * * * * *",
		"@every", "@every 0s", "@every -5m", "@every 10ms", "@every soon", "@every 9000h", "@sometimes", "@reboot",
		"0 0 30 2 *", "* * * *", "* * * * * * *", "61 * * * *", "* 24 * * *", "*/0 * * * *", "a * * * *", "5-1 * * * *",
	} {
		if s, err := ParseSchedule(expr); err == nil {
			t.Errorf("%q was read as %v", expr, s)
		}
	}
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestSchedulesAndTheirTicks(t *testing.T) {
	for _, c := range []struct {
		expr, from string
		want       []string
	}{
		{"*/30 * * * *", "2026-03-01T10:10:00Z", []string{"2026-03-01T10:30:00Z", "2026-03-01T11:00:00Z"}},
		{"15 */20 * * * *", "2026-03-01T10:10:00Z", []string{"2026-03-01T10:20:15Z", "2026-03-01T10:40:15Z"}},
		{"@hourly", "2026-03-01T10:00:00Z", []string{"2026-03-01T11:00:00Z"}},
		{"@every 45m", "2026-03-01T10:10:00Z", []string{"2026-03-01T10:30:00Z", "2026-03-01T11:15:00Z"}},
		{"@every 1500ms", "2026-03-01T10:00:00Z", []string{"2026-03-01T10:00:01.5Z", "2026-03-01T10:00:03Z"}},
		{"TZ=Asia/Kolkata 0 6 * * *", "2026-03-01T00:00:00Z", []string{"2026-03-01T00:30:00Z", "2026-03-02T00:30:00Z"}},
		// Berlin: 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00.
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"CRON_TZ=Europe/Berlin 0 * * * *", "2026-10-24T23:30:00Z", []string{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
		{"CRON_TZ=America/New_York 30 2 * * *", "2026-03-08T05:45:00Z", []string{"2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"}},
		{"CRON_TZ=America/New_York 30 1 * * *", "2026-11-01T04:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
	} {
		s, err := ParseSchedule(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		now := at(c.from)
		for _, want := range c.want {
			if now = s.Next(now); !now.Equal(at(want)) {
				t.Errorf("%s from %s: %s, want %s", c.expr, c.from, now.UTC().Format(time.RFC3339Nano), want)
			}
		}
	}
}

// In every zone, a schedule with fixed hours fires once on every day of the year,
// and asking from any moment in between gives the same tick.
func TestFixedHoursFireOnceADayInEveryZone(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "America/Santiago", "Pacific/Apia"} {
		for _, field := range []string{"0 0", "30 1", "15 2", "45 2", "0 3", "59 23"} {
			s, err := ParseSchedule("CRON_TZ=" + zone + " " + field + " * * *")
			if err != nil {
				t.Fatal(err)
			}
			loc, _ := time.LoadLocation(zone)
			tick := s.Next(at("2025-12-31T12:00:00Z"))
			days := 0
			for tick.Before(at("2026-12-31T12:00:00Z")) {
				next := s.Next(tick)
				for _, part := range []time.Duration{time.Second, time.Hour, 12 * time.Hour, next.Sub(tick) - time.Minute} {
					if other := s.Next(tick.Add(part)); !other.Equal(next) {
						t.Errorf("%s %s: from %s the next is %s, and %s later it is %s", zone, field, tick.In(loc), next.In(loc), part, other.In(loc))
					}
				}
				if gap := next.Sub(tick); gap < 22*time.Hour || gap > 26*time.Hour {
					t.Errorf("%s %s: %s, then %s", zone, field, tick.In(loc), next.In(loc))
				}
				tick = next
				days++
			}
			if days != 365 {
				t.Errorf("%s %s: %d times in 365 days", zone, field, days)
			}
		}
	}
}

func TestPoliteness15PhasesSpreadTheFeedsOfOneSchedule(t *testing.T) {
	p, err := newPlan("*/30 * * * *")
	if err != nil {
		t.Fatal(err)
	}
	minutes := map[int]int{}
	for i := range 3000 {
		url := "https://courier.example/" + string(rune('a'+i%26)) + time.Duration(i).String()
		s := newSlots(p, url, time.Hour) // more than the period: the period counts
		first := s.after(at("2026-03-01T10:00:00Z"))
		if again := newSlots(p, url, time.Hour).after(at("2026-03-01T10:00:00Z")); again != first {
			t.Fatal("the phase is not always the same")
		}
		if second := s.after(first); second.Sub(first) != 30*time.Minute {
			t.Errorf("%s, then %s", first, second)
		}
		minutes[int(first.Sub(at("2026-03-01T10:00:00Z")).Minutes())]++
	}
	for m := range 30 {
		if minutes[m] < 50 || minutes[m] > 150 {
			t.Errorf("minute %d has %d of 3000 feeds", m, minutes[m])
		}
	}
	phase := func(seed string) time.Duration {
		p := must(New([]Subscription{subscription("https://a.example/", normal())}, nil, &memory{}, Options{Seed: seed}))
		return p.feeds[0].rules.slots.phase
	}
	if one, again := phase("one machine"), phase("one machine"); one == phase("another") || one != again {
		t.Error("two installations have the same phase, or one has two")
	}
}

// Whatever the schedule, the spread and the bound: the next poll is never before
// the bound, never at or before the last request, and never a window later than
// need be.
func TestDueIsNeverEarlyAndNeverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expr := rapid.SampledFrom([]string{
			"*/30 * * * *", "@hourly", "@every 7m", "*/10 8-18 * * 1-5", "0 6,18 * * *", "CRON_TZ=Europe/Berlin 30 2 * * *", "@weekly", "0 0 1 1 *", "*/5 * * * * *",
		}).Draw(t, "schedule")
		p, err := newPlan(expr)
		if err != nil {
			t.Fatal(err)
		}
		s := newSlots(p, rapid.String().Draw(t, "key"), time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "spread")))
		last := at("2026-01-01T00:00:00Z").Add(time.Duration(rapid.Int64Range(0, int64(366*24*time.Hour)).Draw(t, "last")))
		bound := last.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(40*24*time.Hour)).Draw(t, "bound")))
		due := s.due(last, bound)
		if !due.After(last) || due.Before(bound) {
			t.Fatalf("last %s, bound %s, due %s", last, bound, due)
		}
		if latest := later(s.after(last), s.after(bound)); due.After(latest) {
			t.Fatalf("due %s, though %s would do", due, latest)
		}
		if again := s.due(last, due); !again.Equal(due) {
			t.Fatalf("due %s, then %s", due, again)
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	for _, s := range []string{"*/30 * * * *", "TZ=0", "CRON_TZ=UTC", "@every 0s", "0 0 30 2 *", "CRON_TZ=Europe/Berlin 30 2 * * *", "0 0 29 2 *"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		s, err := ParseSchedule(expr)
		if err != nil {
			return
		}
		now := at("2026-03-29T00:30:00Z")
		for range 3 {
			next := s.Next(now)
			if next.IsZero() {
				return // no day like that within five years
			}
			if !next.After(now) {
				t.Fatalf("%q: after %s comes %s", expr, now, next)
			}
			now = next
		}
	})
}

var _ cron.Schedule = every(0)
