package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"aggregator/feeds"
	"aggregator/stories"
)

// room is how much must fit on the disk after a write failed until the next one is
// tried, in bytes: what a large poll takes.
const room = 1 << 20

// ErrSlowDisk is returned by Ping when its time was up while a commit waited for the
// disk: whoever starts the program anew will wait for the same disk.
var ErrSlowDisk = errors.New("the disk takes long to write")

// Ping reports whether the store can write: the writing goroutine commits an empty
// transaction, which grows nothing. After a commit that failed there must be room
// on the disk first, so that a full one counts as mended only when it is. While
// Compact or Reindex has the store to itself, or the index is being filled, Ping does
// not wait for it.
func (s *Store) Ping(ctx context.Context) error {
	if s.occupied.Load() {
		return nil
	}
	if s.failed.Load() {
		if err := tryRoom(s.path + ".room"); err != nil {
			return explainWrite(err)
		}
	}
	err := s.do(ctx, func(*batch) error { return nil })
	if errors.Is(err, context.DeadlineExceeded) && s.syncing.Load() {
		return errors.Join(ErrSlowDisk, err)
	}
	return err
}

// tryRoom writes a file of room bytes and removes it.
func tryRoom(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, room))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(path))
}

// Configure remembers the outlets of a changed configuration, as Open does with
// those of Options. Outlets that are gone stay remembered for their entries.
func (s *Store) Configure(ctx context.Context, outlets []feeds.Outlet) error {
	err := s.do(ctx, func(b *batch) error {
		if err := b.configure(outlets); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.directory = stories.NewDirectory(s.registry.outlets[1:])
		return nil
	})
	if err != nil {
		return fmt.Errorf("remembering the outlets: %w", err)
	}
	return nil
}
