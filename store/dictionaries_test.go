package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"

	"aggregator/feeds"
)

// tell adds polls from..to of one feed, an article each, and gives the articles.
func tell(t *testing.T, s *Store, from, to int) (told []*feeds.Entry) {
	t.Helper()
	for n := from; n < to; n++ {
		e := article("herald", n)
		told = append(told, e)
		add(t, s, running(poll("https://herald.example/feed", "herald", noon.Add(time.Duration(n)*time.Minute), e)))
	}
	return told
}

// says compares what a store says of entries with what it was told, whose numbers
// began with first.
func says(t *testing.T, s *Store, first uint64, told []*feeds.Entry) {
	t.Helper()
	for i, want := range told {
		got, is, err := s.Entry(first + uint64(i))
		if err != nil || !is {
			t.Fatalf("entry %d: %v", first+uint64(i), err)
		}
		if d := cmp.Diff([]string{want.Title, want.Link, want.Content, want.Text}, []string{got.Title, got.Link, got.Content, got.Text}); d != "" {
			t.Errorf("entry %d: %s", first+uint64(i), d)
		}
	}
}

// packedHeads counts heads, and those that are packed.
func packedHeads(t *testing.T, s *Store) (all, packed int) {
	t.Helper()
	err := s.view(func(r *reader) error {
		return r.heads.ForEach(func(_, v []byte) error {
			all++
			if v[0] == packedMark {
				packed++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, packed
}

// Dictionaries are made of the store's first texts, and what was kept before and after
// says what it said: also in another process, after a reopening, in a copy and in a
// backup.
func TestDictionaries(t *testing.T) {
	s, path := openTemp(t)
	told := tell(t, s, 0, learnBlocks-1)
	if s.packer.learned {
		t.Fatal("a dictionary of too few texts")
	}
	told = append(told, tell(t, s, learnBlocks-1, learnBlocks+40)...)
	if all, packed := packedHeads(t, s); !s.packer.learned || packed < 40 || packed == all {
		t.Errorf("%d of %d heads are packed, learned %v", packed, all, s.packer.learned)
	}
	says(t, s, 1, told)
	intact(t, s)
	want := digest(t, s)
	if _, _, err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	if digest(t, s) != want {
		t.Error("compacted, it says something else")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ro, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	says(t, ro, 1, told)
	if err := ro.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	says(t, s, 1, told)
	more := tell(t, s, 500, 505)
	says(t, s, uint64(len(told))+1, more)
	intact(t, s)
}

// The dictionaries travel with the file: a backup restored where there was none, and over
// a store that has made others, says what it said, goes on, and is pruned and compacted.
func TestDictionariesAreRestoredAndPruned(t *testing.T) {
	s, _ := openTemp(t)
	told := tell(t, s, 0, learnBlocks+40)
	if !s.packer.learned {
		t.Fatal("no dictionary was made")
	}
	want, copied := digest(t, s), backupOf(t, s)
	other := filepath.Join(t.TempDir(), "other.db")
	o := openAt(t, other)
	tell(t, o, 3000, 3000+learnBlocks+40)
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for name, path := range map[string]string{"nowhere": filepath.Join(t.TempDir(), "new.db"), "over another": other} {
		if got, err := Restore(ctx, path, Options{}, bytes.NewReader(copied), "x"); err != nil || got.Digest != want {
			t.Fatalf("%s: %+v %v", name, got, err)
		}
		r := openAt(t, path)
		says(t, r, 1, told)
		more := tell(t, r, 500, 505)
		says(t, r, uint64(len(told))+1, more)
		// A month later only what the feed still carries is kept.
		last := article("herald", 900)
		add(t, r, running(poll("https://herald.example/feed", "herald", noon.AddDate(0, 1, 0), last)))
		all, _ := packedHeads(t, r)
		got, err := r.Retain(ctx, Retention{Age: 10 * 24 * time.Hour})
		if err != nil || got.Entries < len(told) {
			t.Fatalf("%s: %+v %v", name, got, err)
		}
		if left, _ := packedHeads(t, r); left != all-got.Entries {
			t.Errorf("%s: %d heads of %d are left, %d were pruned", name, left, all, got.Entries)
		}
		if _, _, err := r.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		r = openAt(t, path)
		intact(t, r)
		says(t, r, uint64(len(told)+len(more))+1, []*feeds.Entry{last})
		tell(t, r, 0, 3) // pruned, and back
		if report := intact(t, r); report.Entries+report.Gone != len(told)+len(more)+1 {
			t.Errorf("%s: %+v: what was pruned is new", name, report)
		}
	}
	if kept := openAt(t, other+".before-x"); kept.packer.learned {
		intact(t, kept)
	} else {
		t.Error("the old file lost its dictionaries")
	}
}

// Noting that an entry left its feed does not change how long its head is.
func TestPackedHeadsKeepTheirLength(t *testing.T) {
	s, _ := openTemp(t)
	tell(t, s, 0, learnBlocks+1)
	last := uint64(learnBlocks + 1)
	row := func() (v []byte) {
		_ = s.view(func(r *reader) error { v = append(v, r.heads.Get(key(last))...); return nil })
		return v
	}
	read := func(v []byte) (h head) {
		if err := s.decodeHead(v, &h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	before := row()
	tell(t, s, 300, 301) // another document, without the one before
	after := row()
	want := read(before)
	want.Sightings[0].Left = toInstant(noon.Add(learnBlocks * time.Minute))
	if d := cmp.Diff(want, read(after)); d != "" {
		t.Error(d)
	}
	if before[0] != packedMark || len(before) != len(after) || string(before) == string(after) {
		t.Errorf("%x became %x", before, after)
	}
	// Another feed's sighting makes it longer, and is read again.
	e := article("herald", learnBlocks)
	add(t, s, poll("https://herald.example/second", "herald", noon.Add(400*time.Minute), e))
	err := s.view(func(r *reader) error {
		h, err := s.readHead(r.heads, last)
		if err == nil && (len(h.Sightings) != 2 || h.Sightings[0].Left == 0 || h.Sightings[1].Left != 0) {
			err = fmt.Errorf("sightings %+v", h.Sightings)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// When the transaction that makes the dictionaries fails, there are none, and the
// next one makes them.
func TestFailedLearning(t *testing.T) {
	s, path := openTemp(t)
	told := tell(t, s, 0, learnBlocks-1)
	broken := errors.New("the disk broke")
	for _, point := range []string{"before commit", "after commit"} {
		err := s.alone(context.Background(), func() error {
			s.fault = func(at string) error {
				if at == point {
					return broken
				}
				return nil
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		e := article("herald", learnBlocks-1)
		err = s.Append(context.Background(), poll("https://herald.example/feed", "herald", noon.Add((learnBlocks-1)*time.Minute), e))
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if err := s.alone(context.Background(), func() error {
			s.fault = nil
			if want := point == "after commit"; s.packer.learned != want { // then it reached the disk
				t.Errorf("%s: learned %v", point, s.packer.learned)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		says(t, s, 1, told)
	}
	told = append(told, tell(t, s, learnBlocks-1, learnBlocks+5)...)
	says(t, s, 1, told)
	intact(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	says(t, openAt(t, path), 1, told)
}

// A damaged dictionary is found when the file is opened: it would make other words of
// every text.
func TestDamagedDictionary(t *testing.T) {
	s, path := openTemp(t)
	tell(t, s, 0, learnBlocks+1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketDictionaries)
		v := append([]byte(nil), b.Get(key32(textDict))...)
		v[len(v)/2] ^= 1
		return b.Put(key32(textDict), v)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "restore a backup") || !strings.Contains(err.Error(), filepath.Base(path)) {
		t.Errorf("%v %v", s, err)
	}
}

// What was packed by zstd before layout 5 is read: records with sentences, and heads.
func TestFormerFramesAreRead(t *testing.T) {
	former := func(id uint32, dict, plain []byte) []byte {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(id, dict), zstd.WithEncoderCRC(false))
		if err != nil {
			t.Fatal(err)
		}
		return e.EncodeAll(plain, nil)[len(zstdMagic):]
	}
	place := placeRow{Story: 7, Reasons: []string{strings.Repeat("No other entry in the window shares enough with it. ", 4)}}
	var got placeRow
	if err := decodeWords(append(zstdMagic[:1:1], former(formerDict, verdictText, encode(&place))...), &got); err != nil || !cmp.Equal(got, place) {
		t.Errorf("a place is read as %+v, %v", got, err)
	}
	s, _ := openTemp(t)
	tell(t, s, 0, learnBlocks+1)
	err := s.view(func(r *reader) error {
		was, err := s.readHead(r.heads, 1)
		if err != nil {
			return err
		}
		rest, seen := *was, []byte(nil)
		rest.Sightings = nil
		if seen, err = was.Sightings.MarshalBinary(); err != nil {
			return err
		}
		dict := r.tx.Bucket(bucketDictionaries).Get(key32(headDict))[8:]
		row := append([]byte{zstdMagic[0], byte(len(was.Sightings))}, seen...)
		var is head
		if err := s.decodeHead(append(row, former(headDict, dict, encode(&rest))...), &is); err != nil {
			return err
		}
		if d := cmp.Diff(*was, is); d != "" {
			t.Error(d)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Damaged records are refused, whatever they say that they unpack to.
func TestDamagedRecordIsRefused(t *testing.T) {
	place := placeRow{Story: 7, Reasons: []string{strings.Repeat("No other entry in the window shares enough with it. ", 4)}}
	whole := new(packer).words(&place)
	if whole[0] != packedMark {
		t.Fatalf("it was not packed: %x", whole)
	}
	var got placeRow
	if err := decodeWords(whole, &got); err != nil || !cmp.Equal(got, place) {
		t.Errorf("read as %+v, %v", got, err)
	}
	for _, b := range [][]byte{whole[:1], whole[:len(whole)-1], {packedMark, 0xff, 0xff, 0xff, 0xff, 0x0f, 1}, {packedMark, 0xff, 0xff, 0xff, 0x3f, 1}} {
		if err := decodeWords(b, &got); err == nil {
			t.Errorf("%x was read", b)
		}
	}
	if _, err := unpack(nil, whole[1:]); err == nil || !strings.Contains(err.Error(), "dictionary") {
		t.Errorf("without a dictionary: %v", err)
	}
}
