package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/serve"
	"aggregator/store"
)

// service is what `run` and `demo` have in common: the store, the poller and
// the server, wired.
type service struct {
	path    string // the store's file
	window  time.Duration
	outlets []feeds.Outlet
	subs    []poll.Subscription
	poll    poll.Options
	listen  string // host:port
	serve   serve.Options
	log     *slog.Logger
	// ready is called once with the store open and the address listened on.
	ready func(s *store.Store, addr net.Addr)
}

// run works until ctx ends, then stops in this order: no new polls, polls in
// flight finished and kept, requests answered, the store closed. An error
// before that is returned at once.
func (s service) run(ctx context.Context) (err error) {
	st, err := store.Open(s.path, store.Options{Window: s.window, Outlets: s.outlets})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	states, err := st.States()
	if err != nil {
		return err
	}
	s.poll.Log = s.log
	poller, err := poll.New(s.subs, states, st, s.poll)
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("%w\nAnother program may use that address; choose another one with [serve] listen", err)
	}
	local, err := listenLocal(s.path)
	if err != nil {
		tcp.Close()
		return err
	}
	work, stopping := errgroup.WithContext(ctx)
	s.serve.Outlets, s.serve.Log, s.serve.Done = s.outlets, s.log, stopping.Done()
	wireServe(&s.serve, st, s.subs)
	server := &http.Server{
		Handler:           serve.New(st, s.serve),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	if s.ready != nil {
		s.ready(st, tcp.Addr())
	}
	// Not under systemd this does nothing; an unreachable socket must not stop us.
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)

	for _, l := range []net.Listener{tcp, local} {
		work.Go(func() error {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve on %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
	work.Go(func() error {
		err := poller.Run(stopping)
		_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			server.Close() // a reader that is slower than that comes again
		}
		return err
	})
	return work.Wait()
}

// wireServe gives the server what it shows of the polling: the daemon and the
// command line, which answers by the same handler, show the same.
func wireServe(o *serve.Options, st *store.Store, subs []poll.Subscription) {
	o.States, o.Now, o.Why = st.States, time.Now, whyOf(subs)
	for _, sub := range subs {
		o.Feeds = append(o.Feeds, sub.Feed)
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
