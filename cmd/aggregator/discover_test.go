package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aggregator/config"
	"aggregator/feeds"
)

// What discover prints can be pasted: it is a good configuration, whatever a site
// calls itself and its feeds.
func TestDiscoverPrintsAnOutlet(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		item := `<item><title>a</title><link>/a` + r.URL.Path + `</link></item>`
		switch r.URL.Path {
		case "/":
			w.Write([]byte(`<html lang="en-ng"><meta property="og:site_name" content="The &quot;Delta&quot; &#27;[31m Post">
				<link rel="alternate" type="application/rss+xml" href="/comments/feed"><link rel="alternate" type="application/rss+xml" href="/feed">`))
		case "/feed":
			w.Write([]byte(`<rss version="2.0"><channel><title>Delta</title><link>/</link>` + item + `</channel></rss>`))
		case "/comments/feed":
			w.Write([]byte("<rss version=\"2.0\"><channel><title>Said\n[[outlet]]</title><link>/</link>" + item + `</channel></rss>`))
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	settings := feeds.DefaultSettings()
	settings.HostGap, settings.AllowPrivate = time.Millisecond, []string{"127.0.0.0/8"}
	var table, object bytes.Buffer
	if err := findFeeds(t.Context(), &table, srv.URL, settings, false); err != nil {
		t.Fatal(err)
	}
	if err := findFeeds(t.Context(), &object, srv.URL, settings, true); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Taken, TOML string
		Requests    int
	}
	if err := json.Unmarshal(object.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Taken != srv.URL+"/feed" || got.Requests != 3 {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"yes    site      declared", "comments  declared", got.TOML} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}
	if strings.ContainsAny(table.String()+got.TOML, "\x1b") {
		t.Error("a site's name reaches the terminal with its control characters")
	}
	c, err := config.Parse("x.toml", []byte("[poll]\nallow_private = [\"127.0.0.0/8\"]\n"+got.TOML))
	if err != nil {
		t.Fatalf("%v\n%s", err, got.TOML)
	}
	if len(c.Outlets) != 1 || len(c.Outlets[0].Feeds) != 1 || c.Outlets[0].ID != "the-delta-31m-post" ||
		c.Outlets[0].Language != "en-NG" {
		t.Errorf("%+v", c.Outlets)
	}
}
