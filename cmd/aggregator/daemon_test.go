package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// manager is what systemd is to the daemon: it takes its notifications, holds its
// listening socket and starts it.
type manager struct {
	t      *testing.T
	dir    string
	config string
	notes  *net.UnixConn
	socket *net.TCPListener
	log    *syncBuffer
}

func newManager(t *testing.T) *manager {
	dir := t.TempDir()
	notes, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { notes.Close(); socket.Close() })
	return &manager{t: t, dir: dir, config: filepath.Join(dir, "aggregator.toml"), notes: notes, socket: socket, log: &syncBuffer{}}
}

// start runs the real program as a service; more is further environment.
func (m *manager) start(more ...string) *exec.Cmd {
	m.t.Helper()
	file, err := m.socket.File()
	if err != nil {
		m.t.Fatal(err)
	}
	defer file.Close()
	// LISTEN_PID is the program's own number, which the shell leaves to it.
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`, "aggregator", "run", "--config", m.config)
	cmd.Env = append(os.Environ(), append(more, "NOTIFY_SOCKET="+m.notes.LocalAddr().String(), "LISTEN_FDS=1")...)
	cmd.ExtraFiles = []*os.File{file}
	cmd.Stderr = m.log
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

// expect reads notifications until one has all the words.
func (m *manager) expect(words ...string) string {
	m.t.Helper()
	_ = m.notes.SetReadDeadline(time.Now().Add(patience))
	buf := make([]byte, 4096)
read:
	for {
		n, err := m.notes.Read(buf)
		if err != nil {
			m.t.Fatalf("no notification with %q: %v\n%s", words, err, m.log)
		}
		for _, w := range words {
			if !strings.Contains(string(buf[:n]), w) {
				continue read
			}
		}
		return string(buf[:n])
	}
}

func (m *manager) get(path string) (int, string) {
	m.t.Helper()
	return get(m.t, http.DefaultClient, "http://"+m.socket.Addr().String()+path)
}

func get(t *testing.T, c *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// stop ends the daemon as systemd does.
func (m *manager) stop(cmd *exec.Cmd) {
	m.t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		m.t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		m.t.Fatalf("it did not stop cleanly: %v\n%s", err, m.log)
	}
}

// follow writes a configuration with one outlet a feed.
func (m *manager) follow(schedule string, urls ...string) {
	m.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "[store]\npath = \"aggregator.db\"\n[poll]\nschedule = %q\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\n", schedule)
	for i, url := range urls {
		fmt.Fprintf(&b, "[[outlet]]\nname = \"Outlet %d\"\nhome = \"https://o%d.example/\"\n[[outlet.feed]]\nurl = %q\n", i, i, url)
	}
	m.write(b.String())
}

func (m *manager) write(config string) {
	m.t.Helper()
	if err := os.WriteFile(m.config, []byte(config), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// outletServer is an outlet with as many feeds as are asked for; it counts requests.
type outletServer struct {
	*httptest.Server
	mu     sync.Mutex
	asked  map[string]int
	arrive chan string   // each path asked for
	slow   chan struct{} // until it is closed, what asks for /slow waits
}

func newOutletServer(t *testing.T) *outletServer {
	o := &outletServer{asked: map[string]int{}, arrive: make(chan string, 100), slow: make(chan struct{})}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.mu.Unlock()
		o.arrive <- r.URL.Path
		if r.URL.Path == "/slow" {
			select {
			case <-o.slow:
			case <-r.Context().Done():
			}
		}
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>T</title><item><guid>%s</guid><title>Article of %[1]s</title></item></channel></rss>`, r.URL.Path)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *outletServer) count(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

// wait returns when path is asked for.
func (o *outletServer) wait(t *testing.T, path string) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case p := <-o.arrive:
			if p == path {
				return
			}
		case <-late:
			t.Fatalf("%s is not asked for", path)
		}
	}
}

// eventually tries until ok or the test's patience is at its end.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", patience, what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// Feeds come and go with SIGHUP, what was polled is not polled again early, a poll
// under way is kept, and a wrong file changes nothing.
func TestReload(t *testing.T) {
	outlet, m := newOutletServer(t), newManager(t)
	m.follow("@every 1h", outlet.URL+"/a", outlet.URL+"/slow")
	cmd := m.start()
	m.expect("READY=1", "STATUS=2 feeds of 2 outlets")
	outlet.wait(t, "/slow")

	m.follow("@every 2h", outlet.URL+"/a", outlet.URL+"/slow", outlet.URL+"/b")
	hup := func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		m.expect("RELOADING=1", "MONOTONIC_USEC=")
	}
	hup()
	close(outlet.slow) // it was under way
	m.expect("READY=1", "STATUS=3 feeds of 3 outlets")
	outlet.wait(t, "/b")
	stories := func() string { _, body := m.get("/api/v1/stories"); return body }
	eventually(t, "the stories of all three feeds", func() bool {
		s := stories()
		return strings.Contains(s, "Article of /a") && strings.Contains(s, "Article of /slow") && strings.Contains(s, "Article of /b")
	})
	if _, states := m.get("/api/v1/feeds"); strings.Count(states, "@every 2h") != 3 || strings.Contains(states, "@every 1h") {
		t.Errorf("the new schedule does not hold:\n%s", states)
	}

	m.write("[poll]\nschedule = \"every now and then\"\n")
	hup()
	m.expect("READY=1", "STATUS=3 feeds of 3 outlets")
	eventually(t, "the log names the problem", func() bool { // it comes through a pipe of its own
		return strings.Contains(m.log.String(), "the new configuration is refused") && strings.Contains(m.log.String(), "aggregator.toml:2")
	})

	m.follow("@every 1h", outlet.URL+"/b")
	hup()
	m.expect("READY=1", "STATUS=1 feeds of 1 outlets")
	if s := stories(); !strings.Contains(s, "Article of /a") {
		t.Errorf("a removed feed took its stories with it:\n%s", s)
	}
	for _, path := range []string{"/a", "/slow", "/b"} {
		if n := outlet.count(path); n != 1 {
			t.Errorf("%s was asked for %d times, once is due", path, n)
		}
	}

	m.follow("@every 1s", outlet.URL+"/b")
	hup()
	m.expect("READY=1")
	outlet.wait(t, "/b")
	outlet.wait(t, "/b")
	m.stop(cmd)
}

// Whoever connects while the daemon restarts is answered.
func TestRestartDropsNoRequest(t *testing.T) {
	outlet, m := newOutletServer(t), newManager(t)
	m.follow("@every 1h", outlet.URL+"/a")
	cmd := m.start()
	m.expect("READY=1")
	stop, stopped := make(chan struct{}), make(chan error, 1)
	var answers atomic.Int64
	go func() {
		// Each request on a connection of its own: nothing is tried twice.
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			resp, err := c.Get("http://" + m.socket.Addr().String() + "/healthz")
			if err != nil {
				stopped <- err
				return
			}
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK {
				stopped <- fmt.Errorf("%s %v", resp.Status, err)
				return
			}
			answers.Add(1)
		}
	}()
	answered := func() { // anew, unless one was dropped
		before := answers.Load()
		eventually(t, "an answer", func() bool { return answers.Load() > before || len(stopped) > 0 })
	}
	for range 10 {
		answered()
		m.stop(cmd)
		cmd = m.start()
		m.expect("READY=1")
	}
	answered()
	close(stop)
	if err := <-stopped; err != nil {
		t.Errorf("a request was dropped: %v", err)
	}
	m.stop(cmd)
}

// The watchdog is fed while the daemon works, profiles are for the unix socket
// alone, and readiness is said.
func TestWatchdogAndDesk(t *testing.T) {
	outlet, m := newOutletServer(t), newManager(t)
	m.follow("@every 1h", outlet.URL+"/a")
	cmd := m.start("WATCHDOG_USEC=600000")
	m.expect("READY=1")
	m.expect("WATCHDOG=1")
	m.expect("WATCHDOG=1")
	eventually(t, "readiness", func() bool { code, _ := m.get("/readyz"); return code == http.StatusOK })
	if code, _ := m.get("/debug/pprof/"); code != http.StatusNotFound {
		t.Errorf("profiles are public: %d", code)
	}
	local := desk(filepath.Join(m.dir, "aggregator.db"))
	defer local.CloseIdleConnections()
	for _, path := range []string{"/debug/pprof/goroutine?debug=1", "/debug/pprof/cmdline", "/healthz"} {
		if code, body := get(t, local, "http://aggregator"+path); code != http.StatusOK || body == "" {
			t.Errorf("%s on the unix socket: %d", path, code)
		}
	}
	// Waits are counted while somebody asks, and at least a goroutine of the server waits then.
	for _, kind := range []string{"block", "mutex"} {
		if code, body := get(t, local, "http://aggregator/debug/pprof/"+kind); code != http.StatusBadRequest || !strings.Contains(body, "?seconds=") {
			t.Errorf("%s for no time: %d %s", kind, code, body)
		}
	}
	eventually(t, "a wait is counted", func() bool {
		_, body := get(t, local, "http://aggregator/debug/pprof/block?seconds=1")
		profile, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatalf("waits: %v: %s", err, body)
		}
		counted, err := io.ReadAll(profile)
		return err == nil && bytes.Contains(counted, []byte("runtime.selectgo"))
	})
	m.stop(cmd)
	m.expect("STOPPING=1")
}

// syncBuffer takes what a program writes while a test reads it.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
