package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a real newsboat keeps comes over by the command that docs/migrating.md gives.
func TestImportFromARealNewsboat(t *testing.T) {
	for _, tool := range []string{"newsboat", "sqlite3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (apt-get install %[1]s)", tool)
		}
	}
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour</title><link>https://harbour.example/</link>`)
		for i, title := range []string{"Ferry resumes after storm", "Library extends its hours", "Copper at four-month high"} {
			fmt.Fprintf(w, `<item><guid isPermaLink="false">g%[1]d</guid><title>%[2]s</title><link>https://harbour.example/%[1]d</link><pubDate>Mon, 02 Mar 2026 0%[1]d:00:00 GMT</pubDate><description>What is said of %[1]d.</description></item>`, i, title)
		}
		fmt.Fprint(w, `</channel></rss>`)
	}))
	defer feed.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	do := func(stdin, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	cache := filepath.Join(dir, "cache.db")
	do("", "newsboat", "-u", write("urls", feed.URL+"\n"), "-C", write("config", ""), "-c", cache, "-x", "reload")
	// As newsboat does for an article that was opened, and for one with a flag.
	do("", "sqlite3", cache, "update rss_item set unread = 0 where guid = 'g0'; update rss_item set flags = 's' where guid = 'g1'")

	manual, err := os.ReadFile("../../docs/migrating.md")
	if err != nil {
		t.Fatal(err)
	}
	query := regexp.MustCompile(`'(select [^']*)'`).FindSubmatch(manual)
	if query == nil {
		t.Fatal("docs/migrating.md has no query any more")
	}
	rows := do("", "sqlite3", "-json", cache, string(query[1]))
	write("aggregator.toml", "[store]\npath = \"a.db\"\n[poll]\nallow_private = [\"127.0.0.0/8\"]\n[[outlet]]\nname = \"Harbour\"\nhome = \"https://harbour.example/\"\n[[outlet.feed]]\nurl = \""+feed.URL+"\"\n")
	do("correct horse\n", "aggregator", "users", "add", "ada")
	said := do(rows, "aggregator", "import", "--from", "newsboat", "-", "--user", "ada")
	for _, want := range []string{"3 entries of configured feeds, 3 of them new here.", "For ada: 1 story read, 1 starred."} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	// The feed's own entries are the same ones.
	do("", "aggregator", "poll")
	if out := do("", "aggregator", "verify"); !strings.Contains(out, "3 entries of") {
		t.Errorf("the feed brought them again:\n%s", out)
	}
}
