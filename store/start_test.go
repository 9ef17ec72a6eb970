package store

import (
	"fmt"
	"os"
	"testing"
	"time"

	"aggregator/feeds"
)

// TestStart prints how long opening takes; AGGREGATOR_START gives the number of
// entries kept, of 2,000 feeds over two weeks until now, so that half of them are in
// the window. AGGREGATOR_FILE says where the store is made and left, for bench/compare.sh
// -start.
func TestStart(t *testing.T) {
	var count int
	if _, err := fmt.Sscan(os.Getenv("AGGREGATOR_START"), &count); err != nil {
		t.Skip("set AGGREGATOR_START to a number of entries to see how long opening takes")
	}
	path := os.Getenv("AGGREGATOR_FILE")
	if path == "" {
		path = t.TempDir() + "/test.db"
	}
	s := openAt(t, path)
	f := newFarm()
	const span = 14 * 24 * time.Hour
	began := time.Now().Add(-span).Truncate(time.Second).UTC()
	var list []feeds.Poll
	for i := range count / 50 {
		at := began.Add(span / time.Duration(count/50) * time.Duration(i))
		if list = append(list, f.poll(i%2000, i/2000*50, 50, at)); len(list) == 64 {
			together(t, s, list, 32)
			list = list[:0]
		}
	}
	together(t, s, list, 32)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s = openAt(t, path)
	took := time.Since(start)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries, %.0f MB: opened in %v", count, float64(info.Size())/1e6, took)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
