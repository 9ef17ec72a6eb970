package serve

import (
	"flag"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

var watch = flag.String("sample", "", "serve the sample at this address for ten minutes, to look at it: -sample 127.0.0.1:8090")

// TestWatchSample is for people and browsers: it serves the invented stories.
// For load tests two bare handlers stand beside it: /bare/304, and /bare/full,
// which writes the same compressed bytes as /feed.atom.
func TestWatchSample(t *testing.T) {
	if *watch == "" {
		t.Skip("to look at the page: go test ./serve -run TestWatchSample -sample 127.0.0.1:8090")
	}
	src := sample()
	o := sampleOptions()
	o.BaseURL, o.Now = "", time.Now
	h := New(src, o)
	compressed, err := io.ReadAll(ask(h, "GET", "http://"+*watch+"/feed.atom", "Accept-Encoding", "gzip").Body)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc("/bare/304", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	mux.HandleFunc("/bare/full", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/atom+xml")
		w.Header().Set("Content-Length", itoa(len(compressed)))
		_, _ = w.Write(compressed)
	})
	l, err := net.Listen("tcp", *watch)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	time.AfterFunc(10*time.Minute, func() { server.Close() })
	_ = server.Serve(l)
}
