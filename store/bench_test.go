package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
)

// farm makes feeds of realistic entries: about 2.6 KB of JSON each, 15 % of them
// carried by five outlets at once.
type farm struct {
	vocabulary []string
	zipf       []int
}

func newFarm() *farm {
	r := rand.New(rand.NewPCG(1, 2))
	f := &farm{}
	for i := range 30000 {
		f.vocabulary = append(f.vocabulary, strings.ReplaceAll(prose(uint64(i), 1+r.IntN(2)), " ", ""))
	}
	z := rand.NewZipf(r, 1.07, 4, uint64(len(f.vocabulary)-1))
	for range 1 << 18 {
		f.zipf = append(f.zipf, int(z.Uint64()))
	}
	return f
}

func (f *farm) sentence(r *rand.Rand, lo, hi int) string {
	var b strings.Builder
	for i := range lo + r.IntN(hi-lo+1) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f.vocabulary[f.zipf[r.IntN(len(f.zipf))]])
	}
	return b.String()
}

func (f *farm) entry(feed, n int) *feeds.Entry {
	r := rand.New(rand.NewPCG(uint64(feed/5), uint64(n)))
	if r.IntN(100) >= 15 {
		r = rand.New(rand.NewPCG(uint64(feed)|1<<40, uint64(n)))
	}
	outlet := fmt.Sprintf("outlet-%d", feed)
	var html, text strings.Builder
	size := 1000 + r.IntN(1500)
	for html.Len() < size {
		s := f.sentence(r, 20, 60) + "."
		html.WriteString("<p>" + s + "</p>\n")
		text.WriteString(s + "\n")
	}
	title := f.sentence(r, 5, 11)
	at := noon.Add(time.Duration(n-50) * 20 * time.Minute).Add(time.Duration(feed) * time.Second)
	link := fmt.Sprintf("https://site-%d.example/%d/%s.html", feed, n, strings.ReplaceAll(title, " ", "-"))
	return &feeds.Entry{Outlet: outlet, GUID: fmt.Sprintf("tag:site-%d.example,2026:%d/%d", feed, feed, n), Link: link, Canonical: link[8:],
		Title: title, Summary: f.sentence(r, 20, 46), Content: html.String(), Text: text.String(), Language: "en", Authors: []string{f.sentence(r, 2, 2)},
		Categories: []string{"World", "Business"}, Published: feeds.Date{Time: at, Raw: at.Format(time.RFC1123Z), Element: "pubDate"}}
}

func (f *farm) poll(feed, first, count int, at time.Time) feeds.Poll {
	url := fmt.Sprintf("https://site-%d.example/feed", feed)
	p := feeds.Poll{Feed: url, Outlet: fmt.Sprintf("outlet-%d", feed), At: at, Outcome: feeds.Changed,
		State: feeds.State{URL: url, Title: "A feed", ETag: `"0123456789abcdef"`, LastModified: at.Format(time.RFC1123), LastRequest: at,
			LastObserved: at, NextDue: at.Add(time.Hour), DueReason: "schedule @hourly, phase 12m", Outcome: feeds.Changed, Status: 200, Polls: 1}}
	for n := first + count - 1; n >= first; n-- {
		e := f.entry(feed, n)
		e.Feed = url
		p.Items = append(p.Items, feeds.Item{Raw: xxhash.Sum64String(e.Link), Entry: e})
	}
	return p
}

type cost struct {
	cpu     time.Duration
	written int64
}

func spent(t testing.TB) (c cost) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	c.cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip("needs /proc/self/io: ", err)
	}
	for line := range bytes.Lines(data) {
		_, _ = fmt.Sscanf(string(line), "write_bytes: %d", &c.written)
	}
	return c
}

// together appends polls as a poller does: some at a time, each waiting for its
// answer.
func together(t testing.TB, s *Store, polls []feeds.Poll, at int) {
	t.Helper()
	var group sync.WaitGroup
	queue := make(chan feeds.Poll)
	for range at {
		group.Go(func() {
			for p := range queue {
				if err := s.Append(context.Background(), p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, p := range polls {
		queue <- p
	}
	close(queue)
	group.Wait()
}

// TestCosts prints what the store costs; AGGREGATOR_COSTS gives the number of
// feeds of 50 entries.
func TestCosts(t *testing.T) {
	var count int
	if _, err := fmt.Sscan(os.Getenv("AGGREGATOR_COSTS"), &count); err != nil {
		t.Skip("set AGGREGATOR_COSTS to a number of feeds to see what the store costs")
	}
	f := newFarm()
	s, path := openTemp(t)
	var polls []feeds.Poll
	var asJSON int64
	for i := range count {
		polls = append(polls, f.poll(i, 0, 50, noon.Add(time.Duration(i)*time.Millisecond)))
	}
	for _, p := range polls {
		for _, it := range p.Items {
			b, err := json.Marshal(map[string]string{"id": it.Entry.GUID, "url": it.Entry.Link, "title": it.Entry.Title,
				"summary": it.Entry.Summary, "content": it.Entry.Content, "published": it.Entry.Published.Raw})
			if err != nil {
				t.Fatal(err)
			}
			asJSON += int64(len(b))
		}
	}
	print := func(what string, before cost) {
		after := spent(t)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		t.Logf("%-22s CPU %8v, written %7.1f MB, file %6.1f MB (%.2f of %.1f MB of JSON), heap %.1f MB", what, (after.cpu - before.cpu).Round(time.Millisecond),
			float64(after.written-before.written)/1e6, float64(info.Size())/1e6, float64(info.Size())/float64(asJSON), float64(asJSON)/1e6, float64(m.HeapAlloc)/1e6)
	}
	before := spent(t)
	together(t, s, polls, 32)
	print("cold round", before)
	polls = polls[:0]
	for i := range count {
		at := noon.Add(time.Hour)
		p := f.poll(i, 0, 0, at)
		p.Outcome, p.State.Outcome = feeds.NotModified, feeds.NotModified
		polls = append(polls, p)
	}
	before = spent(t)
	together(t, s, polls, 32)
	print("nothing new", before)
	polls = polls[:0]
	for i := range count {
		p := f.poll(i, 2, 50, noon.Add(2*time.Hour))
		for n := range p.Items {
			if n >= 2 {
				p.Items[n].Entry = nil
			}
		}
		polls = append(polls, p)
	}
	before = spent(t)
	together(t, s, polls, 32)
	print("two new in each", before)
	start := spent(t)
	intact(t, s)
	print("verify", start)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start = spent(t)
	s = openAt(t, path)
	print("open", start)
	_ = s.view(func(r *reader) error {
		for _, name := range buckets {
			st := r.tx.Bucket(name).Stats()
			t.Logf("  %-10s %8d rows %9.2f MB used, %9.2f MB in pages", name, st.KeyN, float64(st.LeafInuse+st.BranchInuse)/1e6, float64(st.LeafAlloc+st.BranchAlloc)/1e6)
		}
		return nil
	})
}

// BenchmarkNothingNew is one poll that brings nothing, 32 at a time.
func BenchmarkNothingNew(b *testing.B) {
	s, _ := openTemp(b)
	f := newFarm()
	var polls []feeds.Poll
	for i := range 1000 {
		p := f.poll(i, 0, 0, noon)
		polls = append(polls, p)
	}
	together(b, s, polls, 32)
	before := spent(b)
	b.ResetTimer()
	for n := 0; n < b.N; n += len(polls) {
		for i := range polls {
			p := &polls[i]
			p.At = p.At.Add(time.Hour)
			p.Outcome, p.State.Outcome = feeds.NotModified, feeds.NotModified
			p.State.LastRequest, p.State.LastObserved, p.State.NextDue = p.At, p.At, p.At.Add(time.Hour)
		}
		together(b, s, polls, 32)
	}
	rounds := (b.N + len(polls) - 1) / len(polls)
	b.ReportMetric(float64((spent(b).cpu-before.cpu).Microseconds())/float64(rounds*len(polls)), "CPU-µs/poll")
	b.ReportMetric(float64(spent(b).written-before.written)/float64(rounds*len(polls)), "B-written/poll")
}
