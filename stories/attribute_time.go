package stories

import (
	"time"

	"aggregator/feeds"
)

// claimState says what a claimed date is worth, judged against Seen.
type claimState int

const (
	claimNone    claimState = iota // no date, or one that cannot be read
	claimAgrees                    // within (Seen.After, Seen.At]: it narrows the interval
	claimAlone                     // not after Seen.At, and Seen has no lower end to check it against
	claimEarlier                   // at or before Seen.After: back-dated, or the feed lags behind the site
	claimFuture                    // after Seen.At: it cannot be when it was published
	claimDay                       // a date without a time of day: too coarse to order by
)

// skew is how far a publisher's clock and ours may differ before a claim
// counts as wrong.
const skew = 2 * time.Minute

// judge weighs the date that a member claims against when it was seen.
func judge(m *Member) claimState {
	t := m.Published.Time
	switch {
	case t.IsZero():
		return claimNone
	case !m.Seen.At.IsZero() && t.After(m.Seen.At.Add(skew)):
		return claimFuture
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && !m.Seen.Bounded():
		return claimDay
	case m.Seen.After.IsZero():
		return claimAlone
	case !t.Add(skew).After(m.Seen.After):
		return claimEarlier
	}
	return claimAgrees
}

// appeared is what is known of when an entry appeared: in (after, at], and at
// best, which is its own claim where that holds.
type appeared struct {
	seen  feeds.Seen
	best  time.Time
	claim claimState
}

func appearance(m *Member) appeared {
	a := appeared{seen: m.Seen, best: m.Seen.At, claim: judge(m)}
	if t := m.Published.Time; a.claim == claimAgrees || a.claim == claimAlone {
		a.best = t
		if !m.Seen.At.IsZero() && t.After(m.Seen.At) { // within skew
			a.best = m.Seen.At
		}
	}
	return a
}

// bySteadyTime gives members times that compare with each other: those that were seen
// before our clock was set get the times that it would have shown, had it been set then as
// it was when the last entry came, or rightly if that is known. What all points to stays as
// it is, and so does a single member.
func bySteadyTime(all []*Member) {
	if len(all) < 2 {
		return
	}
	last := all[0]
	for _, m := range all {
		if m.Entry > last.Entry {
			last = m
		}
	}
	now := last.Clock
	if now.Known {
		now.Ahead = -now.Behind
	}
	for i, m := range all {
		after, at := m.ClockAfter.To(now), m.Clock.To(now)
		if after == 0 && at == 0 {
			continue
		}
		moved := *m
		moved.Seen.At = moved.Seen.At.Add(at)
		if m.Seen.Bounded() {
			moved.Seen.After = moved.Seen.After.Add(after)
		}
		all[i] = &moved
	}
}

// ahead is how long after a appeared b was still absent, by the polls, and how much of that
// is sure: time of which only a clock tells that may have been wrong is not. A date that a
// claims does not count when our clock was set between them, since it was not right then.
func ahead(a, b *Member) (long, sure time.Duration) {
	best, from := appearance(a).best, a.Clock
	if best.Before(a.Seen.At) {
		switch by := a.Clock.To(b.Clock); {
		case by.Abs() >= skew:
			best = a.Seen.At
		case a.Seen.Bounded():
			from = a.ClockAfter
		}
	}
	long = b.Seen.After.Sub(best)
	return long, long - from.Apart(b.ClockAfter)
}

// asOriginal returns own with what its copies say of its time: an original is not
// younger than they are, so it was there when the first of them was seen. Where
// that lies before the poll that found own, its feed lagged behind its site: the
// polls that missed it prove nothing, and a date before that moment is no
// back-dating. lead are the first entries of each outlet with that text.
func asOriginal(own *Member, lead []*Member) (m *Member, lagged bool) {
	at, stood := own.Seen.At, own.Clock
	for _, c := range lead {
		if c.Outlet != own.Outlet && !c.Seen.At.IsZero() && c.Seen.At.Before(at) {
			at, stood = c.Seen.At, c.Clock
		}
	}
	if at.Equal(own.Seen.At) {
		return own, false
	}
	original := *own
	original.Seen, original.Clock = feeds.Seen{After: own.Seen.After, At: at}, stood
	if !own.Seen.After.Before(at) || judge(own) == claimEarlier {
		original.Seen.After = time.Time{}
	}
	return &original, true
}

// order is what the times say of two entries of different outlets, where a is
// the one that looks earlier.
type order struct {
	basis      Basis
	confidence Confidence
}

const (
	// apart is the least difference of two claimed dates that orders them;
	// less is a tie: dates are often whole minutes, and clocks differ.
	apart = 2 * time.Minute
	// lagMargin is by how much an entry must have been absent after the other was
	// there before a lag of its feed is ruled out: feeds show an entry minutes
	// after the site, and some stamp it then. Without a usable date, which would
	// betray the lag, it is lagUndated.
	lagMargin  = time.Hour
	lagUndated = 2 * time.Hour
	// longestLag is how far a date may lie before the poll that did not show the
	// entry and still be explained by a feed that lags behind its site. In real
	// polling one entry in five is dated so, three quarters of them by less than
	// an hour; a date that is older than this is taken for back-dated.
	longestLag = 3 * time.Hour
)

// compare says how firmly a appeared before b. a must be the one with the
// earlier best.
//
//   - Certain: the polls saw a at least lagMargin before b was still absent, and
//     b does not claim to be older than a; lagUndated when b has no usable date.
//     Time of which only a clock tells that may have been wrong does not count.
//   - Likely: the polls saw a before b was still absent, by less than that, or b
//     claims to be older by so much that it must be back-dated; or the polls
//     overlap, and the dates within them differ by at least apart.
//   - Tie: the dates are within apart of each other, and the polls overlap or a
//     lag of b's feed may explain why they do not.
//   - Unknown: nothing decides, or b claims to be older than a and a lag of its
//     feed may explain why the polls say otherwise.
func compare(a, b *Member) order {
	x, y := appearance(a), appearance(b)
	older := y.claim == claimEarlier && b.Published.Time.Before(x.best.Add(apart))
	if older && y.seen.After.Sub(b.Published.Time) <= longestLag {
		if x.best.Sub(b.Published.Time).Abs() < apart {
			return order{Claimed, Tie}
		}
		return order{Observed, Unknown}
	}
	if x.seen.Before(y.seen) {
		undated := older || y.claim == claimNone || y.claim == claimFuture || y.claim == claimDay
		long, sure := ahead(a, b)
		switch {
		case older && long < lagUndated:
			return order{Observed, Unknown}
		case older || sure < lagMargin || undated && sure < lagUndated:
			return order{Observed, Likely}
		}
		return order{Observed, Certain}
	}
	dated := func(p appeared) bool { return p.claim == claimAgrees || p.claim == claimAlone }
	if dated(x) && dated(y) {
		if y.best.Sub(x.best) < apart {
			return order{Claimed, Tie}
		}
		return order{Claimed, Likely}
	}
	// One date still decides when it lies outside of the other's interval.
	if dated(x) && !y.seen.After.IsZero() && !x.best.After(y.seen.After) {
		return order{Claimed, Likely}
	}
	if dated(y) && !x.seen.At.IsZero() && !x.seen.At.After(y.best) {
		return order{Claimed, Likely}
	}
	return order{Observed, Unknown}
}

// rank orders confidences: the firmer, the higher.
func rank(c Confidence) int {
	switch c {
	case Certain:
		return 3
	case Likely:
		return 2
	case Tie:
		return 1
	}
	return 0
}

// weaker returns the less firm of two confidences.
func weaker(a, b Confidence) Confidence {
	if rank(a) < rank(b) {
		return a
	}
	return b
}
