package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// logOf gives polls the numbers of a log, and counts each feed's.
func logOf(polls []feeds.Poll) []Logged {
	count := map[string]int64{}
	out := make([]Logged, len(polls))
	for i, p := range polls {
		count[p.Feed]++
		p.State.Polls = count[p.Feed]
		out[i] = Logged{Seq: uint64(i + 1), Sum: uint64(1000 + i), Poll: p}
	}
	return out
}

// Replicas that follow one log, in groups of their own, with deliveries repeated
// and polls made twice, end with the same digest.
func TestFollowALog(t *testing.T) {
	f := newFarm()
	var polls []feeds.Poll
	for i := range 24 {
		polls = append(polls, f.poll(i%6, i/6*3, 5, noon.Add(time.Duration(i)*time.Minute)))
	}
	log := logOf(polls)
	want := ""
	for _, group := range []int{1, 5, 24} {
		s, path := openTemp(t)
		for at := 0; at < len(log); at += group {
			end := min(at+group, len(log))
			for range 2 { // delivered again
				if err := s.Follow(t.Context(), "polls", log[max(0, at-2):end]); err != nil {
					t.Fatal(err)
				}
			}
		}
		twice := log[3]
		twice.Seq = uint64(len(log) + 1)
		if err := s.Follow(t.Context(), "polls", []Logged{twice}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, path)
		at, err := s.Position()
		if err != nil || at != (Position{"polls", uint64(len(log) + 1), twice.Sum}) {
			t.Errorf("position %+v, %v", at, err)
		}
		last := log[len(log)-1].Poll.State
		if state, err := s.State(last.URL); err != nil || state.Polls != last.Polls || state.URL != last.URL {
			t.Errorf("state of %s: poll %d, want %d (%v)", last.URL, state.Polls, last.Polls, err)
		}
		digest, err := s.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = digest
		}
		if digest != want {
			t.Errorf("in groups of %d the digest is %s, one by one %s", group, digest, want)
		}
	}
}

func TestFollowRefusesAnotherLog(t *testing.T) {
	s, _ := openTemp(t)
	f := newFarm()
	log := logOf([]feeds.Poll{f.poll(0, 0, 2, noon), f.poll(1, 0, 2, noon)})
	if err := s.Follow(t.Context(), "polls", log[:1]); err != nil {
		t.Fatal(err)
	}
	err := s.Follow(t.Context(), "other", log)
	if err == nil || !strings.Contains(err.Error(), "follows the log polls") {
		t.Errorf("another log: %v", err)
	}
}

// The position moves in the transaction of the polls, or not at all.
func TestPositionMovesWithItsPolls(t *testing.T) {
	for _, point := range []string{"apply", "between", "before commit", "after commit"} {
		s, _ := openTemp(t)
		log := logOf([]feeds.Poll{newFarm().poll(0, 0, 2, noon)})
		s.fault = func(at string) error {
			if at == point {
				return errors.New("the disk is gone")
			}
			return nil
		}
		if err := s.Follow(t.Context(), "polls", log); err == nil {
			t.Fatalf("%s: no error", point)
		}
		s.fault = nil
		at, err := s.Position()
		if err != nil {
			t.Fatal(err)
		}
		state, err := s.State(log[0].Poll.Feed)
		if err != nil || state.Polls != int64(at.Seq) {
			t.Errorf("%s: position %d, and %d polls kept (%v)", point, at.Seq, state.Polls, err)
		}
		if err := s.Follow(t.Context(), "polls", log); err != nil {
			t.Errorf("%s: delivered again: %v", point, err)
		}
		if at, _ := s.Position(); at.Seq != 1 {
			t.Errorf("%s: position %d after all", point, at.Seq)
		}
	}
}
