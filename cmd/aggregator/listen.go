package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"

	"github.com/coreos/go-systemd/v22/activation"
)

// listenAll opens what readers and the command line connect to. The sockets that
// systemd hands over take the place of [serve] listen: they stay open while the
// daemon restarts, so that nobody who connects meanwhile is turned away.
func listenAll(s settings, log *slog.Logger) (public []net.Listener, local net.Listener, err error) {
	if public, err = activation.Listeners(); err != nil {
		return nil, nil, fmt.Errorf("take over the sockets of systemd: %w", err)
	}
	for i, l := range public {
		if l == nil {
			closeAll(public)
			return nil, nil, fmt.Errorf("socket %d of systemd is not one that listens: the .socket unit needs ListenStream= only", i)
		}
		log.Debug("systemd listens", "address", l.Addr().String())
	}
	if len(public) == 0 {
		tcp, err := net.Listen("tcp", s.listen)
		if err != nil {
			return nil, nil, fmt.Errorf("%w\nAnother program may use that address; choose another one with [serve] listen", err)
		}
		public = []net.Listener{tcp}
	}
	if local, err = listenLocal(s.path); err != nil {
		closeAll(public)
		return nil, nil, err
	}
	return public, local, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		if l != nil {
			l.Close()
		}
	}
}

// socketPath is where the daemon that holds a store listens for the command line.
func socketPath(store string) string { return store + ".sock" }

// listenLocal opens the unix socket beside the store. The caller holds the
// store's lock, so a socket that is already there is a dead daemon's.
func listenLocal(store string) (net.Listener, error) {
	path := socketPath(store)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the socket of an earlier run: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the socket for the command line: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// localHandler is what the unix socket answers: all that readers may ask, and what
// is for the operator of this machine alone.
func localHandler(public http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", public)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
