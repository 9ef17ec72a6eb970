package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// door is an HTTP server that turns nobody away when it closes. http.Server.Shutdown
// alone hangs up on a connection whose first request it has not read yet.
type door struct {
	server    *http.Server
	listeners []net.Listener
	closing   atomic.Bool
	accepting sync.WaitGroup
	inside    sync.WaitGroup // connections
}

func newDoor(h http.Handler, log *slog.Logger, listeners ...net.Listener) *door {
	d := &door{listeners: listeners}
	d.server = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				d.inside.Add(1)
			case http.StateClosed, http.StateHijacked:
				d.inside.Done()
			}
		},
	}
	d.accepting.Add(len(listeners))
	return d
}

// open starts answering; each listener runs by start, which gets what broke it.
func (d *door) open(start func(func() error)) {
	for _, l := range d.listeners {
		start(func() error {
			defer d.accepting.Done()
			if err := d.server.Serve(l); !d.closing.Load() && !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve on %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
}

// close takes nobody in any more and returns when all who came were answered, or
// ctx has ended: a reader that is slower than that comes again.
func (d *door) close(ctx context.Context) {
	d.closing.Store(true)
	closeAll(d.listeners)
	d.accepting.Wait()
	d.server.SetKeepAlivesEnabled(false)
	left := make(chan struct{})
	go func() { d.inside.Wait(); close(left) }()
	select {
	case <-left:
	case <-ctx.Done():
	}
	d.server.Close()
}
