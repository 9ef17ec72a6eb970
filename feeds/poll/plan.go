package poll

import (
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/robfig/cron/v3"
)

// plan is a schedule with its period, shared by all feeds that have it.
type plan struct {
	schedule cron.Schedule // nil when adaptive
	// period is the shortest time between two ticks: how long a window is.
	period time.Duration
	why    string // for those whom it makes due
}

func newPlan(expr string) (*plan, error) {
	why := "the schedule " + strconv.Quote(expr)
	if expr == "" {
		expr = "*/30 * * * *"
	}
	if expr == Adaptive {
		return &plan{period: rhythmBase}, nil
	}
	s, err := ParseSchedule(expr)
	if err != nil {
		return nil, err
	}
	return &plan{s, period(s), why}, nil
}

// period looks at enough ticks to meet every hour of a week of a schedule by the
// hour, and gives up early on longer ones.
func period(s cron.Schedule) time.Duration {
	t := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	least := time.Duration(0)
	for range 200 {
		next := s.Next(t)
		if next.IsZero() {
			break
		}
		if gap := next.Sub(t); least == 0 || gap < least {
			least = gap
		}
		t = next
	}
	if least == 0 {
		least = 24 * time.Hour
	}
	return least
}

// slots are the moments of one feed: each tick of its plan, later by a phase that
// is always the same.
type slots struct {
	*plan
	phase time.Duration
}

// phaseOf is where in [0, span) a feed has its place.
func phaseOf(key string, span time.Duration) time.Duration {
	if span <= 0 {
		return 0
	}
	return time.Duration(xxhash.Sum64String(key) % uint64(span))
}

func newSlots(p *plan, key string, spread time.Duration) slots {
	if p.schedule == nil {
		return slots{p, p.period}
	}
	return slots{p, phaseOf(key, min(spread, p.period))}
}

// after is the first slot after t. Adaptive feeds have none: any moment will do.
func (s slots) after(t time.Time) time.Time {
	if s.schedule == nil {
		return t.Add(s.phase)
	}
	next := s.schedule.Next(t.Add(-s.phase).UTC())
	if next.IsZero() {
		// ParseSchedule refuses schedules without a tick in five years.
		return t.Add(s.period)
	}
	return next.Add(s.phase)
}

// due is when to ask again after a request at last, and not before bound: at the
// next slot; when bound forbids that, within the window that bound falls into, or
// else at the slot after it.
func (s slots) due(last, bound time.Time) time.Time {
	if s.schedule == nil {
		return bound
	}
	next := s.after(last)
	if !bound.After(next) {
		return next
	}
	next = s.after(bound.Add(-s.period))
	if bound.After(next) {
		return bound
	}
	return next
}
