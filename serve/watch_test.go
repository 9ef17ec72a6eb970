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
	l, err := net.Listen("tcp", *watch)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: besideBare(h, compressed), ReadHeaderTimeout: 5 * time.Second}
	time.AfterFunc(10*time.Minute, func() { server.Close() })
	_ = server.Serve(l)
}
