package main

import (
	"compress/gzip"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// publisherOver is a publisher whose every path has its own manners. It writes down who came.
type publisherOver struct {
	*httptest.Server
	mu   sync.Mutex
	came map[string][]*http.Request
}

func (p *publisherOver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.came[r.URL.Path] = append(p.came[r.URL.Path], r)
	p.mu.Unlock()
	text := fmt.Sprintf(`<rss version="2.0"><channel><title>T</title><item><guid>%s</guid><title>Article of %[1]s</title></item></channel></rss>`, r.URL.Path)
	tagged := func(tag, modified string) {
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		if modified != "" {
			w.Header().Set("Last-Modified", modified)
		}
		fmt.Fprint(w, text)
	}
	switch r.URL.Path {
	case "/tagged":
		tagged(`W/"a b"`, "some day")
	case "/found":
		w.Header().Set("Set-Cookie", "id=1")
		http.Redirect(w, r, "/target", http.StatusFound)
	case "/target":
		tagged(`"t"`, "")
	case "/busy":
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	case "/gone":
		w.WriteHeader(http.StatusGone)
	case "/page":
		w.Header().Set("ETag", `"page"`)
		fmt.Fprint(w, "<html><body>Log in")
	case "/packed":
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, text)
		z.Close()
	}
}

func (p *publisherOver) of(path string) []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.came[path]
}

// The real program, with its scheduler, its client and its store, is as polite over
// HTTP/1.1 in the clear, over TLS and over HTTP/2, and over a restart.
func TestTheDaemonIsPoliteOverEveryProtocol(t *testing.T) {
	for _, over := range []struct {
		name  string
		tls   bool
		major int
	}{{"HTTP1", false, 1}, {"TLS", true, 1}, {"HTTP2", true, 2}} {
		t.Run(over.name, func(t *testing.T) {
			t.Parallel()
			p, m := &publisherOver{came: map[string][]*http.Request{}}, newManager(t)
			p.Server = httptest.NewUnstartedServer(p)
			p.EnableHTTP2 = over.major == 2
			env := []string{}
			if over.tls {
				p.StartTLS()
				roots := filepath.Join(m.dir, "roots.pem")
				if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw}), 0o600); err != nil {
					t.Fatal(err)
				}
				env = append(env, "SSL_CERT_FILE="+roots)
			} else {
				p.Start()
			}
			defer p.Close()
			var config strings.Builder
			config.WriteString("[store]\npath = \"aggregator.db\"\n[poll]\nschedule = \"@every 1s\"\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\nshared_host = true\nallow_private = [\"127.0.0.0/8\"]\n")
			for _, path := range []string{"tagged", "found", "busy", "gone", "page", "packed"} {
				fmt.Fprintf(&config, "[[outlet]]\nname = %q\nhome = \"https://%[1]s.example/\"\n[[outlet.feed]]\nurl = \"%s/%[1]s\"\n", path, p.URL)
			}
			m.write(config.String())
			for run := range 2 {
				cmd := m.start(env...)
				m.expect("READY=1")
				eventually(t, "some rounds", func() bool {
					return len(p.of("/tagged")) >= 3*(run+1) && len(p.of("/target")) >= 3*(run+1) && len(p.of("/page")) > 0 && len(p.of("/busy")) > 0 && len(p.of("/gone")) > 0
				})
				if run == 0 {
					eventually(t, "the packed feed", func() bool { _, said := m.get("/api/v1/stories"); return strings.Contains(said, "Article of /packed") })
				}
				m.stop(cmd)
			}
			p.check(t, over.major, over.tls)
		})
	}
}

// check looks at all requests that came.
func (p *publisherOver) check(t *testing.T, major int, tls bool) {
	t.Helper()
	// The validators that the first and every later request carries, by path.
	carries := map[string][2][2]string{"/tagged": {{}, {`W/"a b"`, "some day"}}, "/target": {{}, {`"t"`, ""}}}
	for path, list := range p.came {
		for i, r := range list {
			if r.Method != http.MethodGet || r.ProtoMajor != major || (r.TLS != nil) != tls {
				t.Errorf("%s %s by %s, TLS %v", r.Method, path, r.Proto, r.TLS != nil)
			}
			for name := range r.Header {
				switch name {
				case "User-Agent", "Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since":
				default:
					t.Errorf("%s carries %s", path, name)
				}
			}
			want := carries[path][min(i, 1)]
			if got := [2]string{r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")}; got != want {
				t.Errorf("request %d for %s carries %q, want %q", i+1, path, got, want)
			}
		}
	}
	for _, path := range []string{"/busy", "/gone"} {
		if n := len(p.of(path)); n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}
