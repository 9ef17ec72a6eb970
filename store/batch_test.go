package store

import (
	"testing"

	"go.etcd.io/bbolt"
)

// Sketches are looked up dozens of times for each entry: that allocates nothing, and
// finds what the transaction wrote meanwhile.
func TestSketchesAreLookedUp(t *testing.T) {
	s, _ := openTemp(t)
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := s.newBatch(tx)
		for id := uint64(2); id < 4000; id += 2 {
			if err := b.sketches.Put(key(id), append(key(0)[:4], key(id)...)); err != nil {
				return err
			}
			if got := b.Sketch(id); number(got) != id {
				t.Errorf("the sketch of entry %d is %x", id, got)
			}
			if got := b.Sketch(id - 1); got != nil {
				t.Errorf("entry %d, which has none, has the sketch %x", id-1, got)
			}
		}
		if got := b.Sketch(4001); got != nil {
			t.Errorf("the entry behind the last one has the sketch %x", got)
		}
		if n := testing.AllocsPerRun(100, func() { b.Sketch(1000) }); n > 0 {
			t.Errorf("looking a sketch up allocates %v times", n)
		}
		if err := b.sketches.Delete(key(1000)); err != nil {
			return err
		}
		if got := b.Sketch(1000); got != nil {
			t.Errorf("a removed sketch is %x", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
