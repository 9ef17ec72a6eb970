package feeds

import (
	"sort"
	"time"
)

// Ran is a moment on a clock that nobody can set.
type Ran struct {
	Boot string        // what For counts from: one start of a machine; empty when nobody knows
	For  time.Duration // since then, sleep included
	// Right: most of the servers that were asked lately have the time that our wall clock has.
	Right bool
}

// Clock is what polls tell of how the wall clock was set between them. The zero value is
// a clock before its first poll.
//
// It counts steady time, which is the wall clock's until that is set, and never goes back.
// Where the running clock measured how far the wall clock was set, steady time goes on as
// if it had not been. What happened while the machine was started anew nobody measured:
// steady time goes on with the wall clock when that is a little later than before, as it is
// when all is well, else it stands still; and by what it went on is in doubt, unless servers
// say that the wall clock was right before and after.
//
// Counted time is steady time and what it left out, as soon as servers show it: between two
// moments at which the wall clock was right went by what that says. It never goes back, and
// goes on too far by a day at most for each start of the machine. What happens when so
// much time has gone by (an entry leaves the window, and is removed) goes by it.
type Clock struct {
	Boot string
	Zero time.Time // what the wall clock would have shown when Ran.For was zero, as it is set now
	// Settings are in order of time, and the last one holds now. It is empty while no poll
	// told of a running clock.
	Settings []Setting
	Dropped  uint64 // settings before these, which are forgotten
}

// Setting is how the wall clock stood for a while.
type Setting struct {
	Entry uint64        // the first entry that may have been kept under it
	Begin time.Time     // its first poll, in steady time
	Ahead time.Duration // steady time less the wall clock's
	Doubt time.Duration // see Standing
	Anew  bool          // nobody measured what happened between the setting before and this one
	Right bool          // servers said that the wall clock was right
	Extra time.Duration // counted time less steady time
}

// Standing says how a time that the wall clock showed compares with those of other settings.
type Standing struct {
	Ahead time.Duration // steady time less the wall clock's
	// Doubt is by how much steady time went on until then although nobody measured it.
	Doubt time.Duration
	// Behind is true time less steady time, if Known: the wall clock was found right soon
	// before or after.
	Behind time.Duration
	Known  bool
}

// Apart is how much of the steady time from a moment to a later one may not have gone by.
func (s Standing) Apart(later Standing) time.Duration {
	d := max(0, later.Doubt-s.Doubt)
	if s.Known && later.Known {
		d = min(d, max(0, s.Behind-later.Behind))
	}
	return d
}

// To is what a time of the wall clock in s would be in another setting: true time if that
// is known of both, else steady time.
func (s Standing) To(other Standing) time.Duration {
	by := s.Ahead - other.Ahead
	if s.Known && other.Known {
		by += s.Behind - other.Behind
	}
	return by
}

// True is a time of the wall clock in s as a right clock would have shown it, if that is known,
// else as it was shown.
func (s Standing) True(at time.Time) time.Time {
	if s.Known {
		at = at.Add(s.Ahead + s.Behind)
	}
	return at
}

// Rightly gives an interval, At in setting at and After in setting after, as OfEntry gives
// them, as a right clock would have shown it, if that is known of At.
func (s Seen) Rightly(at, after Standing) Seen {
	if !at.Known {
		return s
	}
	right := Seen{At: at.True(s.At)}
	if s.After.IsZero() {
		return right
	}
	if right.After = after.True(s.After); !after.Known || !right.After.Before(right.At) {
		right.After = at.True(s.After)
	}
	return right
}

const (
	// parted is how far wall and running clock must part to count as set by somebody: a
	// program may be held up between its readings of the two.
	parted = 10 * time.Second
	// maxSettings bounds Clock.Settings. What is older counts as of the oldest.
	maxSettings = 1000
)

// Now is the number of the present setting; 0 when there is none.
func (c *Clock) Now() uint64 { return c.Dropped + uint64(max(0, len(c.Settings)-1)) }

// Counted is a time that the wall clock showed in the setting with a number, or in the oldest
// that is known, in counted time.
func (c *Clock) Counted(number uint64, at time.Time) time.Time {
	if len(c.Settings) == 0 {
		return at
	}
	s := &c.Settings[c.position(number)]
	return at.Add(s.Ahead + s.Extra)
}

// CountedOf is Counted in the setting in which an entry was first seen.
func (c *Clock) CountedOf(entry uint64, at time.Time) time.Time {
	return c.Counted(c.settingOf(entry), at)
}

// CountedAtMost is the latest moment, in counted time, at which the wall clock may have
// shown a time, when nobody knows in which setting it did.
func (c *Clock) CountedAtMost(at time.Time) time.Time {
	for i := len(c.Settings) - 1; i >= 0; i-- {
		s := &c.Settings[i]
		if steady := at.Add(s.Ahead); i == 0 || !steady.Before(s.Begin) {
			if i < len(c.Settings)-1 && steady.After(c.Settings[i+1].Begin) {
				steady = c.Settings[i+1].Begin
			}
			return steady.Add(s.Extra)
		}
	}
	return at
}

// position is where the setting with a number stands, or the oldest that is known.
func (c *Clock) position(number uint64) int {
	return int(min(max(number, c.Dropped)-c.Dropped, uint64(len(c.Settings)-1)))
}

// settingOf is the number of the setting in which an entry was first seen.
func (c *Clock) settingOf(entry uint64) uint64 {
	i := sort.Search(len(c.Settings), func(i int) bool { return c.Settings[i].Entry > entry })
	return c.Dropped + uint64(max(0, i-1))
}

// Of is how the clock stood in the setting with a number, or in the oldest that is known.
func (c *Clock) Of(number uint64) Standing {
	if len(c.Settings) == 0 {
		return Standing{}
	}
	i := c.position(number)
	s := Standing{Ahead: c.Settings[i].Ahead, Doubt: c.Settings[i].Doubt}
	var found []time.Duration // in the nearest settings of which it is known
	for j := i; j >= 0 && len(found) == 0; j-- {
		if c.Settings[j].Right {
			found = append(found, -c.Settings[j].Ahead)
		}
		if c.Settings[j].Anew {
			break
		}
	}
	for j := i; j < len(c.Settings) && (j == i || !c.Settings[j].Anew); j++ {
		if c.Settings[j].Right {
			found = append(found, -c.Settings[j].Ahead)
			break
		}
	}
	if n := len(found); n > 0 && (found[0]-found[n-1]).Abs() <= slack {
		s.Known, s.Behind = true, found[n-1]
	}
	return s
}

// OfEntry is how the clock stood when an entry was first seen, and at its Seen.After.
func (c *Clock) OfEntry(entry uint64, seen Seen) (at, after Standing) {
	number := c.settingOf(entry)
	at = c.Of(number)
	i := int(number - c.Dropped)
	j := i
	for j > 0 && c.Settings[j].Begin.After(seen.After.Add(at.Ahead)) {
		j--
	}
	if after = at; j < i {
		after = c.Of(c.Dropped + uint64(j))
		after.Ahead = at.Ahead // Seen is by the clock as it was set at its end
	}
	return at, after
}

// Poll takes in a poll that started at the given time of the wall clock. latest is the
// latest such time before (zero: there was none), and next the number that the next new
// entry gets. now and before are at and latest as the wall clock is set at present: they
// differ for a poll that started before it was set, and for the first one after that.
// changed reports that c is another than it was.
func (c *Clock) Poll(at time.Time, ran Ran, latest time.Time, next uint64) (now, before time.Time, changed bool) {
	zero := at.Add(-ran.For)
	late := latest.Sub(c.Zero) - ran.For
	was := c.Of(c.Now())
	switch {
	case ran.Boot == "" && (latest.IsZero() || at.Sub(latest).Abs() <= dayBack):
		return at, latest, false // nobody can tell
	case latest.IsZero():
		c.begin(Setting{Entry: next, Begin: at, Anew: true})
		c.Boot, c.Zero, changed = ran.Boot, zero, true
	case ran.Boot == "" || ran.Boot != c.Boot || late > dayBack && zero.Sub(c.Zero).Abs() > parted:
		if len(c.Settings) == 0 { // of the polls so far
			c.begin(Setting{Anew: true})
		}
		end := latest.Add(was.Ahead)
		begin := c.resume(at, end)
		c.begin(Setting{Entry: next, Begin: begin, Ahead: begin.Sub(at), Doubt: was.Doubt + begin.Sub(end), Anew: true})
		c.Boot, c.Zero, latest, changed = ran.Boot, zero, at, true
	case zero.Sub(c.Zero).Abs() <= parted:
	case late > 0:
		return c.Zero.Add(ran.For), latest, false
	default:
		ahead := was.Ahead - zero.Sub(c.Zero)
		c.begin(Setting{Entry: next, Begin: at.Add(ahead), Ahead: ahead, Doubt: was.Doubt})
		c.Zero, latest, changed = zero, at, true
	}
	if last := len(c.Settings) - 1; ran.Right && !c.Settings[last].Right {
		c.Settings = append([]Setting(nil), c.Settings...)
		c.Settings[last].Right, changed = true, true
	}
	if changed {
		c.Count()
	}
	return at, latest, changed
}

// Count finds out what steady time left out. Poll does; a record of before it did needs it.
func (c *Clock) Count() {
	var most time.Duration // counted time less a right clock's
	known := false
	for i := range c.Settings {
		s := &c.Settings[i]
		if i > 0 {
			s.Extra = max(s.Extra, c.Settings[i-1].Extra)
		}
		if !s.Right {
			continue
		}
		if lack := most - s.Ahead - s.Extra; known && lack > 2*slack { // a clock is right give or take that
			s.Extra += lack
		}
		if at := s.Ahead + s.Extra; !known || at > most {
			most, known = at, true
		}
	}
}

// resume is the steady time of a poll at a time of the wall clock when nobody knows what
// happened since end: as in a setting before, when not more than a day went by then, else
// no time went by.
func (c *Clock) resume(at, end time.Time) time.Time {
	least := dayBack + 1
	for _, s := range c.Settings {
		if gone := at.Add(s.Ahead).Sub(end); gone > 0 && gone < least {
			least = gone
		}
	}
	if least > dayBack {
		least = resolution
	}
	return end.Add(least)
}

func (c *Clock) begin(s Setting) {
	if len(c.Settings) == maxSettings {
		c.Settings = c.Settings[1:]
		c.Dropped++
	}
	c.Settings = append(c.Settings[:len(c.Settings):len(c.Settings)], s)
}
