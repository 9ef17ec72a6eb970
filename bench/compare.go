package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// compare runs one farm, the floor and one daemon, round by round, and prints
// CPU seconds of the whole daemon (user + system) as ratios to the floor.
func compare(args []string) error {
	fs := flag.NewFlagSet("compare", flag.ExitOnError)
	n := fs.Int("n", 1000, "feeds")
	port := fs.Int("port", 0, "port of the farm; 0: one that is free")
	profiles := fs.String("profile", "", "a directory for CPU profiles of the cold round, five seconds each; go tool pprof takes them together")
	coldOnly := fs.Bool("cold", false, "the cold round alone")
	daemon := fs.String("daemon", "aggregator", "the daemon's program")
	farmBin := fs.String("farm", "", "another farm program (flags -n -hosts -port, paths /urls /control /stats)")
	dir := fs.String("dir", "", "where to work; a temporary directory otherwise")
	every := fs.Duration("every", 45*time.Second, "between two rounds; longer than a cold round takes")
	_ = fs.Parse(args)
	if *dir == "" {
		tmp, err := os.MkdirTemp("", "aggregator-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		*dir = tmp
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if *port == 0 {
		if *port, err = freePort(); err != nil {
			return err
		}
	}
	farmArgs := []string{"-n", strconv.Itoa(*n), "-hosts", "250", "-port", strconv.Itoa(*port)}
	server := exec.Command(self, append([]string{"farm"}, farmArgs...)...)
	if *farmBin != "" {
		server = exec.Command(*farmBin, farmArgs...)
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer stop(server)
	base := fmt.Sprintf("http://127.0.0.1:%d", *port)
	if err := waitFor(time.Minute, func() bool { _, _, err := get(base+"/stats", ""); return err == nil }); err != nil {
		return fmt.Errorf("the farm did not start: %w", err)
	}
	floorCPU := map[string]float64{}
	for _, mode := range []string{"fetch", "parse", "304"} {
		out, err := exec.Command(self, "floor", "-mode", mode, "-list", base+"/urls").Output()
		if err != nil {
			return fmt.Errorf("floor %s: %w", mode, err)
		}
		var r struct{ CPU float64 }
		if err := json.Unmarshal(out, &r); err != nil {
			return err
		}
		floorCPU[mode] = r.CPU
	}

	urls, _, err := get(base+"/urls", "")
	if err != nil {
		return err
	}
	config := filepath.Join(*dir, "aggregator.toml")
	if err := os.WriteFile(config, []byte(benchConfig(strings.Fields(string(urls)), *dir, *every)), 0o600); err != nil {
		return err
	}
	d := exec.Command(*daemon, "run", "--config", config)
	d.Stderr = os.Stderr
	if err := d.Start(); err != nil {
		return err
	}
	defer stop(d)

	fmt.Printf("%-42s %8s %8s %7s  %s\n", "round, "+strconv.Itoa(*n)+" feeds of 50 entries", "daemon s", "floor s", "ratio", "floor")
	for _, r := range []struct{ name, control, floor string }{
		{"cold", "cond=on", "parse"},
		{"nothing new, 304", "cond=on", "304"},
		{"nothing new, no validators, same body", "cond=none", "fetch"},
		{"2 new of 50 in each", "cond=on&advance=2", "parse"},
	} {
		if _, _, err := get(base+"/control?"+r.control, ""); err != nil {
			return err
		}
		stopProfiles := func() error { return nil }
		if r.name == "cold" && *profiles != "" {
			stopProfiles = profile(filepath.Join(*dir, "bench.db.sock"), *profiles)
		}
		used, err := oneRound(d.Process.Pid, base, *n, *every)
		if err := stopProfiles(); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("round %q: %w", r.name, err)
		}
		fmt.Printf("%-42s %8.2f %8.2f %6.2fx  %s\n", r.name, used, floorCPU[r.floor], used/floorCPU[r.floor], r.floor)
		if r.name == "cold" {
			file, err := os.Stat(filepath.Join(*dir, "bench.db"))
			if err != nil {
				return err
			}
			fmt.Printf("%-42s %8d MiB\n", "  peak memory", status(d.Process.Pid, "status", "VmHWM:")>>10)
			fmt.Printf("%-42s %8d MiB\n", "  file", file.Size()>>20)
			fmt.Printf("%-42s %8d MiB\n", "  written to disk", status(d.Process.Pid, "io", "write_bytes:")>>20)
			if *coldOnly {
				return nil
			}
		}
	}
	return nil
}

// oneRound waits until every feed was asked once more and the daemon rests, and
// gives the CPU seconds that the daemon used meanwhile.
func oneRound(pid int, base string, n int, every time.Duration) (float64, error) {
	asked, before := requests(base), processCPU(pid)
	if err := waitFor(4*every, func() bool { return requests(base) >= asked+int64(n) }); err != nil {
		return 0, fmt.Errorf("of %d feeds only %d were asked: %w", n, requests(base)-asked, err)
	}
	last, quiet := processCPU(pid), 0
	err := waitFor(4*every, func() bool {
		used := processCPU(pid)
		if used-last > 0.02 {
			quiet = 0
		} else {
			quiet++
		}
		last = used
		return quiet >= 20 // 2 s
	})
	return last - before, err
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

// processCPU reads user + system seconds of a process (proc(5), 100 ticks a second).
func processCPU(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.ParseFloat(f[11], 64)
	sys, _ := strconv.ParseFloat(f[12], 64)
	return (user + sys) / 100
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

func stop(c *exec.Cmd) {
	_ = c.Process.Signal(os.Interrupt)
	_ = c.Wait()
}
