package store

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"aggregator/stories"
)

// standing is an entry of the window as it was placed.
type standing struct {
	id, story, copyOf uint64
	sketch            []byte
}

// handful is how many entries go from the file to the index at once.
const handful = 512

// errFilling ends the reading when the filling failed, which has its own error.
var errFilling = errors.New("the index could not be filled")

// restoreIndex builds the index from the sketches of the window: one goroutine
// reads the file, one fills the index. It returns ErrClosed soon after stop is closed.
func (s *Store) restoreIndex(tx *bbolt.Tx, stop <-chan struct{}) (*stories.Index, error) {
	index := s.newIndex()
	places, redirects := tx.Bucket(bucketPlaces), tx.Bucket(bucketRedirects)
	var work errgroup.Group
	handfuls, failed := make(chan []standing, 4), make(chan struct{})
	work.Go(func() error {
		defer close(handfuls)
		some := make([]standing, 0, handful)
		pass := func() error {
			select {
			case <-stop:
				return ErrClosed
			default:
			}
			select {
			case handfuls <- some:
			case <-failed:
				return errFilling
			}
			some = make([]standing, 0, handful)
			return nil
		}
		err := eachSketch(tx.Bucket(bucketSketches), 0, func(entry uint64, _ uint32, sketch []byte) error {
			p, err := readPlace(places, redirects, entry)
			if err != nil || p == nil {
				return err
			}
			if some = append(some, standing{entry, p.Story, p.CopyOf, sketch}); len(some) == handful {
				s.letGo(tx)
				return pass()
			}
			return nil
		})
		return errors.Join(err, pass())
	})
	err := func() error {
		defer close(failed)
		for some := range handfuls {
			for _, e := range some {
				if err := index.Restore(e.id, e.story, e.copyOf, e.sketch); err != nil {
					return fmt.Errorf("entry %d: %w", e.id, err)
				}
			}
		}
		return nil
	}()
	if readErr := work.Wait(); err == nil {
		err = readErr
	}
	if err != nil {
		return nil, err
	}
	if next := metaNumber(tx, metaNextStory); next > 0 {
		index.SetNextStory(next)
	}
	return index, ruleIndex(index, s.corrections().list, places, redirects)
}
