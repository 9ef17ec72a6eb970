package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// wires are the feeds of outlets that publish an article at every request, each pair
// of outlets the same ones. An answer's ETag is how many there are, so that a later
// request says which answer its sender has kept.
type wires struct {
	*httptest.Server
	mu       sync.Mutex
	feeds    []wire
	closed   bool // nothing more is published
	requests int
	lost     int // answers that nobody kept
	faults   []string
}

type wire struct {
	edition int         // of the newest answer
	kept    int         // the newest that a request proved to be kept
	asked   []time.Time // by edition
}

// wireFloor is the least time between two requests for one feed.
const wireFloor = 2 * time.Second

func newWires(t *testing.T, feeds int) *wires {
	w := &wires{feeds: make([]wire, feeds)}
	for i := range w.feeds {
		w.feeds[i].asked = []time.Time{{}}
	}
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w
}

func (w *wires) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := strconv.Atoi(r.URL.Path[1:])
	if err != nil || n >= len(w.feeds) {
		http.NotFound(rw, r)
		return
	}
	f, now := &w.feeds[n], time.Now()
	w.requests++
	has, _ := strconv.Atoi(strings.Trim(r.Header.Get("If-None-Match"), `"`))
	switch {
	case has < f.kept:
		w.faults = append(w.faults, fmt.Sprintf("feed %d: edition %d was kept, and the next request has %d", n, f.kept, has))
	case has > 0 && now.Sub(f.asked[has]) < wireFloor/2: // a busy machine may note the first one late, by half a second under a load of 20
		w.faults = append(w.faults, fmt.Sprintf("feed %d was asked again after %s", n, now.Sub(f.asked[has])))
	}
	w.lost += f.edition - has
	f.kept = max(f.kept, has)
	if w.closed && has == f.edition {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	if !w.closed {
		f.edition++
		f.asked = append(f.asked, now)
	}
	rw.Header().Set("ETag", fmt.Sprintf(`"%d"`, f.edition))
	fmt.Fprintf(rw, `<rss version="2.0"><channel><title>Wire %d</title><link>http://w%[1]d.example/</link>`, n)
	for a := f.edition; a > max(0, f.edition-40); a-- {
		title, text := wireArticle(n/2, a)
		fmt.Fprintf(rw, "<item><guid>%d-%d</guid><link>http://w%[1]d.example/%[2]d</link><title>%s</title><description>%s</description></item>", n, a, title, text)
	}
	fmt.Fprint(rw, "</channel></rss>")
}

// wireArticle is an article of made-up words, which no other has.
func wireArticle(pair, n int) (title, text string) {
	r := rand.New(rand.NewPCG(uint64(pair), uint64(n)))
	word := func() string {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bdfgklmnprstvz"[r.IntN(14)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		return b.String()
	}
	words := make([]string, 70)
	for i := range words {
		words[i] = word()
	}
	return strings.Join(words[:7], " "), strings.Join(words, " ") + "."
}

// closeEdition ends publishing: what is there is all there will be.
func (w *wires) closeEdition() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

// allKnown reports whether the last answers of all feeds were kept.
func (w *wires) allKnown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.feeds {
		if f.kept < f.edition {
			return false
		}
	}
	return true
}

func (w *wires) published() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.feeds {
		n += f.edition
	}
	return n
}

// config follows the wires as often as that allows.
func (w *wires) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "[store]\npath = \"aggregator.db\"\n[serve]\nlisten = \"127.0.0.1:0\"\n[poll]\nschedule = \"@every %[1]s\"\nspread = %[1]q\nfloor = %[1]q\nfull_floor = %[1]q\nhost_gap = \"0s\"\nhost_parallel = 8\nallow_private = [\"127.0.0.0/8\"]\n", wireFloor.String())
	for i := range w.feeds {
		fmt.Fprintf(&b, "[[outlet]]\nname = \"Wire %d\"\nhome = \"http://w%[1]d.example/\"\n[[outlet.feed]]\nurl = \"%s/%[1]d\"\n", i, w.URL)
	}
	return b.String()
}
