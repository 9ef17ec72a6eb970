package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// FuzzRows puts one row of a store that is otherwise whole in another's place:
// whatever it holds, opening, checking, reading and writing give a result or an
// error, and never a panic, which in the writing goroutine would end the daemon.
func FuzzRows(f *testing.F) {
	whole := fullStore(f)
	path := filepath.Join(f.TempDir(), "seeds.db")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		f.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		f.Fatal(err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for i, name := range buckets {
			k, v := tx.Bucket(name).Cursor().First()
			k, v = bytes.Clone(k), bytes.Clone(v)
			if k == nil && !bytes.Equal(name, bucketGone) && !bytes.Equal(name, bucketRedirects) {
				f.Errorf("nothing stands in %s", name)
			}
			f.Add(uint8(i), uint8(0), k, v)
			f.Add(uint8(i), uint8(1), k, []byte{})
			f.Add(uint8(i), uint8(0), []byte{1}, bytes.Repeat([]byte{0xff}, 12))
			f.Add(uint8(i), uint8(0), k, []byte{0xa0}) // a record without anything
		}
		return nil
	})
	if err = errors.Join(err, db.Close()); err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, bucket, row uint8, k, v []byte) {
		path := filepath.Join(dir, "store.db")
		if !replaceRow(t, path, whole, buckets[int(bucket)%len(buckets)], int(row), k, v) {
			return
		}
		for _, o := range []Options{{ReadOnly: true}, {Outlets: someOutlets}} {
			s, err := Open(path, o)
			if err != nil {
				continue
			}
			readAll(s)
			if !o.ReadOnly {
				writeAll(s)
			}
			_ = s.Close()
		}
	})
}

// replaceRow writes whole to path, with one row replaced.
func replaceRow(t *testing.T, path string, whole []byte, bucket []byte, row int, k, v []byte) bool {
	if len(k) == 0 || len(k) > bbolt.MaxKeySize {
		return false
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, NoGrowSync: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		at, _ := b.Cursor().First()
		for c := b.Cursor(); row > 0 && at != nil; row-- {
			c.Seek(at)
			at, _ = c.Next()
		}
		if at != nil {
			if err := b.Delete(at); err != nil {
				return err
			}
		}
		return b.Put(k, v)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return true
}

// readAll reads a store by every method; errors are answers.
func readAll(s *Store) {
	ctx := context.Background()
	_, _ = s.Verify(ctx)
	_, _ = s.Digest()
	list, _, _ := s.Stories(stories.Query{Limit: 100})
	_, _, _ = s.Stories(stories.Query{Limit: 100, CopiesOnly: true, Q: "ba"})
	for i := range list {
		for _, m := range list[i].Members {
			_, _, _ = s.Entry(m.Entry)
			_, _, _ = s.StoryOf(m.Entry)
			_, _ = s.Find(m.Link, "")
		}
	}
	for id := range uint64(30) {
		_, _, _ = s.Story(id)
		_, _, _ = s.Entry(id)
	}
	states, _ := s.States()
	for url := range states {
		_, _, _ = s.Identities(url)
	}
	_, _ = s.Alike(prose(3, 60), 10)
	_, _ = s.Position()
	_, _, _ = s.News(0, 100)
	_, _, _ = s.Mark("hub")
	_, _ = s.Reading("ann")
	_, _ = s.Users()
	_, _, _ = s.TokenUser("x")
	_, _ = s.Count()
	s.Feeds()
	s.Corrections()
}

// writeAll changes a store by every method that reads rows to do so.
func writeAll(s *Store) {
	ctx, w := context.Background(), stories.Word{By: "an editor", Why: "to try", At: noon}
	for _, p := range script()[8:12] {
		_ = s.Append(ctx, p)
	}
	_ = s.Append(ctx, poll("https://tribune.example/0", "tribune", noon.Add(48*time.Hour), article("tribune", 3), article("tribune", 40)))
	_, _ = s.Merge(ctx, 1, 2, w)
	_, _ = s.Split(ctx, []uint64{2}, w)
	_, _ = s.Undo(ctx, 1, w)
	_ = s.MarkRead(ctx, "ann", []uint64{1, 2, 3}, stories.Starred, stories.Read)
	_ = s.RemoveUser(ctx, "ann")
	_, _ = s.Retain(ctx, Retention{Age: 24 * time.Hour})
	_ = s.Reindex(ctx)
	readAll(s)
}

// fullStore is the bytes of a small store with rows in nearly every bucket.
func fullStore(t testing.TB) []byte {
	s, path := openTemp(t)
	ctx, w := context.Background(), stories.Word{By: "an editor", Why: "not the same", At: noon}
	for _, p := range script()[:8] {
		add(t, s, p)
	}
	for n := range learnBlocks { // so many that there are dictionaries
		add(t, s, poll("https://tribune.example/2", "tribune", noon.Add(2*time.Hour+time.Duration(n)*time.Minute), article("tribune", 300+n)))
	}
	add(t, s, poll("https://courier.example/9", "courier", noon.Add(9*time.Hour), article("courier", 1), article("courier", 2), article("courier", 3)))
	edited := article("courier", 2)
	edited.Text += " It was corrected."
	add(t, s, poll("https://courier.example/9", "courier", noon.Add(40*time.Hour), edited))
	_, err := s.Split(ctx, []uint64{1}, w)
	err = errors.Join(err, s.AddUser(ctx, "ann", "a long password", noon), s.MarkRead(ctx, "ann", []uint64{1, 2}, stories.Read, 0), s.SetMark(ctx, "hub", 1))
	_, err2 := s.NewToken(ctx, "ann", "reader", noon)
	late := poll("https://tribune.example/1", "tribune", noon.Add(41*time.Hour), article("tribune", 77))
	err3 := s.Follow(ctx, "log", []Logged{{Seq: 1, Poll: late}})
	if err = errors.Join(err, err2, err3, s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzRestore damages a backup in one place: it is restored or refused, and bbolt,
// which panics where nobody can catch it, never sees what it cannot read.
func FuzzRestore(f *testing.F) {
	whole := fullStore(f)
	for _, at := range []int{0, 16, 4096, 2*4096 + 8, len(whole) / 2, len(whole) - 4096} {
		f.Add(uint32(at), uint32(len(whole)), []byte{1, 2, 3, 4})
		f.Add(uint32(at), uint32(at+1), []byte{})
		f.Add(uint32(at), uint32(len(whole)), bytes.Clone(whole[4096:4096+64]))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, at, length uint32, patch []byte) {
		backup := bytes.Clone(whole)
		copy(backup[int(at)%len(backup):], patch)
		backup = backup[:min(int(length), len(backup))]
		path := filepath.Join(dir, "store.db")
		_ = os.Remove(path)
		if _, err := Restore(context.Background(), path, Options{}, bytes.NewReader(backup), "x"); err == nil {
			return
		}
		if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
			t.Errorf("refused, and left %v", left)
		}
	})
}
