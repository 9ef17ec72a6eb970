package stories

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
)

// A glance says what a full look says, and rules out no copy.
func TestGlanceDecidesNothingOtherwise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Options{})
		at := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
		n := uint64(rapid.IntRange(1, 8).Draw(t, "entries"))
		var last *feeds.Entry
		for id := uint64(1); id <= n; id++ {
			e := anyEntry(t)
			if last != nil && rapid.Bool().Draw(t, "alike") {
				e.Title, e.Text = last.Title, last.Text+" "+e.Text
			}
			w.place(id, e, feeds.Seen{At: at})
			last = e
		}
		x := w.index
		f := &features{}
		x.extract(f, anyEntry(t), at.Unix(), time.Time{})
		x.words.fill(f)
		x.judged, x.used = x.judged[:0], 1
		for pos := range x.slots.list.n {
			j := x.glance(w, f, pos)
			var o features
			if _, err := x.sketches.decode(w.sketch[uint64(pos+1)], &o); err != nil {
				t.Fatal(err)
			}
			ev := weigh(f, &x.words, &o)
			if standing(f, &o, &ev) {
				if j != nil {
					t.Fatalf("entry %d has a standing headline", pos+1)
				}
				continue
			}
			if j.copy != x.copyPoints(f, &o, &ev) || j.ev.cover != ev.cover || j.ev.covered != ev.covered || j.ev.head != ev.head ||
				j.ev.words != ev.words || j.ev.met != ev.met || j.ev.hours != ev.hours || j.ev.same != ev.same ||
				j.least != min(len(f.heads)+int(f.length), len(o.heads)+int(o.length)) {
				t.Fatalf("entry %d: a glance says %+v, a look %+v, copy %d", pos+1, j, ev, x.copyPoints(f, &o, &ev))
			}
		}
	})
}
