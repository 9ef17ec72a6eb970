package parse

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
)

// shared finds a folder of the shared material; tests that need it are skipped
// where it is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
		if dir == "/" {
			t.Fatal("no go.mod above the test")
		}
	}
	p := filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("../shared/%s is not here", name)
	}
	return p
}

// sample is a document of the corpus and what others made of it.
type sample struct {
	path, suite string
	body        []byte
	gofeed      int // entries; -1 when it fails
	feedparser  int
}

var entriesIn = regexp.MustCompile(`n=(\d+)`)

func samples(t testing.TB) []sample {
	root := shared(t, "feeds")
	f, err := os.Open(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		c := strings.Split(s.Text(), "\t")
		if len(c) < 10 || c[0] == "path" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(root, c[0]))
		if err != nil {
			t.Logf("%v", err)
			continue
		}
		x := sample{path: c[0], suite: c[1], body: body, gofeed: -1}
		if f, err := gofeed.NewParser().Parse(bytes.NewReader(body)); err == nil {
			x.gofeed = len(f.Items)
		}
		if m := entriesIn.FindStringSubmatch(c[9]); m != nil {
			x.feedparser, _ = strconv.Atoi(m[1])
		}
		out = append(out, x)
	}
	return out
}

// TestMeasureCorpus reads every document of the corpus: none that gofeed reads gives
// fewer entries, nearly all that only feedparser reads are read, and none takes
// a second or much memory.
func TestMeasureCorpus(t *testing.T) {
	type row struct{ documents, read, damaged, refused, gofeedRead, fed, fedHere int }
	suites := map[string]*row{}
	total := &row{}
	reasons := map[string]int{}
	fewer, failing, rescued := 0, 0, 0
	entries, gofeedEntries, feedparserEntries := 0, 0, 0
	for _, s := range samples(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := cpu(t)
		d := Parse(Input{Body: s.body, URL: "https://feeds.example/" + s.path})
		took := cpu(t) - start
		runtime.ReadMemStats(&after)
		if took > time.Second {
			t.Errorf("%s takes %v", s.path, took)
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 256 {
			t.Errorf("%s allocates %d MiB", s.path, mb)
		}
		if suites[s.suite] == nil {
			suites[s.suite] = &row{}
		}
		for _, r := range []*row{suites[s.suite], total} {
			r.documents++
			switch d.Status {
			case Read:
				r.read++
			case Damaged:
				r.damaged++
			case Refused:
				r.refused++
			}
			if s.gofeed >= 0 {
				r.gofeedRead++
			}
			if s.feedparser > 0 {
				r.fed++
				if len(d.Items) > 0 {
					r.fedHere++
				}
			}
		}
		entries, gofeedEntries, feedparserEntries = entries+len(d.Items), gofeedEntries+max(0, s.gofeed), feedparserEntries+s.feedparser
		if d.Status == Refused {
			reasons[d.Problem]++
		}
		if d.Status == Refused && d.Problem == "" {
			t.Errorf("%s is refused without a reason", s.path)
		}
		if s.gofeed >= 0 && (len(d.Items) < s.gofeed || d.Status == Refused) {
			fewer++
			t.Errorf("%s: gofeed gives %d entries, we %d (%s %s)", s.path, s.gofeed, len(d.Items), d.Status, d.Problem)
		}
		if s.gofeed < 0 && s.feedparser > 0 {
			failing++
			if len(d.Items) > 0 {
				rescued++
			} else {
				t.Logf("%s: feedparser gives %d entries, we none (%s)", s.path, s.feedparser, d.Problem)
			}
		}
	}
	if rescued*100 < failing*95 {
		t.Errorf("of %d documents that gofeed fails and feedparser reads, %d are read", failing, rescued)
	}
	var names []string
	for n := range suites {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	fmt.Fprintf(&b, "| suite | documents | read | damaged, but read | refused | gofeed alone: read | refused | feedparser: gets entries | so do we |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, n := range append(names, "all") {
		r := suites[n]
		if n == "all" {
			r = total
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d | %d |\n", n, r.documents, r.read, r.damaged, r.refused, r.gofeedRead, r.documents-r.gofeedRead, r.fed, r.fedHere)
	}
	t.Logf("refused: %v; entries here %d, by gofeed alone %d, by feedparser %d", reasons, entries, gofeedEntries, feedparserEntries)
	t.Logf("\n%sgofeed fails, feedparser gets entries: %d, of which read: %d; fewer entries than gofeed: %d", b.String(), failing, rescued, fewer)
}
