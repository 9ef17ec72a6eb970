package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// farmed is one feed: its documents are a pure function of (feed, offset).
type farmed struct {
	body, gz []byte
	etag     string
}

// field is the state of a running farm.
type field struct {
	mu       sync.RWMutex
	docs     []farmed
	offset   int
	entries  int
	hosts    int
	port     int
	cond     bool // answer conditional requests, and send validators
	requests atomic.Int64
	words    []string
}

// farm serves feeds of news-like entries, 15 % of them shared by groups of five
// feeds. /urls lists them, /control?cond=on|none&advance=N changes what they
// serve, /stats counts requests.
func farm(args []string) error {
	fs := flag.NewFlagSet("farm", flag.ExitOnError)
	n := fs.Int("n", 1000, "feeds")
	f := &field{cond: true}
	fs.IntVar(&f.entries, "entries", 50, "entries in a feed")
	fs.IntVar(&f.hosts, "hosts", 250, "loopback addresses, at most 250")
	fs.IntVar(&f.port, "port", 9000, "port")
	_ = fs.Parse(args)
	f.words = vocabulary(20000)
	f.docs = make([]farmed, *n)
	f.grow()
	return http.ListenAndServe(fmt.Sprintf(":%d", f.port), f)
}

func (f *field) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/urls":
		for i := range f.docs {
			fmt.Fprintln(w, f.url(i))
		}
	case r.URL.Path == "/stats":
		fmt.Fprintf(w, `{"feed_requests":%d}`, f.requests.Load())
	case r.URL.Path == "/control":
		f.mu.Lock()
		if c := r.FormValue("cond"); c != "" {
			f.cond = c == "on"
		}
		more, _ := strconv.Atoi(r.FormValue("advance"))
		f.offset += more
		f.mu.Unlock()
		if more > 0 {
			f.grow()
		}
	default:
		f.requests.Add(1)
		i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/feed/"), ".xml"))
		if err != nil || i < 0 || i >= len(f.docs) {
			http.NotFound(w, r)
			return
		}
		f.mu.RLock()
		doc, cond := f.docs[i], f.cond
		f.mu.RUnlock()
		if cond {
			w.Header().Set("ETag", doc.etag)
			if r.Header.Get("If-None-Match") == doc.etag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		body := doc.body
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			body = doc.gz
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
}

func (f *field) url(i int) string {
	return fmt.Sprintf("http://127.0.1.%d:%d/feed/%d.xml", 1+i%f.hosts, f.port, i)
}

// grow writes every document anew.
func (f *field) grow() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.docs {
		var b bytes.Buffer
		site := fmt.Sprintf("http://127.0.1.%d:%d/site/%d/", 1+i%f.hosts, f.port, i)
		fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Daily %d</title><link>%s</link><description>News</description>`, i, site)
		for k := f.entries - 1; k >= 0; k-- {
			f.entry(&b, i, f.offset+k, site)
		}
		b.WriteString("</channel></rss>\n")
		h := fnv.New64a()
		h.Write(b.Bytes())
		var z bytes.Buffer
		zw := gzip.NewWriter(&z)
		zw.Write(b.Bytes())
		zw.Close()
		f.docs[i] = farmed{b.Bytes(), z.Bytes(), fmt.Sprintf(`"%x"`, h.Sum64())}
	}
}

// entry writes item seq of feed i; one in seven is the same text in five feeds.
func (f *field) entry(b *bytes.Buffer, i, seq int, site string) {
	source := uint64(i)
	if group := uint64(i/5) << 32; rand.New(rand.NewPCG(group, uint64(seq))).IntN(100) < 15 {
		source = group | 1<<60
	}
	r := rand.New(rand.NewPCG(source, uint64(seq)))
	z := rand.NewZipf(r, 1.07, 4, uint64(len(f.words)-1))
	sentence := func(n int) string {
		ws := make([]string, n)
		for k := range ws {
			ws[k] = f.words[z.Uint64()]
			if k == 0 || r.IntN(14) == 0 {
				ws[k] = strings.ToUpper(ws[k][:1]) + ws[k][1:]
			}
		}
		return strings.Join(ws, " ")
	}
	at := time.Now().UTC().Truncate(24 * time.Hour).Add(time.Duration(seq-f.entries) * 20 * time.Minute)
	title := sentence(6 + r.IntN(5))
	fmt.Fprintf(b, `<item><title>%s</title><link>%s%d.html</link><guid isPermaLink="false">tag:%d/%d</guid><pubDate>%s</pubDate><dc:creator>%s</dc:creator><description>%s.</description><content:encoded><![CDATA[`,
		title, site, seq, i, seq, at.Format(time.RFC1123Z), sentence(2), sentence(30))
	for size := 0; size < 1200+r.IntN(1200); {
		p := sentence(12+r.IntN(12)) + ". " + sentence(10+r.IntN(18)) + "."
		size += len(p)
		fmt.Fprintf(b, "<p>%s</p>\n", p)
	}
	b.WriteString("]]></content:encoded></item>\n")
}

// vocabulary makes n words that look like words.
func vocabulary(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	on := strings.Fields("b br c ch d dr f fl g gr h j k l m n p pr qu r s sh st t tr v w")
	nu := strings.Fields("a e i o u ai ea io ou")
	co := []string{"", "", "n", "r", "s", "t", "l", "m", "nd", "rt", "ck", "ng"}
	seen := map[string]bool{}
	var words []string
	for len(words) < n {
		w := ""
		for k := 1 + r.IntN(3); k > 0; k-- {
			w += on[r.IntN(len(on))] + nu[r.IntN(len(nu))] + co[r.IntN(len(co))]
		}
		if !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}
