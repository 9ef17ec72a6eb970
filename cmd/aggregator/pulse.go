package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"aggregator/feeds/poll"
	"aggregator/store"
)

const (
	// maxIdle is how long the polling may take between two looks at the clock:
	// twice as long as it ever sleeps.
	maxIdle = time.Minute
	// maxWrite is how long the store may take for a write that waits for nobody.
	maxWrite = 20 * time.Second
	// checkedFor is how long a check is good for those who ask again.
	checkedFor = time.Second
)

// pulse says whether the daemon does its work: feeds are scheduled and the store
// can write.
type pulse struct {
	store  *store.Store
	poller atomic.Pointer[poll.Poller]
	behind atomic.Bool // the store still catches up with the log of a cluster

	mu  sync.Mutex // held during a check: those who ask meanwhile share it
	at  time.Time
	err error
}

// ready is nil when the daemon works and has nothing to catch up with.
func (p *pulse) ready(ctx context.Context) error {
	if p.behind.Load() {
		return errors.New("the store has not caught up with the cluster's log yet")
	}
	return p.works(ctx)
}

// works is nil when feeds have been scheduled, go on being scheduled, and what they
// bring can be kept.
func (p *pulse) works(ctx context.Context) error {
	if p.behind.Load() {
		return p.writes(ctx) // polling begins when the log is caught up with
	}
	if idle := p.poller.Load().Idle(); idle > maxIdle {
		return fmt.Errorf("the polling has not looked at its schedule for %s", idle.Round(time.Second))
	}
	return p.writes(ctx)
}

func (p *pulse) writes(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) < checkedFor {
		return p.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxWrite)
	defer cancel()
	p.err = p.store.Ping(ctx)
	if errors.Is(p.err, context.DeadlineExceeded) {
		p.err = fmt.Errorf("the store has not answered for %s: %w", maxWrite, p.err)
	}
	p.at = time.Now()
	return p.err
}

// beat tells systemd's watchdog that all is well, as long as it is, until ctx
// ends. A disk that is full, or takes long, or can only be read, is told in the log and by /readyz; the
// watchdog is fed all the same, because a restart mends no disk and readers would be
// turned away.
func (p *pulse) beat(ctx context.Context, log *slog.Logger) error {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil || limit <= 0 {
		return nil // nobody watches
	}
	tick := time.NewTicker(limit / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		switch err := p.works(ctx); {
		case errors.Is(err, store.ErrSlowDisk):
			log.Error("polls wait for the disk; readers do not", "err", err)
			notify(daemon.SdNotifyWatchdog)
		case err == nil, unwritable(err):
			notify(daemon.SdNotifyWatchdog)
		case ctx.Err() == nil:
			log.Error("the daemon does not do its work; systemd will restart it unless that ends", "err", err)
		}
	}
}

// unwritable reports a disk that is full, or that can only be read.
func unwritable(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}
