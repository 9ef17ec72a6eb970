package fetch

import (
	"bufio"
	"io"
	"net"
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

func readHead(c net.Conn) string {
	r := bufio.NewReader(c)
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
	return feeds.Settings{AllowPrivate: []string{"127.0.0.0/8", "::1/128"}, Timeout: 5 * time.Second}
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
