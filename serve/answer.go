package serve

import (
	"crypto/sha256"
	"encoding/hex"
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
	kind       string    // Content-Type
	modified   time.Time // zero: no Last-Modified
	hash       string    // of the body, the core of the ETag
	header     http.Header
	redirect   string
	gzip, zstd func() []byte // compressed once, on first use
}

// page is what a handler renders: the body with its type, and when the newest
// thing in it changed.
type page struct {
	body     []byte
	kind     string
	modified time.Time
	header   http.Header // further headers; may be nil
	redirect string      // the address of the same thing; nothing else is set then
}

// render makes the body for a request. It must depend on nothing but the
// source, the address and the base.
type render func(r *http.Request) (page, error)

// answers remembers rendered bodies by address. Safe for concurrent use.
type answers struct {
	mu    sync.RWMutex
	known map[string]*answer
	bytes int
	group singleflight.Group
}

const (
	maxAnswers     = 1000
	maxAnswerBytes = 64 << 20
)

func newAnswers() *answers { return &answers{known: map[string]*answer{}} }

func (a *answers) get(key string) *answer {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.known[key]
}

// put remembers an answer. When there are too many it forgets all of them: they
// are cheap to make again, and addresses that differ without end are not worth
// more.
func (a *answers) put(key string, n *answer) {
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
		key := r.URL.Path + "?" + r.URL.RawQuery
		if s.BaseURL == "" {
			key += "\n" + r.Host
		}
		generation, _ := s.source.Changed()
		n := s.answers.get(key)
		if !c.perStory || n == nil || n.generation != generation {
			var err error
			if n, err = s.rendered(key, generation, make, r, n); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		if n.redirect != "" {
			http.Redirect(w, r, n.redirect, http.StatusMovedPermanently)
			return
		}
		n.write(w, r, c.age)
	})
}

// rendered renders an answer once, however many clients ask at the same time.
func (s *server) rendered(key string, generation uint64, make render, r *http.Request, old *answer) (*answer, error) {
	made, err, _ := s.answers.group.Do(key+"\n"+strconv.FormatUint(generation, 10), func() (any, error) {
		p, err := make(r)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(p.body)
		n := &answer{
			generation: generation, body: p.body, kind: p.kind, modified: p.modified.UTC().Truncate(time.Second),
			hash: hex.EncodeToString(sum[:12]), header: p.header, redirect: p.redirect,
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
		s.answers.put(key, n)
		return n, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*answer), nil
}

// write answers a GET or HEAD request, with 304 when the client has it.
func (n *answer) write(w http.ResponseWriter, r *http.Request, age string) {
	body, suffix := n.body, ""
	h := w.Header()
	switch encoding(r.Header.Get("Accept-Encoding")) {
	case "zstd":
		if z := n.zstd(); len(z) < len(body) {
			body, suffix = z, "-z"
			h.Set("Content-Encoding", "zstd")
		}
	case "gzip":
		if z := n.gzip(); len(z) < len(body) {
			body, suffix = z, "-g"
			h.Set("Content-Encoding", "gzip")
		}
	}
	for name, values := range n.header {
		h[name] = values
	}
	h.Add("Vary", "Accept-Encoding")
	h.Set("Cache-Control", age)
	h.Set("ETag", `"`+n.hash+suffix+`"`)
	if !n.modified.IsZero() {
		h.Set("Last-Modified", n.modified.Format(http.TimeFormat))
	}
	if n.fresh(r) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", n.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// fresh reports whether the client's copy is this one (RFC 9110, 13.1.2 and
// 13.1.3). All encodings of a body are the same copy.
func (n *answer) fresh(r *http.Request) bool {
	if list := r.Header.Values("If-None-Match"); len(list) > 0 {
		for tag := range strings.SplitSeq(strings.Join(list, ","), ",") {
			tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
			if tag == "*" || strings.TrimSuffix(strings.TrimSuffix(tag, "-z"), "-g") == n.hash {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !n.modified.IsZero() && !n.modified.After(since)
}
