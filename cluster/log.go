package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"aggregator/feeds"
)

// Logged is one poll of the log.
type Logged struct {
	Seq  uint64 // its number; they grow by one
	Sum  uint64 // hash of the message
	Poll feeds.Poll
}

// subject is where a feed's polls stand in the log, so that the last one can be
// looked up.
func (c *Cluster) subject(url string) string { return c.options.Name + ".polls." + token(url) }

// publish puts a poll into the log, once however often it is called with it. It
// waits as long as the log is full or out of reach, and fails only with ctx: what
// was polled is not thrown away.
func (c *Cluster) publish(ctx context.Context, p *feeds.Poll) error {
	body, err := pack(p)
	if err != nil {
		return fmt.Errorf("a poll of %s: %w", p.Feed, err)
	}
	id := messageID(p.Feed, p.State.Polls)
	msg := nats.NewMsg(c.subject(p.Feed))
	msg.Header.Set(headerForm, form)
	msg.Header.Set(headerPoll, strconv.FormatInt(p.State.Polls, 10))
	msg.Data = body
	wait := 100 * time.Millisecond
	for said := false; ; {
		err := c.outsource(ctx, msg, id, body)
		if err == nil {
			if _, err = c.js.PublishMsg(ctx, msg, jetstream.WithMsgID(id)); err == nil {
				return nil
			}
		}
		if ctx.Err() != nil {
			return fmt.Errorf("a poll of %s did not reach the log: %w", p.Feed, err)
		}
		if !said {
			c.log.Warn("a poll waits for the log", "feed", p.Feed, "err", err)
			said = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			wait = min(2*wait, 10*time.Second)
		}
	}
}

// outsource keeps a body that no message can hold as an object, which the message
// names.
func (c *Cluster) outsource(ctx context.Context, msg *nats.Msg, id string, body []byte) error {
	if int64(len(body)) < c.conn.MaxPayload()-1024 {
		msg.Data = body
		msg.Header.Del(headerAt)
		return nil
	}
	if _, err := c.large.PutBytes(ctx, id, body); err != nil {
		return err
	}
	msg.Data = nil
	msg.Header.Set(headerAt, id)
	return nil
}

// last is the number of a feed's latest poll in the log; 0 when there is none.
func (c *Cluster) last(ctx context.Context, url string) (int64, error) {
	m, err := c.polls.GetLastMsgForSubject(ctx, c.subject(url))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(m.Header.Get(headerPoll), 10, 64)
}

// Log names the log: a stream that was deleted and made again is another one.
func (c *Cluster) Log() string {
	info := c.polls.CachedInfo()
	return info.Config.Name + " of " + info.Created.UTC().Format(time.RFC3339Nano)
}

// Check compares a position with the log: the log must be the one that was followed,
// reach the position, say there what was applied (sum), and still hold what comes
// after. The error says what to do.
func (c *Cluster) Check(ctx context.Context, log string, seq, sum uint64) error {
	info, err := c.polls.Info(ctx)
	if err != nil {
		return fmt.Errorf("stream %s: %w", c.options.Name+"_polls", explain(err))
	}
	s := &info.State
	const anew = "start this node from a backup of one that follows the log (docs/scale-out.md, \"Joining\"), or with an empty store"
	switch {
	case log != "" && log != c.Log():
		return fmt.Errorf("this store followed another log (%s) than the servers have (%s): the stream was made anew; %s", log, c.Log(), anew)
	case seq > s.LastSeq:
		return fmt.Errorf("the log ends at poll %d, and this store has applied it up to %d: the stream was restored to an earlier point; "+
			"following it would lose what came after. Restore the stream, or %s", s.LastSeq, seq, anew)
	case s.FirstSeq > seq+1:
		return fmt.Errorf("the log begins at poll %d, and this store is at %d: what lies between is no longer kept; %s", s.FirstSeq, seq, anew)
	}
	if seq == 0 || seq < s.FirstSeq {
		return nil
	}
	m, err := c.polls.GetMsg(ctx, seq)
	if err != nil {
		return fmt.Errorf("poll %d of the log: %w", seq, explain(err))
	}
	if got := sumOf(m.Data, m.Header); got != sum {
		return fmt.Errorf("poll %d of the log is not the one that this store applied: the stream was restored to an earlier point and went on from there; %s", seq, anew)
	}
	return nil
}

func sumOf(data []byte, h nats.Header) uint64 {
	d := xxhash.New()
	_, _ = d.Write(data)
	_, _ = d.WriteString(h.Get(headerPoll) + " " + h.Get(headerAt))
	return d.Sum64()
}

// batch is how many polls are handed on at once, at most.
const batch = 256

// Follow hands the polls after seq to apply, in order, until ctx ends (then it
// returns nil) or the log cannot be followed. apply must be done with them when it
// returns; its error ends Follow. caughtUp is called once, when apply has had all
// that the log held at the start.
func (c *Cluster) Follow(ctx context.Context, seq uint64, apply func([]Logged) error, caughtUp func()) error {
	info, err := c.polls.Info(ctx)
	if err != nil {
		return fmt.Errorf("stream %s: %w", c.options.Name+"_polls", explain(err))
	}
	goal := info.State.LastSeq
	if seq >= goal && caughtUp != nil {
		caughtUp()
		caughtUp = nil
	}
	consumer, err := c.polls.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: seq + 1})
	if err != nil {
		return fmt.Errorf("follow the log: %w", explain(err))
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(batch))
	if err != nil {
		return fmt.Errorf("follow the log: %w", explain(err))
	}
	arrived := make(chan jetstream.Msg, batch)
	failed := make(chan error, 1)
	go func() { // ends when messages is stopped
		for {
			m, err := messages.Next()
			if err != nil {
				failed <- err
				return
			}
			select {
			case arrived <- m:
			case <-ctx.Done():
			}
		}
	}()
	defer func() {
		messages.Stop()
		for range failed {
			return // the goroutine has ended
		}
	}()
	for {
		var first jetstream.Msg
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			failed <- err
			return fmt.Errorf("follow the log: %w", explain(err))
		case first = <-arrived:
		}
		polls := make([]Logged, 0, 1)
		for m := first; m != nil; {
			p, err := c.read(ctx, m, seq+1)
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			polls, seq = append(polls, p), p.Seq
			m = nil
			if len(polls) < batch {
				select {
				case m = <-arrived:
				default:
				}
			}
		}
		if err := apply(polls); err != nil {
			return err
		}
		if seq >= goal && caughtUp != nil {
			caughtUp()
			caughtUp = nil
		}
	}
}

// read opens one message of the log, which must be number want.
func (c *Cluster) read(ctx context.Context, m jetstream.Msg, want uint64) (Logged, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Logged{}, fmt.Errorf("a message of the log: %w", err)
	}
	l := Logged{Seq: meta.Sequence.Stream, Sum: sumOf(m.Data(), m.Headers())}
	if l.Seq != want {
		return l, fmt.Errorf("the log goes on at poll %d where %d should follow: what lies between is no longer kept; "+
			"start this node from a backup of one that follows the log (docs/scale-out.md, \"Joining\")", l.Seq, want)
	}
	if f := m.Headers().Get(headerForm); f != form {
		return l, fmt.Errorf("poll %d of the log has form %q, and this version reads %q: update this node", l.Seq, f, form)
	}
	body := m.Data()
	if at := m.Headers().Get(headerAt); at != "" {
		if body, err = c.large.GetBytes(ctx, at); err != nil {
			return l, fmt.Errorf("poll %d of the log, kept as the object %s: %w", l.Seq, at, err)
		}
	}
	if err := unpack(body, &l.Poll); err != nil {
		return l, fmt.Errorf("poll %d of the log: %w", l.Seq, err)
	}
	return l, nil
}
