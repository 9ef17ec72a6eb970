package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// options are what compare is asked for.
type options struct {
	feeds, port, grow   int
	daemon, farm, dir   string
	profiles            string
	every               time.Duration
	coldOnly, onlyStart bool
	margin              float64
}

// compare runs one farm, the floor and one daemon, round by round, and prints
// CPU seconds of the whole daemon (user + system) as ratios to the floor, and what
// else has a bar.
func compare(args []string) error {
	fs := flag.NewFlagSet("compare", flag.ExitOnError)
	var o options
	fs.IntVar(&o.feeds, "n", 1000, "feeds")
	fs.IntVar(&o.port, "port", 0, "port of the farm; 0: one that is free")
	fs.StringVar(&o.profiles, "profile", "", "a directory for CPU profiles of the cold round, five seconds each; go tool pprof takes them together")
	fs.BoolVar(&o.coldOnly, "cold", false, "the cold round alone")
	fs.BoolVar(&o.onlyStart, "start", false, "a start alone, on the file bench.db in -dir")
	fs.StringVar(&o.daemon, "daemon", "aggregator", "the daemon's program")
	fs.StringVar(&o.farm, "farm", "", "another farm program (flags -n -hosts -port, paths /urls /control /stats)")
	fs.StringVar(&o.dir, "dir", "", "where to work; a temporary directory otherwise")
	fs.DurationVar(&o.every, "every", 45*time.Second, "between two rounds; longer than a cold round takes")
	fs.IntVar(&o.grow, "grow", 1, "keep so many times as many entries, and measure the same rounds and a start again")
	fs.Float64Var(&o.margin, "margin", 0, "fail when a ratio to the floor is above its bar so many times; 0: never")
	_ = fs.Parse(args)
	if o.dir == "" {
		tmp, err := os.MkdirTemp("", "aggregator-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		o.dir = tmp
	}
	if o.port == 0 {
		var err error
		if o.port, err = freePort(); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	farmArgs := []string{"-n", strconv.Itoa(o.feeds), "-hosts", "250", "-port", strconv.Itoa(o.port)}
	server := exec.Command(self, append([]string{"farm"}, farmArgs...)...)
	if o.farm != "" {
		server = exec.Command(o.farm, farmArgs...)
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer stop(server)
	r := &run{options: o, self: self, base: fmt.Sprintf("http://127.0.0.1:%d", o.port)}
	if err := waitFor(time.Minute, func() bool { _, _, err := get(r.base+"/stats", ""); return err == nil }); err != nil {
		return fmt.Errorf("the farm did not start: %w", err)
	}
	urls, _, err := get(r.base+"/urls", "")
	if err != nil {
		return err
	}
	config := filepath.Join(o.dir, "aggregator.toml")
	if err := os.WriteFile(config, []byte(benchConfig(strings.Fields(string(urls)), o.dir, o.every)), 0o600); err != nil {
		return err
	}
	defer func() { stop(r.process) }()
	if o.onlyStart {
		return r.starts()
	}
	if err := r.floors(); err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return err
	}
	if err := r.rounds(); err != nil {
		return err
	}
	return r.tooDear
}

// floors measures what the same work costs at least.
func (r *run) floors() error {
	r.floor = map[string]float64{}
	for _, mode := range []string{"fetch", "parse", "304new", "json"} {
		if err := r.startFloor(mode)(); err != nil {
			return err
		}
	}
	return nil
}

// startFloor begins to measure one of them, and gives what waits for its end.
func (r *run) startFloor(mode string, flags ...string) (wait func() error) {
	var out bytes.Buffer
	cmd := exec.Command(r.self, append([]string{"floor", "-mode", mode, "-list", r.base + "/urls"}, flags...)...)
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	err := cmd.Start()
	return func() error {
		if err == nil {
			err = cmd.Wait()
		}
		if err != nil {
			return fmt.Errorf("floor %s: %w", mode, err)
		}
		var f struct{ CPU, Bytes float64 }
		if err := json.Unmarshal(out.Bytes(), &f); err != nil {
			return err
		}
		if mode == "json" {
			f.CPU = f.Bytes
		}
		r.floor[mode] = f.CPU
		return nil
	}
}
