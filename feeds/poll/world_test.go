package poll

import (
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"aggregator/feeds"
)

// world is a loopback server that behaves as a test wants, a sink that outlives
// pollers as a store would, and a clock that the test moves.
type world struct {
	*testing.T
	memory
	URL    string
	now    time.Time
	answer http.HandlerFunc
	seen   []*http.Request
	lock   sync.Mutex
}

var errDisk = errors.New("no space left on device")

func newWorld(t *testing.T, answer http.HandlerFunc) *world {
	w := &world{T: t, now: time.Now().UTC().Round(0), answer: answer}
	w.URL = serve(t, func(rw http.ResponseWriter, r *http.Request) {
		w.lock.Lock()
		defer w.lock.Unlock()
		w.seen = append(w.seen, r)
		w.answer(rw, r)
	})
	w.states = map[string]feeds.State{}
	return w
}

// poll makes a new Poller, as after a restart, and asks every feed once now.
func (w *world) poll(o Options, subs ...Subscription) {
	w.Helper()
	states := map[string]feeds.State{}
	for k, v := range w.states {
		states[k] = v
	}
	p, err := New(subs, states, &w.memory, o)
	if err != nil {
		w.Fatal(err)
	}
	p.clock = clock{wall: func() time.Time { return w.now }, running: func() time.Duration { return w.now.Sub(time.Unix(0, 0)) }}
	if err := p.Once(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// ask polls the feed at /feed once and returns its state; later moves the clock
// there first. Whether the feed may be asked yet is not the matter here.
func (w *world) ask(later time.Duration) feeds.State {
	w.Helper()
	w.now = w.now.Add(later)
	sub := subscription(w.URL+"/feed", normal())
	w.poll(Options{Force: true}, sub)
	return w.states[sub.Feed.URL]
}

// last is the last request that came.
func (w *world) last() *http.Request {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.seen) == 0 {
		w.Fatal("no request came")
	}
	return w.seen[len(w.seen)-1]
}

// sent are the validators of the last request.
func (w *world) sent() [2]string {
	r := w.last()
	return [2]string{r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")}
}

// normal are the default settings, for loopback.
func normal() feeds.Settings {
	s := feeds.DefaultSettings()
	s.AllowPrivate = []string{"127.0.0.0/8", "::1/128"}
	s.HostGap = 0
	return s
}

// answers replies to the n-th request with the n-th function, and to all later
// ones with the last.
func answers(list ...http.HandlerFunc) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		list[min(n, len(list)-1)](w, r)
		n++
	}
}

// ok answers 200 with these header fields, "Name", "value", …, and a body.
func ok(body string, headers ...string) http.HandlerFunc { return status(200, body, headers...) }

func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		w.Write([]byte(body))
	}
}

// serve is a loopback server whose requests may overlap; it returns its address.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != over.major || (r.TLS != nil) != over.tls {
			t.Errorf("a request came by %s, TLS %v", r.Proto, r.TLS != nil)
		}
		h(w, r)
	}))
	srv.Config.ErrorLog = quietLog()
	srv.EnableHTTP2 = over.major == 2
	if over.tls {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv.URL
}

// protocol is what servers speak.
type protocol struct {
	name  string
	tls   bool
	major int
}

// over is what the servers of serve and newWorld speak.
var over = protocol{"HTTP/1.1", false, 1}

// trustTestServers makes this process, and those that it starts, accept the certificate of
// httptest's servers as a system would that knows who signed it. Before any TLS.
func trustTestServers(dir string) error {
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	file := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_FILE", file)
}

// quietLog keeps a server's complaints about its clients out of the output.
func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }
