package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aggregator/cmd/aggregator/demo"
	"aggregator/feeds"
	"aggregator/store"
	"aggregator/stories"
)

// work is something that the program does to a store, and from which store it starts.
type work struct {
	name  string
	base  string // the store's file before; empty: there is none
	args  []string
	timed bool // what is kept says when it was done, so that digests differ
	whole bool // one transaction: there is nothing between before and after
}

// Every work that changes a store is killed at every change that it makes to a file.
// The store verifies each time; the work is then done again, and comes to what it
// comes to uninterrupted.
func TestKilledAtEveryChangeOfAFile(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	struckAtEveryChange(t, "signal=KILL")
}

// The same works, when each change in turn fails: a write that did not reach the file, or
// a sync that failed after its writes did. The program says so and ends, or goes on when
// nothing depends on it.
func TestEveryChangeOfAFileFails(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	struckAtEveryChange(t, "error=EIO")
}

// struckAtEveryChange does to each change of a file what strace's inject= says.
func struckAtEveryChange(t *testing.T, harm string) {
	t.Helper()
	needStrace(t)
	bin := program(t)
	dir := t.TempDir()
	samples, clock := publishing(t)
	clock(time.Minute)
	early := filepath.Join(dir, "early.db")
	config := filepath.Join(dir, "aggregator.toml")
	writeFileT(t, config, samplesConfig(samples))
	path := filepath.Join(dir, "aggregator.db")
	command(t, bin, "poll", "--config", config)
	copyFile(t, path, early)
	clock(time.Hour)
	filled := filepath.Join(dir, "filled.db")
	<-time.After(time.Second) // the feeds' floor
	command(t, bin, "poll", "--config", config)
	copyFile(t, path, filled)
	backup := filepath.Join(dir, "backup.db")
	copyFile(t, early, backup)

	old := filepath.Join(dir, "old.db")
	longAgo(t, old)
	second, earlier := twoOfAStory(t, filled), layouts(t)
	works := func(dir string) []work {
		path := filepath.Join(dir, "aggregator.db")
		onStore := func(args ...string) []string { return append(args, "--store", path) }
		polled := []string{"poll", "--config", filepath.Join(dir, "aggregator.toml")}
		list := []work{
			{"first polls", "", polled, true, false},
			{"later polls", early, polled, true, false},
			{"reindex", filled, onStore("reindex"), false, true},
			{"compact", filled, onStore("compact"), false, true},
			{"prune", old, onStore("prune", "--older-than", "30d"), true, true},
			{"split", filled, onStore("split", "--by", "ada", second), true, true},
			{"restore", filled, onStore("restore", backup), false, true},
			{"backup", filled, onStore("backup", filepath.Join(dir, "copy.db")), false, true},
		}
		for _, plain := range earlier {
			list = append(list, work{"migrate " + filepath.Base(plain), plain, onStore("reindex"), false, false})
		}
		return list
	}
	var blows atomic.Int64
	t.Cleanup(func() { t.Logf("%d times %s", blows.Load(), harm) })
	for i, w := range works("") {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			copyFile(t, config, filepath.Join(dir, "aggregator.toml"))
			blows.Add(int64(works(dir)[i].everyBlow(t, bin, filepath.Join(dir, "aggregator.db"), harm)))
		})
	}
}

// everyBlow strikes the work at each of its changes, and returns how often it ended of that.
func (w work) everyBlow(t *testing.T, bin, path, harm string) (ended int) {
	w.begin(t, path)
	before := account(t, path, w.timed)
	points := blows(t, bin, w.args...)
	want := account(t, path, w.timed)
	for i, step := 0, 1; i < len(points); i += step {
		w.begin(t, path)
		if !points[i].ends(t, harm, bin, w.args...) {
			if got := account(t, path, w.timed); got != want {
				t.Errorf("%s at %v, of which it said nothing: it has\n%s\nwant\n%s", harm, points[i], got, want)
			}
			continue
		}
		ended++
		got := account(t, path, w.timed)
		if w.whole && got != before && got != want {
			t.Errorf("%s at %v: neither before nor after:\n%s", harm, points[i], got)
		}
		if got != want || w.name == "backup" {
			if !w.whole {
				<-time.After(time.Second) // the feeds' floor
			}
			command(t, bin, w.args...)
		}
		if got := account(t, path, w.timed); got != want {
			t.Errorf("%s at %v and done again: it has\n%s\nwant\n%s", harm, points[i], got, want)
		}
		if os.Getenv("AGGREGATOR_KILLS") == "" {
			step++ // the first ones, and then ever fewer
		}
	}
	t.Logf("ended %d times at %d changes", ended, len(points))
	return ended
}

// begin puts the store in place from which the work starts.
func (w work) begin(t *testing.T, path string) {
	t.Helper()
	old, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(old, filepath.Join(filepath.Dir(path), "copy.db")) {
		_ = os.Remove(f)
	}
	if w.base != "" {
		copyFile(t, w.base, path)
	}
}

// account is what a store says, which must verify: its digest, or where that would
// say when work was done, what it holds. A file of an earlier layout says nothing.
func account(t *testing.T, path string, timed bool) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		return "no store"
	}
	st, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		if strings.Contains(err.Error(), "start the daemon once") || strings.Contains(err.Error(), "it is empty") {
			return "nothing yet"
		}
		t.Fatal(err)
	}
	defer st.Close()
	r, err := st.Verify(t.Context())
	if err != nil || !r.OK() {
		t.Fatal(r.Problems, err)
	}
	if !timed {
		d, err := st.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	list, _, err := st.Stories(stories.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range list {
		var members []string
		for _, m := range s.Members {
			members = append(members, m.Outlet+" "+m.Title)
		}
		slices.Sort(members)
		lines = append(lines, strings.Join(members, " | "))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s\n%d entries, %d versions, %d gone, %d corrections", strings.Join(lines, "\n"), r.Entries, r.Versions, r.Gone, len(st.Corrections()))
}

// longAgo makes a store with five entries that were seen long ago.
func longAgo(t *testing.T, path string) {
	t.Helper()
	fillStore(func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}, path)
	st, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	poll := func(o feeds.Outlet, at time.Time, boot string) { // servers tell that so much time went by
		url := o.Home + "feed"
		p := feeds.Poll{Feed: url, Outlet: o.ID, At: at, Ran: feeds.Ran{Boot: boot, For: time.Hour, Right: true}, Outcome: feeds.Changed,
			State: feeds.State{URL: url, LastRequest: at, LastObserved: at, Outcome: feeds.Changed}}
		if err := st.Append(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	poll(scriptOutlets[0], time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), "one")
	now := time.Now().UTC().Truncate(time.Second)
	for _, o := range scriptOutlets {
		poll(o, now, "another")
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// publishing starts the sample outlets and gives the hand of their clock.
func publishing(t *testing.T) (*demo.Outlets, func(time.Duration)) {
	t.Helper()
	start := time.Now().Truncate(time.Second)
	var passed atomic.Int64
	samples, err := demo.Start(t.Context(), demo.Options{Start: start, Now: func() time.Time { return start.Add(time.Duration(passed.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(samples.Close)
	return samples, func(d time.Duration) { passed.Store(int64(d)) }
}

// twoOfAStory is the number of an entry that shares its story.
func twoOfAStory(t *testing.T, path string) string {
	t.Helper()
	st, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	list, _, err := st.Stories(stories.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if len(s.Members) > 1 {
			return fmt.Sprint(s.Members[1].Entry)
		}
	}
	t.Fatal("no story has two entries")
	return ""
}

// layouts unpacks the files of earlier layouts.
func layouts(t *testing.T) (files []string) {
	t.Helper()
	packed, err := filepath.Glob("../../store/testdata/layouts/*.db.gz")
	if err != nil || len(packed) == 0 {
		t.Fatal("no files of earlier layouts: ", err)
	}
	for _, name := range packed {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		out := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(name), ".gz"))
		writeFileT(t, out, string(data))
		files = append(files, out)
	}
	return files
}

func command(t *testing.T, bin string, args ...string) {
	t.Helper()
	cmd := exec.Command(bin, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, &said)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFileT(t, to, string(data))
}

func writeFileT(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
