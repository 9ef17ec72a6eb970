package store

import (
	"bytes"
	"os"
	"testing"

	"go.etcd.io/bbolt"
)

// What was read of a large file does not stay in this process's memory, and who
// reads meanwhile finds it again.
func TestMappedPagesAreLetGo(t *testing.T) {
	s, _ := openTemp(t)
	large := bytes.Repeat([]byte("news"), 2*maxMapped/4)
	if err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMarks).Put([]byte("large"), large) }); err != nil {
		t.Fatal(err)
	}
	if mappedPages() == 0 {
		t.Skip("needs /proc/self/statm")
	}
	err := s.db.View(func(tx *bbolt.Tx) error {
		s.mapped = mappedPages()
		held := tx.Bucket(bucketMarks).Get([]byte("large"))
		if !bytes.Equal(held, large) {
			t.Error("the file does not hold what was written")
		}
		before := mappedPages()
		s.letGo(tx)
		if freed := before - mappedPages(); freed < maxMapped/int64(os.Getpagesize()) {
			t.Errorf("of %d mapped pages %d were let go", before, freed)
		}
		if !bytes.Equal(held, large) { // which maps them again
			t.Error("a reader does not find again what was let go")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before := mappedPages()
	add(t, s, poll("https://herald.example/feed", "herald", noon)) // which places nothing
	if freed := before - mappedPages(); freed < maxMapped/int64(os.Getpagesize()) {
		t.Errorf("a poll without news lets %d pages of %d go", freed, before)
	}
	// After a crash the whole file is read when it is opened.
	err = s.db.View(func(tx *bbolt.Tx) error {
		for _, part := range program() { // which go then, too
			drop(part)
		}
		s.mapped = 0
		if !bytes.Equal(tx.Bucket(bucketMarks).Get([]byte("large")), large) {
			t.Error("the file does not hold what was written")
		}
		before = mappedPages()
		s.letGo(tx)
		if freed := before - mappedPages(); freed < maxMapped/int64(os.Getpagesize()) {
			t.Errorf("of %d mapped pages the first time lets %d go", before, freed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The program's pages are let go without its noticing.
func TestProgramsPagesAreLetGo(t *testing.T) {
	parts := program()
	if len(parts) == 0 {
		t.Skip("needs /proc/self/smaps")
	}
	before := mappedPages()
	for _, part := range parts {
		drop(part)
	}
	if freed := before - mappedPages(); freed < 1<<20/int64(os.Getpagesize()) {
		t.Errorf("of %d mapped pages %d were let go", before, freed)
	}
}
