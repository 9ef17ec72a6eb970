package stories

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

// world is an index with what a store would keep beside it.
type world struct {
	t       interface{ Fatalf(string, ...any) }
	index   *Index
	sketch  map[uint64][]byte
	placed  map[uint64]Placement
	entries map[uint64]*feeds.Entry
	seen    map[uint64]feeds.Seen
}

func newWorld(t interface{ Fatalf(string, ...any) }, o Options) *world {
	return &world{t: t, index: NewIndex(o), sketch: map[uint64][]byte{}, placed: map[uint64]Placement{}, entries: map[uint64]*feeds.Entry{}, seen: map[uint64]feeds.Seen{}}
}

func (w *world) Sketch(id uint64) []byte { return w.sketch[id] }

func (w *world) place(id uint64, e *feeds.Entry, seen feeds.Seen) Placement {
	p := w.index.Place(w, id, e, seen, time.Time{})
	w.entries[id], w.seen[id] = e, seen
	for _, m := range p.Moved {
		if m.Entry == id || w.placed[m.Entry].Entry == 0 {
			w.t.Fatalf("entry %d moved entry %d", id, m.Entry)
		}
		w.placed[m.Entry] = m
		w.sketch[m.Entry] = m.Sketch
	}
	w.placed[id] = p
	w.sketch[id] = p.Sketch
	for _, gone := range p.Merged {
		for k, q := range w.placed {
			if q.Story == gone {
				q.Story = p.Story
				w.placed[k] = q
			}
		}
	}
	return p
}

// check holds what must be true after every placement.
func (w *world) check() {
	for id, p := range w.placed {
		if p.Story == 0 {
			w.t.Fatalf("entry %d is in no story", id)
		}
		if p.CopyOf == 0 {
			continue
		}
		root, ok := w.placed[p.CopyOf]
		switch {
		case !ok || p.CopyOf == id:
			w.t.Fatalf("entry %d copies %d", id, p.CopyOf)
		case root.CopyOf != 0:
			w.t.Fatalf("entry %d copies %d, itself a copy of %d", id, p.CopyOf, root.CopyOf)
		case root.Story != p.Story:
			w.t.Fatalf("entry %d is in story %d, its original %d in story %d", id, p.Story, p.CopyOf, root.Story)
		}
	}
	s := &w.index.slots
	members := 0
	for id, fam := range s.families {
		last := uint32(0)
		n := 0
		for at := fam.oldest; at != 0; at = s.at(int(at - 1)).newer {
			e := s.at(int(at - 1))
			if at <= last || e.story != id || w.placed[e.id].Story != id || w.placed[e.id].CopyOf != e.copyOf {
				w.t.Fatalf("story %d holds entry %d wrongly: %+v, placed %+v", id, e.id, e, w.placed[e.id])
			}
			last = at
			n++
		}
		if n != int(fam.size) {
			w.t.Fatalf("story %d has %d members, says %d", id, n, fam.size)
		}
		members += n
	}
	if members != s.size() {
		w.t.Fatalf("%d members for %d entries", members, s.size())
	}
}

// restored builds an index anew from what the store kept.
func (w *world) restored(o Options) *Index {
	x := NewIndex(o)
	for _, e := range w.index.slots.held() {
		p := w.placed[e.id]
		if err := x.Restore(e.id, p.Story, p.CopyOf, w.sketch[e.id]); err != nil {
			w.t.Fatalf("restore %d: %v", e.id, err)
		}
	}
	x.SetNextStory(w.index.NextStory())
	return x
}

var vocabulary = strings.Fields(`minister budget Abuja Lagos court flood striker transfer budget election Tinubu senate
 drought vaccine Nairobi rate inflation bank ceasefire hostage talks convoy earthquake rescue mayor fire bridge verdict
 appeal drone border refugees harvest cocoa pipeline outage satellite launch merger Apple tariff port strike union wage`)

// anyEntry draws entries that often share much with each other.
func anyEntry(t *rapid.T) *feeds.Entry {
	words := func(label string, least, most int) string {
		n := rapid.IntRange(least, most).Draw(t, label)
		from := rapid.IntRange(0, len(vocabulary)-1).Draw(t, label+" from")
		var out []string
		for i := range n {
			out = append(out, vocabulary[(from+i)%len(vocabulary)])
		}
		return strings.Join(out, " ")
	}
	host := rapid.SampledFrom([]string{"a", "b", "c", "d", ""}).Draw(t, "outlet")
	e := &feeds.Entry{Outlet: host, Title: words("title", 0, 9), Text: words("text", 0, 40), Language: "en"}
	if host != "" {
		e.Link = "https://" + host + ".example/" + e.Title
	}
	if s := rapid.SampledFrom([]string{"", "", "", "a", "b"}).Draw(t, "stated"); s != "" && s != host {
		e.Stated = []feeds.Stated{{Kind: feeds.Reprint, URL: "https://" + s + ".example/"}}
	}
	return e
}

func TestPlacingHoldsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{Window: 48 * time.Hour}
		w := newWorld(t, o)
		clock := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		last := uint64(0)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			clock = clock.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "hours")) * time.Hour)
			seen := feeds.Seen{At: clock}
			if rapid.IntRange(0, 9).Draw(t, "untimed") == 0 {
				seen = feeds.Seen{}
			}
			if held := w.index.slots.held(); len(held) > 0 && rapid.IntRange(0, 3).Draw(t, "edit") == 0 {
				id := held[rapid.IntRange(0, len(held)-1).Draw(t, "which")].id
				w.place(id, anyEntry(t), w.seen[id])
			} else {
				last += uint64(rapid.IntRange(1, 3).Draw(t, "gap"))
				w.place(last, anyEntry(t), seen)
			}
			w.check()
		}
		// An index built from what was kept goes on alike.
		again := w.restored(o)
		e := anyEntry(t)
		seen := feeds.Seen{At: clock.Add(time.Hour)}
		one := w.index.Place(w, last+1, e, seen, time.Time{})
		two := again.Place(w, last+1, e, seen, time.Time{})
		if diff := cmp.Diff(one, two); diff != "" {
			t.Fatalf("the restored index places otherwise:\n%s", diff)
		}
		if diff := cmp.Diff(w.index.dump(), again.dump()); diff != "" {
			t.Fatalf("the restored index differs:\n%s", diff)
		}
	})
}

// dump lists an index's state without regard to where it lies in memory.
func (x *Index) dump() []string {
	var out []string
	s := &x.slots
	for i, e := range s.held() {
		line := fmt.Sprint(e.id, " ", e.story, " ", e.copyOf, " ", e.at, " ", e.outlet, " ", *s.langs.at(s.first + i), ":")
		out = append(out, line)
	}
	for _, e := range s.found.list() {
		line := fmt.Sprint("key ", e.key, ":")
		n := 0
		var one [1]uint32
		for _, pos := range s.found.of(e.val, &one) {
			line += fmt.Sprint(" ", s.at(int(pos)).id)
			n++
		}
		if n > 0 {
			out = append(out, line)
		}
	}
	for i, n := range x.rarity.window {
		if n != 0 {
			out = append(out, fmt.Sprint("word ", i, " ", n))
		}
	}
	for _, e := range x.shapes.list() {
		out = append(out, fmt.Sprint("shape ", e.key, " ", e.val))
	}
	out = append(out, fmt.Sprint("next ", x.next))
	slices.Sort(out)
	return out
}

// held lists the entries of the window.
func (s *slots) held() (list []slot) {
	for pos := s.first; pos < s.list.n; pos++ {
		list = append(list, *s.at(pos))
	}
	return list
}

// list lists the keys with their numbers.
func (k *keys) list() (list []keyed) {
	for i := range k.shards {
		for _, e := range k.shards[i].table {
			if e.val != 0 {
				list = append(list, e)
			}
		}
	}
	return list
}

// Of entries that left the window nothing stays.
func TestWindowMovesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, to which the race detector is of no use: the whole run does this")
	}
	w := newWorld(t, Options{Window: 10 * time.Hour})
	clock := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3*partSize + 5000 {
		clock = clock.Add(time.Minute)
		e := &feeds.Entry{Outlet: fmt.Sprint("o", i%7), Title: fmt.Sprintf("%s %s %s number %d", vocabulary[i%45], vocabulary[i*7%43], vocabulary[i*3%41], i/3), Language: "en"}
		w.place(uint64(i+1), e, feeds.Seen{At: clock})
	}
	parts := 0
	for _, part := range w.index.slots.list.list {
		if part != nil {
			parts++
		}
	}
	if p := &w.index.slots.found; parts > 2 || len(p.arena) > 2 {
		t.Errorf("%d parts of slots and %d of positions for a window of 600 entries", parts, len(p.arena))
	}
	w.check()
	if diff := cmp.Diff(w.index.dump(), w.restored(Options{Window: 10 * time.Hour}).dump()); diff != "" {
		t.Fatalf("the restored index differs:\n%s", diff)
	}
}
