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
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"aggregator/store"
	"aggregator/stories"
)

const (
	ferryStory = "The first boat to Skerry Island left the harbour at six on Monday with mail, bread and forty passengers who had waited since the storm closed the route a week ago, said harbour master Ingrid Solberg."
	mineStory  = "Copper rose to its highest price in four months as a strike at the Antofagasta smelter entered its second week and London warehouse stocks fell to 81,000 tonnes, brokers in Santiago said."
)

func feedOf(items string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://t.example/</link>` + items + `</channel></rss>`
}

func itemOf(guid, title, text string) string {
	return fmt.Sprintf("<item><guid>%s</guid><link>https://t.example/%[1]s</link><title>%s</title><description><![CDATA[%s]]></description></item>", guid, title, text)
}

// packing makes what packs into a writer.
type packing func(io.Writer) io.WriteCloser

func gzipped(w io.Writer) io.WriteCloser  { return gzip.NewWriter(w) }
func brotlied(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 2) }
func zstandard(w io.Writer) io.WriteCloser {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic(err) // of these options alone
	}
	return z
}

func (p packing) pack(in io.Reader) []byte {
	var b bytes.Buffer
	z := p(&b)
	if _, err := io.Copy(z, in); err != nil {
		panic(err) // into memory, of what has no end of its own
	}
	_ = z.Close()
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// malice is what hostile servers do, each at an address of its own.
func malice() map[string]http.HandlerFunc {
	says := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	endless := func(head, chunk string) http.HandlerFunc { // a gigabyte, or until nobody listens
		block := []byte(strings.Repeat(chunk, 1<<20/len(chunk)))
		return func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, head)
			for sent := 0; err == nil && sent < 1<<30; sent += len(block) {
				_, err = w.Write(block)
			}
		}
	}
	var many, alike strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&many, "<item><guid>m%d</guid><title>Item %[1]d of many</title></item>", i)
	}
	for i := range 3000 { // each shares every rare word with every other, and no headline
		alike.WriteString(itemOf(fmt.Sprint("a", i), fmt.Sprintf("Zorvex quanlib mertofane %d", i*7919%10007), fmt.Sprintf("Zorvex quanlib mertofane trispalk venduro %d koplamis", i)))
	}
	bomb := func(coding string, pack ...packing) http.HandlerFunc {
		in := io.MultiReader(strings.NewReader(`<rss version="2.0"><channel><title>`), io.LimitReader(zeros{}, 1<<30))
		for _, p := range pack {
			in = bytes.NewReader(p.pack(in))
		}
		packed, err := io.ReadAll(in)
		if err != nil {
			panic(err)
		}
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", coding)
			_, _ = w.Write(packed)
		}
	}
	return map[string]http.HandlerFunc{
		"bomb in gzip":      bomb("gzip", gzipped),
		"bomb in br":        bomb("br", brotlied),
		"bomb in zstd":      bomb("zstd", zstandard),
		"bomb in a bomb":    bomb("gzip, zstd", gzipped, zstandard),
		"entity bomb":       says(xmlBomb()),
		"attributes":        endless(`<rss version="2.0"><channel><item `, `a="b" `),
		"nesting":           endless(`<rss version="2.0"><channel><item>`, `<a>`),
		"gigabyte":          endless(`<rss version="2.0"><channel>`, `<item><title>more</title></item>`),
		"megabyte titles":   says(feedOf(strings.Repeat(itemOf("t", strings.Repeat("word ", 200_000), "x"), 8))),
		"100,000 entries":   says(feedOf(many.String())),
		"entries all alike": says(feedOf(alike.String())),
		"redirects":         func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) },
		"to the cloud's key": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		},
		"drip": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(50 * time.Millisecond):
				}
			}
		},
		"scripts": says(feedOf(itemOf("s1", "&lt;script&gt;evil()&lt;/script&gt;Breaking &lt;img src=x onerror=evil()&gt;",
			`<script>evil()</script><img src=x onerror=evil()><a href="javascript:evil()">x</a><iframe src="//evil.example"></iframe><svg onload=evil()><p style="position:fixed" onclick=evil()>text of it</p>`) +
			`<item><guid>s2</guid><link>javascript:evil()</link><title>A link that runs</title><description>x</description></item>`)),
		"right to left":       says(feedOf(itemOf("r", "Bank \u202Etxt.exe\u202C\u2066 says \u200Fnothing", "An override \u202Eturns the line around"))),
		"glue":                says(feedOf(itemOf("g", "Boat to Skerry Island and copper at Antofagasta", ferryStory+" "+mineStory))),
		"glue with headlines": says(feedOf(itemOf("g1", "First boat to Skerry Island after storm", mineStory) + itemOf("g2", "Copper at four-month high on Antofagasta strike", ferryStory))),
		"hangs":               func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"ferry, first":        says(feedOf(itemOf("f", "First boat to Skerry Island after storm", ferryStory))),
		"ferry, second":       says(feedOf(itemOf("f", "Skerry Island: boats sail again after storm", ferryStory+" Two more crossings are planned."))),
		"copper, first":       says(feedOf(itemOf("c", "Copper at four-month high on Antofagasta strike", mineStory))),
		"copper, second":      says(feedOf(itemOf("c", "Strike at Antofagasta lifts copper", mineStory+" Talks resume on Thursday."))),
	}
}

// The real daemon follows hostile servers of every kind beside honest ones. What it
// takes of memory and processor is bounded, the honest feeds are polled while others hold
// their answers back, what is private is not asked, the page has nothing that runs or turns the line around,
// and two stories that somebody would glue together stay two.
func TestHostileServersThroughTheDaemon(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole run does this")
	}
	bin := program(t)
	dir := t.TempDir()
	path, config := filepath.Join(dir, "aggregator.db"), filepath.Join(dir, "aggregator.toml")
	private := make(chan string, 100) // requests that must not come
	secret, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("needs ::1: ", err)
	}
	go func() {
		_ = http.Serve(secret, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { private <- r.URL.String() }))
	}()
	defer secret.Close()
	var honest atomic.Int64
	servers := malice()
	servers["to ::1"] = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+secret.Addr().String()+"/", http.StatusFound)
	}
	for _, name := range []string{"glue", "glue with headlines"} { // once there is something to glue
		glue := servers[name]
		servers[name] = func(w http.ResponseWriter, r *http.Request) {
			if honest.Load() < 2 {
				_, _ = io.WriteString(w, feedOf(""))
				return
			}
			glue(w, r)
		}
	}
	servers["honest"] = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, feedOf(itemOf(fmt.Sprint("h", honest.Add(1)), "Ferry timetable changes", "A boat more each day.")))
	}
	var b strings.Builder
	b.WriteString("[store]\npath = \"aggregator.db\"\n[serve]\nlisten = \"127.0.0.1:0\"\n[poll]\nschedule = \"@every 2s\"\nspread = \"1s\"\nfloor = \"2s\"\nfull_floor = \"2s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\ntimeout = \"5m\"\nheader_timeout = \"5m\"\n")
	held := map[string]*httptest.Server{"drip": nil, "hangs": nil} // they answer until the program is to stop
	asked := map[string]*atomic.Int64{}
	for name, h := range servers {
		n := new(atomic.Int64)
		asked[name] = n
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Add(1); h(w, r) }))
		defer s.Close()
		if _, holds := held[name]; holds {
			held[name] = s
		}
		fmt.Fprintf(&b, "[[outlet]]\nname = %q\nhome = %q\n[[outlet.feed]]\nurl = %[2]q\n", name, s.URL+"/")
	}
	writeFileT(t, config, b.String())
	d := startDaemon(t, bin, config)
	eventually(t, "the honest feed is polled four times", func() bool { return honest.Load() >= 4 })
	_, early := usage(t, d.Process.Pid)
	var states string
	eventually(t, "all that end are polled twice", func() bool {
		_, states = get(t, patient, d.address+"/api/v1/feeds")
		return strings.Count(states, `"polls": 0`)+strings.Count(states, `"polls": 1,`) <= len(held)
	})
	for name := range held {
		if n := asked[name].Load(); n != 1 {
			t.Errorf("%q, which is answering still, was asked %d times", name, n)
		}
	}
	if n := strings.Count(states, "unpacked, the answer is larger than the limit of"); n < 4 {
		t.Errorf("%d of 4 bombs in a coding are called what they are", n)
	}
	peak, spent := usage(t, d.Process.Pid)
	for what, shows := range map[string]string{
		"/": "", "/feed.atom": "", "/feed.rss": "", "/feed.json": "", "/api/v1/stories?limit=200": "",
		"/?outlet=scripts": "Breaking", "/feed.atom?outlet=scripts": "text of it", "/feed.rss?outlet=scripts": "text of it",
		"/?outlet=right-to-left": "Bank", "/feed.atom?outlet=right-to-left": "Bank", "/?outlet=megabyte-titles": "word word",
	} {
		_, before := usage(t, d.Process.Pid)
		code, body := get(t, patient, d.address+what)
		_, after := usage(t, d.Process.Pid)
		if code != http.StatusOK || len(body) > 4<<20 || after-before > 5*time.Second { // polls go on meanwhile
			t.Errorf("%s: %d, %d bytes, after %s of processor", what, code, len(body), after-before)
		}
		if !strings.Contains(body, shows) {
			t.Errorf("%s does not show %q: the test has lost its subject", what, shows)
		}
		if strings.HasPrefix(what, "/api") || strings.HasSuffix(what, ".json") {
			continue // data: whoever shows it must escape it
		}
		for _, bad := range []string{"<script>evil", "onerror=", "href=\"javascript:", "<iframe", "onload=evil", "onclick=evil", "\u202E", "\u2066"} {
			if i := strings.Index(body, bad); i >= 0 {
				t.Errorf("%s has %q: …%.200s…", what, bad, body[max(0, i-80):])
			}
		}
	}
	if peak > 512<<20 {
		t.Errorf("%d MiB of memory at the most", peak>>20)
	}
	if early > 20*time.Second {
		t.Errorf("until the honest feed was polled four times others took %s of processor", early)
	}
	select {
	case url := <-private:
		t.Errorf("a private server was asked for %s", url)
	default:
	}
	for _, s := range held {
		s.CloseClientConnections()
	}
	_ = d.Process.Signal(os.Interrupt)
	<-d.done
	t.Logf("%d servers, %s of processor until the fourth poll of the honest feed and %s in all; %d MiB of memory at the most", len(servers), early, spent, peak>>20)
	if !apart(t, path) {
		t.Error("the ferry and the copper are one story")
	}
}

// apart reports whether the two honest stories are two.
func apart(t *testing.T, path string) bool {
	t.Helper()
	st, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	list, _, err := st.Stories(stories.Query{Limit: 1000, Outlet: "ferry-first"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		var ferry, copper bool
		for _, m := range s.Members {
			ferry = ferry || strings.HasPrefix(m.Outlet, "ferry")
			copper = copper || strings.HasPrefix(m.Outlet, "copper")
		}
		if ferry && copper {
			return false
		}
	}
	return len(list) > 0
}

// usage gives the most memory that a process had and the processor time it took.
func usage(t *testing.T, pid int) (peak int64, spent time.Duration) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscanf(after, "%d", &peak); err != nil {
		t.Fatal(err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	for _, i := range []int{11, 12} { // utime and stime, in hundredths of a second
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		spent += time.Duration(n) * 10 * time.Millisecond
	}
	return peak << 10, spent
}
