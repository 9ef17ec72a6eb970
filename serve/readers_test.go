package serve

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// feedAddresses are documents of every kind: whole, filtered, further pages,
// archives, lists of feeds.
var feedAddresses = []string{
	"/feed.atom", "/feed.rss", "/feed.atom?copied_from=harbour-post&min_share=90", "/feed.rss?lang=ar", "/feed.atom?q=nothing-has-this",
	"/feed.rss?q=nothing-has-this", "/feed.atom?limit=3", "/feed.rss?limit=3", "/feed.atom?archive=2026-03-04", "/feed.rss?archive=2026-03-04", "/feeds.opml",
}

// TestW3CFeedValidator runs the validator itself over every kind of document.
func TestW3CFeedValidator(t *testing.T) {
	checkout := os.Getenv("FEEDVALIDATOR")
	if checkout == "" {
		t.Skip("FEEDVALIDATOR names no checkout of https://github.com/w3c/feedvalidator; it also wants python3-html5lib and python3-lxml")
	}
	o := sampleOptions()
	o.Hub = "https://hub.example/"
	h := New(sample(), o)
	dir := t.TempDir()
	args := []string{"testdata/w3c.py", checkout}
	for i, path := range feedAddresses {
		file := filepath.Join(dir, itoa(i))
		if err := os.WriteFile(file, []byte(body(t, ask(h, "GET", path))), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, o.BaseURL+path, file)
	}
	out, err := exec.Command("/usr/bin/python3", args...).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := 0
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.HasSuffix(line, " read\n"):
			read++
		case strings.Contains(line, " UnknownNamespace ") && strings.Contains(line, namespace):
			// Our own elements: nobody else can know them.
		default:
			t.Error(line)
		}
	}
	if read != len(feedAddresses) {
		t.Errorf("%d of %d documents were read", read, len(feedAddresses))
	}
}

// TestNewsboatReadsEveryFeed has the reader fetch all of them from a real server.
func TestNewsboatReadsEveryFeed(t *testing.T) {
	newsboat, err := exec.LookPath("newsboat")
	if err != nil {
		t.Skip("newsboat is not installed (apt-get install newsboat)")
	}
	o := sampleOptions()
	o.BaseURL = ""
	server := httptest.NewServer(New(sample(), o))
	defer server.Close()
	for _, path := range feedAddresses[:len(feedAddresses)-1] {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Count(body(t, resp), "<agg:story ")
		resp.Body.Close()
		dir := t.TempDir()
		for name, text := range map[string]string{"urls": server.URL + path + "\n", "config": "error-log " + dir + "/errors\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command(newsboat, "-u", dir+"/urls", "-c", dir+"/cache.db", "-C", dir+"/config", "-x", "reload", "print-unread").CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != itoa(want)+" unread articles" {
			t.Errorf("%s: newsboat has read %q, want %d articles (%v)", path, out, want, err)
		}
		if complaints, err := os.ReadFile(dir + "/errors"); err == nil && len(complaints) > 0 {
			t.Errorf("%s: newsboat complains:\n%s", path, complaints)
		}
	}
}
