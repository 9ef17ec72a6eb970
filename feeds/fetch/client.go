package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"aggregator/feeds"
)

// Client makes requests. Feeds whose limits are the same share connections. It is
// safe for concurrent use.
type Client struct {
	mu         sync.Mutex
	transports map[limits]*http.Transport
	// last is the one that was asked for last: mostly there is only one.
	last     atomic.Pointer[limited]
	patience patiences
}

type limited struct {
	limits
	*http.Transport
}

// limits are the settings that a transport is built for.
type limits struct {
	connect, header time.Duration
	allow           string // CIDR ranges, separated by spaces
	proxy           string
}

// New returns a Client without any connections.
func New() *Client { return &Client{transports: map[limits]*http.Transport{}} }

// Close closes idle connections. Requests under way finish.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.transports {
		t.CloseIdleConnections()
	}
}

func (c *Client) transport(s *feeds.Settings) (*http.Transport, error) {
	k := limits{
		connect: orDuration(s.ConnectTimeout, 10*time.Second),
		header:  orDuration(s.HeaderTimeout, 30*time.Second),
		allow:   strings.Join(s.AllowPrivate, " "), proxy: s.Proxy,
	}
	if last := c.last.Load(); last != nil && last.limits == k {
		return last.Transport, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.transports[k]; t != nil {
		c.last.Store(&limited{k, t})
		return t, nil
	}
	allow := make([]netip.Prefix, 0, len(s.AllowPrivate))
	for _, cidr := range s.AllowPrivate {
		p, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil, fmt.Errorf("the allowed range %q is no CIDR range such as 192.168.0.0/16", cidr)
		}
		allow = append(allow, p)
	}
	t := newTransport(k, allow)
	if k.proxy != "" {
		u, err := url.Parse(k.proxy)
		if err != nil || u.Host == "" {
			return nil, errors.New(`the proxy's address cannot be used: write one such as "http://proxy.example:3128" or "socks5://127.0.0.1:1080"`)
		}
		t.Proxy = http.ProxyURL(u)
	}
	c.transports[k] = t
	return t, nil
}

func newTransport(k limits, allow []netip.Prefix) *http.Transport {
	dialer := &net.Dialer{
		Timeout:   k.connect,
		KeepAlive: -1, // connections are idle for a minute, not for hours
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			err := guard(address, allow)
			if err != nil && k.proxy != "" {
				return errProxyNotPublic // nothing else is dialled
			}
			return err
		},
	}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   k.connect,
		ResponseHeaderTimeout: k.header,
		// As net/http has it: feeds of one outlet are polled close together, and a
		// server that wants its connection back closes it when it likes.
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    2,
		ReadBufferSize:         2 << 10, // for what an answer says before its body; each idle connection keeps both
		WriteBufferSize:        1 << 10,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true, // decoded here, where it is bounded
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
}

func (a *attempt) optedOut(u *url.URL) bool { return OptedOut(a.request.Settings.OptOut, u) }

// OptedOut reports whether the host of an address is one of hosts, or below one.
func OptedOut(hosts []string, u *url.URL) bool {
	if len(hosts) == 0 {
		return false
	}
	name := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(hosts, func(host string) bool {
		host = strings.ToLower(host)
		return name == host || strings.HasSuffix(name, "."+host)
	})
}

// Guarded returns a client for requests that are no polls, to an address that
// the operator named. Like the poller's it connects to public addresses and to
// those in allow (CIDR ranges) only; it follows no redirects and uses no proxy.
func Guarded(allow []string) (*http.Client, error) {
	prefixes := make([]netip.Prefix, 0, len(allow))
	for _, cidr := range allow {
		p, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil, fmt.Errorf("the allowed range %q is no CIDR range such as 192.168.0.0/16", cidr)
		}
		prefixes = append(prefixes, p)
	}
	return &http.Client{
		Transport:     newTransport(limits{connect: 10 * time.Second, header: 30 * time.Second}, prefixes),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
