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

// startDaemon runs the program, or what cmd makes of it, and returns when it serves.
func startDaemon(t *testing.T, bin, config string, through ...func(bin string, args ...string) *exec.Cmd) *started {
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
	eventually(t, "it serves", func() bool {
		if s.ended() {
			t.Fatalf("it ended: %s", s.log)
		}
		m := regexp.MustCompile(`msg=serving address=(http://[^/]+)/`).FindStringSubmatch(s.log.String())
		if m != nil {
			s.address = m[1]
		}
		return m != nil
	})
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

// quickClient waits for nobody.
var quickClient = &http.Client{Timeout: 5 * time.Second}
