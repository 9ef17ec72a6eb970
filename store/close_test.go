package store

import (
	"bytes"
	"os"
	"testing"
	"time"
)

// Which pages are free is written down by Close, and by nothing else: so that Open
// need not look through the file after a clean stop. A list that is damaged is found.
func TestCloseKeepsFreePages(t *testing.T) {
	s, path := openTemp(t)
	free := func() uint64 {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		_, p, err := newestMeta(f, info.Size())
		if err != nil {
			t.Fatal(err)
		}
		return p.free
	}
	for i := range 4 {
		add(t, s, poll("https://tribune.example/feed", "tribune", noon.Add(time.Duration(i)*time.Hour)))
		if free() != noFreeList {
			t.Error("a poll wrote down which pages are free")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if free() == noFreeList {
			t.Error("Close did not write down which pages are free")
		}
		if err := CheckFile(path); err != nil {
			t.Error(err)
		}
		s = openAt(t, path)
		intact(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := int(free()) * os.Getpagesize()
	for _, damage := range []int{at, at + 8, at + 10, at + pageHead + 7} { // its number, kind, length, first page
		torn := bytes.Clone(whole)
		torn[damage] ^= 0x40
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if CheckFile(path) == nil {
			t.Errorf("a damaged list of free pages, at byte %d, was not found", damage-at)
		}
		if s, err := Open(path, Options{}); err == nil {
			t.Errorf("a file with a damaged list of free pages, at byte %d, was opened", damage-at)
			_ = s.Close()
		}
	}
}
