package poll

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
	page "aggregator/serve"
	kept "aggregator/store"
)

// press is a world of publishers. Each publishes at its own pace, mostly articles of
// its own, at times one that others of its group carry too. Who asks again without
// there being anything new is told so.
type press struct {
	start   time.Time
	words   []string
	changed atomic.Int64
	polls   atomic.Int64
}

// every is how long a feed takes from one article to the next: some a few hours, some
// two days.
func (p *press) every(feed int) time.Duration {
	return time.Duration(3+feed*7919%46) * time.Hour
}

func (p *press) get(_ context.Context, r fetch.Request) fetch.Response {
	time.Sleep(80 * time.Millisecond)
	feed := 0
	fmt.Sscanf(r.URL, "https://press%d.example/", &feed)
	n := int(time.Since(p.start)/p.every(feed)) + 5 // there was something before
	tag := fmt.Sprintf(`"%d"`, n)
	if p.polls.Add(1); r.ETag == tag {
		return fetch.Response{Outcome: feeds.NotModified, Status: 304, ETag: tag, Conditional: true}
	}
	p.changed.Add(1)
	var b strings.Builder
	fmt.Fprintf(&b, `<rss version="2.0"><channel><title>Press %d</title><link>https://press%[1]d.example/</link>`, feed)
	for a := n; a > n-6 && a > 0; a-- {
		b.WriteString(p.item(feed, a))
	}
	b.WriteString("</channel></rss>")
	return fetch.Response{Outcome: feeds.Changed, Status: 200, ETag: tag, Body: []byte(b.String()), FinalURL: r.URL, Conditional: r.ETag != ""}
}

func (p *press) item(feed, n int) string {
	r := rand.New(rand.NewPCG(uint64(feed), uint64(n)))
	if n%8 == 0 { // an agency's text
		r = rand.New(rand.NewPCG(uint64(feed/6)|1<<40, uint64(n)))
	}
	// Few words are frequent and most are rare, as in a language.
	sentence := func(words int) string {
		out := make([]string, words)
		for i := range out {
			at := r.Float64()
			out[i] = p.words[int(at*at*at*float64(len(p.words)))]
		}
		return strings.Join(out, " ")
	}
	title, text := sentence(8), sentence(90)
	at := p.start.Add(time.Duration(n-5) * p.every(feed))
	return fmt.Sprintf("<item><guid>%d-%d</guid><link>https://press%[1]d.example/%[2]d</link><title>%s</title><pubDate>%s</pubDate><description>%s.</description></item>",
		feed, n, title, at.UTC().Format(time.RFC1123Z), text)
}

// sample is what is measured once a simulated day.
type sample struct {
	heap, file int64
	goroutines int
	entries    int
	gone       int
	slowest    time.Duration // answer to a reader, in real time
	dearest    time.Duration // and in processor time of all that ran meanwhile
}

// monotonic is the kernel's clock, which a simulated time does not move.
func monotonic(t *testing.T) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ts.Nano())
}

// processor is the processor time of this process. Between a request and its answer it
// grows by what the reader waited for: the answer, and writers and the collector that were
// before it. What other programs take of the machine is not in it, and in simulated
// time nobody waits without working.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Feeds are polled for as long as AGGREGATOR_SOAK says ("5000x30": feeds and days),
// through the real poller, parser, store, retention and server; only the network is
// in memory and the time simulated. Memory, goroutines and file do not grow with the
// days, and readers are answered throughout.
func TestSoak(t *testing.T) {
	count, days := 150, 12
	if testing.Short() {
		count, days = 20, 9
	}
	if s := os.Getenv("AGGREGATOR_SOAK"); s != "" {
		if _, err := fmt.Sscanf(s, "%dx%d", &count, &days); err != nil {
			t.Fatal("AGGREGATOR_SOAK: ", err)
		}
	}
	dir := t.TempDir()
	if memory, err := os.MkdirTemp("/dev/shm", "soak"); err == nil { // what a sync costs is not the matter
		dir = memory
		t.Cleanup(func() { _ = os.RemoveAll(memory) })
	}
	var samples []sample // one a day
	synctest.Test(t, func(t *testing.T) { samples = soak(t, filepath.Join(dir, "soak.db"), count, days) })
	// Stories go when their entries have left the feeds and the window.
	settled, last := samples[days*2/3], samples[days-1]
	if last.goroutines != settled.goroutines {
		t.Errorf("%d goroutines in between, %d at the end", settled.goroutines, last.goroutines)
	}
	if last.heap > settled.heap*5/4+8<<20 {
		t.Errorf("the heap grew from %d KiB to %d KiB", settled.heap>>10, last.heap>>10)
	}
	// An entry that was pruned leaves its names, so that it is not new when it returns.
	foreseen := settled.file/int64(settled.entries)*int64(last.entries) + int64(last.gone-settled.gone)*300
	if last.file > foreseen*5/4 {
		t.Errorf("the file has %d KiB, %d KiB were foreseen", last.file>>10, foreseen>>10)
	}
	t.Logf("the file has %d KiB, %d KiB were foreseen on day %d", last.file>>10, foreseen>>10, days*2/3+1)
	for day, s := range samples {
		t.Logf("day %2d: heap %6d KiB, %d goroutines, file %7d KiB, %6d entries and %6d pruned, slowest answer %s, dearest %s of processor", day+1, s.heap>>10, s.goroutines, s.file>>10, s.entries, s.gone, s.slowest.Round(time.Millisecond), s.dearest.Round(time.Millisecond))
		if s.dearest > 2*time.Second {
			t.Errorf("day %d: a reader waited for %s of processor time", day+1, s.dearest)
		}
	}
}

func soak(t *testing.T, path string, count, days int) (samples []sample) {
	p := &press{start: time.Now()}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bdfgklmnprstvz"[r.IntN(14)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		p.words = append(p.words, b.String())
	}
	var subs []Subscription
	var outlets []feeds.Outlet
	set := feeds.DefaultSettings()
	set.Schedule = "@every 1h"
	for i := range count {
		o := feeds.Outlet{ID: fmt.Sprintf("press%d", i), Name: fmt.Sprintf("Press %d", i), Home: fmt.Sprintf("https://press%d.example/", i)}
		outlets = append(outlets, o)
		subs = append(subs, Subscription{Feed: feeds.Feed{URL: o.Home + "feed", Outlet: o.ID}, Outlet: o, Settings: set})
	}
	st, err := kept.Open(path, kept.Options{Outlets: outlets})
	if err != nil {
		t.Fatal(err)
	}
	poller, err := New(subs, nil, st, Options{})
	if err != nil {
		t.Fatal(err)
	}
	poller.get, poller.clock = p.get, (&machine{started: time.Now()}).clock()
	pages := page.New(st, page.Options{Outlets: outlets, States: st.States, Canonical: parse.Canonical})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- poller.Run(ctx) }()
	began := monotonic(t)
	for range days {
		var s sample
		for range 24 {
			time.Sleep(time.Hour)
			if _, err := st.Retain(ctx, kept.Retention{Age: 7 * 24 * time.Hour}); err != nil {
				t.Fatal(err)
			}
			for _, what := range []string{"/", "/feed.atom", "/api/v1/stories"} {
				w, at, before := httptest.NewRecorder(), monotonic(t), processor(t)
				pages.ServeHTTP(w, httptest.NewRequest("GET", what, nil))
				s.dearest = max(s.dearest, processor(t)-before)
				if s.slowest = max(s.slowest, monotonic(t)-at); w.Code != http.StatusOK {
					t.Errorf("%s answers %d", what, w.Code)
				}
			}
		}
		report, err := st.Verify(ctx)
		if err != nil || !report.OK() {
			t.Fatal(report.Problems, err)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		s.heap, s.file, s.goroutines, s.entries, s.gone = int64(m.HeapAlloc), report.Bytes, runtime.NumGoroutine(), report.Entries, report.Gone
		samples = append(samples, s)
		if os.Getenv("AGGREGATOR_SOAK") != "" {
			fmt.Fprintf(os.Stderr, "day %d after %s: %+v, %d polls, %d of them changed\n", len(samples), (monotonic(t) - began).Round(time.Second), s, p.polls.Load(), p.changed.Load())
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for url, s := range poller.States() {
		if s.Failures > 0 || s.Polls < int64(days)*23 {
			t.Errorf("%s: %d polls, %d failures", url, s.Polls, s.Failures)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return samples
}
