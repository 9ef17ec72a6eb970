package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aggregator/store"
)

// A page of the file is overwritten while the daemon runs. It goes on, when the page
// was to be written anew anyway, or ends with the page's number: it never hangs, and
// never answers with what stands there. When the page is still torn afterwards, the
// daemon does not start again, and verify, like the daemon, says which it is and what
// to do.
func TestTornPages(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	t.Parallel()
	bin := program(t)
	dir := t.TempDir()
	path, config := filepath.Join(dir, "aggregator.db"), filepath.Join(dir, "aggregator.toml")
	w := newWires(t, 12, path)
	writeFileT(t, config, w.config())
	for range 4 {
		command(t, bin, "poll", "--config", config)
		<-time.After(wireFloor)
	}
	filled := filepath.Join(dir, "filled.db")
	copyFile(t, path, filled)
	tries, died, torn := 6, 0, 0
	if os.Getenv("AGGREGATOR_KILLS") != "" {
		tries = 24
	}
	r := rand.New(rand.NewPCG(1, 5))
	for i := 0; i < tries || torn == 0 && i < 4*tries; i++ {
		copyFile(t, filled, path)
		d := startDaemon(t, bin, config)
		junk := make([]byte, 4096)
		if i%2 == 0 {
			for j := range junk {
				junk[j] = byte(r.IntN(256))
			}
		}
		page := tearPage(t, path, junk, r)
		for range 12 {
			if d.ended() {
				break
			}
			for _, what := range []string{"/", "/feed.atom", "/api/v1/stories"} {
				resp, err := patient.Get(d.address + what)
				if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
					t.Errorf("page %d torn: %s is not answered", page, what)
				}
				if err != nil {
					continue // it has ended
				}
				if resp.StatusCode != 200 && resp.StatusCode != 500 {
					t.Errorf("page %d torn: %s answers %s", page, what, resp.Status)
				}
				resp.Body.Close()
			}
			<-time.After(100 * time.Millisecond)
		}
		if !d.ended() {
			_ = d.Process.Signal(os.Interrupt)
		}
		select {
		case <-d.done:
		case <-time.After(patience):
			_ = d.Process.Kill()
			t.Fatalf("page %d torn: it hangs\n%s", page, d.log)
		}
		if !d.ProcessState.Success() {
			died++
			if !regexp.MustCompile(`[Pp]age`).MatchString(d.log.String()) {
				t.Errorf("page %d torn: it ended and does not say why: %.500s", page, d.log)
			}
		}
		if store.CheckFile(path) == nil {
			continue
		}
		torn++
		// After a clean stop the first start finds the page in bbolt's way, or when it is read.
		first := begin(t, bin, config)
		first.serves(t)
		first.kill()
		for _, args := range [][]string{{"verify", "--store", path}, {"run", "--config", config}} {
			if words, err := said(bin, args...); err == nil || !regexp.MustCompile(`is damaged: restore a backup with aggregator restore FILE: page \d+: `).MatchString(words) || strings.Contains(words, "panic") {
				t.Errorf("page %d torn: %s says %v %.500s", page, args[0], err, words)
			}
		}
		_ = os.Remove(socketPath(path))
	}
	t.Logf("%d pages torn: the daemon ended at once %d times; %d were still torn afterwards", tries, died, torn)
	if torn == 0 {
		t.Error("no page stayed torn: the test has lost its subject")
	}
}

// tearPage overwrites a random page that is in use, and gives its number.
func tearPage(t *testing.T, path string, junk []byte, r *rand.Rand) int64 {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	was := make([]byte, len(junk))
	for {
		page := 2 + r.Int64N(info.Size()/int64(len(junk))-2)
		if _, err := f.ReadAt(was, page*int64(len(junk))); err != nil {
			t.Fatal(err)
		}
		if was[8] == 1 || was[8] == 2 { // a branch or a leaf, if perhaps a former one
			if _, err := f.WriteAt(junk, page*int64(len(junk))); err != nil {
				t.Fatal(err)
			}
			return page
		}
	}
}

// said runs a program that must end by itself and gives all that it says.
func said(bin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
	return string(bytes.TrimSpace(out)), err
}
