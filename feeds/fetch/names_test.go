package fetch

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aggregator/feeds"

	"golang.org/x/net/dns/dnsmessage"
)

// resolve has this process look names up in a server of the test, until the test ends.
// addresses gives the IPv4 addresses of a name at the n-th time that it is looked up,
// from 0.
func resolve(t *testing.T, addresses func(name string, n int) []string) {
	t.Helper()
	usual := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = usual })
	var mu sync.Mutex
	asked := map[string]int{}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			for {
				var size [2]byte
				if _, err := io.ReadFull(server, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(server, query); err != nil {
					return
				}
				var m dnsmessage.Message
				if err := m.Unpack(query); err != nil {
					t.Error(err)
					return
				}
				q := m.Questions[0]
				m.Response, m.Additionals = true, nil
				if q.Type == dnsmessage.TypeA {
					name := strings.TrimSuffix(q.Name.String(), ".")
					mu.Lock()
					for _, a := range addresses(name, asked[name]) {
						m.Answers = append(m.Answers, dnsmessage.Resource{
							Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
							Body:   &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
						})
					}
					asked[name]++
					mu.Unlock()
				}
				answer, err := m.Pack()
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

// Where a name leads counts when its address is dialled, not before: a name that led to
// an address that may be asked, and then leads into a private network, is not followed
// there; neither is a redirect to such a name, nor the private one of several addresses.
func TestPoliteness30ANameThatChangesItsAddress(t *testing.T) {
	var private atomic.Int32 // connections to the address that nobody may ask
	w := serveRaw(t, func(request string) string {
		if path(request) == "/away" {
			return reply("301 Moved Permanently", "Location: http://inside.example:"+port(t, request)+"/feed\r\n", "")
		}
		return reply("200 OK", "", feedText)
	})
	_, at, _ := strings.Cut(strings.TrimPrefix(w.URL, "http://"), ":")
	inside, err := net.Listen("tcp", "127.0.0.2:"+at)
	if err != nil {
		t.Skip("127.0.0.2 is no address of this machine, or its port is taken: ", err)
	}
	defer inside.Close()
	go func() {
		for {
			c, err := inside.Accept()
			if err != nil {
				return
			}
			private.Add(1)
			c.Close()
		}
	}()
	resolve(t, func(name string, n int) []string {
		switch name {
		case "turning.example":
			return [][]string{{"127.0.0.1"}, {"127.0.0.2"}, {"169.254.169.254"}, {"127.0.0.1"}}[min(n, 3)]
		case "inside.example":
			return []string{"127.0.0.2"}
		case "both.example":
			return []string{"127.0.0.2", "127.0.0.1"}
		}
		return nil
	})
	const leadsInside = " leads to an address that is not public, in a private network or of this machine" + allowIt
	s := loopback()
	s.AllowPrivate = []string{"127.0.0.1/32"}
	c := New()
	defer c.Close()
	for i, step := range []struct {
		url, problem string
	}{
		{"turning.example", ""}, {"turning.example", "turning.example" + leadsInside}, {"turning.example", "turning.example" + leadsInside}, {"turning.example", ""},
		{"127.0.0.1/away", "inside.example" + leadsInside}, {"inside.example", "inside.example" + leadsInside}, {"both.example", ""},
	} {
		host, rest, _ := strings.Cut(step.url, "/")
		r := c.Get(t.Context(), Request{URL: "http://" + host + ":" + at + "/" + rest, Settings: s})
		if r.Problem != step.problem || (r.Outcome == feeds.Changed) != (step.problem == "") {
			t.Errorf("step %d, %s: %s %q, want %q", i+1, step.url, r.Outcome, r.Problem, step.problem)
		}
	}
	if n := private.Load(); n > 0 {
		t.Errorf("%d connections came to an address that is not allowed", n)
	}
}

// port is that of the server that a request came to.
func port(t *testing.T, request string) string {
	t.Helper()
	_, rest, _ := strings.Cut(request, "\r\nHost: ")
	host, _, _ := strings.Cut(rest, "\r\n")
	_, p, err := net.SplitHostPort(host)
	if err != nil {
		t.Error(err)
	}
	return p
}
