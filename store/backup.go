package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Backup writes a copy of the file, as it is at one moment, while polls go on.
// The copy is a store that Open reads. size is called once, before the first
// byte, with how many will follow; it may be nil.
//
// The copy is first made beside the file, at the disk's pace, in a file that has
// no name: a reader as slow as w may be would keep bbolt from growing the file,
// and all writers and readers waiting. It takes as much free disk as the store.
func (s *Store) Backup(ctx context.Context, w io.Writer, size func(int64)) error {
	if s.options.ReadOnly { // nobody writes
		return s.view(func(r *reader) error {
			if size != nil {
				size(r.tx.Size())
			}
			_, err := r.tx.WriteTo(w)
			return err
		})
	}
	copied, err := os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+".backup-*")
	if err != nil {
		return fmt.Errorf("making room for a backup beside %s: %w", s.path, explainWrite(err))
	}
	defer copied.Close()
	defer os.Remove(copied.Name()) // where an open file cannot be removed at once
	_ = os.Remove(copied.Name())
	err = s.view(func(r *reader) error {
		_, err := r.tx.WriteTo(copied)
		return err
	})
	if err != nil {
		return fmt.Errorf("copying %s: %w", s.path, explainWrite(err))
	}
	n, err := copied.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = copied.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	if size != nil {
		size(n)
	}
	if _, err := io.Copy(w, &watched{ctx, copied, ProgressOf(ctx), 0, n}); err != nil {
		return fmt.Errorf("writing a backup of %s: %w", s.path, err)
	}
	return nil
}

// watched is a reader that ends with its context and says how far it is.
type watched struct {
	ctx      context.Context
	from     io.Reader
	progress func(done, of int64)
	done, of int64
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p)
	w.done += int64(n)
	w.progress(w.done, w.of)
	return n, err
}

// Restored is what Restore put in place.
type Restored struct {
	Report Report
	Digest string
	Kept   string // where the file is that was there before; empty when there was none
}

// Restore puts a backup in the place of the store at path, once it has read all
// of it, brought it to the present layout and found it intact; until then, and
// when it is interrupted, the store stays as it was. The old file is kept beside
// it under a name with stamp, and a number when that name is taken. No process may have the store open.
func Restore(ctx context.Context, path string, o Options, backup io.Reader, stamp string) (done Restored, err error) {
	// The lock on the old file keeps a daemon from starting meanwhile.
	if _, err := os.Stat(path); err == nil {
		db, err := bbolt.Open(path, 0o640, &bbolt.Options{Timeout: lockWait, ReadOnly: true})
		if err = explainOpen(path, err); errors.Is(err, errInUse) {
			return done, err
		}
		if db != nil { // a damaged one cannot be locked, nor be started on
			defer db.Close()
		}
		done.Kept = path + ".before-" + stamp
	}
	temp := path + ".restore"
	defer func() {
		if err != nil {
			_ = os.Remove(temp)
		}
	}()
	if err := writeDurably(temp, backup); err != nil {
		return done, fmt.Errorf("copying the backup to %s: %w", temp, explainWrite(err))
	}
	if err := CheckFile(temp); err != nil {
		return done, fmt.Errorf("the backup is damaged and not used: %w", err)
	}
	o.ReadOnly = false
	s, err := Open(temp, o)
	if err != nil {
		return done, fmt.Errorf("the backup is not used: %w", err)
	}
	done.Report, err = s.Verify(ctx)
	if err == nil && !done.Report.OK() {
		err = fmt.Errorf("the backup is damaged and not used: %s", done.Report.Problems[0])
	}
	if err == nil {
		done.Digest, err = s.Digest()
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return done, err
	}
	if done.Kept != "" {
		// A second name for the old file, so that at every instant there is a store.
		name := done.Kept
		for n := 2; ; n++ {
			err := os.Link(path, done.Kept)
			if err == nil || isSameFile(path, done.Kept) {
				break
			}
			if !errors.Is(err, fs.ErrExist) {
				return done, fmt.Errorf("keeping the old file: %w", err)
			}
			done.Kept = fmt.Sprintf("%s.%d", name, n)
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return done, err
	}
	return done, syncDir(filepath.Dir(path))
}

// writeDurably writes a new file and sees it onto the disk.
func writeDurably(path string, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, giveToOwner(path), f.Sync(), f.Close())
}

// isSameFile reports whether both names are those of one file.
func isSameFile(a, b string) bool {
	one, err1 := os.Stat(a)
	other, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, other)
}
