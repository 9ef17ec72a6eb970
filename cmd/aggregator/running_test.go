package main

import (
	"net/http"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// started is the real program at work.
type started struct {
	*exec.Cmd
	log     *syncBuffer
	address string // http://host:port
	done    chan struct{}
}

// begin runs the program, or what through makes of it.
func begin(t *testing.T, bin, config string, through ...func(bin string, args ...string) *exec.Cmd) *started {
	t.Helper()
	cmd := exec.Command(bin, "run", "--config", config)
	for _, make := range through {
		cmd = make(bin, "run", "--config", config)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // strace, and what it traces
	s := &started{Cmd: cmd, log: &syncBuffer{}, done: make(chan struct{})}
	cmd.Stderr = s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(s.done) }()
	t.Cleanup(s.kill)
	return s
}

// serves waits until it serves, or has ended and never will.
func (s *started) serves(t *testing.T) bool {
	t.Helper()
	eventually(t, "it serves, or ends", func() bool {
		m := regexp.MustCompile(`msg=serving address=(http://[^/]+)/`).FindStringSubmatch(s.log.String())
		if m != nil {
			s.address = m[1]
		}
		return m != nil || s.ended()
	})
	return s.address != ""
}

// startDaemon begins and returns when it serves.
func startDaemon(t *testing.T, bin, config string, through ...func(bin string, args ...string) *exec.Cmd) *started {
	t.Helper()
	s := begin(t, bin, config, through...)
	if !s.serves(t) {
		t.Fatalf("it ended: %s", s.log)
	}
	return s
}

// kill ends it as kill -9 does.
func (s *started) kill() {
	_ = syscall.Kill(-s.Process.Pid, syscall.SIGKILL)
	<-s.done
}

func (s *started) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// patience is how long a test waits for what must come, however busy the machine is.
const patience = 2 * time.Minute

// patient is whoever asks a server and gives up in the end.
var patient = &http.Client{Timeout: patience}
