package store

import (
	"fmt"
	"os"
	"testing"
	"time"

	"aggregator/feeds"
)

// TestStart prints how long opening takes; AGGREGATOR_START gives the number of
// entries kept, all of them in the window.
func TestStart(t *testing.T) {
	var count int
	if _, err := fmt.Sscan(os.Getenv("AGGREGATOR_START"), &count); err != nil {
		t.Skip("set AGGREGATOR_START to a number of entries to see how long opening takes")
	}
	s, path := openTemp(t)
	f := newFarm()
	var polls []feeds.Poll
	for i := range count / 50 {
		if polls = append(polls, f.poll(i%2000, i/2000*50, 50, noon.Add(time.Duration(i)*time.Second))); len(polls) == 64 {
			together(t, s, polls, 32)
			polls = polls[:0]
		}
	}
	together(t, s, polls, 32)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	openAt(t, path)
	took := time.Since(start)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries, %.0f MB: opened in %v", count, float64(info.Size())/1e6, took)
}
