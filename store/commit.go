package store

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// How long a transaction stays open for further polls, when there was company
// last time: until none came for lull, and never longer than stay.
const (
	lull = 5 * time.Millisecond
	stay = 250 * time.Millisecond
)

// request is one change that waits for the writing goroutine.
type request struct {
	change func(*batch) error
	alone  func() error // instead of change: no transaction is open meanwhile
	done   chan error   // buffered: nobody need listen
}

// do has the writing goroutine make a change and waits for the commit.
func (s *Store) do(ctx context.Context, change func(*batch) error) error {
	return s.hand(ctx, &request{change: change, done: make(chan error, 1)})
}

// alone has the writing goroutine call f while no transaction is open.
func (s *Store) alone(ctx context.Context, f func() error) error {
	return s.hand(ctx, &request{alone: f, done: make(chan error, 1)})
}

func (s *Store) hand(ctx context.Context, r *request) error {
	if s.options.ReadOnly {
		return ErrReadOnly
	}
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	select {
	case s.queue <- r:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		// It ended with the request unread, or answered just before it ended.
		select {
		case err := <-r.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// write is the writing goroutine. It ends when the store is closed and the
// queue is empty.
func (s *Store) write() {
	defer close(s.stopped)
	if s.index == nil { // it was left for later
		s.occupied.Store(true)
		err := s.db.View(func(tx *bbolt.Tx) error { return s.fill(tx, s.closing) })
		s.occupied.Store(false)
		if err != nil {
			s.refuse(fmt.Errorf("store %s: %w", s.path, err))
			return
		}
	}
	company := false
	for {
		var first *request
		select {
		case first = <-s.queue:
		case <-s.closing:
			select {
			case first = <-s.queue:
			default:
				return
			}
		}
		for r := first; r != nil; r = s.put {
			s.put = nil
			if r.alone != nil {
				s.occupied.Store(true)
				err := r.alone()
				s.occupied.Store(false)
				r.done <- err
				continue
			}
			company = s.commit(r, company) > 1
		}
	}
}

// refuse answers every request with an error, until the store is closed.
func (s *Store) refuse(err error) {
	for {
		select {
		case r := <-s.queue:
			r.done <- err
		case <-s.closing:
			return
		}
	}
}

// commit applies a request, and those that come while it does, in one
// transaction, and answers them. It returns how many there were.
func (s *Store) commit(first *request, company bool) int {
	var group []*request
	bad := -1 // the request whose change failed
	changed := false
	err := s.transact(func(b *batch) error {
		closesAt := time.NewTimer(stay)
		defer closesAt.Stop()
		for r := first; r != nil; r = s.nextRequest(company || len(group) > 1, closesAt.C) {
			if r.alone != nil {
				s.put = r // after this transaction
				break
			}
			group = append(group, r)
			if err := r.change(b); err != nil {
				bad = len(group) - 1
				return err
			}
		}
		changed = b.changed
		return nil
	})
	if err == nil {
		if changed {
			s.announce()
		}
		for _, r := range group {
			r.done <- nil
		}
		return len(group)
	}
	// Nothing of the group was kept. When the disk failed, all hear of it. When
	// one change failed, it gets its error, and the others are tried again, each
	// alone, so that one does not spoil the rest.
	if len(group) == 0 { // no transaction could be begun
		group = append(group, first)
	}
	if bad < 0 || len(group) == 1 {
		for _, r := range group {
			r.done <- err
		}
		return len(group)
	}
	for i, r := range group {
		if i == bad {
			r.done <- err
			continue
		}
		changed := false
		err := s.transact(func(b *batch) error {
			err := r.change(b)
			changed = b.changed
			return err
		})
		if err == nil && changed {
			s.announce()
		}
		r.done <- err
	}
	return len(group)
}

// nextRequest returns a request that waits or comes soon; nil ends the group.
func (s *Store) nextRequest(linger bool, closes <-chan time.Time) *request {
	select {
	case <-closes:
		return nil
	default:
	}
	select {
	case r := <-s.queue:
		return r
	default:
	}
	if !linger {
		return nil
	}
	quiet := time.NewTimer(lull)
	defer quiet.Stop()
	select {
	case r := <-s.queue:
		return r
	case <-quiet.C:
	case <-closes:
	case <-s.closing:
	}
	return nil
}

// transact runs f in a write transaction and commits. After a failure, file and
// memory are made to agree again.
func (s *Store) transact(f func(*batch) error) error {
	tx, err := s.db.Begin(true)
	if err != nil {
		s.failed.Store(true)
		if reopened := s.reopen(); reopened != nil {
			return explainWrite(errors.Join(err, reopened))
		}
		if tx, err = s.db.Begin(true); err != nil {
			return explainWrite(err)
		}
	}
	if s.mapped > 0 {
		s.letGo(tx) // what readers and changes that place nothing touched, too
	}
	if err = s.at("apply"); err == nil {
		b := s.newBatch(tx)
		if err = f(b); err == nil {
			err = b.learn()
		}
	}
	s.syncing.Store(true)
	defer s.syncing.Store(false)
	if err == nil {
		err = s.at("before commit")
	}
	if err != nil {
		_ = tx.Rollback()
	} else {
		err = tx.Commit()
		s.failed.Store(err != nil)
		if err == nil {
			err = s.at("after commit")
		}
	}
	if err == nil {
		return nil
	}
	// A commit that failed may yet have reached the disk, and bbolt's own memory
	// does not know: only the file itself can say.
	if reopened := s.reopen(); reopened != nil {
		err = errors.Join(err, reopened)
	}
	return explainWrite(err)
}

// reopen opens the file anew and loads everything from it. On a disk that can only be
// read any more, readers go on, and the next change tries again.
func (s *Store) reopen() error {
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	s.packer.reset()
	clear(s.read)
	_ = s.db.Close()
	err := s.open(false, false)
	if errors.Is(err, syscall.EROFS) {
		err = s.open(false, true)
	}
	return err
}

// at is a point at which a test may make the write path fail.
func (s *Store) at(point string) error {
	if s.fault == nil {
		return nil
	}
	return s.fault(point)
}

// explainWrite says what to do about a failed write.
func explainWrite(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("the disk is full: make room; nothing that was kept is lost, and polls go on by themselves: %w", err)
	case errors.Is(err, bolterrors.ErrDatabaseReadOnly): // see reopen
		return explainWrite(syscall.EROFS)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the disk is mounted for reading only: mount it for writing; nothing that was kept is lost, and polls go on by themselves: %w", err)
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("the store may not grow any more (a limit on file sizes): %w", err)
	}
	return err
}
