package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// points are the fail points of the write path, in its order.
var points = []string{"apply", "between", "before commit", "after commit"}

// carePoints are those of reindexing, correcting and compacting.
var carePoints = []string{"corrected", "rebuilt", "swapped", "before rename", "after rename"}

// script is the polls of the crash tests: three feeds of two outlets, with new,
// edited, copied, returning and leaving entries.
func script() (polls []feeds.Poll) {
	at := noon
	for i := range 60 {
		at = at.Add(10 * time.Minute)
		outlet := []string{"herald", "courier", "herald"}[i%3]
		feed := fmt.Sprintf("https://%s.example/%d", outlet, i%3)
		var items []*feeds.Entry
		for n := i + 4; n > i-4 && n > 0; n-- {
			e := article(outlet, n/2)
			e.Published.Raw = ""
			if n%5 == 0 {
				e.Text += fmt.Sprintf(" Updated %d times.", i/9)
			}
			items = append(items, e)
		}
		if i%7 == 6 {
			polls = append(polls, feeds.Poll{Feed: feed, Outlet: outlet, At: at, Outcome: feeds.NotModified, State: feeds.State{URL: feed, LastObserved: at, ETag: "x"}})
			continue
		}
		polls = append(polls, poll(feed, outlet, at, items...))
	}
	return polls
}

// TestMain runs the child of the crash tests when it is told to.
func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_CHILD"); path != "" {
		child(path)
		return
	}
	os.Exit(m.Run())
}

// child appends the script from a given poll on and writes the number of each
// poll that was acknowledged. At a given visit of a fail point it kills itself.
func child(path string) {
	from, _ := strconv.Atoi(os.Getenv("STORE_TEST_FROM"))
	point, visits, _ := strings.Cut(os.Getenv("STORE_TEST_KILL"), "@")
	left, _ := strconv.Atoi(visits)
	s, err := Open(path, Options{Outlets: someOutlets})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	s.fault = func(at string) error {
		if at == point {
			if left--; left < 0 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
		return nil
	}
	for i, p := range script() {
		if i < from {
			continue
		}
		if err := s.Append(context.Background(), p); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
	if err := care(s, func() {}, func() {}); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("end")
	_ = s.Close()
}

// care does what is done to a store beside keeping polls; it may be killed too. It
// calls the functions when it has come so far.
func care(s *Store, corrected, reindexed func()) error {
	ctx := context.Background()
	if len(s.Corrections()) == 0 {
		if err := takeOneOut(s); err != nil {
			return err
		}
	}
	corrected()
	err := s.Reindex(ctx)
	reindexed()
	_, pruned := s.Prune(ctx, 0)
	_, _, compacted := s.Compact(ctx)
	return errors.Join(err, pruned, compacted)
}

// takeOneOut splits the oldest story that has two entries.
func takeOneOut(s *Store) error {
	list, _, err := s.Stories(stories.Query{Limit: 1000})
	if err != nil {
		return err
	}
	for _, st := range slices.Backward(list) {
		if len(st.Members) > 1 {
			_, err := s.Split(context.Background(), []uint64{st.Members[1].Entry}, stories.Word{By: "ada", At: noon})
			return err
		}
	}
	return errors.New("no story has two entries")
}

// runChild runs the child until it ends or is killed, and returns how many polls
// it acknowledged in all.
func runChild(t *testing.T, path string, from int, kill string, after time.Duration) (acknowledged int, ended bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10", "STORE_TEST_CHILD="+path, fmt.Sprint("STORE_TEST_FROM=", from), "STORE_TEST_KILL="+kill)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	acknowledged = from
	for sc := bufio.NewScanner(out); sc.Scan(); {
		switch line := sc.Text(); {
		case line == "end":
			ended = true
		case strings.HasPrefix(line, "error"):
			t.Fatal(line)
		default:
			n, err := strconv.Atoi(line)
			if err != nil {
				t.Fatal(line)
			}
			acknowledged = n + 1
		}
	}
	_ = cmd.Wait()
	return acknowledged, ended
}

// Killed at any instant, the store verifies, has all that was acknowledged, and
// in the end is what an uninterrupted run makes.
func TestKilledAtAnyInstant(t *testing.T) {
	kills := 40
	if n, err := strconv.Atoi(os.Getenv("AGGREGATOR_KILLS")); err == nil {
		kills = n
	}
	on, cared := uninterrupted(t)
	polls := script()
	r := rand.New(rand.NewPCG(uint64(kills), 3))
	path := filepath.Join(t.TempDir(), "store.db")
	from, count := 0, 0
	for count < kills {
		kill, after := "", time.Duration(0)
		if from == len(polls) {
			all := append(carePoints, points...)
			kill, after = fmt.Sprintf("%s@%d", all[r.IntN(len(all))], r.IntN(3)), 0
		} else if r.IntN(2) == 0 {
			kill = fmt.Sprintf("%s@%d", points[r.IntN(len(points))], r.IntN(6))
		} else {
			after = time.Duration(r.IntN(60_000)) * time.Microsecond
		}
		acknowledged, ended := runChild(t, path, from, kill, after)
		if !ended {
			count++
		}
		if _, err := os.Stat(path); err != nil {
			continue // killed before it made the file
		}
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		intact(t, s)
		states, err := s.States()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range polls[:acknowledged] {
			if states[p.Feed].LastObserved.Before(p.At) {
				t.Fatalf("poll of %s at %v was acknowledged and is gone", p.Feed, p.At)
			}
		}
		from = acknowledged
		if acknowledged == len(polls) {
			d, err := s.Digest()
			if err != nil || d != cared && (ended || !slices.Contains(on, d)) {
				t.Fatalf("after %d kills the digest is %s, uninterrupted %s and after care %s (%v)", count, d, on, cared, err)
			}
		}
		if ended || acknowledged == len(polls) && r.IntN(4) == 0 {
			from, path = 0, filepath.Join(t.TempDir(), "store.db") // and once more
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// uninterrupted gives the digests of the script's end and on the way through care,
// and the one at the end of care.
func uninterrupted(t *testing.T) (on []string, cared string) {
	t.Helper()
	s, _ := openTemp(t)
	for _, p := range script() {
		add(t, s, p)
	}
	note := func() { on = append(on, digest(t, s)) }
	note()
	if err := care(s, note, note); err != nil {
		t.Fatal(err)
	}
	intact(t, s)
	return on, digest(t, s)
}

// A write that fails, whether it reached the disk or not, leaves memory and file
// agreeing: the same polls sent again make what an undisturbed run makes.
func TestFailedWritesLeaveNoTrace(t *testing.T) {
	on, _ := uninterrupted(t)
	whole := on[0]
	broken := errors.New("the disk broke")
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			s, path := openTemp(t)
			for i, p := range script() {
				visits := 0
				s.fault = func(at string) error {
					if at == point && i%3 == 1 {
						if visits++; visits == 1 {
							return broken
						}
					}
					return nil
				}
				err := s.Append(context.Background(), p)
				if i%3 == 1 && (point != "between" || p.Outcome == feeds.Changed) {
					if !errors.Is(err, broken) {
						t.Fatalf("poll %d: %v", i, err)
					}
					err = s.Append(context.Background(), p)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			intact(t, s)
			if d, err := s.Digest(); err != nil || d != whole {
				t.Errorf("digest %s, undisturbed %s (%v)", d, whole, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if d, err := openAt(t, path).Digest(); err != nil || d != whole {
				t.Errorf("after reopening: digest %s, undisturbed %s (%v)", d, whole, err)
			}
		})
	}
}
