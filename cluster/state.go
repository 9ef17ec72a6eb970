package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// State is what the streams say of themselves.
type State struct {
	Last        uint64 // number of the log's last poll
	Bytes       uint64 // size of the log
	Waiting     uint64 // jobs that no poller has taken
	UnderWay    int    // jobs that a poller has, those included whose host's gap is not over
	Redelivered int    // of these, jobs that came to a poller more than once
}

// State asks the servers.
func (c *Cluster) State(ctx context.Context) (s State, err error) {
	info, err := c.polls.Info(ctx)
	if err != nil {
		return s, fmt.Errorf("stream %s_polls: %w", c.options.Name, explain(err))
	}
	s.Last, s.Bytes = info.State.LastSeq, info.State.Bytes
	pollers, err := c.jobs.Consumer(ctx, pollersName)
	if errors.Is(err, jetstream.ErrConsumerNotFound) { // no poller was ever there
		jobs, err := c.jobs.Info(ctx)
		if err == nil {
			s.Waiting = jobs.State.Msgs
		}
		return s, err
	}
	if err != nil {
		return s, fmt.Errorf("stream %s_jobs: %w", c.options.Name, explain(err))
	}
	of := pollers.CachedInfo()
	s.Waiting, s.UnderWay, s.Redelivered = of.NumPending, of.NumAckPending, of.NumRedelivered
	return s, nil
}
