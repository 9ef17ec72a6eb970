package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"aggregator/cmd/aggregator/demo"
	"aggregator/store"
	"aggregator/stories"

	"github.com/google/go-cmp/cmp"
)

// program is the real program, which is built once for all tests.
func program(t *testing.T) string {
	t.Helper()
	path, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var programDir string // TestMain removes it

var buildProgram = sync.OnceValues(func() (path string, err error) {
	if programDir, err = os.MkdirTemp("", "aggregator"); err != nil {
		return "", err
	}
	path = filepath.Join(programDir, "aggregator")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// The real program is killed at random instants while the sample outlets
// publish, and started again each time. At the end it holds what a program holds
// that was never interrupted: nothing lost, nothing doubled.
func TestKillNineLosesNothingAndDoublesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	bin := program(t)
	start := time.Now().Truncate(time.Second)
	var passed atomic.Int64 // of the outlets' clock
	samples, err := demo.Start(t.Context(), demo.Options{Start: start, Now: func() time.Time { return start.Add(time.Duration(passed.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	defer samples.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "aggregator.toml")
	if err := os.WriteFile(config, []byte(samplesConfig(samples)), 0o600); err != nil {
		t.Fatal(err)
	}

	r := rand.New(rand.NewPCG(7, 11))
	end := demo.Timeline()[len(demo.Timeline())-1].After + time.Second
	const kills = 12
	for i := range kills {
		passed.Store(int64(end) * int64(i+1) / kills)
		cmd := exec.Command(bin, "run", "--config", config)
		var log bytes.Buffer
		cmd.Stderr = &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(r.IntN(2500)) * time.Millisecond) // the instant is the test's subject
		if err := cmd.Process.Kill(); err != nil {
			t.Fatalf("it ended by itself: %v\n%s", err, &log)
		}
		_ = cmd.Wait()
	}

	m := newMachine(t)
	for _, o := range samples.Outlets() {
		for _, f := range samples.Feeds() {
			if f.Outlet == o.ID {
				m.follow(o, f.URL)
			}
		}
	}
	m.round()
	want := kept(t, m.open())

	// The last run polls everything and stops cleanly.
	begun := time.Now()
	d := startDaemon(t, bin, config)
	eventually(t, "all feeds are asked", func() bool {
		_, list := get(t, patient, d.address+"/api/v1/feeds")
		var all feedsAnswer
		if err := json.Unmarshal([]byte(list), &all); err != nil {
			t.Fatal(err)
		}
		for _, f := range all.Feeds {
			if f.LastRequest == nil || f.LastRequest.Before(begun) {
				return false
			}
		}
		return len(all.Feeds) > 0
	})
	_ = d.Process.Signal(syscall.SIGTERM)
	if <-d.done; !d.ProcessState.Success() {
		t.Fatalf("it did not stop cleanly: %s", d.log)
	}
	killed, err := store.Open(filepath.Join(dir, "aggregator.db"), store.Options{Outlets: samples.Outlets()})
	if err != nil {
		t.Fatal(err)
	}
	report, err := killed.Verify(t.Context())
	if err != nil || !report.OK() {
		t.Errorf("after %d kills the store does not verify: %v %v", kills, err, report.Problems)
	}
	if d := cmp.Diff(want, kept(t, killed)); d != "" {
		t.Errorf("entries (-never interrupted +killed %d times)\n%s", kills, d)
	}
	if len(want) < 25 {
		t.Errorf("only %d entries: the test has lost its subject", len(want))
	}
}

// kept lists what a store holds, an entry a line, and closes it.
func kept(t *testing.T, st *store.Store) (lines []string) {
	t.Helper()
	defer st.Close()
	list, _, err := st.Stories(stories.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		for _, m := range s.Members {
			lines = append(lines, m.Outlet+" "+m.Title) // its link depends on which section was read last
		}
	}
	sort.Strings(lines)
	return lines
}

// samplesConfig is a configuration for the sample outlets, polled every second.
func samplesConfig(samples *demo.Outlets) string {
	var b strings.Builder
	b.WriteString("[store]\npath = \"aggregator.db\"\n[serve]\nlisten = \"127.0.0.1:0\"\n")
	b.WriteString("[poll]\nschedule = \"@every 1s\"\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nmax_fresh = \"1s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\n")
	for _, o := range samples.Outlets() {
		fmt.Fprintf(&b, "[[outlet]]\nid = %q\nname = %q\nhome = %q\nlanguage = %q\n", o.ID, o.Name, o.Home, o.Language)
		for _, f := range samples.Feeds() {
			if f.Outlet == o.ID {
				fmt.Fprintf(&b, "[[outlet.feed]]\nurl = %q\n", f.URL)
			}
		}
	}
	return b.String()
}
