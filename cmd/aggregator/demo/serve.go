package demo

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"aggregator/feeds"
)

// Options of the sample outlets. The zero value is right for the command.
type Options struct {
	// Start is the time to which the outlets' dates and the timeline are
	// relative; zero means now.
	Start time.Time
	// Now is the clock; nil means the system's.
	Now func() time.Time
}

// Outlets are the sample outlets while they run.
type Outlets struct {
	start   time.Time
	urls    map[string]string // by the feed's file
	servers []*http.Server
	serving sync.WaitGroup
	stop    func() bool
}

// Start listens on a free loopback port for each outlet and serves until ctx
// ends or Close is called. Close must be called to wait for the end.
func Start(ctx context.Context, o Options) (*Outlets, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Start.IsZero() {
		o.Start = o.Now()
	}
	// Whole seconds: feeds and Last-Modified know no finer ones.
	o.Start = o.Start.Truncate(time.Second)
	r, err := newRenderer(o.Start, o.Now)
	if err != nil {
		return nil, err
	}
	d := &Outlets{start: o.Start, urls: map[string]string{}}
	for _, one := range outlets {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			d.Close()
			return nil, fmt.Errorf("start the sample outlet %s: %w", one.Name, err)
		}
		mux := http.NewServeMux()
		for _, f := range one.feeds {
			mux.Handle(f.path, r.handler(f))
			d.urls[f.file] = "http://" + l.Addr().String() + f.path
		}
		s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
		d.servers = append(d.servers, s)
		d.serving.Go(func() {
			_ = s.Serve(l) // should it end early, the polls of its feeds say so
		})
	}
	d.stop = context.AfterFunc(ctx, d.shut)
	return d, nil
}

// shut ends all connections.
func (d *Outlets) shut() {
	for _, s := range d.servers {
		s.Close()
	}
}

// Close ends the outlets and waits for them. It may be called twice.
func (d *Outlets) Close() {
	if d.stop != nil {
		d.stop()
	}
	d.shut()
	d.serving.Wait()
}

// Began is the moment to which the timeline is relative.
func (d *Outlets) Began() time.Time { return d.start }

// Outlets are the publishers, as a configuration would describe them.
func (d *Outlets) Outlets() []feeds.Outlet {
	list := make([]feeds.Outlet, len(outlets))
	for i, o := range outlets {
		list[i] = o.Outlet
	}
	return list
}

// Feeds are their feeds, with the addresses at which they are served.
func (d *Outlets) Feeds() []feeds.Feed {
	var list []feeds.Feed
	for _, o := range outlets {
		for _, f := range o.feeds {
			list = append(list, feeds.Feed{URL: d.urls[f.file], Outlet: o.ID})
		}
	}
	return list
}

// handler serves one feed as a real server would: validators, 304, gzip, HEAD.
func (r *renderer) handler(f feed) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != f.path {
			http.NotFound(w, req)
			return
		}
		body, changed, err := r.render(f.file)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.contentType)
		h.Set("Cache-Control", "max-age=0, must-revalidate")
		h.Set("Vary", "Accept-Encoding")
		sum := fnv.New64a()
		sum.Write(body)
		tag := fmt.Sprintf("%016x", sum.Sum64())
		if accepts(req.Header.Get("Accept-Encoding"), "gzip") {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			z.Write(body) // a bytes.Buffer takes everything
			z.Close()
			body, tag = packed.Bytes(), tag+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
		if !f.noETag {
			h.Set("ETag", `"`+tag+`"`)
		}
		if f.noModified {
			changed = time.Time{}
		}
		http.ServeContent(w, req, "", changed, bytes.NewReader(body))
	})
}

// accepts reports whether an Accept-Encoding field names a coding without
// ruling it out.
func accepts(field, coding string) bool {
	for part := range strings.SplitSeq(field, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return !strings.Contains(strings.ReplaceAll(params, " ", "")+";", "q=0;")
		}
	}
	return false
}
