package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"aggregator/feeds"
)

// Requests share a context as long as none takes too long; one that does takes nothing from
// those after it, and what ends a run ends none of the next.
func TestPatienceIsShared(t *testing.T) {
	slow := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-slow
		}
	}))
	defer server.Close()
	defer close(slow)
	c := New()
	defer c.Close()
	get := func(ctx context.Context, path string, limit time.Duration) Response {
		return c.Get(ctx, Request{URL: server.URL + path, Settings: feeds.Settings{Timeout: limit, AllowPrivate: []string{"127.0.0.0/8"}}})
	}
	run, end := context.WithCancel(context.Background())
	for range 3 {
		if r := get(run, "/", time.Minute); r.Status != http.StatusOK {
			t.Fatal(r.Problem)
		}
	}
	if n := len(c.patience.free); n != 1 {
		t.Fatalf("three requests, one after the other, left %d contexts", n)
	}
	shared := c.patience.free[0]
	if r := get(run, "/slow", time.Millisecond); r.Problem != errWhole.Error() {
		t.Errorf("a slow answer: %+v", r)
	}
	if len(c.patience.free) != 0 || !errors.Is(context.Cause(shared.ctx), errWhole) {
		t.Errorf("the context of a request that took too long is kept: %v", context.Cause(shared.ctx))
	}
	if r := get(run, "/", time.Minute); r.Status != http.StatusOK {
		t.Errorf("after a slow answer: %s", r.Problem)
	}
	end()
	if r := get(run, "/", time.Minute); r.Status != 0 {
		t.Errorf("after the end of the run: %+v", r)
	}
	if r := get(context.Background(), "/", time.Minute); r.Status != http.StatusOK {
		t.Errorf("in another run: %s", r.Problem)
	}
}
