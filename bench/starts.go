package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// starts starts the daemon on what its file holds and measures how long it takes to
// answer, to ask its first feed and to keep what that brought, and what it used until
// then.
func (r *run) starts() error {
	file, err := os.Stat(filepath.Join(r.dir, "bench.db"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	asked, began := requests(r.base), time.Now()
	if err := r.start(); err != nil {
		return err
	}
	polled := make(chan float64, 1)
	go func() {
		for ctx.Err() == nil && requests(r.base) == asked {
			time.Sleep(10 * time.Millisecond)
		}
		polled <- time.Since(began).Seconds()
	}()
	var serving float64
	err = r.generations(ctx, func(n string) bool {
		if serving == 0 {
			serving = time.Since(began).Seconds()
		}
		return n == "0"
	})
	kept := time.Since(began).Seconds()
	if err != nil {
		return fmt.Errorf("the daemon kept nothing after its start: %w", err)
	}
	used, peak := processCPU(r.process.Process.Pid), status(r.process.Process.Pid, "status", "VmHWM:")
	r.row(fmt.Sprintf("start to the first answer, file of %d MB", file.Size()/1e6), serving, 5, "s", "s", 1)
	r.row("start to the first poll", <-polled, 10, "s", "s", 1)
	fmt.Printf("\nWhat the first poll brought was kept after %.2f s, %.2f s of processor; peak memory %d MiB.\n", kept, used, peak>>10)
	return nil
}

// generations calls f with the number of commits so far that changed a story, when the
// daemon answers and with each such commit, until f returns false.
func (r *run) generations(ctx context.Context, f func(n string) bool) error {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", r.socket())
	}}}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://daemon/api/v1/events", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(q)
	for ; err != nil && ctx.Err() == nil; resp, err = client.Do(q) {
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if id, is := strings.CutPrefix(lines.Text(), "id: "); is && !f(id) {
			return nil
		}
	}
	return errors.Join(lines.Err(), errors.New("the daemon ended its events"))
}
