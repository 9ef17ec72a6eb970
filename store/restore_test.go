package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

func backupOf(t *testing.T, s *Store) []byte {
	t.Helper()
	var b bytes.Buffer
	announced := int64(0)
	if err := s.Backup(context.Background(), &b, func(n int64) { announced = n }); err != nil {
		t.Fatal(err)
	}
	if announced != int64(b.Len()) {
		t.Errorf("%d bytes announced, %d written", announced, b.Len())
	}
	return b.Bytes()
}

func digest(t *testing.T, s *Store) string {
	t.Helper()
	d, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A backup taken while polls go on is restored whole, and the old file is kept.
func TestRestore(t *testing.T) {
	s, path := openTemp(t)
	polls := script()
	for _, p := range polls[:20] {
		add(t, s, p)
	}
	want, copied := digest(t, s), backupOf(t, s)
	for _, p := range polls[20:] {
		add(t, s, p)
	}
	later := digest(t, s)
	ctx := context.Background()
	if _, err := Restore(ctx, path, Options{}, bytes.NewReader(copied), "x"); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Fatal("restored over an open store: ", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"nothing": nil, "cut short": copied[:len(copied)/3], "another file": bytes.Repeat([]byte("text\n"), 10000)} {
		if _, err := Restore(ctx, path, Options{}, bytes.NewReader(bad), "x"); err == nil && name != "nothing" {
			t.Errorf("%s: restored", name)
		} else if name == "nothing" && err == nil {
			t.Errorf("an empty backup was restored")
		}
		if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
	s = openAt(t, path)
	if d := digest(t, s); d != later {
		t.Error("a backup that was refused changed the store")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Restore(ctx, path, Options{}, bytes.NewReader(copied), "x")
	if err != nil || got.Digest != want || got.Kept != path+".before-x" {
		t.Fatalf("%+v %v", got, err)
	}
	holds := func(path, want, problem string) {
		t.Helper()
		s := openAt(t, path)
		if digest(t, s) != want {
			t.Error(problem)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	holds(path, want, "what was restored is not what was backed up")
	holds(got.Kept, later, "the old file is not what it was")
	again, err := Restore(ctx, path, Options{}, bytes.NewReader(copied), "x") // within the same second, say
	if err != nil || again.Kept != path+".before-x.2" {
		t.Errorf("%+v %v", again, err)
	}
	holds(got.Kept, later, "the file that was kept first is not what it was")
}

// A backup whose reader is slow holds up neither polls nor readers.
func TestSlowBackupHoldsNobodyUp(t *testing.T) {
	s, _ := openTemp(t)
	f := newFarm()
	add(t, s, f.poll(0, 0, 30, noon))
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.Backup(context.Background(), w, nil) }()
	if _, err := io.ReadFull(r, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	for i := range 60 { // more than the file's map holds now
		add(t, s, f.poll(i, 100, 30, noon.Add(time.Hour)))
	}
	all(t, s)
	r.CloseWithError(errors.New("enough"))
	if err := <-done; err == nil {
		t.Error("no error")
	}
}

// Retention by age and by size keeps identities, and everything of the window.
func TestRetain(t *testing.T) {
	s, path := openTemp(t)
	for month := range 6 {
		var list []*feeds.Entry
		for n := range 300 {
			e := article("herald", 300*month+n)
			e.Summary = prose(uint64(300*month+n), 800)
			e.Text = e.Summary
			list = append(list, e)
		}
		add(t, s, running(poll("https://herald.example/feed", "herald", noon.AddDate(0, month, 0), list...)))
	}
	ctx := context.Background()
	before := intact(t, s)
	got, err := s.Retain(ctx, Retention{})
	if err != nil || got.Entries != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	got, err = s.Retain(ctx, Retention{Age: 124 * 24 * time.Hour})
	if err != nil || got.Entries == 0 || got.Entries >= before.Entries/2 {
		t.Fatalf("%+v %v", got, err)
	}
	_, used, err := s.usage(ctx)
	if err != nil {
		t.Fatal(err)
	}
	limit := used * 6 / 10
	got, err = s.Retain(ctx, Retention{Size: limit})
	if err != nil || got.Entries == 0 || !got.Compacted || got.Bytes > limit+1<<20 { // the file grows by megabytes
		t.Fatalf("limit %d, used %d: %+v %v", limit, used, got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != got.Bytes {
		t.Errorf("%v, %v", info.Size(), err)
	}
	after := intact(t, s)
	if after.Gone == 0 || after.Entries+after.Gone != before.Entries {
		t.Errorf("%+v before, %+v after", before, after)
	}
	if _, err = s.Retain(ctx, Retention{Size: 1}); err != nil {
		t.Fatal(err)
	}
	if r := intact(t, s); r.Entries < 300 {
		t.Errorf("%d entries: the window was pruned", r.Entries)
	}
}
