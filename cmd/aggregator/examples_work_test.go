package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"aggregator/feeds"
	"aggregator/store"
)

// exampleOrder is the order in which commands are tried where one needs what another
// does: users are added before what they read is imported, and a story is looked at before
// editors' words change it. The others come before.
var exampleOrder = []string{"import", "split", "merge", "corrections", "corrections undo", "reindex", "backup", "restore", "prune", "verify", "compact"}

// TestHelpExamplesWork types every example of every --help into a shell, in a
// folder that holds the files it names. Instead of thewhistler.ng and example.org a server on
// loopback is asked, ssh runs its command here, and what serves until Ctrl-C gets Ctrl-C.
func TestHelpExamplesWork(t *testing.T) {
	dir := t.TempDir()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := map[string]string{"/": "index.html", "/feed": "feed.xml", "/feed/": "feed.xml", "/relay.xml": "relay.xml"}[r.URL.Path]
		http.ServeFile(w, r, filepath.Join(dir, name))
	}))
	defer site.Close()
	write := func(name string, data []byte, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, mode); err != nil {
			t.Fatal(err)
		}
	}
	a, err := txtar.ParseFile("testdata/examples.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := func() {
		for _, f := range a.Files {
			write(f.Name, bytes.ReplaceAll(f.Data, []byte("SITE"), []byte(site.URL)), 0o600)
		}
	}
	files()
	fillForExamples(t, filepath.Join(dir, "aggregator.db"), site.URL)
	write("ssh", []byte("#!/bin/sh\nshift\nexec sh -c \"$*\"\n"), 0o700) // ssh HOST COMMAND
	sh := func(line string) (string, error) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader("correct horse battery staple\n") // what `users add` asks for
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		var out, problem bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &problem
		if err := cmd.Run(); err != nil {
			return out.String(), fmt.Errorf("%w\n%s", err, problem.String())
		}
		return out.String(), nil
	}
	must := func(line string) {
		t.Helper()
		if out, err := sh(line); err != nil {
			t.Fatal(out, err)
		}
	}
	// What the examples' files are made of.
	must("cp feed.xml saved.xml && gzip -k archive.ndjson && cp -r " + filepath.Join(repository, "cmd/aggregator/testdata/contract/labels") + " labels && aggregator backup backup.db")
	if _, err := exec.LookPath("zip"); err == nil {
		must("zip -q export.zip starred.json")
	}
	if _, err := exec.LookPath("sqlite3"); err == nil {
		must(`sqlite3 cache.db "create table rss_item(guid, title, author, url, feedurl, pubDate, content, unread, flags);
			insert into rss_item values ('g1', 'Bakers strike in Kano', '', 'https://relay.example/2', '` + site.URL + `/relay.xml', 1772442000, 'No bread.', 1, null)"`)
	}

	worked := 0
	for _, c := range exampleCommands() {
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if lacks := missingTool(line); lacks != "" {
				t.Logf("%s is not here, so that this was not tried: %s", lacks, line)
				continue
			}
			files()
			typed := line
			for _, r := range []struct{ old, new string }{
				{"https://thewhistler.ng/", site.URL + "/"}, {"discover thewhistler.ng", "discover " + site.URL}, {"https://example.org/", site.URL + "/"},
				{"/etc/aggregator/", "./"}, {"127.0.0.1:9000", "127.0.0.1:0"}, {"aggregator demo", "aggregator demo --listen 127.0.0.1:0"},
			} {
				typed = strings.ReplaceAll(typed, r.old, r.new)
			}
			if c.Name() == "users" && strings.Contains(line, "1f2e3d4c5b6a") {
				out, _ := sh("aggregator users --json")
				if id := regexp.MustCompile(`"id": ?"([0-9a-f]{12})"`).FindStringSubmatch(out); id != nil {
					typed = strings.ReplaceAll(typed, "1f2e3d4c5b6a", id[1])
				}
			}
			worked++
			if c.Name() == "run" || c.Name() == "demo" {
				interruptedWhenServing(t, dir, strings.Fields(typed))
				continue
			}
			if out, err := sh(typed); err != nil {
				t.Errorf("%s --help: %s\n%s%v", c.CommandPath(), typed, out, err)
			}
		}
	}
	if worked < 50 {
		t.Errorf("only %d examples were tried", worked)
	}
}

// exampleCommands gives all commands, those of exampleOrder last.
func exampleCommands() (all []*cobra.Command) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		all = append(all, c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(rootCommand())
	rank := func(c *cobra.Command) int {
		return slices.Index(exampleOrder, strings.TrimPrefix(c.CommandPath(), "aggregator "))
	}
	slices.SortStableFunc(all, func(a, b *cobra.Command) int { return rank(a) - rank(b) })
	return all
}

// missingTool gives a program that a line runs and that is not here; "" when there is none.
func missingTool(line string) string {
	for _, tool := range []string{"jq", "zstd", "unzstd", "curl", "sqlite3", "zcat"} {
		if slices.Contains(strings.Fields(line), tool) {
			if _, err := exec.LookPath(tool); err != nil {
				return tool
			}
		}
	}
	if strings.Contains(line, "export.zip") {
		if _, err := exec.LookPath("zip"); err != nil {
			return "zip, which packs the export,"
		}
	}
	return ""
}

// interruptedWhenServing runs what serves, interrupts it, and wants it to end well.
func interruptedWhenServing(t *testing.T, dir string, words []string) {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	said := &syncBuffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	serves := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
	eventually(t, strings.Join(words, " ")+" serves", func() bool { return serves.MatchString(said.String()) })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%q: %v\n%s", words, err, said)
	}
}

// fillForExamples makes a store with as many entries and stories as the examples have
// numbers of: entries 311 to 316 in one story, stories 42 and 57.
func fillForExamples(t *testing.T, path, site string) {
	t.Helper()
	outlets := []feeds.Outlet{{ID: "thewhistler", Name: "The Whistler", Home: site + "/"}, {ID: "dailyrelay", Name: "Daily Relay", Home: "https://relay.example/"}}
	s, err := store.Open(path, store.Options{Outlets: outlets})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	n := 0
	poll := func(outlet, feed string, count int, title func(i int) string, text string) {
		t.Helper()
		at = at.Add(time.Minute)
		p := feeds.Poll{Feed: feed, Outlet: outlet, At: at, Outcome: feeds.Changed, State: feeds.State{URL: feed, Outcome: feeds.Changed, Status: 200, LastRequest: at, LastObserved: at, Polls: 1}}
		for i := range count {
			n++
			link := fmt.Sprintf("https://%s.example/%d", outlet, n)
			e := &feeds.Entry{GUID: link, Link: link, Canonical: link, Title: title(i), Summary: text, Text: text, Language: "en", Outlet: outlet, Feed: feed,
				Published: feeds.Date{Time: at, Raw: at.Format(time.RFC3339), Element: "published"}}
			p.Items = append(p.Items, feeds.Item{Raw: xxhash.Sum64String(link), Entry: e})
		}
		if err := s.Append(context.Background(), p); err != nil {
			t.Fatal(err)
		}
	}
	apart := func(i int) string { // nothing in common with the next
		return fmt.Sprintf("Q%dx J%dv W%dz K%dq", i*7919%1009, i*104729%2003, i*1299709%3001, i)
	}
	poll("thewhistler", site+"/feed/", 310, apart, "")
	same := func(int) string { return ferryHeadline }
	poll("dailyrelay", site+"/relay.xml", 1, same, ferryText)
	poll("thewhistler", site+"/feed/", 1, same, ferryText)
	poll("inland", "https://inland.example/feed", 1, same, ferryText)
	poll("harbour", "https://harbour.example/feed", 1, same, ferryText)
	poll("skerry", "https://skerry.example/feed", 1, same, ferryText)
	poll("inland", "https://inland.example/news", 1, same, ferryText)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
