package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// A server that drips, one that never answers, and a reader whose event stream is open
// do not hold up a stop: it ends well, within what systemd waits, and what came before is kept.
func TestStopWhileFeedsDrip(t *testing.T) {
	limit := stopLimit(t)
	m := newManager(t)
	asked := make(chan struct{}, 100)
	ended := make(chan struct{})
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/quick" {
			w.Header().Set("Content-Type", "application/rss+xml")
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Q</title><item><title>Kept before the stop</title><link>https://o2.example/1</link></item></channel></rss>`)
			return
		}
		asked <- struct{}{}
		if r.URL.Path == "/hangs" {
			select {
			case <-r.Context().Done():
			case <-ended:
			}
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		for {
			fmt.Fprint(w, " ")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(50 * time.Millisecond):
			case <-r.Context().Done():
				return
			case <-ended:
				return
			}
		}
	})
	var urls []string
	for i, path := range []string{"/drips", "/hangs", "/quick"} { // each on a host of its own, so that none waits for another
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", i+2))
		if err != nil {
			t.Fatal(err)
		}
		s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: answer}}
		s.Start()
		defer s.Close()
		urls = append(urls, s.URL+path)
	}
	defer close(ended)
	m.follow("@every 1s", urls...)
	cmd := m.start()
	m.expect("READY=1")
	resp, err := http.Get("http://" + m.socket.Addr().String() + "/api/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	go func() { _, _ = io.Copy(io.Discard, resp.Body) }()
	<-asked
	<-asked
	eventually(t, "the quick feed's entry", func() bool {
		_, body := m.get("/feed.json")
		return regexp.MustCompile("Kept before the stop").MatchString(body)
	})
	stop := func(cmd *exec.Cmd) time.Duration {
		begun := time.Now()
		m.stop(cmd)
		return time.Since(begun)
	}
	took := stop(cmd)
	m.follow("@every 1h", urls[2])
	cmd = m.start()
	m.expect("READY=1")
	if _, body := m.get("/feed.json"); !regexp.MustCompile("Kept before the stop").MatchString(body) {
		t.Errorf("what was kept before the stop is gone: %s", body)
	}
	idle := stop(cmd) // of which the machine takes as much, if it is busy
	t.Logf("stopped in %s, and in %s with nothing under way; systemd waits for %s", took.Round(10*time.Millisecond), idle.Round(10*time.Millisecond), limit)
	if took-idle > limit*2/3 {
		t.Errorf("the stop took %s, and %s with nothing under way; systemd waits for %s", took, idle, limit)
	}
}

// stopLimit is how long systemd waits, by the unit.
func stopLimit(t *testing.T) time.Duration {
	t.Helper()
	unit, err := os.ReadFile(filepath.Join(repository, "packaging/aggregator.service"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindSubmatch(unit)
	if found == nil {
		t.Fatal("the unit has no TimeoutStopSec")
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * time.Second
}
