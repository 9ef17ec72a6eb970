package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aggregator/stories"
)

// withUsers is a store of n stories that have nothing in common, and two users.
func withUsers(t *testing.T, n int) (s *Store, path string) {
	t.Helper()
	s, path = openTemp(t)
	for i := range n {
		outlet := someOutlets[i%3].ID
		add(t, s, poll("https://"+outlet+".example/feed", outlet, noon.Add(time.Duration(i)*time.Hour), article(outlet, 100+i)))
	}
	for _, name := range []string{"ada", "bob"} {
		if err := s.AddUser(context.Background(), name, "long enough", noon); err != nil {
			t.Fatal(err)
		}
	}
	if list := all(t, s); len(list) != n {
		t.Fatalf("%d stories, want %d", len(list), n)
	}
	return s, path
}

func mark(t *testing.T, s *Store, user string, add, take stories.ReadState, ids ...uint64) {
	t.Helper()
	if err := s.MarkRead(context.Background(), user, ids, add, take); err != nil {
		t.Fatal(err)
	}
}

func reads(t *testing.T, s *Store, user string, want ...stories.ReadStory) {
	t.Helper()
	got, err := s.Reading(user)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: %s", user, d)
	}
}

func TestReadingIsKept(t *testing.T) {
	const R, S, K = stories.Read, stories.Starred, stories.Kept
	s, path := withUsers(t, 4)
	mark(t, s, "ada", R, 0, 1, 2, 3, 4711, 0)
	mark(t, s, "Ada", S, 0, 2, 4)
	mark(t, s, "ada", K, R, 3)
	mark(t, s, "bob", R|S, 0, 1)
	mark(t, s, "bob", 0, S, 1, 2)
	intact(t, s)
	if err := s.MarkRead(context.Background(), "eve", []uint64{1}, R, 0); !errors.Is(err, ErrNoUser) {
		t.Error(err)
	}
	digest, err := s.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	reads(t, s, "ada", stories.ReadStory{Story: 1, State: R}, stories.ReadStory{Story: 2, State: R | S}, stories.ReadStory{Story: 3, State: K}, stories.ReadStory{Story: 4, State: S})
	reads(t, s, "bob", stories.ReadStory{Story: 1, State: R})
	reads(t, s, "eve")
	mark(t, s, "ada", 0, R|S|K, 1, 2, 3, 4)
	reads(t, s, "ada")
	if d, err := s.Digest(); err != nil || d != digest {
		t.Error("reading changed the digest of what polls brought", err)
	}
	mark(t, s, "ada", S, 0, 1)
	var copied bytes.Buffer
	if err := s.Backup(context.Background(), &copied, nil); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "saved.db")
	if err := os.WriteFile(saved, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	restored := openAt(t, saved)
	reads(t, restored, "ada", stories.ReadStory{Story: 1, State: S})
	if _, ok, err := restored.Login("bob", "long enough"); !ok || err != nil {
		t.Error("a backup lacks a user", err)
	}
	if err := s.RemoveUser(context.Background(), "bob"); err != nil {
		t.Fatal(err)
	}
	intact(t, s)
	if err := s.AddUser(context.Background(), "bob", "long enough", noon); err != nil {
		t.Fatal(err)
	}
	reads(t, s, "bob") // another bob
	reads(t, s, "ada", stories.ReadStory{Story: 1, State: S})
}

func TestReadingFollowsItsStory(t *testing.T) {
	const R, S, K = stories.Read, stories.Starred, stories.Kept
	for _, c := range []struct{ survivor, merged, want stories.ReadState }{
		{0, 0, 0}, {R, 0, R}, {0, R, R}, {0, S, S}, {R, S, R | S}, {K, R, K}, {R, K, K}, {R | S, K, S | K}, {0, K | S, K | S},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			s, _ := withUsers(t, 3)
			mark(t, s, "ada", c.survivor, 0, 1)
			mark(t, s, "ada", c.merged, 0, 2)
			mark(t, s, "bob", R, 0, 3)
			if err := s.do(context.Background(), func(b *batch) error { return errors.Join(b.merge(2, 1), b.attributeTouched(noon)) }); err != nil {
				t.Fatal(err)
			}
			want := []stories.ReadStory{{Story: 1, State: c.want}}
			if c.want == 0 {
				want = nil
			}
			reads(t, s, "ada", want...)
			reads(t, s, "bob", stories.ReadStory{Story: 3, State: R})
			mark(t, s, "bob", S, 0, 2) // by its old number
			reads(t, s, "bob", stories.ReadStory{Story: 1, State: S}, stories.ReadStory{Story: 3, State: R})
		})
	}
}

func TestReadingIsPrunedWithItsStory(t *testing.T) {
	s, path := openTemp(t)
	const feed = "https://herald.example/feed"
	add(t, s, running(poll(feed, "herald", noon, article("herald", 1))))
	later := noon.AddDate(0, 3, 0)
	add(t, s, running(poll(feed, "herald", later, article("herald", 2))))
	if err := s.AddUser(context.Background(), "ada", "long enough", noon); err != nil {
		t.Fatal(err)
	}
	mark(t, s, "ada", stories.Read, 0, 1, 2)
	if got, err := s.Prune(context.Background(), 30*24*time.Hour); err != nil || got.Stories != 1 {
		t.Fatal(got, err)
	}
	reads(t, s, "ada", stories.ReadStory{Story: 2, State: stories.Read})
	intact(t, s)
	if _, _, err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	reads(t, s, "ada", stories.ReadStory{Story: 2, State: stories.Read})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	intact(t, openAt(t, path))
}

func TestVerifySeesDamagedReading(t *testing.T) {
	for name, damage := range map[string]func(*batch) error{
		"unknown story": func(b *batch) error { return b.tx.Bucket(bucketReading).Put(readingKey(1, 4711), []byte{1}) },
		"unknown user":  func(b *batch) error { return b.tx.Bucket(bucketReading).Put(readingKey(9, 1), []byte{1}) },
		"no state":      func(b *batch) error { return b.tx.Bucket(bucketReading).Put(readingKey(1, 1), nil) },
		"read and kept": func(b *batch) error { return b.tx.Bucket(bucketReading).Put(readingKey(1, 1), []byte{5}) },
		"user twice":    func(b *batch) error { return b.tx.Bucket(bucketUsers).Put([]byte("x"), encode(&userRow{Number: 1})) },
		"ownerless token": func(b *batch) error {
			return b.tx.Bucket(bucketTokens).Put(tokenKey("x"), encode(&tokenRow{User: "nobody"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := withUsers(t, 1)
			if err := s.do(context.Background(), damage); err != nil {
				t.Fatal(err)
			}
			if report, err := s.Verify(context.Background()); err != nil || len(report.Problems) != 1 {
				t.Errorf("verify found %q (%v), want one problem", report.Problems, err)
			}
		})
	}
}

// Polls, editors, pruning and reindexing move stories about in any order: what is
// kept of reading is always of a user and a story that there are, and what was
// starred stays so while its story is kept.
func TestReadingHoldsThroughEverything(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 5))
		s, _ := withUsers(t, 6)
		ctx, at := context.Background(), noon.AddDate(0, 0, 1)
		some := func() uint64 { list := all(t, s); return list[r.IntN(len(list))].ID }
		for range 40 {
			at = at.Add(time.Hour)
			switch r.IntN(8) {
			case 0, 1: // the same text in two outlets, or an article of one's own
				outlet, n := someOutlets[r.IntN(3)].ID, 200+r.IntN(8)
				e := article(outlet, n)
				e.Title, e.Text, e.Summary = fmt.Sprint("Harbour bulletin ", n), prose(uint64(n), 80), prose(uint64(n), 80)
				add(t, s, poll("https://"+outlet+".example/feed", outlet, at, e))
			case 2, 3:
				mark(t, s, "ada", stories.Starred|stories.Read, 0, some(), some())
			case 4:
				mark(t, s, "bob", stories.Kept, stories.Read, some())
			case 5:
				if one, other := some(), some(); one != other {
					_, _ = s.Merge(ctx, one, other, stories.Word{By: "ada", At: at, Why: "the same"}) // refused, when it was said before
				}
			case 6:
				story, ok, err := s.Story(some())
				if err != nil || !ok {
					t.Fatal(err)
				}
				if n := len(story.Members); n > 1 {
					_, _ = s.Split(ctx, []uint64{story.Members[r.IntN(n)].Entry}, stories.Word{By: "ada", At: at, Why: "another"})
				}
			case 7:
				if err := s.Reindex(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		starred := func() (ids []uint64) {
			list, err := s.Reading("ada")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if x.State&stories.Starred != 0 {
					ids = append(ids, x.Story)
				}
			}
			return ids
		}
		intact(t, s)
		if len(starred()) == 0 {
			t.Error("nothing is starred")
		}
		if _, err := s.Prune(ctx, 0); err != nil {
			t.Fatal(err)
		}
		intact(t, s)
	}
}
