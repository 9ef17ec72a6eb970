package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// round waits until every feed was asked so many times more and the daemon rests, and
// gives the CPU seconds that the daemon used meanwhile, for each time. beside, if any, has
// somebody else ask all feeds meanwhile and says how often.
func (r *run) round(control string, times int, beside func() int) (float64, error) {
	if _, _, err := get(r.base+"/control?"+control, ""); err != nil {
		return 0, err
	}
	asked, before := requests(r.base), processCPU(r.process.Process.Pid)
	limit, all := time.Duration(times+3)*r.every+2*time.Minute, int64(r.feeds*times) // a busy machine takes longer
	if beside != nil {
		all += int64(r.feeds * beside())
	}
	if err := waitFor(limit, func() bool { return requests(r.base) >= asked+all }); err != nil {
		return 0, fmt.Errorf("of %d requests only %d came: %w", all, requests(r.base)-asked, err)
	}
	last, quiet := processCPU(r.process.Process.Pid), 0
	err := waitFor(limit, func() bool {
		used := processCPU(r.process.Process.Pid)
		if quiet++; used-last > 0.02 {
			quiet = 0
		}
		last = used
		return quiet >= 20 // 2 s
	})
	return (last - before) / float64(times), err
}

func requests(base string) int64 {
	body, _, err := get(base+"/stats", "")
	var s struct {
		Requests int64 `json:"feed_requests"`
	}
	if err != nil || json.Unmarshal(body, &s) != nil {
		return 0
	}
	return s.Requests
}

// processCPU gives the user and system seconds of a process, of threads that ended,
// too, to the microsecond (clock_getcpuclockid(3)).
func processCPU(pid int) float64 {
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
		return 0
	}
	return float64(t.Nano()) / 1e9
}

// status reads one number of /proc/PID/FILE (proc(5)); 0 where there is none.
func status(pid int, file, key string) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == key {
			v, _ := strconv.ParseInt(f[1], 10, 64)
			return v
		}
	}
	return 0
}

// benchConfig makes each feed an outlet of its own, as the feeds of a real
// configuration mostly are.
func benchConfig(urls []string, dir string, every time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[store]\npath = %q\n[serve]\nlisten = \"127.0.0.1:0\"\n", filepath.Join(dir, "bench.db"))
	fmt.Fprintf(&b, "[poll]\nschedule = \"@every %s\"\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nmax_fresh = \"1s\"\nhost_gap = \"0s\"\nhost_parallel = 4\nparallel = 16\nallow_private = [\"127.0.0.0/8\"]\n", every)
	for i, u := range urls {
		fmt.Fprintf(&b, "[[outlet]]\nname = \"Daily %d\"\nhome = %q\n[[outlet.feed]]\nurl = %q\n", i, strings.Replace(u, "/feed/", "/site/", 1), u)
	}
	return b.String()
}

// waitFor asks ten times a second until ok, at most for the given time.
func waitFor(limit time.Duration, ok func() bool) error {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return nil
		}
	}
	return errors.New("not within " + limit.String())
}

// stop ends a program and waits for it. Not by an interrupt: a shell has its background
// jobs ignore that, and they hand it down.
func stop(c *exec.Cmd) {
	if c == nil || c.Process == nil {
		return
	}
	_ = c.Process.Signal(unix.SIGTERM)
	_ = c.Wait()
}
