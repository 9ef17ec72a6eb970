package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"aggregator/feeds"
)

const (
	// busyAgain is how soon a job is offered again whose host has another one.
	busyAgain = time.Second
	// lostAgain is how soon a job is offered again of which nothing was heard: it
	// may have expired, or its poll may have been made before the log was cut.
	lostAgain = 20 * time.Second
)

// Asker has polls made by pollers, for an index node. It implements poll.Elsewhere.
// It is safe for concurrent use.
type Asker struct {
	cluster *Cluster
	state   func(url string) (feeds.State, error)
	place   Place
	mu      sync.Mutex
	waiting map[string]chan struct{} // by feed; closed when a poll of it was applied
}

// Place says whose turn a feed waits for: its host, which of the host's places, and
// how long after a start the place stays taken.
type Place func(s *feeds.State) (host string, place int, gap time.Duration, ok bool)

// NewAsker needs to know the state of a feed as it was applied last.
func (c *Cluster) NewAsker(state func(url string) (feeds.State, error), place Place) *Asker {
	return &Asker{cluster: c, state: state, place: place, waiting: map[string]chan struct{}{}}
}

// Applied tells that polls were applied.
func (a *Asker) Applied(polls []Logged) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range polls {
		if ch, ok := a.waiting[polls[i].Poll.Feed]; ok {
			close(ch)
			delete(a.waiting, polls[i].Poll.Feed)
		}
	}
}

// Poll puts a job into the queue and waits until its poll was applied here. Every
// index node does the same; one job stays.
func (a *Asker) Poll(ctx context.Context, old feeds.State) (feeds.State, bool) {
	for ctx.Err() == nil {
		applied := a.wait(old.URL)
		now, err := a.state(old.URL)
		if err == nil && now.Polls > old.Polls {
			return now, true
		}
		again := lostAgain
		if err == nil {
			err = a.offer(ctx, &old)
		}
		switch {
		case code(err) == codeSubjectFull: // mostly by the job's twin from another node
			again = busyAgain
		case err != nil && ctx.Err() == nil:
			a.cluster.log.Warn("a poll could not be asked for; trying again", "feed", old.URL, "err", err)
		}
		timer := time.NewTimer(again)
		select {
		case <-applied:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return old, false
}

// wait gives the channel that the feed's next poll closes.
func (a *Asker) wait(url string) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	ch, ok := a.waiting[url]
	if !ok {
		ch = make(chan struct{})
		a.waiting[url] = ch
	}
	return ch
}

func (a *Asker) offer(ctx context.Context, s *feeds.State) error {
	host, place, _, ok := a.place(s)
	if !ok {
		return fmt.Errorf("%s is not among the configured feeds", s.URL)
	}
	body, err := pack(s)
	if err != nil {
		return err
	}
	c := a.cluster
	msg := nats.NewMsg(fmt.Sprintf("%s.jobs.%s.%d", c.options.Name, token(host), place))
	msg.Header.Set(headerForm, form)
	if err := c.outsource(ctx, msg, "job-"+messageID(s.URL, turn(s)), body); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err = c.js.PublishMsg(ctx, msg, jetstream.WithMsgID(messageID(s.URL, turn(s))), jetstream.WithRetryAttempts(0))
	return err
}
