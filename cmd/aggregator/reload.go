package main

import (
	"context"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"aggregator/feeds/poll"
)

// work polls until ctx ends and returns when the polls under way then are kept.
// At every request to reload, and when the new settings are good, it lets the
// polls under way finish, and a poller of the new settings goes on from what the
// one before remembers, so that nobody is asked early and nothing is forgotten.
func (d *running) work(ctx context.Context) error {
	for {
		polling, pause := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- d.pollAndTell(polling) }()
		next := d.await(ended)
		pause()
		if next == nil || ctx.Err() != nil {
			return <-ended
		}
		if err := <-ended; err != nil {
			return err
		}
		before := d.settings
		d.adopt(*next)
		d.loaded = time.Now()
		d.refused.Store(false)
		err := d.store.Configure(ctx, d.outlets)
		if err == nil {
			err = d.begin(ctx)
		}
		if err != nil {
			d.log.Error("the new configuration could not be put in place; the one before goes on", "err", err)
			d.settings = before
			d.refused.Store(true)
			if err := d.begin(ctx); err != nil {
				return err
			}
		} else {
			d.log.Info("the new configuration holds", "outlets", len(d.outlets), "feeds", len(d.subs))
		}
		notify("READY=1", d.status())
	}
}

// pollAndTell returns when ctx has ended and the polls under way are kept, or at
// the first error.
func (d *running) pollAndTell(ctx context.Context) error {
	work, ctx := errgroup.WithContext(ctx)
	polling, stop := ctx, func() {}
	if hubs := d.hubs.Load(); hubs != nil {
		// What hubs pushed is read while there is still somebody to take it.
		polling, stop = context.WithCancel(context.WithoutCancel(ctx))
		work.Go(func() error { defer stop(); return hubs.Run(ctx) })
	}
	work.Go(func() error { defer stop(); return d.poller.Run(polling) })
	for _, run := range d.tellers {
		work.Go(func() error { return run(ctx) })
	}
	return work.Wait()
}

// await returns the settings of the next good configuration, nil when polling
// has ended before there was one.
func (d *running) await(ended chan error) *settings {
	for {
		select {
		case err := <-ended:
			ended <- err
			return nil
		case <-d.reload:
		}
		notify("RELOADING=1", daemon.SdNotifyMonotonicUsec())
		next, err := d.load()
		if err == nil {
			_, err = poll.New(next.subs, nil, d.store, poll.Options{})
		}
		if err == nil {
			return &next
		}
		d.refused.Store(true)
		d.log.Error("the new configuration is refused; the one before goes on", "err", err)
		notify("READY=1", d.status())
	}
}

// adopt takes over what may change while the daemon runs.
func (d *running) adopt(next settings) {
	if next.path != d.path || next.window != d.window || next.listen != d.listen || next.retention != d.retention {
		d.log.Warn("[store], [stories] window and [serve] listen hold from the next start on")
	}
	next.path, next.window, next.listen, next.retention = d.path, d.window, d.listen, d.retention
	next.cluster, next.polls = d.cluster, d.polls
	d.settings = next
}

// notify tells systemd, when it started us and listens; a manager that cannot be
// reached must not stop the daemon.
func notify(lines ...string) {
	_, _ = daemon.SdNotify(false, strings.Join(lines, "\n"))
}
