package stories

import (
	"slices"
	"strings"
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

// What is compared ends with an entry whose text is the same: no other is a closer copy.
func TestNoneIsACloserCopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Options{})
		at := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
		e := anyEntry(t)
		e.Text = rapid.SampledFrom([]string{"", e.Text}).Draw(t, "before") + " " + anyEntry(t).Text
		n := uint64(rapid.IntRange(1, 12).Draw(t, "entries"))
		for id := uint64(1); id <= n; id++ {
			o := anyEntry(t)
			switch rapid.SampledFrom([]string{"copy", "longer", "shorter", "other"}).Draw(t, "kind") {
			case "copy":
				o.Title, o.Text = e.Title, e.Text
			case "longer":
				o.Title, o.Text = e.Title, e.Text+" "+o.Text
			case "shorter":
				o.Text = e.Text[:strings.LastIndex(e.Text, " ")+1]
			}
			w.place(id, o, feeds.Seen{At: at})
		}
		x, f := w.index, &features{}
		x.extract(f, e, at.Unix(), time.Time{})
		d := x.decide(w, f)
		if d.copied == nil {
			return
		}
		best := d.copied.copy
		for _, c := range slices.Clone(x.candidates(f)) {
			var o features
			if _, err := x.sketches.decode(w.sketch[uint64(c.pos+1)], &o); err != nil {
				t.Fatal(err)
			}
			ev := weigh(f, &x.words, &o)
			if copy := x.copyPoints(f, &o, &ev); copy > best && !standing(f, &o, &ev) && !x.collage(w, f, int(c.pos)) {
				t.Fatalf("entry %d has %d points as a copy, more than the %d of the one chosen", c.pos+1, copy, best)
			}
		}
	})
}
