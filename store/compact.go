package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Compact writes the file anew without the room that pruned rows left, and puts
// it in the place of the old one. Polls wait meanwhile; readers go on. It needs
// as much free disk as the result takes. Interrupted, it leaves the old file as
// it was.
func (s *Store) Compact(ctx context.Context) (before, after int64, err error) {
	err = s.alone(ctx, func() error {
		before, after, err = s.compact()
		return err
	})
	return before, after, err
}

func (s *Store) compact() (before, after int64, err error) {
	temp := s.path + ".compact"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, 0, fmt.Errorf("compacting: %w", err)
	}
	defer os.Remove(temp) // gone after the rename
	if err := s.copyTo(temp); err != nil {
		return 0, 0, fmt.Errorf("compacting %s: %w", s.path, explainWrite(err))
	}
	old, err := os.Stat(s.path)
	if err != nil {
		return 0, 0, err
	}
	if err := s.at("before rename"); err != nil {
		return 0, 0, err
	}
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	_ = s.db.Close()
	renamed := os.Rename(temp, s.path)
	if renamed == nil {
		renamed = syncDir(filepath.Dir(s.path))
	}
	if err := errors.Join(renamed, s.open(false, false)); err != nil {
		return 0, 0, fmt.Errorf("compacting %s: %w", s.path, err)
	}
	if err := s.at("after rename"); err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, 0, err
	}
	return old.Size(), info.Size(), nil
}

// copyTo writes all rows to a new file, durably.
func (s *Store) copyTo(path string) error {
	dst, err := bbolt.Open(path, 0o640, &bbolt.Options{NoSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	dst.AllocSize = 1 << 20
	if err := bbolt.Compact(dst, s.db, 4<<20); err != nil {
		return errors.Join(err, dst.Close())
	}
	return errors.Join(giveToOwner(path), dst.Sync(), dst.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
