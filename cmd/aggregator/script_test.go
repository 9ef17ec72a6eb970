package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/store"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", hasty)
	testscript.Main(tests{m}, map[string]func(){"aggregator": func() { os.Exit(run(os.Args[1:])) }})
}

// tests are this package's; when they have run, the program that they built goes.
type tests struct{ *testing.M }

func (m tests) Run() int {
	defer func() { _ = os.RemoveAll(programDir) }()
	return m.M.Run()
}

// hasty are the options of the race detector for the hundreds of programs that tests
// start: each would wait a second at its end, in case another thread has a race to report.
const hasty = "atexit_sleep_ms=10"

// The program as people type it: testdata/script/*.txtar.
func TestScripts(t *testing.T) { testscript.Run(t, scripts(false)) }

// TestScriptsBesideADaemon runs the scripts that ask a store again, while a daemon has
// the store: the answers must be the same over its socket.
func TestScriptsBesideADaemon(t *testing.T) {
	p := scripts(true)
	p.Dir = ""
	for _, name := range []string{"stories", "first", "outlets", "corrections", "users", "care", "completion"} {
		p.Files = append(p.Files, filepath.Join("testdata/script", name+".txtar"))
	}
	testscript.Run(t, p)
}

func scripts(daemon bool) testscript.Params {
	return testscript.Params{
		Dir:   "testdata/script",
		Setup: func(e *testscript.Env) error { e.Setenv("GORACE", hasty); return nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fill":  func(ts *testscript.TestScript, _ bool, args []string) { fill(ts, args, daemon) },
			"await": await, "says": says, "reload": reload, "terminal": terminal, "widest": widest, "exits": exits, "site": site,
		},
		Condition: func(c string) (bool, error) { return daemon, nil }, // [daemon] is the only one
	}
}

// exits runs a command that must end with a code: "exits CODE PROGRAM...".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program args...")
	}
	code, err := 0, ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if args[0] != strconv.Itoa(code) {
		ts.Fatalf("%v: exit code %d, not %s", args[1:], code, args[0])
	}
}

// site serves the script's directory on loopback and puts its address into files, for
// the word SITE: "site FILE...". What is called broken answers 500.
func site(ts *testscript.TestScript, neg bool, args []string) {
	files := http.FileServer(http.Dir(ts.MkAbs(".")))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		files.ServeHTTP(w, r)
	}))
	ts.Defer(s.Close)
	ts.Setenv("SITE", s.URL)
	for _, name := range args {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(strings.ReplaceAll(ts.ReadFile(name), "SITE", s.URL)), 0o600))
	}
}

var scriptOutlets = []feeds.Outlet{
	{ID: "harbour", Name: "Harbour Post", Home: "https://harbour.example/", Language: "en"},
	{ID: "relay", Name: "Daily Relay", Home: "https://relay.example/", Language: "en"},
	{ID: "inland", Name: "Inland Times", Home: "https://inland.example/", Language: "en"},
}

const ferryHeadline = "Ferry service to Skerry Island resumes after week-long storm"

const ferryText = "The first boat to Skerry Island left the harbour at six on Monday morning, carrying mail, bread and forty passengers who had " +
	"waited since the storm closed the route a week ago. Two more crossings were planned for the afternoon, the harbour master, Ingrid Solberg, said."

const copperText = "Copper rose to its highest price in four months on Monday as a strike at the Chilean port of Antofagasta went into a second " +
	"week and stocks in London warehouses fell to 81,000 tonnes, traders said."

// await waits until a daemon answers for a store: "await FILE".
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await file")
	}
	for end := time.Now().Add(patience); !daemonRuns(ts.MkAbs(args[0])); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("no daemon answers for %s", args[0])
		}
	}
}

// says waits until a file that a program writes has a line that matches: "says FILE PATTERN".
func says(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: says file pattern")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var text []byte
	for end := time.Now().Add(patience); !pattern.Match(text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("%s does not say %q:\n%s", args[0], args[1], text)
		}
		text, _ = os.ReadFile(ts.MkAbs(args[0])) // it may not be there yet
	}
}

// reload sends SIGHUP to the daemon of a store and waits until it says that a
// configuration was read or refused: "reload FILE".
func reload(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: reload file")
	}
	dial := func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", socketPath(ts.MkAbs(args[0])))
	}
	desk := &http.Client{Transport: &http.Transport{DialContext: dial}}
	defer desk.CloseIdleConnections()
	state := func() string {
		resp, err := desk.Get("http://daemon/metrics")
		ts.Check(err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		ts.Check(err)
		return strings.Join(regexp.MustCompile(`(?m)^aggregator_config_.*`).FindAllString(string(body), -1), "\n")
	}
	before := state()
	conn, err := dial(context.Background(), "", "")
	ts.Check(err)
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	ts.Check(err)
	ts.Check(raw.Control(func(fd uintptr) { // who listens there is the daemon
		peer, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		ts.Check(err)
		ts.Check(syscall.Kill(int(peer.Pid), syscall.SIGHUP))
	}))
	for end := time.Now().Add(patience); state() == before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("no configuration was read or refused")
		}
	}
}

// fill makes a store: "fill FILE". An article and its copy with a footer, an
// agency's text in two outlets, an article of one outlet, a feed that fails. A daemon
// has it then, if one is to.
func fill(ts *testscript.TestScript, args []string, daemon bool) {
	if len(args) != 1 {
		ts.Fatalf("usage: fill file")
	}
	path := ts.MkAbs(args[0])
	fillStore(ts.Check, path)
	ts.Check(os.WriteFile(ts.MkAbs("article.txt"), []byte("Skip to content. Menu. Search. "+ferryHeadline+"\n"+strings.ReplaceAll(ferryText, ". ", ".\n\n")+"\n"), 0o600))
	if !daemon {
		return
	}
	text := fmt.Sprintf("[store]\npath = %q\n[serve]\nlisten = \"127.0.0.1:0\"\n[poll]\nallow_private = [\"127.0.0.0/8\"]\n", path)
	for i, o := range scriptOutlets { // whose feeds answer nothing
		text += fmt.Sprintf("[[outlet]]\nid = %q\nname = %q\nhome = %q\nlanguage = \"en\"\n[[outlet.feed]]\nurl = \"http://127.0.0.1:1/%d\"\n", o.ID, o.Name, o.Home, i)
	}
	ts.Check(os.WriteFile(path+".toml", []byte(text), 0o600))
	cmd := exec.Command("aggregator", "run", "--config", path+".toml")
	var log bytes.Buffer
	cmd.Stderr = &log
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			ts.Logf("the daemon ended with %v:\n%s", err, &log)
		}
	})
	await(ts, false, args)
}

func fillStore(check func(error), path string) {
	s, err := store.Open(path, store.Options{Outlets: scriptOutlets})
	check(err)
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	entry := func(link, title, text string, ago time.Duration, stated ...feeds.Stated) *feeds.Entry {
		when := at.Add(-ago)
		return &feeds.Entry{GUID: link, Link: link, Canonical: parse.Canonical(link), Title: title, Summary: text, Text: text, Language: "en", Stated: stated,
			Published: feeds.Date{Time: when, Raw: when.Format(time.RFC1123Z), Element: "pubDate"}}
	}
	poll := func(outlet feeds.Outlet, state feeds.State, entries ...*feeds.Entry) {
		state.URL, state.LastRequest, state.NextDue, state.Polls = outlet.Home+"feed", at, at.Add(30*time.Minute), 7
		state.DueReason, state.Type, state.Entries = "the schedule @every 30m", "rss 2.0", len(entries)
		if state.Outcome.Observed() {
			state.LastObserved = at
		}
		p := feeds.Poll{Feed: state.URL, Outlet: outlet.ID, At: at, Outcome: state.Outcome, State: state}
		for _, e := range entries {
			e.Outlet, e.Feed = outlet.ID, state.URL
			p.Items = append(p.Items, feeds.Item{Raw: xxhash.Sum64String(e.Link), Entry: e})
		}
		check(s.Append(context.Background(), p))
		at = at.Add(10 * time.Minute)
	}
	good := feeds.State{Outcome: feeds.Changed, Status: 200, ETag: `"v7"`, LastHeaders: "Cache-Control: max-age=300\nEtag: \"v7\"", FreshFor: 5 * time.Minute}
	wire := feeds.Stated{Kind: feeds.Wire, Outlet: "Reuters", URL: "https://www.reuters.com/", Phrase: "ANTOFAGASTA (Reuters) -", Where: "dateline"}
	copper := "Copper at four-month high as Antofagasta strike drags on"
	poll(scriptOutlets[0], good)
	poll(scriptOutlets[1], good)
	poll(scriptOutlets[0], good,
		entry("https://harbour.example/2026/ferry-service-skerry-island-resumes", ferryHeadline, ferryText, 5*time.Minute),
		entry("https://harbour.example/2026/library-hours", "Library extends opening hours for exam season", "Readers may stay until midnight in May and June.", 3*time.Minute))
	poll(scriptOutlets[1], good,
		entry("https://relay.example/world/4711?utm_source=rss", ferryHeadline, ferryText+"\nThis story was first published on Harbour Post.", time.Minute,
			feeds.Stated{Kind: feeds.Reprint, Outlet: "Harbour Post", URL: "https://harbour.example/", Phrase: "was first published on Harbour Post", Where: "footer"}),
		entry("https://relay.example/markets/copper", copper, "ANTOFAGASTA (Reuters) - "+copperText, 2*time.Minute, wire))
	poll(scriptOutlets[2], good, entry("https://inland.example/copper", copper, "ANTOFAGASTA (Reuters) - "+copperText, time.Minute, wire))
	problem := "503 Service Unavailable"
	poll(scriptOutlets[2], feeds.State{Outcome: feeds.RateLimited, Status: 503, Failures: 1, Problem: problem, LastHeaders: "Retry-After: 1800",
		NotBefore: at.Add(30 * time.Minute), Recent: []feeds.Failure{{At: at, Outcome: feeds.RateLimited, Status: 503, Problem: problem}}})
	check(s.Close())
}
