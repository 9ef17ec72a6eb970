package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
)

// wires are the feeds of outlets that publish an article at every request, each pair
// of outlets the same ones. An answer's ETag is how many there are, so that a later
// request says which answer its sender has kept.
type wires struct {
	*httptest.Server
	store    string // of the program that asks
	mu       sync.Mutex
	feeds    []wire
	closed   bool // nothing more is published
	requests int
	lost     int           // answers that nobody kept
	unnoted  int           // requests of which the diary beside the store did not know when they came
	apart    int           // pairs of requests for one feed, one after the other
	nearest  time.Duration // of these, as the program noted them
	late     time.Duration // the longest from a request's note to its arrival
	faults   []string
	open     map[net.Conn]bool
}

type wire struct {
	edition int       // of the newest answer
	kept    int       // the newest that a request proved to be kept
	asked   time.Time // when the program noted that it would be, the last time
}

// wireFloor is the least time between two requests for one feed.
const wireFloor = 2 * time.Second

// newWires starts so many feeds, for a program with that store.
func newWires(t *testing.T, feeds int, store string) *wires {
	w := &wires{feeds: make([]wire, feeds), store: store, open: map[net.Conn]bool{}}
	w.Server = httptest.NewUnstartedServer(w)
	w.Config.ConnState = func(c net.Conn, s http.ConnState) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.open[c] = true; s == http.StateClosed {
			delete(w.open, c)
		}
	}
	w.Start()
	t.Cleanup(w.Close)
	return w
}

// noted takes in when a feed was asked last, by the diary beside the store: there the program
// notes a request before it sends it. When it comes depends on how busy the machine is.
// anew is set when that is another request than before.
func (w *wires) noted(n int) (at time.Time, anew bool) {
	content, err := os.ReadFile(diaryPath(w.store))
	key := xxhash.Sum64String(fmt.Sprintf("%s/%d", w.URL, n))
	for rows := content[min(32, len(content)):]; err == nil && len(rows) >= 24; rows = rows[24:] {
		if binary.LittleEndian.Uint64(rows) == key {
			at = time.UnixMicro(int64(binary.LittleEndian.Uint64(rows[8:])))
		}
	}
	f := &w.feeds[n]
	if anew = at.After(f.asked); !anew {
		return at, false
	}
	if d := at.Sub(f.asked); !f.asked.IsZero() {
		if w.apart++; w.apart == 1 || d < w.nearest {
			w.nearest = d
		}
		if d < wireFloor {
			w.faults = append(w.faults, fmt.Sprintf("feed %d was asked again after %s", n, d))
		}
	}
	f.asked = at
	return at, true
}

// settle waits until the server has done with all requests of a program that was killed, and
// takes in those that it noted and did not come to send.
func (w *wires) settle(t *testing.T) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(w.URL + "/after") // all connections before it are accepted then
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	eventually(t, "the requests of the killed program are done with", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.open) == 0
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range w.feeds {
		w.noted(n)
	}
}

func (w *wires) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := strconv.Atoi(r.URL.Path[1:])
	if err != nil || n >= len(w.feeds) {
		http.NotFound(rw, r)
		return
	}
	f := &w.feeds[n]
	w.requests++
	if at, anew := w.noted(n); !anew {
		w.unnoted++
	} else if since := time.Since(at); since < 0 {
		w.faults = append(w.faults, fmt.Sprintf("feed %d was asked %s before what the program noted", n, -since))
	} else {
		w.late = max(w.late, since)
	}
	has, _ := strconv.Atoi(strings.Trim(r.Header.Get("If-None-Match"), `"`))
	if has < f.kept {
		w.faults = append(w.faults, fmt.Sprintf("feed %d: edition %d was kept, and the next request has %d", n, f.kept, has))
	}
	if has < f.edition {
		w.lost++
	}
	f.kept = max(f.kept, has)
	if w.closed && has == f.edition {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	if !w.closed {
		f.edition++
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
	fmt.Fprintf(&b, "[store]\npath = %[2]q\n[serve]\nlisten = \"127.0.0.1:0\"\n[poll]\nschedule = \"@every %[1]s\"\nspread = %[1]q\nfloor = %[1]q\nfull_floor = %[1]q\nhost_gap = \"0s\"\nhost_parallel = 8\nallow_private = [\"127.0.0.0/8\"]\n", wireFloor.String(), w.store)
	for i := range w.feeds {
		fmt.Fprintf(&b, "[[outlet]]\nname = \"Wire %d\"\nhome = \"http://w%[1]d.example/\"\n[[outlet.feed]]\nurl = \"%s/%[1]d\"\n", i, w.URL)
	}
	return b.String()
}
