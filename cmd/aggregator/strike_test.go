package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// changes are the system calls by which a program changes files. Between two of them
// nothing on the disk changes, so that a program that was killed at each of them was
// killed at every instant that matters.
const changes = "?pwrite64,?fdatasync,?fsync,?ftruncate,?fallocate,?rename,?renameat,?renameat2,?unlink,?unlinkat,?link,?linkat,?copy_file_range,?sendfile"

// needStrace skips a test where programs cannot be struck in their system calls.
func needStrace(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("strace", "-f", "-qq", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		t.Skipf("needs strace, and leave to trace: %v %s", err, out)
	}
}

// strike gives the command by which a program is run while what is done to its system
// calls is what strace's inject= says, like "fdatasync:error=EIO:when=3". Each thread
// counts its calls for itself.
func strike(inject string, program string, args ...string) *exec.Cmd {
	calls, what, _ := strings.Cut(inject, ":")
	return exec.Command("strace", append([]string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", "inject=" + calls + ":" + what, program}, args...)...)
}

// blow is the n-th of its calls of one kind that a thread makes.
type blow struct {
	call string
	n    int
}

// blows runs a program and gives the changes to files at which it could be killed.
func blows(t *testing.T, program string, args ...string) (list []blow) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "calls")
	if out, err := exec.Command("strace", append([]string{"-f", "-qq", "-o", log, "-e", "trace=" + changes, program}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	made, most := map[string]int{}, map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\d+) +(\w+)\(`).FindAllStringSubmatch(string(text), -1) {
		if made[m[1]+m[2]]++; made[m[1]+m[2]] > most[m[2]] {
			most[m[2]]++
			list = append(list, blow{m[2], most[m[2]]})
		}
	}
	return list
}

// ends runs a program and does harm to it at a change to a file. It reports whether it
// ended of that: a kill may come too early, since its threads share their work in another
// way each time, and a failure may be one that nothing depends on. What fails says so.
func (b blow) ends(t *testing.T, harm, program string, args ...string) bool {
	t.Helper()
	cmd := strike(fmt.Sprintf("%s:%s:when=%d", b.call, harm, b.n), program, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	killed := strings.HasPrefix(harm, "signal")
	if err == nil || killed && wasKilled(err) {
		return err != nil
	}
	if text := said.String(); !killed && strings.Contains("\n"+text, "\naggregator: ") && !strings.Contains(text, "goroutine ") {
		return true
	}
	t.Fatalf("%s %q, %s at %v: %v\n%s", program, args, harm, b, err, &said)
	return false
}

// wasKilled reports whether a command, or what strace ran for it, ended by kill -9.
func wasKilled(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	s := exit.Sys().(syscall.WaitStatus)
	return s.Signaled() && s.Signal() == syscall.SIGKILL || s.ExitStatus() == 128+int(syscall.SIGKILL)
}
