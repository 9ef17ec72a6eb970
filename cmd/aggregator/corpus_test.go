package main

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"aggregator/feeds"
	"aggregator/feeds/parse"
)

// shared is the measuring material beside the project.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../../shared")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the measuring material is not here (../shared)")
	}
	return dir
}

// captures lists the documents that were captured from real outlets.
func captures(t *testing.T) []string {
	dir := filepath.Join(shared(t), "feeds")
	f, err := os.Open(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var paths []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if c := strings.Split(lines.Text(), "\t"); len(c) > 7 && c[7] == "yes" {
			paths = append(paths, filepath.Join(dir, c[0]))
		}
	}
	return paths
}

// Real captured feeds, served over loopback: all that parse are kept, once
// each, and a second round adds nothing, whether or not the server knows of
// validators.
func TestMeasureCapturedFeedsAreKeptOnce(t *testing.T) {
	paths := captures(t)
	served := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if n%2 == 0 { // half of them with validators
			http.ServeFile(w, r, paths[n])
			return
		}
		body, err := os.ReadFile(paths[n])
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(body)
	}))
	defer server.Close()

	m := newMachine(t)
	want, readable := 0, 0
	for n, path := range paths {
		id := "outlet-" + strconv.Itoa(n)
		url := server.URL + "/" + strconv.Itoa(n)
		outlet := feeds.Outlet{ID: id, Name: id}
		m.follow(outlet, url)
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := readCapped(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		served++
		doc := parse.Parse(parse.Input{Body: body, URL: url, Outlet: outlet})
		if doc.Status != parse.Refused {
			readable++
		}
		want += distinct(doc)
	}
	states, first := m.round()
	for url, s := range states {
		if s.Outcome != feeds.Changed {
			t.Logf("%s (%s): %s: %s", url, paths[feedNumber(url)], s.Outcome, s.Problem)
		}
	}
	if first.Entries != want {
		t.Errorf("%d entries kept, the documents hold %d distinct ones", first.Entries, want)
	}
	states, second := m.round()
	if second.Entries != first.Entries || second.Stories != first.Stories {
		t.Errorf("a second round went from %d entries in %d stories to %d in %d", first.Entries, first.Stories, second.Entries, second.Stories)
	}
	same := 0
	for _, s := range states {
		if s.Outcome == feeds.NotModified || s.Outcome == feeds.SameBody {
			same++
		}
	}
	if same < readable {
		t.Errorf("%d of %d readable documents came unchanged in the second round", same, readable)
	}
	t.Logf("%d captured documents, %d readable, %d entries in %d stories", served, readable, first.Entries, first.Stories)
}

func feedNumber(url string) int {
	n, _ := strconv.Atoi(url[strings.LastIndexByte(url, '/')+1:])
	return n
}

// distinct counts the different articles of a document: two items are one when
// they share the identifier and the headline, or a link that no other headline
// has. An item that says nothing is no article.
func distinct(doc parse.Document) int {
	headlines := map[string]map[string]bool{}
	for _, it := range doc.Items {
		l := it.Entry.Canonical
		if headlines[l] == nil {
			headlines[l] = map[string]bool{}
		}
		headlines[l][it.Entry.Title] = true
	}
	seen := map[string]bool{}
	n := 0
	for _, it := range doc.Items {
		e := it.Entry
		if e.GUID+e.Link+e.Title+e.Text+e.Image == "" && len(e.Enclosures) == 0 {
			continue
		}
		var keys []string
		if e.GUID != "" {
			keys = append(keys, "guid+title\n"+e.GUID+"\n"+e.Title)
		}
		if e.Canonical != "" && len(headlines[e.Canonical]) == 1 {
			keys = append(keys, "link\n"+e.Canonical)
		}
		if len(keys) == 0 {
			keys = append(keys, "text\n"+e.Canonical+"\n"+e.Title+"\n"+e.Text)
		}
		again := false
		for _, k := range keys {
			again = again || seen[k]
			seen[k] = true
		}
		if !again {
			n++
		}
	}
	return n
}
