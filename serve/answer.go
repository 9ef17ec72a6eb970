package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cached says how long an answer holds.
type cached struct {
	// perStory: the answer depends on the stories alone, so that it is made once
	// for each generation of them.
	perStory bool
	age      string // Cache-Control
}

// answer is one rendered body. It is not changed once it is made but for the
// compressed forms, which are added on first use.
type answer struct {
	generation uint64
	body       []byte
	modified   time.Time   // zero: no Last-Modified
	hash       string      // of the body, the core of the ETag
	until      time.Time   // it holds so long at most; zero: while the stories stay the same
	header     http.Header // of a 200: Content-Type and what is not for every answer
	redirect   string
	gzip, zstd func() []byte // compressed once, on first use
	// The header values that every request gets, made once: they are shared by
	// all answers and never changed.
	age, lastModified        []string
	etag, etagGzip, etagZstd []string
}

// place is what one answer is remembered by.
type place struct{ path, query, host string }

// page is what a handler renders: the body with its type, and when the newest
// thing in it changed.
type page struct {
	body     []byte
	kind     string
	modified time.Time
	header   http.Header // further headers; may be nil
	redirect string      // the address of the same thing; nothing else is set then
	until    time.Time   // when it will change without a story changing; zero: never
}

// render makes the body for a request. It must depend on nothing but the
// source, the address and the base, and on the clock only from page.until on.
type render func(r *http.Request) (page, error)

// answers remembers rendered bodies by address. Safe for concurrent use.
type answers struct {
	mu    sync.RWMutex
	known map[place]*answer
	bytes int
	group singleflight.Group
}

const (
	maxAnswers     = 1000
	maxAnswerBytes = 64 << 20
)

func newAnswers() *answers { return &answers{known: map[place]*answer{}} }

func (a *answers) get(key place) *answer {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.known[key]
}

// put remembers an answer. When there are too many it forgets all of them: they
// are cheap to make again, and addresses that differ without end are not worth
// more.
func (a *answers) put(key place, n *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.known[key]; old != nil {
		a.bytes -= len(old.body)
	}
	if len(a.known) >= maxAnswers || a.bytes+len(n.body) > maxAnswerBytes {
		clear(a.known)
		a.bytes = 0
	}
	a.known[key] = n
	a.bytes += len(n.body)
}

// answer serves what make renders: cached for the generation, with validators,
// compressed when the client can read that.
func (s *server) answer(c cached, make render) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := place{path: r.URL.Path, query: r.URL.RawQuery}
		if s.BaseURL == "" {
			key.host = r.Host
		}
		generation, _ := s.source.Changed()
		n := s.answers.get(key)
		if !c.perStory || n == nil || n.generation != generation || !n.until.IsZero() && !s.Now().Before(n.until) {
			var err error
			if n, err = s.rendered(key, generation, make, r, n, c.age); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		if n.redirect != "" {
			http.Redirect(w, r, n.redirect, http.StatusMovedPermanently)
			return
		}
		n.write(w, r, s.Now())
	})
}

// rendered renders an answer once, however many clients ask at the same time.
func (s *server) rendered(key place, generation uint64, make render, r *http.Request, old *answer, age string) (*answer, error) {
	made, err, _ := s.answers.group.Do(strings.Join([]string{key.path, key.query, key.host, strconv.FormatUint(generation, 10)}, "\n"), func() (any, error) {
		p, err := make(r)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(p.body)
		n := &answer{
			generation: generation, body: p.body, modified: p.modified.UTC().Truncate(time.Second),
			hash: hex.EncodeToString(sum[:12]), redirect: p.redirect, until: p.until,
		}
		n.gzip = sync.OnceValue(func() []byte { return compressGzip(n.body) })
		n.zstd = sync.OnceValue(func() []byte { return compressZstd(n.body) })
		switch {
		case old == nil:
		case old.hash == n.hash:
			n.modified, n.gzip, n.zstd = old.modified, old.gzip, old.zstd
		case !p.modified.IsZero() && !n.modified.After(old.modified):
			// Something changed that is not dated (a poll that started earlier was
			// kept later): clients that only know dates must still get it.
			n.modified = s.Now().UTC().Truncate(time.Second)
		}
		if now := s.Now().UTC().Truncate(time.Second); n.modified.After(now) { // our clock was ahead
			n.modified = now
		}
		n.age = []string{age}
		n.header = http.Header{"Content-Type": {p.kind}, "X-Content-Type-Options": {"nosniff"}}
		if strings.HasPrefix(p.kind, "text/html") || strings.HasPrefix(p.kind, "image/svg") {
			secure(n.header)
		}
		maps.Copy(n.header, p.header)
		n.etag, n.etagGzip, n.etagZstd = []string{`"` + n.hash + `"`}, []string{`"` + n.hash + `-g"`}, []string{`"` + n.hash + `-z"`}
		if !n.modified.IsZero() {
			n.lastModified = []string{n.modified.Format(http.TimeFormat)}
		}
		s.answers.put(key, n)
		return n, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*answer), nil
}

// Values of headers that many answers share.
var (
	varyEncoding = []string{"Accept-Encoding"}
	isGzip       = []string{"gzip"}
	isZstd       = []string{"zstd"}
)

// write answers a GET or HEAD request, with 304 when the client has it.
func (n *answer) write(w http.ResponseWriter, r *http.Request, now time.Time) {
	body, etag, coding := n.body, n.etag, []string(nil)
	switch encoding(r.Header.Get("Accept-Encoding")) {
	case "zstd":
		if z := n.zstd(); len(z) < len(body) {
			body, etag, coding = z, n.etagZstd, isZstd
		}
	case "gzip":
		if z := n.gzip(); len(z) < len(body) {
			body, etag, coding = z, n.etagGzip, isGzip
		}
	}
	h := w.Header() // keys in canonical form: assigning is cheaper than Set
	h["Vary"], h["Cache-Control"], h["Etag"] = varyEncoding, n.age, etag
	if n.lastModified != nil {
		h["Last-Modified"] = n.lastModified
	}
	if n.fresh(r, now) { // the client keeps the other headers with its copy (RFC 9110, 15.4.5)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	for name, values := range n.header {
		h[name] = values
	}
	if coding != nil {
		h["Content-Encoding"] = coding
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// fresh reports whether the client's copy is this one (RFC 9110, 13.1.2 and
// 13.1.3). All encodings of a body are the same copy. A date after now is from when our
// clock was ahead, and tells nothing.
func (n *answer) fresh(r *http.Request, now time.Time) bool {
	if list := r.Header.Values("If-None-Match"); len(list) > 0 {
		if len(list) == 1 && (list[0] == n.etag[0] || list[0] == n.etagGzip[0] || list[0] == n.etagZstd[0]) {
			return true // what nearly all clients send
		}
		for tag := range strings.SplitSeq(strings.Join(list, ","), ",") {
			tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
			if tag == "*" || strings.TrimSuffix(strings.TrimSuffix(tag, "-z"), "-g") == n.hash {
				return true
			}
		}
		return false
	}
	stamp := r.Header.Get("If-Modified-Since")
	if stamp == "" {
		return false
	}
	since, err := http.ParseTime(stamp)
	return err == nil && !since.After(now) && !n.modified.IsZero() && !n.modified.After(since)
}
