package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"sync"

	"github.com/coreos/go-systemd/v22/activation"

	"aggregator/store"
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

// socketPath is where the daemon that holds a store's file listens for the command line.
func socketPath(file string) string { return file + ".sock" }

// diaryPath is where whoever holds a store notes the requests under way.
func diaryPath(store string) string { return store + ".requests" }

// listenLocal opens the unix socket beside the store. The caller holds the
// store's lock, so a socket that is already there is a dead daemon's.
func listenLocal(file string) (net.Listener, error) {
	path := socketPath(file)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the socket of an earlier run: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the socket for the command line: the folder of the store must be the daemon's to write in: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// soundAfterCrash looks through the pages of a store whose last daemon did not end by
// itself, or died when it opened it: bbolt answers a torn page with a panic that nobody
// can catch. What tells is the socket, which a clean stop removes. Until the socket is
// there an empty file stands in its place.
func soundAfterCrash(path string) error {
	socket := socketPath(path)
	_, crashed := os.Lstat(socket)
	if info, err := os.Stat(path); err != nil || info.Size() == 0 || daemonRuns(path) {
		return nil // nothing there yet, or in use: to open it says so
	}
	if crashed == nil {
		return checkFile(path)
	}
	_ = os.WriteFile(socket, nil, 0o600) // where that is impossible, to listen says so
	return nil
}

// checkFile looks through the pages of a store that nobody has open.
func checkFile(path string) error {
	err := store.CheckFile(path)
	if file := (*fs.PathError)(nil); errors.As(err, &file) && file.Op == "open" {
		return nil // to open it says so
	}
	if err != nil {
		return fmt.Errorf("the store %s is damaged: restore a backup with aggregator restore FILE: %w", path, err)
	}
	return nil
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
	mux.Handle("GET /debug/pprof/block", whileCounted("block", runtime.SetBlockProfileRate, blockRate))
	mux.Handle("GET /debug/pprof/mutex", whileCounted("mutex", func(n int) { runtime.SetMutexProfileFraction(n) }, 1))
	return mux
}

// blockRate has one wait counted for so many nanoseconds of waiting, and each that is longer.
const blockRate = 10_000

// whileCounted answers with what the runtime counts during the seconds asked for, which it
// does then alone, at that rate: to count takes time. Profiles of one kind are taken one
// after the other.
func whileCounted(name string, count func(rate int), rate int) http.Handler {
	var one sync.Mutex
	profile := pprof.Handler(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("seconds") == "" {
			http.Error(w, "this is counted on request alone: say for how long, as ?seconds=10", http.StatusBadRequest)
			return
		}
		one.Lock()
		defer one.Unlock()
		count(rate)
		defer count(0)
		profile.ServeHTTP(w, r)
	})
}
