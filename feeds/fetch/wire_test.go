package fetch

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aggregator/feeds"
)

// wire is a server that shows the bytes of each request and answers with raw
// bytes: what net/http's own server would put right is sent as it is written.
type wire struct {
	URL      string
	mu       sync.Mutex
	requests []string
}

// serveRaw starts a wire. answer gives the reply to a request; each reply ends its
// connection, unless it is empty: then the connection hangs until the test ends.
func serveRaw(t *testing.T, answer func(request string) string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{URL: "http://" + l.Addr().String()}
	var served sync.WaitGroup
	over := make(chan struct{})
	t.Cleanup(func() { close(over); l.Close(); served.Wait() })
	served.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer c.Close()
				request := readHead(c)
				w.mu.Lock()
				w.requests = append(w.requests, request)
				w.mu.Unlock()
				reply := answer(request)
				if reply == "" {
					<-over
					return
				}
				io.WriteString(c, reply)
			})
		}
	})
	return w
}

func readHead(c net.Conn) string { return headOf(bufio.NewReader(c)) }

func headOf(r *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		b.WriteString(line)
		if err != nil || line == "\r\n" {
			return b.String()
		}
	}
}

func (w *wire) got(t *testing.T, n int) string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.requests) {
		t.Fatalf("only %d requests came", len(w.requests))
	}
	return w.requests[n]
}

// reply is a raw answer with a body.
func reply(status, headers, body string) string {
	return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers + "\r\n" + body
}

// path is what a request asks for.
func path(request string) string { return strings.Fields(request)[1] }

func loopback() feeds.Settings {
	return feeds.Settings{AllowPrivate: []string{"127.0.0.0/8", "::1/128"}, Timeout: 2 * time.Minute}
}

func get(t *testing.T, r Request) Response {
	t.Helper()
	c := New()
	defer c.Close()
	return c.Get(t.Context(), r)
}

// A server closes an idle connection when it likes, at the very moment of the next
// request, too: that request is made again on a new connection, and no failure.
func TestIdleConnectionsThatTheServerCloses(t *testing.T) {
	for name, early := range map[string]bool{"before the next request": true, "at the next request": false} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var served sync.WaitGroup
			t.Cleanup(func() { l.Close(); served.Wait() })
			connections, closed := make(chan struct{}, 9), make(chan struct{}, 9)
			served.Go(func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					connections <- struct{}{}
					readHead(c)
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
					if !early {
						readHead(c)
					}
					c.Close()
					closed <- struct{}{}
				}
			})
			c := New()
			defer c.Close()
			for range 3 {
				if r := c.Get(t.Context(), Request{URL: "http://" + l.Addr().String(), Settings: loopback()}); r.Status != 200 {
					t.Fatalf("%d %s", r.Status, r.Problem)
				}
				if early {
					<-closed
				}
			}
			if n := len(connections); n != 3 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// FuzzAnswer: whatever bytes a server answers with, redirects to anywhere among them, what
// is made of them is within its bounds, says in words what is wrong without the address,
// and puts nothing into the next request that is not due there.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{
		reply("200 OK", "ETag: \"a\"\r\nLast-Modified: x\r\nCache-Control: max-age=5\r\nContent-Type: text/xml; charset=x\r\n", feedText),
		reply("301 Moved Permanently", "Location: /elsewhere\r\n", ""), reply("302 Found", "Location: https://user:pw@other.example:99999/\r\n", ""),
		reply("200 OK", "Content-Encoding: gzip, br\r\nTransfer-Encoding: chunked\r\n", "5\r\n<rss/\r\n1;x=y\r\n>\r\n0\r\nETag: late\r\n\r\n"),
		reply("429 Slow", "Retry-After: 1e9\r\nRateLimit: limit=1, remaining=0, reset=9\r\n", ""), reply("103 Early Hints", "Link: <x>\r\n", "HTTP/1.1 200 OK\r\n\r\nlate"),
		reply("200 OK", "Content-Encoding: gzip\r\n", string(pack("gzip", []byte(feedText)))), "HTTP/1.1 99999999999 x\r\n\r\n", "HTTP/2 200\r\n",
		reply("200 OK", "Content-Length: 99999999999999999999\r\n", ""), reply("200 OK", "ETag: a\r\n b\r\nETag: c\x00d\r\n", "x"),
	} {
		f.Add([]byte(answer))
	}
	set := loopback()
	set.Timeout, set.MaxBody = 2*time.Second, 1<<16
	var mu sync.Mutex
	var answer []byte
	var requests []string
	c := New()
	h, err := c.transport(&set)
	if err != nil {
		f.Fatal(err)
	}
	h.DialContext = func(context.Context, string, string) (net.Conn, error) { // nobody else is asked
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			r := bufio.NewReader(server)
			mu.Lock()
			say := answer
			mu.Unlock()
			if b, err := r.Peek(1); err == nil && b[0] != 0x16 { // no TLS
				request := headOf(r)
				mu.Lock()
				requests = append(requests, request)
				mu.Unlock()
			}
			_, _ = server.Write(say)
		}()
		return client, nil
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		mu.Lock()
		answer, requests = raw, nil
		mu.Unlock()
		r := Request{URL: "http://t.example/feed?key=s3cr3t", Settings: set}
		for range 2 {
			began := time.Now()
			got := c.Get(t.Context(), r)
			if len(got.Body) > 1<<16 || got.Wire > 1<<17 || len(got.Redirects) > 6 {
				t.Errorf("%d bytes, %d on the wire, %d redirects", len(got.Body), got.Wire, len(got.Redirects))
			}
			fine := got.Outcome == feeds.Changed || got.Outcome == feeds.NotModified
			if (got.Problem == "") != fine || (got.Body != nil) != (got.Outcome == feeds.Changed) {
				t.Errorf("%s: %q, body %v", got.Outcome, got.Problem, got.Body != nil)
			}
			if strings.Contains(got.Problem, "s3cr3t") && !bytes.Contains(raw, []byte("s3cr3t")) {
				t.Errorf("the problem tells the address: %q", got.Problem)
			}
			for _, at := range []time.Time{got.RetryAfter, got.FreshUntil} {
				if !at.IsZero() && (at.Before(began.Add(-time.Second)) || at.Sub(began) > maxRetryAfter+time.Minute) {
					t.Errorf("%s is out of bounds", at)
				}
			}
			r.ETag, r.LastModified, r.ValidatorsOf = got.ETag, got.LastModified, got.FinalURL
		}
		c.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, text := range requests {
			req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
			if err != nil {
				t.Errorf("%q: %v", text, err)
				continue
			}
			for name := range req.Header {
				if !slices.Contains([]string{"User-Agent", "Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Authorization"}, name) {
					t.Errorf("%s is sent in\n%s", name, text)
				}
			}
		}
	})
}
