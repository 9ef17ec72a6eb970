package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// What a feed's own header fields hold reaches its server and nothing else: not another
// host that it redirects to, no log, no answer of the API, no file.
func TestSecretsOfAFeedAreShownNowhere(t *testing.T) {
	const password, key = "open-sesame-1001", "key-of-forty-thieves"
	packed := base64.StdEncoding.EncodeToString([]byte("reader:" + password))
	leaked := func(text string) bool {
		return strings.Contains(text, password) || strings.Contains(text, key) || strings.Contains(text, packed)
	}
	var right, abroad atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if abroad.Add(1); leaked(fmt.Sprint(r.Header)) {
			t.Errorf("another host was sent %v", r.Header)
		}
		fmt.Fprint(w, `<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>Members only</title></item></channel></rss>`)
	}))
	defer other.Close()
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		if user != "reader" || pass != password || r.Header.Get("X-Api-Key") != key {
			t.Errorf("the feed's server was sent %v", r.Header)
		}
		switch n := right.Add(1); {
		case n == 1:
			http.Error(w, "down", http.StatusInternalServerError)
		case n == 2:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			http.Redirect(w, r, other.URL+"/feed", http.StatusFound)
		}
	}))
	defer own.Close()
	m := newManager(t)
	for name, text := range map[string]string{"password": password, "key": key} {
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m.write("[store]\npath = \"aggregator.db\"\n[poll]\nschedule = \"@every 1s\"\nspread = \"0s\"\nfloor = \"1s\"\nfull_floor = \"1s\"\nhost_gap = \"0s\"\nallow_private = [\"127.0.0.0/8\"]\n" +
		"[[outlet]]\nname = \"Members' Gazette\"\nhome = \"https://gazette.example/\"\nheader = { Authorization = { user = \"reader\", password_file = \"password\" }, X-Api-Key = { file = \"key\" } }\n" +
		fmt.Sprintf("[[outlet.feed]]\nurl = \"%s/feed\"\n", own.URL))
	cmd := m.start()
	m.expect("READY=1")
	eventually(t, "the feed", func() bool { _, said := m.get("/api/v1/stories"); return strings.Contains(said, "Members only") })
	_, list := m.get("/api/v1/feeds")
	_, id, _ := strings.Cut(list, `"id":`)
	id = strings.Trim(strings.SplitN(id, ",", 2)[0], ` "`)
	for _, path := range []string{"/api/v1/feeds", "/api/v1/feeds/" + id, "/metrics", "/"} {
		if _, said := m.get(path); leaked(said) {
			t.Errorf("%s shows it:\n%s", path, said)
		}
	}
	m.stop(cmd)
	if log := m.log.String(); leaked(log) || !strings.Contains(log, "500") {
		t.Errorf("the log:\n%s", log)
	}
	files, err := filepath.Glob(filepath.Join(m.dir, "aggregator*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || leaked(string(bytes.ToValidUTF8(text, nil))) {
			t.Errorf("%s holds it (%v)", filepath.Base(file), err)
		}
	}
	if right.Load() < 3 || abroad.Load() == 0 {
		t.Errorf("%d requests, %d of them elsewhere", right.Load(), abroad.Load())
	}
}
