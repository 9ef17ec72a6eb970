package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// openLater opens a store whose index is filled beside readers.
func openLater(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{Outlets: someOutlets, Later: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Whether the index is filled before Open returns or beside readers changes nothing of
// what is kept; a store that is closed before it is filled has lost nothing.
func TestIndexFilledLater(t *testing.T) {
	news := poll("https://tribune.example/feed", "tribune", noon.AddDate(0, 0, 2), article("tribune", 500), article("herald", 30))
	var digests []string
	for _, later := range []bool{false, true} {
		s, path := filled(t)
		want := firsts(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if later {
			if err := openLater(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			s = openLater(t, path)
		} else {
			s = openAt(t, path)
		}
		if got := firsts(t, s); len(got) != len(want) {
			t.Errorf("%d entries, %d before", len(got), len(want))
		}
		add(t, s, news)
		intact(t, s)
		digests = append(digests, digest(t, s))
	}
	if digests[0] != digests[1] {
		t.Error("the stores differ")
	}
}

// An index that cannot be filled is told to whoever changes something, and to nobody
// who reads.
func TestIndexThatCannotBeFilled(t *testing.T) {
	s, path := filled(t)
	want := len(firsts(t, s))
	err := s.do(context.Background(), func(b *batch) error {
		r, err := openSketches(b.sketches.Cursor().First())
		if err != nil {
			return err
		}
		return b.setSketch(r.first(), []byte{stories.Rules})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil {
		t.Fatal("it was opened")
	}
	s = openLater(t, path)
	if got := len(firsts(t, s)); got != want {
		t.Errorf("%d entries, %d before", got, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = s.Stale(ctx)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Error("stale: ", err)
	}
	if err := s.Append(ctx, poll("https://tribune.example/feed", "tribune", noon.AddDate(0, 0, 2), article("tribune", 500))); err == nil || ctx.Err() != nil {
		t.Error("a poll was kept: ", err)
	}
}

// A stop does not wait until a large index is filled.
func TestFillingStops(t *testing.T) {
	s, _ := filled(t)
	stop := make(chan struct{})
	close(stop)
	err := s.db.View(func(tx *bbolt.Tx) error {
		index, err := s.restoreIndex(tx, stop)
		if index != nil {
			t.Error("it was filled")
		}
		return err
	})
	if !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
