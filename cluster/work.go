package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"aggregator/feeds"
)

// pollersName is the consumer of the jobs that all pollers share.
const pollersName = "pollers"

// Maker makes polls; poll.Maker is one.
type Maker interface {
	Make(ctx context.Context, state feeds.State) (feeds.Poll, error)
	Turn(s *feeds.State) (host string, place int, gap time.Duration, ok bool)
	Floor(url string) time.Duration
}

// Work takes jobs and makes their polls, parallel at once, until ctx ends. Then no
// more jobs are taken, and those under way are finished within grace; one that is
// not goes to another poller. It returns nil after that.
func (c *Cluster) Work(ctx context.Context, m Maker, parallel int, grace time.Duration) error {
	consumer, err := c.jobs.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: pollersName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: lease, MaxAckPending: 100_000,
	})
	if err != nil {
		return fmt.Errorf("take jobs from %s_jobs: %w", c.options.Name, explain(err))
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(parallel), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		return fmt.Errorf("take jobs from %s_jobs: %w", c.options.Name, explain(err))
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	last, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var crew sync.WaitGroup
	places := make(chan struct{}, parallel)
	for {
		places <- struct{}{}
		msg, err := messages.Next()
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			if errors.Is(err, jetstream.ErrMsgIteratorClosed) {
				return fmt.Errorf("take jobs from %s_jobs: %w", c.options.Name, err)
			}
			if !errors.Is(err, jetstream.ErrNoHeartbeat) { // the servers are busy or gone; the connection tells which
				c.log.Warn("no jobs can be taken; trying again", "err", err)
			}
			<-places
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
			continue
		}
		crew.Go(func() {
			free := sync.OnceFunc(func() { <-places })
			defer free()
			c.work(last, m, msg, free)
		})
	}
	late := time.AfterFunc(grace, cancel)
	defer late.Stop()
	crew.Wait()
	return nil
}

// work makes one poll. The job is acknowledged when the poll is in the log and its
// host's gap is over; free is called when the first is true.
func (c *Cluster) work(ctx context.Context, m Maker, msg jetstream.Msg, free func()) {
	var s feeds.State
	if err := c.job(ctx, msg, &s); err != nil {
		c.log.Error("a job cannot be read; it is left to a newer version", "err", err)
		_ = msg.NakWithDelay(time.Minute)
		return
	}
	_, _, gap, ok := m.Turn(&s)
	if !ok {
		c.log.Warn("a job is for a feed that is not configured here; it is left to another poller", "feed", s.URL)
		_ = msg.NakWithDelay(lease)
		return
	}
	defer c.hold(msg)()
	if number, err := c.last(ctx, s.URL); err != nil {
		_ = msg.NakWithDelay(time.Second)
		return
	} else if number >= turn(&s) { // somebody made it and could not say so
		_ = msg.Ack()
		return
	}
	// A job that comes again may have been made by a poller that died before it
	// could tell, so the feed is left alone for its floor, once: every second
	// delivery only waits.
	if meta, err := msg.Metadata(); err == nil && meta.NumDelivered%2 == 0 {
		_ = msg.NakWithDelay(m.Floor(s.URL))
		return
	}
	start := time.Now()
	p, err := m.Make(ctx, s)
	if err == nil {
		err = c.publish(ctx, &p)
	}
	if err != nil {
		c.log.Error("a poll was not made", "feed", s.URL, "err", err)
		_ = msg.NakWithDelay(lease)
		return
	}
	free()
	select {
	case <-time.After(gap - time.Since(start)):
		_ = msg.Ack()
	case <-ctx.Done(): // the lease ends later than the gap, and the log holds the poll
	}
}

// job reads the state that a feed is to be asked in.
func (c *Cluster) job(ctx context.Context, msg jetstream.Msg, s *feeds.State) error {
	if f := msg.Headers().Get(headerForm); f != form {
		return fmt.Errorf("the job has form %q, and this version reads %q", f, form)
	}
	body := msg.Data()
	if at := msg.Headers().Get(headerAt); at != "" {
		var err error
		if body, err = c.large.GetBytes(ctx, at); err != nil {
			return err
		}
	}
	return unpack(body, s)
}

// hold keeps a job from going to another poller, until the function it returns is
// called.
func (c *Cluster) hold(msg jetstream.Msg) (end func()) {
	done := make(chan struct{})
	var held sync.WaitGroup
	held.Go(func() {
		tick := time.NewTicker(lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = msg.InProgress()
			case <-done:
				return
			}
		}
	})
	return func() { close(done); held.Wait() }
}
