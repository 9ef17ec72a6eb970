package poll

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aggregator/feeds"
)

// TestMain lets the test binary be the server of its own benchmarks, in a process
// of its own, so that only the client's CPU time is measured.
func TestMain(m *testing.M) {
	if os.Getenv("POLL_BENCH_SERVER") != "" {
		benchServer()
		return
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "poll")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := trustTestServers(dir); err != nil {
		panic(err)
	}
	return m.Run()
}

// benchServer serves /feed/N on a port of its choice until its standard input
// ends: "?cond" feeds answer 304 to their ETag, others always 200.
func benchServer() {
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		panic(err)
	}
	var items []int
	for i := range 50 {
		items = append(items, i)
	}
	body := []byte(strings.ReplaceAll(document(items...), "was opened.", "was opened."+strings.Repeat(" Long it was, and wide.", 90)))
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "cond" {
			w.Header().Set("ETag", `"abc"`)
			if r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.Write(body)
	}))
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin)
}

func startBenchServer(tb testing.TB) (port string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "POLL_BENCH_SERVER=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { in.Close(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// cpu is what this process has used so far, user and system.
func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// drop is a sink that keeps the last state of each feed only.
type drop struct {
	mu     sync.Mutex
	states map[string]feeds.State
}

func (d *drop) Append(_ context.Context, polls ...feeds.Poll) error {
	d.mu.Lock()
	for _, p := range polls {
		d.states[p.Feed] = p.State
	}
	d.mu.Unlock()
	return nil
}

// BenchmarkRound is a round of 1,000 feeds on 250 hosts in which nothing is new:
// by the poller, and by a bare net/http client doing the same requests with as
// many workers.
func BenchmarkRound(b *testing.B) {
	port := startBenchServer(b)
	for _, query := range []string{"cond", "full"} {
		var urls []string
		var subs []Subscription
		set := quick()
		set.Timeout = time.Minute
		for i := range 1000 {
			url := fmt.Sprintf("http://127.0.1.%d:%s/feed/%d?%s", 1+i%250, port, i, query)
			urls = append(urls, url)
			subs = append(subs, subscription(url, set))
		}
		b.Run(query+"/bare", func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 4, DisableCompression: true}}
			defer client.CloseIdleConnections()
			measure(b, func() { bareRound(b, client, urls, query == "cond") })
		})
		b.Run(query+"/poller", func(b *testing.B) {
			sink := &drop{states: map[string]feeds.State{}}
			diary := OpenDiary(filepath.Join(b.TempDir(), "diary"))
			defer diary.Close()
			p, err := New(subs, nil, sink, Options{Diary: diary})
			if err != nil {
				b.Fatal(err)
			}
			measure(b, func() {
				if err := p.Once(context.Background()); err != nil {
					b.Fatal(err)
				}
			})
			for url, s := range sink.states {
				if s.Outcome != map[string]feeds.Outcome{"cond": feeds.NotModified, "full": feeds.SameBody}[query] {
					b.Fatalf("%s: %s %s", url, s.Outcome, s.Problem)
				}
			}
		})
	}
}

// measure runs a round once to warm up, then reports its CPU time.
func measure(b *testing.B, round func()) {
	round()
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		round()
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/1000/float64(b.N), "cpu-ms/round")
}

func bareRound(b *testing.B, client *http.Client, urls []string, conditional bool) {
	queue := make(chan string)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for url := range queue {
				req, err := http.NewRequest("GET", url, nil)
				if err != nil {
					b.Error(err)
					continue
				}
				req.Header.Set("User-Agent", "bare/1")
				if conditional {
					req.Header.Set("If-None-Match", `"abc"`)
				}
				res, err := client.Do(req)
				if err != nil {
					b.Error(err)
					continue
				}
				io.ReadAll(res.Body)
				res.Body.Close()
			}
		})
	}
	for _, url := range urls {
		queue <- url
	}
	close(queue)
	workers.Wait()
}
