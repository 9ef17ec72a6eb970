package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

// Sketches are looked up dozens of times for each entry: that allocates nothing, and
// finds what the transaction wrote meanwhile.
func TestSketchesAreLookedUp(t *testing.T) {
	s, _ := openTemp(t)
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := s.newBatch(tx)
		for id := uint64(1); id < 4000; id++ {
			if id%100 == 0 {
				continue // pruned
			}
			if err := b.addSketch(id, noon.Add(time.Duration(id/7)*time.Minute), key(id)); err != nil {
				return err
			}
			if got := b.Sketch(id); number(got) != id {
				t.Errorf("the sketch of entry %d is %x", id, got)
			}
			if got := b.Sketch(id / 100 * 100); got != nil {
				t.Errorf("entry %d, which has none, has the sketch %x", id/100*100, got)
			}
		}
		if got := b.Sketch(4001); got != nil {
			t.Errorf("the entry behind the last one has the sketch %x", got)
		}
		if n := testing.AllocsPerRun(100, func() { b.Sketch(1001) }); n > 0 {
			t.Errorf("looking a sketch up allocates %v times", n)
		}
		if err := b.setSketch(1001, nil); err != nil {
			return err
		}
		if got := b.Sketch(1001); got != nil {
			t.Errorf("a removed sketch is %x", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// However sketches are added, changed, removed and dropped, kept or not, their rows hold
// what a map of them does.
func TestRowsOfSketches(t *testing.T) {
	s, _ := openTemp(t)
	s.db.NoSync = true
	rapid.Check(t, func(t *rapid.T) {
		var tx *bbolt.Tx
		var b *batch
		begin := func() {
			var err error
			if tx, err = s.db.Begin(true); err != nil {
				t.Fatal(err)
			}
			b = s.newBatch(tx)
		}
		begin()
		defer func() { _ = tx.Rollback() }()
		err := tx.DeleteBucket(bucketSketches)
		_, made := tx.CreateBucket(bucketSketches)
		if err := errors.Join(err, made, tx.Commit()); err != nil {
			t.Fatal(err)
		}
		s.rows = sketchRows{}
		begin()
		type kept struct {
			at     time.Time
			sketch []byte
		}
		want, was := map[uint64]kept{}, map[uint64]kept{}
		last, at := uint64(0), noon
		before := last
		some := func() []byte {
			return bytes.Repeat([]byte{byte(last)}, rapid.OneOf(rapid.IntRange(1, 9), rapid.Just(maxSketches/3)).Draw(t, "length"))
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				last += uint64(rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "step"))
				at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "later")) * time.Hour)
				want[last] = kept{at, some()}
				if err := b.addSketch(last, at, want[last].sketch); err != nil {
					t.Fatal(err)
				}
			},
			"set": func(t *rapid.T) {
				id := rapid.Uint64Range(0, last+1).Draw(t, "entry")
				sketch := some()
				if k, is := want[id]; is {
					want[id] = kept{k.at, sketch}
					if err := b.setSketch(id, sketch); err != nil {
						t.Fatal(err)
					}
				}
			},
			"remove": func(t *rapid.T) {
				id := rapid.Uint64Range(0, last+1).Draw(t, "entry")
				delete(want, id)
				if err := b.setSketch(id, nil); err != nil {
					t.Fatal(err)
				}
			},
			"drop": func(t *rapid.T) {
				now := at.Add(s.window + sketchMargin - time.Duration(rapid.IntRange(0, 40).Draw(t, "hours"))*time.Hour)
				if err := b.putSketches(); err != nil {
					t.Fatal(err)
				}
				if err := b.dropSketches(now); err != nil {
					t.Fatal(err)
				}
				for id, k := range want {
					if k.at.Before(now.Add(-s.window - sketchMargin)) {
						delete(want, id)
					}
				}
			},
			"commit": func(t *rapid.T) {
				if err := errors.Join(b.putSketches(), tx.Commit()); err != nil {
					t.Fatal(err)
				}
				was, before = maps.Clone(want), last
				begin()
			},
			"fail": func(t *rapid.T) {
				if err := errors.Join(b.putSketches(), tx.Rollback()); err != nil {
					t.Fatal(err)
				}
				want, last = maps.Clone(was), before
				begin()
			},
			"open anew": func(t *rapid.T) { s.rows = sketchRows{} },
			"": func(t *rapid.T) {
				for id := range last + 2 {
					if got := b.Sketch(id); !bytes.Equal(got, want[id].sketch) {
						t.Fatalf("entry %d has a sketch of %d bytes, want %d", id, len(got), len(want[id].sketch))
					}
				}
			},
		})
		if err := b.putSketches(); err != nil {
			t.Fatal(err)
		}
		from, n := rapid.Uint64Range(0, last+1).Draw(t, "from"), 0
		err = eachSketch(b.sketches, from, func(entry uint64, at uint32, sketch []byte) error {
			n++
			if k := want[entry]; entry < from || !bytes.Equal(sketch, k.sketch) || int64(at) != k.at.Unix() {
				return fmt.Errorf("entry %d: %d bytes, seen at %d", entry, len(sketch), at)
			}
			return nil
		})
		for id := range want {
			if id >= from {
				n--
			}
		}
		if err != nil || n != 0 {
			t.Fatal(err, n)
		}
	})
}

// What was committed is read past the mapping, from a tree of three levels, too, and
// from the mapping when it cannot be.
func TestSketchesAreReadPastTheMapping(t *testing.T) {
	s, _ := openTemp(t)
	const last = 6000
	sketch := func(id uint64) []byte { return bytes.Repeat(key(id), 100) }
	for first := uint64(1); first < last; first += 500 {
		if err := s.transact(func(b *batch) error {
			for id := first; id < first+500; id++ {
				if err := b.addSketch(id, noon, sketch(id)); err != nil {
					return err
				}
			}
			return b.putSketches()
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, how := range []string{"as they were written", "opened anew", "unreadable"} {
		err := s.transact(func(b *batch) error {
			switch how {
			case "opened anew":
				s.rows = sketchRows{}
			case "unreadable":
				b.rows.file = bytes.NewReader(nil)
			}
			for id := range uint64(last + 2) {
				got, want := b.Sketch(id), sketch(id)
				if id == 0 || id > last {
					want = nil
				}
				if !bytes.Equal(got, want) {
					return fmt.Errorf("the sketch of entry %d has %d bytes", id, len(got))
				}
			}
			if n := len(b.rows.branches); (n >= 3) != (how != "unreadable") {
				return fmt.Errorf("%d pages that lead to others were read", n)
			}
			return nil
		})
		if err != nil {
			t.Error(how, err)
		}
	}
}

// What one poll brings stands in one row, in a file that was reindexed, too.
func TestOneRowForAPoll(t *testing.T) {
	s, _ := openTemp(t)
	var entries []*feeds.Entry
	for n := range 20 {
		entries = append(entries, article("herald", n))
	}
	for i := range 3 {
		at := noon.Add(time.Duration(i) * time.Hour)
		add(t, s, poll("https://herald.example/feed", "herald", at, entries[5*i:5*i+10]...))
	}
	edited := article("herald", 12)
	edited.Text += " Nothing of this was so: a correction."
	add(t, s, poll("https://herald.example/feed", "herald", noon.Add(4*time.Hour), edited))
	rows := func() (sizes []int) {
		t.Helper()
		intact(t, s)
		err := s.view(func(r *reader) error {
			return r.tx.Bucket(bucketSketches).ForEach(func(k, v []byte) error {
				row, err := openSketches(k, v)
				sizes = append(sizes, row.size())
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return sizes
	}
	want := fmt.Sprint([]int{10, 5, 5})
	if got := fmt.Sprint(rows()); got != want {
		t.Errorf("rows of %s, want %s", got, want)
	}
	for range 2 { // the second one is of what the first one wrote
		if err := s.Reindex(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(rows()); got != want {
			t.Errorf("rows of %s after a reindex, want %s", got, want)
		}
	}
}
