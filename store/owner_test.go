package store

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes, compacts and restores belongs to whom the directory belongs to.
func TestRootLeavesTheStoreToItsOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	const service = 65533
	dir := t.TempDir()
	if err := os.Chown(dir, service, service); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a.db")
	owned := func(after string) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if of := info.Sys().(*syscall.Stat_t); of.Uid != service || of.Gid != service {
			t.Errorf("after %s the file belongs to %d:%d", after, of.Uid, of.Gid)
		}
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	owned("making it")
	copied := backupOf(t, s)
	if _, _, err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	owned("compacting")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(context.Background(), path, Options{}, bytes.NewReader(copied), "x"); err != nil {
		t.Fatal(err)
	}
	owned("restoring")
}
