package serve

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/store"
)

var load = flag.Bool("load", false, "measure requests a second beside bare handlers (bench/load.sh)")

// wrk runs the load generator and gives requests a second and the 99th percentile.
func wrk(t *testing.T, address string, headers ...string) (rate float64, p99 string) {
	t.Helper()
	args := []string{"-t1", "-c16", "-d5s", "--latency"}
	for _, h := range headers {
		args = append(args, "-H", h)
	}
	out, err := exec.Command("wrk", append(args, address)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if m := regexp.MustCompile(`Requests/sec:\s+([\d.]+)`).FindSubmatch(out); m != nil {
		_, _ = fmt.Sscan(string(m[1]), &rate)
	}
	if m := regexp.MustCompile(`99%\s+(\S+)`).FindSubmatch(out); m != nil {
		p99 = string(m[1])
	}
	if regexp.MustCompile(`Non-2xx|Socket errors`).Match(out) {
		t.Errorf("%s: %s", address, out)
	}
	return rate, p99
}

// TestLoad measures what a reader costs beside a handler that does nothing else,
// in one run: 304 and the whole feed (compressed), alternating three times; the
// feed while 1,000 entries a second are kept; memory of 1,000 event streams.
func TestLoad(t *testing.T) {
	if !*load {
		t.Skip("to measure: bench/load.sh")
	}
	outlet := feeds.Outlet{ID: "post", Name: "The Post", Home: "https://post.example"}
	st, err := store.Open(t.TempDir()+"/store.db", store.Options{Outlets: []feeds.Outlet{outlet}})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	number := 0
	keep := func(ctx context.Context, n int) error {
		p := feeds.Poll{Feed: "https://post.example/feed", Outlet: "post", At: time.Now(), Outcome: feeds.Changed}
		for range n {
			number++
			link := fmt.Sprintf("https://post.example/%d", number)
			words := make([]string, 120)
			for i := range words {
				words[i] = fmt.Sprintf("w%dx%d", number%9973, (i*i+number)%997)
			}
			text := strings.Join(words, " ")
			p.Items = append(p.Items, feeds.Item{Raw: uint64(number), Entry: &feeds.Entry{Outlet: "post", GUID: link, Link: link, Canonical: link[8:],
				Title: strings.Join(words[:8], " "), Content: "<p>" + text, Text: text, Published: feeds.Date{Time: p.At}}})
		}
		return st.Append(ctx, p)
	}
	for range 10 {
		if err := keep(context.Background(), 100); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	h := New(st, Options{Outlets: []feeds.Outlet{outlet}, Now: time.Now, BaseURL: base})
	full := ask(h, "GET", "/feed.atom", "Accept-Encoding", "gzip")
	compressed, err := io.ReadAll(full.Body)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: besideBare(h, compressed)}}
	server.Start()
	defer server.Close()

	etag := "If-None-Match: " + full.Header.Get("ETag")
	for range 3 {
		bare, _ := wrk(t, base+"/bare/304")
		ours, p99 := wrk(t, base+"/feed.atom", etag)
		t.Logf("304: %.0f requests/s, bare handler %.0f: %.2f (p99 %s)", ours, bare, ours/bare, p99)
		bare, _ = wrk(t, base+"/bare/full")
		ours, p99 = wrk(t, base+"/feed.atom", "Accept-Encoding: gzip")
		t.Logf("the whole feed, %d bytes compressed: %.0f requests/s, bare handler %.0f: %.2f (p99 %s)", len(compressed), ours, bare, ours/bare, p99)
	}

	ctx, cancel := context.WithCancel(context.Background())
	kept := make(chan int)
	go func() {
		n := 0
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			<-tick.C
			if keep(ctx, 100) == nil {
				n += 100
			}
		}
		kept <- n
	}()
	begun := time.Now()
	ours, p99 := wrk(t, base+"/feed.atom", "Accept-Encoding: gzip")
	cancel()
	t.Logf("while %.0f entries/s were kept: %.0f requests/s, p99 %s", float64(<-kept)/time.Since(begun).Seconds(), ours, p99)

	before := resident(t)
	for range 1000 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := io.ReadFull(c, make([]byte, 12)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("1,000 event streams: %d kB more resident memory each, both ends of each connection in this process", (resident(t)-before)/1000)
}

// resident is this process's memory, kB, after giving back what is not in use.
func resident(t *testing.T) (kB int) {
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	if _, err := fmt.Sscan(string(rest), &kB); err != nil {
		t.Fatal(err)
	}
	return kB
}

// besideBare puts two bare handlers beside h: /bare/304, and /bare/full, which writes
// the bytes that h gives for its whole feed.
func besideBare(h http.Handler, compressed []byte) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc("/bare/304", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	mux.HandleFunc("/bare/full", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/atom+xml")
		w.Header().Set("Content-Length", itoa(len(compressed)))
		_, _ = w.Write(compressed)
	})
	return mux
}
