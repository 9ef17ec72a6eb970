package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"aggregator/config"
	"aggregator/serve"
	"aggregator/store"
)

// client asks the API: of the daemon over its unix socket while one runs, else
// of the same handler over the store's file, which nobody else holds then.
type client struct {
	http.RoundTripper
	base  string       // of addresses in answers
	store *store.Store // when this process opened the file; nil when a daemon has it
	close func() error
}

// daemonRuns reports whether a daemon answers for the store at path.
func daemonRuns(path string) bool {
	conn, err := net.DialTimeout("unix", socketPath(path), 2*time.Second)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// openClient finds the daemon or opens the file: to be made if need be, to be
// changed, or only to be read. The caller closes it.
func openClient(cfg *config.Config, makes, changes bool) (*client, error) {
	if socket := socketPath(cfg.Store.Path); daemonRuns(cfg.Store.Path) {
		t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		}}
		return &client{t, "http://" + cfg.Serve.Listen, nil, func() error { t.CloseIdleConnections(); return nil }}, nil
	}
	if _, err := os.Stat(cfg.Store.Path); !makes && errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no store at %s yet; start the daemon first: aggregator run --config FILE", cfg.Store.Path)
	}
	st, err := store.Open(cfg.Store.Path, store.Options{ReadOnly: !changes, Window: cfg.Stories.Window, Outlets: cfg.OutletList()})
	if err != nil {
		return nil, err
	}
	options := serveOptions(cfg)
	if len(options.Outlets) == 0 { // asked by --store
		options.Outlets, options.Feeds = st.Outlets(), st.Feeds()
	}
	wireServe(&options, st, cfg.Subscriptions(), nil)
	h := withUsers(st, serve.New(st, options))
	return &client{handlerTransport{h}, "http://" + cfg.Serve.Listen, st, st.Close}, nil
}

// handlerTransport answers requests with a handler of this process, which takes
// them for the operator's: who can open the file needs no leave.
type handlerTransport struct{ http.Handler }

func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	local := net.Addr(&net.UnixAddr{Net: "unix"})
	t.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local)))
	return w.Result(), nil
}

// raw asks for path and gives the answer's body; a problem's own words become the
// error.
func (c *client) raw(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, err
	}
	return c.send(r)
}

// post sends a text and gives the answer's body.
func (c *client) post(ctx context.Context, path string, text io.Reader) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, text)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	return c.send(r)
}

func (c *client) send(r *http.Request) ([]byte, error) {
	resp, err := c.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	if resp.StatusCode >= 400 {
		return nil, refused(resp, body)
	}
	return body, nil
}

// refused makes a problem's own words an error.
func refused(resp *http.Response, body []byte) error {
	var p struct {
		Detail  string
		Invalid []struct{ Name, Reason string } `json:"invalid_params"`
	}
	if json.Unmarshal(body, &p) == nil && len(p.Invalid) > 0 {
		var words []string
		for _, v := range p.Invalid {
			words = append(words, v.Name+": "+v.Reason)
		}
		return errors.New(strings.Join(words, "\n"))
	}
	if p.Detail != "" {
		return errors.New(p.Detail)
	}
	return fmt.Errorf("the daemon answered %s to %s", resp.Status, resp.Request.URL.Path)
}
