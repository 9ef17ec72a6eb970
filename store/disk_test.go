package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, want string
		make       func(t *testing.T, path string)
	}{
		{"in use", "in use by another process", func(t *testing.T, path string) { openAt(t, path) }},
		{"newer", "written by a newer version", func(t *testing.T, path string) {
			s := openAt(t, path)
			if err := s.do(context.Background(), func(b *batch) error { return putMetaNumber(b.tx, metaSchema, schema+1) }); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}},
		{"not a store", "is no store", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("no store at all\n"), 4096), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"somebody else's", "belongs to another program", func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("mine")); return err }); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}},
		{"a folder that is not there", "no such file", func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "in", "store.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			c.make(t, path)
			s, err := Open(path, Options{})
			if err == nil {
				_ = s.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want in it %q", err, c.want)
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	s, path := openTemp(t)
	p := poll("https://herald.example/feed", "herald", noon, article("herald", 1))
	add(t, s, p)
	want, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	intact(t, r)
	if d, err := r.Digest(); err != nil || d != want {
		t.Error(d, err)
	}
	if err := r.Append(context.Background(), p); err == nil {
		t.Error("a store that was opened to be read took a poll")
	}
}

// A full disk refuses polls in words and loses nothing; with room again the same
// store goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("needs the right to mount a small tmpfs: ", err)
	}
	s := openAt(t, filepath.Join(dir, "store.db"))
	t.Cleanup(func() {
		_ = s.Close()
		_ = syscall.Unmount(dir, 0)
	})
	f := newFarm()
	kept, full := 0, 0
	for i := range 60 {
		err := s.Append(context.Background(), f.poll(i, 0, 10, noon.Add(time.Duration(i)*time.Minute)))
		switch {
		case err == nil:
			kept++
		case strings.Contains(err.Error(), "disk is full"):
			full++
		default:
			t.Fatal(err)
		}
	}
	if kept == 0 || full == 0 {
		t.Fatalf("%d kept, %d refused", kept, full)
	}
	if r := intact(t, s); r.Entries != 10*kept {
		t.Errorf("%d entries of %d polls", r.Entries, kept)
	}
	rest, err := os.Create(filepath.Join(dir, "rest"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil { // not a page more
		_, err = rest.Write(make([]byte, 4096))
	}
	_ = rest.Close()
	for i := 60; err == nil || errors.Is(err, syscall.ENOSPC) && !s.failed.Load(); i++ {
		err = s.Append(context.Background(), f.poll(i, 0, 10, noon.Add(time.Duration(i)*time.Minute)))
	}
	if err := s.Ping(context.Background()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk answers %v to a ping", err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	for i := range 60 {
		add(t, s, f.poll(i, 0, 10, noon.Add(time.Duration(i)*time.Minute)))
	}
	if r := intact(t, s); r.Entries != 600 {
		t.Errorf("%d entries, want 600", r.Entries)
	}
}

func TestBackupIsAStore(t *testing.T) {
	s, _ := openTemp(t)
	for _, p := range script()[:20] {
		add(t, s, p)
	}
	want, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	w, err := os.Create(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(context.Background(), w, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c := openAt(t, copied)
	intact(t, c)
	if d, err := c.Digest(); err != nil || d != want {
		t.Error(d, err)
	}
}
