package serve

import (
	"fmt"
	"strconv"
	"time"

	"aggregator/stories"
)

// dot is one entry on the small strip under a headline.
type dot struct {
	X     string // per cent of the width
	Class string // "lead", "copy" or "own"
}

// strip places the entries by their lag behind the lead, to scale; nothing for
// a story with one entry. scale is what its whole width stands for.
func strip(it item) (dots []dot, scale string) {
	longest := 10 * time.Minute
	for _, c := range it.carriers {
		longest = max(longest, c.Lag)
	}
	for _, c := range it.carriers {
		if !c.HasLag {
			continue
		}
		class := "own"
		if c.Of != nil {
			class = "copy"
		}
		dots = append(dots, dot{at(max(c.Lag, 0), longest), class})
	}
	if len(dots) == 0 {
		return nil, ""
	}
	return append(dots, dot{at(0, longest), "lead"}), span(longest)
}

// at places d of whole between 2 % and 98 %, so that marks do not stick out.
func at(d, whole time.Duration) string {
	if whole <= 0 {
		return "2"
	}
	return strconv.FormatFloat(2+96*float64(d)/float64(whole), 'f', 2, 64)
}

// timeline is the story's entries in time, drawn to scale.
type timeline struct {
	Rows  []row
	Ticks []tick
	First string // place of the verdict's time; "" when unknown or outside
}

// row is one entry: when it was seen, and when it says it was published.
type row struct {
	Name, Link, Class, Lag string
	Words                  string // the row for those who do not see it
	HasBar, Open           bool   // Open: no earlier poll is known, the bar has no start
	X, Width               string // of the bar, per cent
	HasClaim, Wrong        bool   // Wrong: the claim is outside what the polls saw
	Claim                  string // per cent
}

type tick struct {
	X, Words string
}

// drawTimeline lays the entries out between the earliest and the latest moment
// that matters, with a little room on both sides.
func (s *server) drawTimeline(it item) timeline {
	var low, high time.Time
	include := func(t time.Time) {
		if t.IsZero() {
			return
		}
		if low.IsZero() || t.Before(low) {
			low = t
		}
		if t.After(high) {
			high = t
		}
	}
	all := append([]carrier{{Member: it.lead, HasLag: true}}, it.carriers...)
	for _, c := range all {
		include(it.story.Appeared(&c.Member))
		include(c.Seen.At)
		include(c.Seen.After)
	}
	if low.IsZero() {
		return timeline{}
	}
	room := max(high.Sub(low)/25, time.Minute)
	low, high = low.Add(-room), high.Add(room)
	whole := high.Sub(low)
	place := func(t time.Time) string {
		return strconv.FormatFloat(100*float64(t.Sub(low))/float64(whole), 'f', 2, 64)
	}
	inside := func(t time.Time) bool { return !t.IsZero() && !t.Before(low) && !t.After(high) }

	var tl timeline
	for i, c := range all {
		r := row{Name: s.nameOf(c.Outlet), Link: c.Link, Class: "own", Lag: s.carrierView(c).Lag}
		switch {
		case i == 0:
			r.Class, r.Lag = "lead", ""
		case c.Of != nil:
			r.Class = "copy"
		}
		r.Words = r.Name + ": "
		if !c.Seen.At.IsZero() {
			r.HasBar = true
			from := low
			if c.Seen.After.IsZero() {
				r.Open = true
				r.Words += "appeared at " + clock(c.Seen.At) + " or earlier"
			} else {
				from = c.Seen.After
				r.Words += "appeared between " + clock(c.Seen.After) + " and " + clock(c.Seen.At)
			}
			r.X = place(from)
			r.Width = strconv.FormatFloat(max(0.4, 100*float64(c.Seen.At.Sub(from))/float64(whole)), 'f', 2, 64)
		}
		if t := c.Published.Time; !t.IsZero() {
			r.Wrong = !t.Equal(it.story.Appeared(&c.Member)) && (t.After(c.Seen.At) || !t.After(c.Seen.After))
			r.Words += "; claims " + clock(t)
			if r.Wrong {
				r.Words += ", which the polls contradict"
			}
			if inside(t) {
				r.HasClaim, r.Claim = true, place(t)
			}
		}
		tl.Rows = append(tl.Rows, r)
	}
	if t := it.story.Verdict.At; inside(t) && it.story.Verdict.Confidence != stories.Unknown {
		tl.First = place(t)
	}
	step := tickStep(whole)
	for t := low.Truncate(step).Add(step); !t.After(high); t = t.Add(step) {
		words := t.UTC().Format("15:04")
		if step >= 24*time.Hour || t.UTC().Hour() == 0 && t.UTC().Minute() == 0 {
			words = t.UTC().Format("2 Jan")
		}
		x := 100 * float64(t.Sub(low)) / float64(whole)
		if x > 3 && x < 97 {
			tl.Ticks = append(tl.Ticks, tick{fmt.Sprintf("%.2f", x), words})
		}
	}
	return tl
}

// tickStep is a round interval that gives at most seven marks.
func tickStep(whole time.Duration) time.Duration {
	for _, step := range []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour,
		6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 96 * time.Hour, 7 * 24 * time.Hour,
	} {
		if whole/step < 7 {
			return step
		}
	}
	return (whole / 7).Truncate(24*time.Hour) + 24*time.Hour
}
