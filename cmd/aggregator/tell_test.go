package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aggregator/cmd/aggregator/demo"
	"aggregator/serve/tell"
	"aggregator/store"
)

// The daemon tells a hub of its feeds, and a webhook of what comes about, over
// real connections.
func TestDaemonTellsHubAndWebhook(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	hub, events := make(chan string, 100), make(chan string, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/hub" {
			hub <- string(body)
			return
		}
		if !strings.HasPrefix(r.Header.Get("Webhook-Signature"), "v1,") || r.Header.Get("Webhook-Id") == "" {
			t.Errorf("not signed: %v", r.Header)
		}
		events <- string(body)
	}))
	defer receiver.Close()
	samples, err := demo.Start(ctx, demo.Options{Start: time.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	defer samples.Close()
	s := demoService(samples, "127.0.0.1:0", t.TempDir()+"/demo.db")
	s.serve.BaseURL, s.serve.Hub = "https://news.example.org", receiver.URL+"/hub"
	s.hooks = []tell.Webhook{{URL: receiver.URL + "/hook", Secret: []byte("a secret of the test"), Outlets: 2, CopiesOf: []string{"Reuters"}}}
	s.allowPrivate = []string{"127.0.0.0/8"}
	s.ready = func(*store.Store, net.Addr) {}
	done := make(chan error, 1)
	go func() { done <- s.run(ctx) }()

	if got := <-hub; !strings.Contains(got, "hub.mode=publish") || !strings.Contains(got, "news.example.org%2Ffeed.atom") {
		t.Errorf("the hub is told %q", got)
	}
	missing := map[string]bool{"story.outlets": true, "story.copy": true}
	for len(missing) > 0 {
		select {
		case body := <-events:
			var e struct {
				Type string
				Data struct {
					Of    string `json:"copied_from"`
					Story struct {
						ID      uint64
						Entries []struct{ ID uint64 }
					}
				}
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil || e.Data.Story.ID == 0 || len(e.Data.Story.Entries) == 0 || e.Type == "story.copy" && e.Data.Of != "Reuters" {
				t.Errorf("%v: %.300s", err, body)
			}
			delete(missing, e.Type)
		case <-ctx.Done():
			t.Fatalf("not told: %v", missing)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
