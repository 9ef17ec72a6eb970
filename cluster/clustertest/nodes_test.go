package clustertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"aggregator/cluster"
	"aggregator/feeds"
	"aggregator/store"
)

// TestMain lets the test's own program be a NATS server, so that one can be killed.
func TestMain(m *testing.M) {
	if text := os.Getenv("CLUSTERTEST_SERVER"); text != "" {
		serveNATS(text)
	}
	os.Exit(m.Run())
}

type natsServer struct {
	Name, Dir    string
	Port, Gossip int
	Routes       []string
}

func serveNATS(text string) {
	var n natsServer
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		panic(err)
	}
	o := &server.Options{
		ServerName: n.Name, Host: "127.0.0.1", Port: n.Port, NoSigs: true, JetStream: true, StoreDir: n.Dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 8 << 30,
		Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: n.Gossip}, Routes: server.RoutesFromStr(strings.Join(n.Routes, ",")),
	}
	s, err := server.NewServer(o)
	if err != nil {
		panic(err)
	}
	s.ConfigureLogger()
	s.Start()
	s.WaitForShutdown()
}

// machine is a process of the cluster that can be killed and started again.
type machine struct {
	t    *testing.T
	name string
	cmd  func() *exec.Cmd
	run  *exec.Cmd
	log  *os.File
}

func (m *machine) start() {
	m.run = m.cmd()
	m.run.Stderr, m.run.Stdout = m.log, m.log
	if err := m.run.Start(); err != nil {
		m.t.Fatal(m.name, err)
	}
}

func (m *machine) kill() {
	_ = m.run.Process.Kill()
	_ = m.run.Wait()
}

func (m *machine) stop() {
	_ = m.run.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- m.run.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			m.t.Errorf("%s stopped with %v", m.name, err)
		}
	case <-time.After(patience):
		m.t.Errorf("%s does not stop", m.name)
		m.kill()
	}
}

func newMachine(t *testing.T, dir, name string, cmd func() *exec.Cmd) *machine {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, name: name, cmd: cmd, log: log}
	t.Cleanup(func() {
		m.kill()
		log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("%s:\n%s", name, text[max(0, len(text)-3000):])
		}
	})
	m.start()
	return m
}

// farm is outlets on loopback whose feeds grow until they are frozen, and which
// watch how they are asked.
type farm struct {
	mu     sync.Mutex
	hosts  []string // addresses
	began  time.Time
	frozen int // items of each feed from then on; 0: they grow
	most   int
	slow   time.Duration // before each answer
	flying map[string]int
	wrong  []string
	asked  int
	since  map[string]bool // feeds asked since they were frozen
}

const gap = 400 * time.Millisecond

func newFarm(t *testing.T, hosts, items int) *farm {
	f := &farm{began: time.Now(), most: items, flying: map[string]int{}, since: map[string]bool{}}
	for i := range hosts {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.%d.%d:0", i/250+1, i%250+1))
		if err != nil {
			t.Fatal(err)
		}
		f.hosts = append(f.hosts, l.Addr().String())
		s := &http.Server{Handler: f}
		go s.Serve(l)
		t.Cleanup(func() { s.Close() })
	}
	return f
}

func (f *farm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked++
	f.flying[r.Host]++
	if f.flying[r.Host] > 1 {
		f.wrong = append(f.wrong, r.Host+": two requests at once")
	}
	n := f.frozen
	if n == 0 {
		n = min(f.most, 1+int(time.Since(f.began)/(5*time.Second)))
	} else {
		f.since[r.Host+r.URL.Path] = true
	}
	f.mu.Unlock()
	time.Sleep(f.slow)
	fmt.Fprint(w, document(r.Host+r.URL.Path, n))
	f.mu.Lock()
	f.flying[r.Host]--
	f.mu.Unlock()
}

// document is a feed with n items, newest first.
func document(name string, n int) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><rss version="2.0"><channel><title>` + name + `</title><link>http://` + name + `</link><description>d</description>`)
	for i := n; i > 0; i-- {
		fmt.Fprintf(&b, "<item><title>Bridge %d of %s opens</title><guid isPermaLink=\"false\">%s-%d</guid><description>A bridge was opened, number %d of its kind.</description></item>", i, name, name, i, i)
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

// TestNodesThatAreKilled runs three NATS servers, three index nodes and four pollers
// over many feeds, kills one after the other and cuts one off, and compares the end
// with a single machine that is given the same polls. AGGREGATOR_CLUSTER=2000 runs it
// with as many feeds as that.
func TestNodesThatAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two minutes")
	}
	feedCount, kills := 200, 9
	if n, err := fmt.Sscan(os.Getenv("AGGREGATOR_CLUSTER"), &feedCount); err == nil && n == 1 {
		kills = 24
	}
	dir := t.TempDir()
	program := build(t, dir)
	f := newFarm(t, max(20, feedCount/10), 12)

	servers, addresses := threeServers(t, dir)
	config := func(name string) string {
		path := filepath.Join(dir, name+".toml")
		text := f.config(addresses, filepath.Join(dir, name+".db"), feedCount)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	node := func(name, role string) *machine {
		path := config(name)
		return newMachine(t, dir, name, func() *exec.Cmd { return exec.Command(program, "run", "--role", role, "--config", path) })
	}
	var index, pollers []*machine
	for i := range 3 {
		index = append(index, node(fmt.Sprintf("index-%d", i+1), "index"))
	}
	for i := range 4 {
		pollers = append(pollers, node(fmt.Sprintf("poller-%d", i+1), "poller"))
	}

	random := rand.New(rand.NewPCG(1, 2))
	groups := [][]*machine{pollers, index, servers}
	for i := range kills {
		group := groups[i%len(groups)]
		m := group[random.IntN(len(group))]
		time.Sleep(2 * time.Second)
		if i%4 == 3 { // cut off, and back
			_ = m.run.Process.Signal(syscall.SIGSTOP)
			time.Sleep(3 * time.Second)
			_ = m.run.Process.Signal(syscall.SIGCONT)
			continue
		}
		m.kill()
		time.Sleep(time.Second)
		m.start()
	}
	f.mu.Lock()
	f.frozen = f.most
	f.mu.Unlock()
	f.awaitAll(t, feedCount)
	for _, m := range pollers {
		m.stop()
	}
	want, seq, polls := replay(t, addresses, f, feedCount, dir)
	for _, m := range index {
		awaitPosition(t, m.name, filepath.Join(dir, m.name+".db"), seq)
		m.stop()
		compare(t, filepath.Join(dir, m.name+".db"), want, feedCount*f.most)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t.Logf("%d feeds, %d kills and cuts: %d polls in the log, %d requests", feedCount, kills, polls, f.asked)
	if len(f.wrong) > 0 {
		t.Errorf("%d times a host was asked more often than its limit: %v", len(f.wrong), f.wrong[:min(5, len(f.wrong))])
	}
}

func build(t testing.TB, dir string) string {
	program := filepath.Join(dir, "aggregator")
	out, err := exec.Command("go", "-C", "../..", "build", "-o", program, "./cmd/aggregator").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func threeServers(t *testing.T, dir string) (list []*machine, addresses string) {
	var all []natsServer
	var routes, urls []string
	for i := range 3 {
		n := natsServer{Name: fmt.Sprintf("nats-%d", i+1), Dir: filepath.Join(dir, fmt.Sprintf("nats-%d", i+1)), Port: freePort(t), Gossip: freePort(t)}
		all = append(all, n)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", n.Gossip))
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", n.Port))
	}
	for _, n := range all {
		n.Routes = routes
		text, _ := json.Marshal(n)
		list = append(list, newMachine(t, dir, n.Name, func() *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "CLUSTERTEST_SERVER="+string(text))
			return cmd
		}))
	}
	addresses = strings.Join(urls, ",")
	// The streams are made with three copies once all three have met.
	open(t, cluster.Options{URL: addresses, Replicas: 3})
	return list, addresses
}

// config is the configuration of a node.
func (f *farm) config(addresses, db string, feedCount int) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "[store]\npath = %q\n[serve]\nlisten = \"127.0.0.1:0\"\n[stories]\nsettle = \"0s\"\n", db)
	fmt.Fprintf(&b, "[poll]\nschedule = \"@every 4s\"\nspread = \"4s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = %q\ntimeout = \"10s\"\nheader_timeout = \"5s\"\nallow_private = [\"127.0.0.0/8\"]\n", gap)
	fmt.Fprintf(&b, "[cluster]\nurl = %q\n", addresses)
	for _, o := range f.outlets(feedCount) {
		fmt.Fprintf(&b, "[[outlet]]\nid = %q\nname = %q\nhome = %q\n", o.ID, o.Name, o.Home)
		for i := range 10 {
			fmt.Fprintf(&b, "[[outlet.feed]]\nurl = \"%sfeed%d\"\n", o.Home, i)
		}
	}
	return b.String()
}

func (f *farm) outlets(feedCount int) (list []feeds.Outlet) {
	for i := range feedCount / 10 {
		list = append(list, feeds.Outlet{ID: fmt.Sprintf("outlet-%d", i), Name: fmt.Sprintf("Outlet %d", i), Home: "http://" + f.hosts[i%len(f.hosts)] + "/"})
	}
	return list
}

// awaitAll waits until every feed was asked since the farm was frozen.
func (f *farm) awaitAll(t *testing.T, feedCount int) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		f.mu.Lock()
		n := len(f.since)
		f.mu.Unlock()
		if n >= feedCount {
			return
		}
		if time.Since(start) > patience {
			t.Fatalf("of %d feeds %d were asked again", feedCount, n)
		}
	}
}

// replay gives the polls of the log to a single store.
func replay(t *testing.T, addresses string, f *farm, feedCount int, dir string) (digest string, seq uint64, polls int) {
	t.Helper()
	c := open(t, cluster.Options{URL: addresses})
	st, err := store.Open(filepath.Join(dir, "single.db"), store.Options{Outlets: f.outlets(feedCount)})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ctx, done := context.WithCancel(t.Context())
	starts := map[string][]time.Time{} // of a host's requests, as pollers noted them: a busy machine delays them on their way
	err = c.Follow(ctx, 0, func(list []cluster.Logged) error {
		polls += len(list)
		for i := range list {
			u, err := url.Parse(list[i].Poll.Feed)
			if err != nil {
				return err
			}
			starts[u.Host] = append(starts[u.Host], list[i].Poll.At)
		}
		seq = list[len(list)-1].Seq
		return st.Follow(t.Context(), c.Log(), forStore(list))
	}, done)
	if err != nil {
		t.Fatal(err)
	}
	for host, at := range starts {
		slices.SortFunc(at, time.Time.Compare)
		for i := 1; i < len(at); i++ {
			if d := at[i].Sub(at[i-1]); d < gap*3/4 { // it counts from a moment before the note
				t.Errorf("%s: asked again after %v", host, d)
			}
		}
	}
	if digest, err = st.Digest(); err != nil {
		t.Fatal(err)
	}
	return digest, seq, polls
}

// awaitPosition asks a running node, by its backup command, how far it is.
func awaitPosition(t *testing.T, name, db string, seq uint64) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", db+".sock")
	}}}
	defer client.CloseIdleConnections()
	want := fmt.Sprintf("aggregator_cluster_position %d", seq)
	var got string
	for start := time.Now(); time.Since(start) < patience; time.Sleep(200 * time.Millisecond) {
		resp, err := client.Get("http://aggregator/metrics")
		if err != nil {
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		for line := range strings.Lines(string(body)) {
			if strings.HasPrefix(line, "aggregator_cluster_position ") {
				got = strings.TrimSpace(line)
			}
		}
		if got == want {
			return
		}
	}
	t.Fatalf("%s stands at %q and should reach %q", name, got, want)
}

func compare(t *testing.T, path, want string, entries int) {
	t.Helper()
	st, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if digest, err := st.Digest(); err != nil || digest != want {
		t.Errorf("%s: digest %s, of a single machine %s (%v)", filepath.Base(path), digest, want, err)
	}
	report, err := st.Verify(t.Context())
	if err != nil || !report.OK() {
		t.Errorf("%s: %v %v", filepath.Base(path), report.Problems, err)
	}
	if report.Entries != entries {
		t.Errorf("%s: %d entries, and %d were published", filepath.Base(path), report.Entries, entries)
	}
}
