package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aggregator/store"
)

// The real program polls feeds that change at every request, in groups that share
// their transactions, while backups, reindexing, compacting and pruning go on at once.
// It is killed at random instants, and at random changes to a file, and started again.
// Each time the store verifies; what a server can see that was acknowledged is still
// there; no feed is asked early. In the end every entry that was published is kept
// once, in the stories in which an uninterrupted run puts the same entries.
//
// AGGREGATOR_KILLS says how often; 1000 take about twenty minutes.
func TestKilledWhileAllGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("AGGREGATOR_KILLS")); err == nil {
		kills = n
	}
	bin := program(t)
	dir := t.TempDir()
	path, config := filepath.Join(dir, "aggregator.db"), filepath.Join(dir, "aggregator.toml")
	w := newWires(t, 12, path)
	writeFileT(t, config, w.config())
	longAgo(t, path)
	old := 5 // entries, for the pruning
	struck := exec.Command("strace", "-f", "-qq", "-e", "trace=none", "true").Run() == nil
	r := rand.New(rand.NewPCG(uint64(kills), 5))
	began := time.Now()
	atChange, verified := 0, 0
	for i := range kills {
		cmd := exec.Command(bin, "run", "--config", config)
		change := struck && i%2 == 0
		if change {
			call := []string{"pwrite64", "fdatasync", "pwrite64", "fdatasync", "renameat", "unlinkat"}[r.IntN(6)]
			n := 1 + r.IntN(40)
			if call == "renameat" || call == "unlinkat" {
				n = 1 + n%3
			}
			cmd = strike(fmt.Sprintf("%s:signal=KILL:when=%d", call, n), bin, "run", "--config", config)
		}
		var log bytes.Buffer
		cmd.Stderr = &log
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // strace and what it traces
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		busy := careWithoutEnd(t, path)
		patience := 300*time.Millisecond + time.Duration(r.IntN(1700))*time.Millisecond
		if change {
			patience += 2 * time.Second // on a busy machine it comes late to what it is killed at
		}
		timer := time.AfterFunc(patience, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		err := cmd.Wait()
		if timer.Stop() {
			atChange++
		}
		busy()
		if !wasKilled(err) {
			t.Fatalf("it ended by itself: %v\n%s", err, &log)
		}
		w.settle(t)
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			continue // killed before it made the file
		}
		account(t, path, true)
		verified++
	}
	took := time.Since(began)

	// The last run asks every feed once more and stops cleanly.
	cmd := exec.Command(bin, "run", "--config", config)
	var log bytes.Buffer
	cmd.Stderr = &log
	w.closeEdition()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the last edition is fetched by all", w.allKnown)
	tend := desk(path)
	defer tend.CloseIdleConnections()
	eventually(t, "what is old goes, where no killed program came to it", func() bool { return tended(t.Context(), tend, pruneOld) == nil })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("it did not stop cleanly: %v\n%s", err, &log)
	}
	for _, fault := range w.faults {
		t.Error(fault)
	}
	if w.unnoted > 0 {
		t.Errorf("%d requests were sent before they were noted, or without it", w.unnoted)
	}
	st, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rep, err := st.Verify(t.Context())
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil || rep.Entries+rep.Gone != w.published()+old || rep.Gone == 0 {
		t.Errorf("%d entries and %d pruned, of %d published and %d old ones (%v)", rep.Entries, rep.Gone, w.published(), old, err)
	}
	killed := account(t, path, true)
	command(t, bin, "reindex", "--store", path)
	if again := account(t, path, true); again != killed {
		t.Errorf("the stories differ from those of an uninterrupted run:\n%s\n\nuninterrupted:\n%s", killed, again)
	}
	t.Logf("%d kills in %s, %d of them at a change to a file; %d verified; %d requests, %d answers lost with a kill; %d entries, %d more pruned",
		kills, took.Round(time.Second), atChange, verified, w.requests, w.lost, rep.Entries, rep.Gone)
	t.Logf("of %d pairs of requests the nearest were %s apart; the latest came %s after its note", w.apart, w.nearest, w.late)
}

// careWithoutEnd has the daemon back up, reindex, compact and prune, all at once and
// again and again, until it is killed; the function returned waits for that.
func careWithoutEnd(t *testing.T, path string) (wait func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	tend := desk(path)
	var working sync.WaitGroup
	for _, job := range []string{"GET " + backupPath, "POST " + carePath + "reindex", "POST " + carePath + "compact", pruneOld} {
		working.Go(func() {
			for ctx.Err() == nil {
				_ = tended(ctx, tend, job)
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
	}
	return func() { cancel(); working.Wait(); tend.CloseIdleConnections() }
}

const pruneOld = "POST " + carePath + "prune?age=720h&size=0"

// desk is a client of the daemon that has a store.
func desk(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socketPath(path))
	}}}
}

// tended has the daemon do something for its store, and is nil when that is done.
func tended(ctx context.Context, desk *http.Client, job string) error {
	method, where, _ := strings.Cut(job, " ")
	req, err := http.NewRequestWithContext(ctx, method, "http://aggregator"+where, nil)
	if err != nil {
		return err
	}
	resp, err := desk.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return err
}
