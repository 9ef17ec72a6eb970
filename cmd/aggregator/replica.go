package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/signal"
	"time"

	"golang.org/x/sync/errgroup"

	"aggregator/cluster"
	"aggregator/config"
	"aggregator/feeds/poll"
	"aggregator/serve"
	"aggregator/store"
)

// The roles of a machine in a cluster.
const (
	roleAll    = "all"    // decides, keeps, serves and asks
	roleIndex  = "index"  // all but asking
	rolePoller = "poller" // asks only: it has no store and serves nobody
)

// waiting is how many polls an index node has under way: they wait for a poller,
// not for a server.
const waiting = 4096

// pollerGrace is how long a poller that stops may finish what it began.
const pollerGrace = 10 * time.Second

// replica is this machine's part in a cluster, as an index node. A nil one is of a
// machine alone.
type replica struct {
	cluster *cluster.Cluster
	store   *store.Store
	maker   *poll.Maker
	asker   *cluster.Asker
	polls   bool
	many    int // requests at once
	log     *slog.Logger
}

// join connects to the cluster and checks that the store can follow its log.
func join(ctx context.Context, s settings, st *store.Store, log *slog.Logger) (*replica, error) {
	r := &replica{store: st, polls: s.polls, many: s.poll.Parallel, log: log}
	at, err := st.Position()
	if err != nil {
		return nil, err
	}
	if r.cluster, err = cluster.Open(ctx, s.cluster, log); err != nil {
		return nil, err
	}
	if err = r.cluster.Check(ctx, at.Log, at.Seq, at.Sum); err == nil {
		r.maker, err = poll.NewMaker(s.subs, poll.Options{Log: log})
	}
	if err != nil {
		r.cluster.Close()
		return nil, err
	}
	r.asker = r.cluster.NewAsker(st.State, r.maker.Turn)
	return r, nil
}

// adopt makes settings those of an index node: polls are made elsewhere, and all
// nodes have the same phases.
func (r *replica) adopt(s *settings) error {
	if r == nil {
		return nil
	}
	s.poll.Elsewhere, s.poll.Parallel, s.poll.Seed, s.poll.Grace = r.asker, waiting, s.cluster.Name, time.Millisecond
	return r.maker.Subscribe(s.subs)
}

// with runs work, in a cluster once the store has caught up with the log, and
// follows the log meanwhile. It returns when all of it has ended.
func (r *replica) with(ctx context.Context, p *pulse, work func(context.Context) error) error {
	if r == nil {
		return work(ctx)
	}
	defer r.cluster.Close()
	defer r.maker.Close()
	p.behind.Store(true)
	group, ctx := errgroup.WithContext(ctx)
	current := make(chan struct{})
	group.Go(func() error { return r.follow(ctx, current) })
	group.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case <-current:
		}
		p.behind.Store(false)
		r.log.Info("the store has caught up with the log", "log", r.cluster.Log())
		if r.polls {
			group.Go(func() error { return r.cluster.Work(ctx, r.maker, r.many, pollerGrace) })
		}
		return work(ctx)
	})
	return group.Wait()
}

// state is for the metrics.
func (r *replica) state() (serve.Cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	at, err := r.store.Position()
	if err != nil {
		return serve.Cluster{}, err
	}
	s, err := r.cluster.State(ctx)
	return serve.Cluster{
		Position: at.Seq, Last: s.Last, LogBytes: s.Bytes, Waiting: s.Waiting, UnderWay: s.UnderWay, Redelivered: s.Redelivered,
	}, err
}

// follow applies the log to the store. A store that cannot keep a poll (a full
// disk) tries again.
func (r *replica) follow(ctx context.Context, current chan struct{}) error {
	at, err := r.store.Position()
	if err != nil {
		return err
	}
	return r.cluster.Follow(ctx, at.Seq, func(polls []cluster.Logged) error {
		list := make([]store.Logged, len(polls))
		for i, p := range polls {
			list[i] = store.Logged(p)
		}
		for {
			err := r.store.Follow(ctx, r.cluster.Log(), list)
			if err == nil {
				r.asker.Applied(polls)
				return nil
			}
			if ctx.Err() != nil || errors.Is(err, store.ErrClosed) {
				return nil
			}
			r.log.Error("polls of the log could not be kept; trying again", "first", list[0].Seq, "last", list[len(list)-1].Seq, "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Second):
			}
		}
	}, func() { close(current) })
}

// runPoller is a machine that only asks.
func runPoller(ctx context.Context, s settings, log *slog.Logger, load func() (settings, error)) error {
	c, err := cluster.Open(ctx, s.cluster, log)
	if err != nil {
		return err
	}
	defer c.Close()
	m, err := poll.NewMaker(s.subs, poll.Options{Log: log})
	if err != nil {
		return err
	}
	defer m.Close()
	log.Info("polling for the cluster", "log", c.Log(), "outlets", len(s.outlets), "feeds", len(s.subs))
	notify("READY=1", fmt.Sprintf("STATUS=asks %d feeds", len(s.subs)))
	hangup := onHangup()
	defer signal.Stop(hangup)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return c.Work(ctx, m, s.poll.Parallel, pollerGrace) })
	for {
		select {
		case <-ctx.Done():
			return work.Wait()
		case <-hangup:
		}
		next, err := load()
		if err == nil {
			err = m.Subscribe(next.subs)
		}
		if err != nil {
			log.Error("the new configuration is refused; the one before goes on", "err", err)
			continue
		}
		log.Info("the new configuration holds", "outlets", len(next.outlets), "feeds", len(next.subs))
	}
}

// clusterOptions are what the configuration says of the cluster.
func clusterOptions(c *config.Cluster) cluster.Options {
	return cluster.Options{
		URL: c.URL, Name: c.Name, Credentials: c.Credentials, User: c.User, PasswordFile: c.PasswordFile, CA: c.CA, Cert: c.Cert, Key: c.Key,
		Replicas: c.Replicas, MaxAge: c.MaxAge, MaxBytes: c.MaxBytes, Client: hostName(),
	}
}
