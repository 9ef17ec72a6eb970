package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// run is one comparison under way.
type run struct {
	options
	self    string             // this program
	base    string             // address of the farm
	floor   map[string]float64 // CPU seconds by mode; of "json" the bytes
	process *exec.Cmd          // the daemon
	tooDear error              // rows above their bars by more than the margin
}

// leastFloor is what a floor must be to say anything, in s, MiB or µs. Rounds that cost less
// than a hundredth of a second are measured so often that they take some of these together.
const leastFloor = 0.002

// keptOpen is how long the daemon keeps an idle connection.
const keptOpen = 90 * time.Second

// start starts the daemon.
func (r *run) start() error {
	r.process = exec.Command(r.daemon, "run", "--log-level", "warn", "--config", filepath.Join(r.dir, "aggregator.toml"))
	r.process.Stderr = os.Stderr
	return r.process.Start()
}

// row prints one line of the table: what was measured beside what, and the bar.
func (r *run) row(name string, value, beside float64, unit, what string, bar float64) {
	ratio := value / beside
	verdict := "reached"
	if ratio > bar {
		verdict = "missed"
	}
	format := "| %s | %.2f %s | %.2f %s | %.2f | %.1f, %s |\n"
	if unit == "s" && beside < 1 {
		format = "| %s | %.4f %s | %.4f %s | %.2f | %.1f, %s |\n"
	}
	fmt.Printf(format, name, value, unit, beside, what, ratio, bar, verdict)
	if r.margin > 0 && beside >= leastFloor && ratio > bar*r.margin {
		r.tooDear = errors.Join(r.tooDear, fmt.Errorf("%s: %.2f times the floor, which is more than %.1f times the bar of %.1f", name, ratio, r.margin, bar))
	}
}

// rounds measures all rounds.
func (r *run) rounds() error {
	fmt.Printf("%d feeds of 50 entries\n\n| what | measured | beside | ratio | bar |\n|---|---|---|---|---|\n", r.feeds)
	stopProfiles := func() error { return nil }
	if r.profiles != "" {
		stopProfiles = profile(r.socket(), r.profiles)
	}
	cold, err := r.round("cond=on", 1, nil)
	if err := errors.Join(err, stopProfiles()); err != nil {
		return fmt.Errorf("cold round: %w", err)
	}
	r.row("cold", cold, r.floor["parse"], "s", "s fetch and gofeed", 2)
	if err := r.sizes(); err != nil || r.coldOnly {
		return err
	}
	before, err := r.later(1)
	if err != nil || r.grow <= 1 {
		return err
	}
	var first, full cost
	for i := 1; i < r.grow; i++ {
		if full, err = r.fullRound(i == 1 || i == r.grow-1); err != nil {
			return fmt.Errorf("round %d of new entries: %w", i, err)
		}
		if i == 1 {
			first = full
		}
	}
	much := fmt.Sprintf(" with %d times as many entries kept", r.grow)
	fmt.Printf("| 50 new of 50%s | %.2f s | %.2f s cold, another round: no entry leaves its feed and there is none to compare with | %.2f | |\n", much, full.daemon, cold, full.daemon/cold)
	r.row("50 new of 50"+much, full.daemon, first.daemon, "s", "s for the first such round after it", 1.2)
	r.row("50 new of 50"+much, full.daemon/full.floor, first.daemon/first.floor, "x fetch and gofeed before and after it", "x in that first round", 1.2)
	after, err := r.later(r.grow)
	if err != nil {
		return err
	}
	for i, name := range laterNames {
		r.row(name+much, after[i], before[i], "s", "s before", 1.2)
	}
	stop(r.process)
	time.Sleep(r.every) // until every feed is due
	if _, _, err := get(r.base+"/control?cond=on&advance=2", ""); err != nil {
		return err
	}
	return r.starts()
}

// cost is what a round cost the daemon, and the floor just before and after it: over minutes
// a machine that others use is faster and slower by more than what is measured.
type cost struct{ daemon, floor float64 }

// fullRound measures a round in which all entries are new; the floor, too, if that is wanted.
func (r *run) fullRound(withFloor bool) (c cost, err error) {
	floor := func() error {
		if !withFloor {
			return nil
		}
		before := r.floor["parse"]
		err := r.startFloor("parse")()
		c.floor += r.floor["parse"] / 2
		r.floor["parse"] = before
		return err
	}
	if err = floor(); err == nil {
		c.daemon, err = r.round("cond=on&advance=50", 1, nil)
	}
	return c, errors.Join(err, floor())
}

var laterNames = [3]string{"nothing new, 304", "nothing new, same body", "2 new of 50"}

// later measures the rounds after the first; their costs beside the floor are
// printed the first time.
func (r *run) later(times int) (costs [3]float64, err error) {
	for i, x := range []struct {
		control, floor, what string
		rounds               int
		bar                  float64
	}{
		{"cond=on", "304", "s bare client, its rounds between the daemon's", 4 + 700/r.feeds, 2}, // it costs too little to be measured once, or over few feeds
		{"cond=none", "fetch", "s fetch", 1, 1.3},
		{"cond=on&advance=2", "parse", "s fetch and gofeed", 1, 0.6},
	} {
		// The smallest floor: a client that rests between its rounds as long as the daemon does,
		// and finds the machine as the daemon finds it.
		var beside func() int
		between := func() error { return nil }
		if times == 1 && x.floor == "304" {
			beside = func() int {
				between = r.startFloor(x.floor, "-rounds", strconv.Itoa(x.rounds), "-every", r.every.String())
				return 1 + x.rounds // the first brings the validators
			}
		}
		costs[i], err = r.round(x.control, x.rounds, beside)
		if err := errors.Join(err, between()); err != nil {
			return costs, fmt.Errorf("%s: %w", laterNames[i], err)
		}
		if times == 1 {
			r.row(laterNames[i], costs[i], r.floor[x.floor], "s", x.what, x.bar)
			if x.floor == "304" && r.every > keptOpen {
				r.row(laterNames[i], costs[i], r.floor["304new"], "s", "s bare client that connects anew, too", x.bar)
			}
		}
	}
	return costs, nil
}

// sizes prints memory, file and what was written. The bars on memory and on what is
// written stand for 1,000 feeds: little is spread over few feeds.
func (r *run) sizes() error {
	file, err := os.Stat(filepath.Join(r.dir, "bench.db"))
	if err != nil {
		return err
	}
	const mib = 1 << 20
	size := float64(file.Size()) / mib
	margin := r.margin
	r.margin = 0
	r.row("peak memory", float64(status(r.process.Process.Pid, "status", "VmHWM:"))/1024, 96, "MiB", "MiB", 1)
	r.row("file", size, r.floor["json"]/mib, "MiB", "MiB of JSON", 0.8)
	r.row("written", float64(status(r.process.Process.Pid, "io", "write_bytes:"))/mib, size, "MiB", "MiB of file", 3)
	r.margin = margin
	return nil
}

func (r *run) socket() string { return filepath.Join(r.dir, "bench.db.sock") }
