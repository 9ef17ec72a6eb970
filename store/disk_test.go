package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, want string
		make       func(t *testing.T, path string)
	}{
		{"in use", "in use by process " + strconv.Itoa(os.Getpid()) + " (", func(t *testing.T, path string) { openAt(t, path) }},
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
		{"a folder in its place", "is a folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"cut short", "is damaged: restore a backup with aggregator restore FILE: it is cut short", func(t *testing.T, path string) {
			s := openAt(t, path)
			add(t, s, poll("https://herald.example/feed", "herald", noon, article("herald", 1)))
			if err := errors.Join(s.Close(), os.Truncate(path, 16<<10)); err != nil {
				t.Fatal(err)
			}
		}},
		{"a disk for reading only", "mounted for reading only", func(t *testing.T, path string) {
			dir := filepath.Dir(path)
			if err := errors.Join(syscall.Mount(dir, dir, "", syscall.MS_BIND, ""), syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, "")); err != nil {
				t.Skip("needs the right to mount: ", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
		}},
		{"a full disk", "the disk is full", func(t *testing.T, path string) {
			dir := filepath.Dir(path)
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8k"); err != nil {
				t.Skip("needs the right to mount: ", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
		}},
		{"no leave", "may not be opened: check who owns it", func(t *testing.T, path string) {
			if err := errors.Join(os.WriteFile(path, make([]byte, 64<<10), 0o000), os.Chmod(filepath.Dir(path), 0o500)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
			asNobody(t)
		}},
		{"a folder that is not there", "has no folder: make it", func(t *testing.T, path string) {
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

// asNobody takes from this goroutine's thread the rights that root has over all files, for
// the rest of the test; who is not root has none.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
		t.Skip("needs to be somebody without rights: ", errno)
	}
	t.Cleanup(func() {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
		runtime.UnlockOSThread()
	})
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

// After a write that failed the file is opened anew. Another process that waits for it gets
// it then, and meanwhile the disk turns read-only: each is said in words, readers go on as
// soon as the file can be read, and so do polls when it can be written, without a restart.
func TestTheFileIsTakenAndTheDiskTurnsReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("needs the right to mount: ", err)
	}
	path := filepath.Join(dir, "store.db")
	s := openAt(t, path)
	t.Cleanup(func() {
		_ = s.Close()
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
	})
	p := poll("https://herald.example/feed", "herald", noon, article("herald", 1))
	add(t, s, p)
	other, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	next := poll("https://herald.example/feed", "herald", noon.Add(time.Hour), article("herald", 2))
	taken := make(chan error, 1)
	go func() { taken <- syscall.Flock(int(other.Fd()), syscall.LOCK_EX) }() // waits its turn
	for waits := true; waits; {
		s.fault = func(string) error { s.fault = nil; return syscall.EIO }
		err = s.Append(context.Background(), next)
		select {
		case err := <-taken:
			if err != nil {
				t.Fatal(err)
			}
			waits = false
		default: // it did not wait yet
		}
	}
	if by := fmt.Sprintf("in use by process %d (", os.Getpid()); err == nil || !strings.Contains(err.Error(), by) && !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("%v; want in it %q", err, by)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(other.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Append(context.Background(), next); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "mounted for reading only") {
			t.Errorf("on a disk that can only be read: %v", err)
		}
		if list, _, err := s.Stories(stories.Query{Limit: 9}); err != nil || len(list) != 1 {
			t.Errorf("%d stories are read from it, %v", len(list), err)
		}
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Errorf("the disk can be written again, and the store says %v", err)
	}
	add(t, s, next)
	intact(t, s)
	if list, _, err := s.Stories(stories.Query{Limit: 9}); err != nil || len(list) != 2 {
		t.Errorf("%d stories at the end, %v", len(list), err)
	}
}
