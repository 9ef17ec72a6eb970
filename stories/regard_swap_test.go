package stories

import (
	"testing"
	"time"

	"aggregator/feeds"
)

// A sketch keeps fewer bits of most words than the entry being placed has: a headline of
// more words than an entry is found by is the same frame, kept or not.
func TestSwappedAsKept(t *testing.T) {
	at := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	read := func(x *Index, town string) *features {
		f := &features{}
		x.extract(f, &feeds.Entry{Outlet: "herald", Language: "en", Title: "harbour warehouse blaze destroys seventeen fishing trawlers, insurers estimate damages, firefighters rescue stranded crane operator in " + town}, at.Unix(), time.Time{})
		return f
	}
	x := newWorld(t, Options{}).index
	a, b := read(x, "Zarrenthin"), read(x, "Quillenstadt")
	if len(b.terms) <= maxIndexed {
		t.Fatalf("the headline has %d words, by all of which it is found", len(b.terms))
	}
	if !swapped(a, b) {
		t.Fatal("two towns in one frame of words are not told apart")
	}
	var kept features
	if _, err := x.sketches.decode(b.encode(maxIndexed, &x.scratch.byKey), &kept); err != nil {
		t.Fatal(err)
	}
	if !swapped(a, &kept) {
		t.Error("they are no longer when one of them was kept")
	}
	same := read(x, "Zarrenthin")
	if _, err := x.sketches.decode(same.encode(maxIndexed, &x.scratch.byKey), &kept); err != nil {
		t.Fatal(err)
	}
	if swapped(a, &kept) {
		t.Error("a headline differs from itself when it was kept")
	}
}
