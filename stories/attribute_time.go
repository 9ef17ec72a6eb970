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
	// lagMargin is by how much an undated entry must have been seen later
	// before a lag of its feed is ruled out.
	lagMargin = time.Hour
)

// compare says how firmly a appeared before b. a must be the one with the
// earlier best.
//
//   - Certain: the polls saw a when b was still absent, and b does not claim to
//     be older than a. When b claims no usable date, which would betray a lagging
//     feed, the polls must lie at least lagMargin apart.
//   - Likely: the polls saw a first and b claims otherwise (back-dated, or its
//     feed lags); or the intervals overlap and the dates within them differ by
//     at least apart; or, without dates, a is first in 19 of 20 of the ways in
//     which two moments can fall into the two intervals.
//   - Tie: the dates are within apart of each other and nothing else decides.
//   - Unknown: nothing decides.
func compare(a, b *Member) order {
	x, y := appearance(a), appearance(b)
	if x.seen.Before(y.seen) {
		switch y.claim {
		case claimEarlier:
			if b.Published.Time.Before(x.best) {
				return order{Observed, Likely}
			}
		case claimNone, claimFuture, claimDay:
			if y.seen.After.Sub(x.seen.At) < lagMargin {
				return order{Observed, Likely}
			}
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
	if oddsFirst(x.seen, y.seen) {
		return order{Observed, Likely}
	}
	return order{Observed, Unknown}
}

// oddsFirst reports whether a moment of a precedes a moment of b in at least 19
// of 20 cases, both being equally likely anywhere in their intervals. Seconds
// in whole numbers; an interval without a lower end decides nothing.
func oddsFirst(a, b feeds.Seen) bool {
	if !a.Bounded() || !b.Bounded() {
		return false
	}
	a0, a1, b0, b1 := int64(0), secs(a, a.At), secs(a, b.After), secs(a, b.At)
	if a1 <= a0 || b1 <= b0 || a1 > 1<<22 || b1 > 1<<22 || b0 < -(1<<22) {
		return false
	}
	// Twice the area of {(s,t): s in a, t in b, t < s}, which is where b is
	// first. For t below a0 every s counts; between, the rest of a above t.
	lo, hi := max(a0, b0), min(a1, b1)
	var later int64
	if below := min(b1, a0) - b0; below > 0 {
		later += 2 * below * (a1 - a0)
	}
	if hi > lo {
		later += (a1-lo)*(a1-lo) - (a1-hi)*(a1-hi)
	}
	return later*20 <= 2*(a1-a0)*(b1-b0)
}

func secs(origin feeds.Seen, t time.Time) int64 { return int64(t.Sub(origin.After) / time.Second) }

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
