package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aggregator/cmd/aggregator/demo"
	"aggregator/store"
)

// TestPageInABrowser looks at the page of the demo in chromium, while the sample
// outlets publish: live arrival, story page, filters, keys, light and dark, phone
// to wall, axe-core without a violation. serve/browser/check.js says what it wants.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute and a half in a browser")
	}
	const dir = "../../serve/browser"
	for _, need := range []string{"/usr/bin/chromium", dir + "/node_modules/playwright-core", dir + "/node_modules/axe-core"} {
		if _, err := os.Stat(need); err != nil {
			t.Skip("no browser to look with: apt-get install chromium nodejs npm, and npm install in serve/browser: ", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	// The outlets publish nothing more until the page that waits for it is open.
	start := time.Now()
	var open atomic.Pointer[time.Time]
	samples, err := demo.Start(ctx, demo.Options{Start: start, Now: func() time.Time {
		if since := open.Load(); since != nil {
			return start.Add(time.Since(*since))
		}
		return start
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer samples.Close()
	s := demoService(samples, "127.0.0.1:0", t.TempDir()+"/demo.db")
	address := make(chan string, 1)
	s.ready = func(_ *store.Store, addr net.Addr) { address <- "http://" + addr.String() }
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.run(running) }()
	base := <-address
	story := ""
	for deadline := time.Now().Add(patience); story == "" && time.Now().Before(deadline); {
		resp, err := http.Get(base + "/api/v1/stories?min_outlets=2&limit=1")
		if err != nil {
			t.Fatal(err)
		}
		var list struct{ Stories []struct{ ID json.Number } }
		err = json.NewDecoder(resp.Body).Decode(&list)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Stories) > 0 {
			story = list.Stories[0].ID.String()
		}
	}
	check := exec.CommandContext(ctx, "node", dir+"/check.js", base, story, "--live")
	var out syncBuffer
	check.Stdout, check.Stderr = &out, &out
	if err := check.Start(); err != nil {
		t.Fatal(err)
	}
	checked := make(chan error, 1)
	go func() { checked <- check.Wait() }()
	eventually(t, "the page is open", func() bool { return strings.Contains(out.String(), "waiting\n") || len(checked) > 0 })
	now := time.Now()
	open.Store(&now)
	if err := <-checked; err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
