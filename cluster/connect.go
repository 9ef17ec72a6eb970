package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// again is how long a message id is remembered, so that a poll or a job that is
	// sent again stays one.
	again = 10 * time.Minute
	// stale is how long a job waits for a poller. Index nodes put it there anew.
	stale = time.Hour
	// lease is how long a poller may be silent before its job goes to another one.
	lease = 30 * time.Second
)

// Cluster is a connection to the streams. It is safe for concurrent use.
type Cluster struct {
	options Options
	log     *slog.Logger
	conn    *nats.Conn
	js      jetstream.JetStream
	polls   jetstream.Stream
	jobs    jetstream.Stream
	large   jetstream.ObjectStore // polls that are too large for a message
}

// Open connects, and creates the streams or checks those that are there. The error
// says what to do. Later interruptions are mended without the caller.
func Open(ctx context.Context, o Options, log *slog.Logger) (*Cluster, error) {
	o.fill()
	c := &Cluster{options: o, log: log}
	settings := []nats.Option{
		nats.Name(o.Client), nats.MaxReconnects(-1), nats.Timeout(5 * time.Second), nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("the connection to the cluster is lost; trying again", "err", err)
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) {
			log.Info("connected to the cluster again", "server", conn.ConnectedUrlRedacted())
		}),
	}
	if o.Credentials != "" {
		settings = append(settings, nats.UserCredentials(o.Credentials))
	}
	if o.User != "" {
		password, err := os.ReadFile(o.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("the password of [cluster] user: %w", err)
		}
		first, _, _ := strings.Cut(string(password), "\n")
		settings = append(settings, nats.UserInfo(o.User, strings.TrimSpace(first)))
	}
	if o.CA != "" {
		settings = append(settings, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		settings = append(settings, nats.ClientCert(o.Cert, o.Key))
	}
	var err error
	if c.conn, err = connect(ctx, o.URL, settings); err != nil {
		return nil, fmt.Errorf("connect to the NATS servers of [cluster] url: %w", err)
	}
	if c.js, err = jetstream.New(c.conn); err == nil {
		err = c.prepare(ctx)
	}
	if err != nil {
		c.conn.Close()
		return nil, err
	}
	return c, nil
}

// connect tries for a while: machines that start together need not start in order.
func connect(ctx context.Context, url string, settings []nats.Option) (*nats.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		conn, err := nats.Connect(url, settings...)
		if err == nil || !errors.Is(err, nats.ErrNoServers) {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(time.Second):
		}
	}
}

// prepare makes the streams ready. Servers that have just been started, or have lost
// one of them, need a while to agree; a question that came too early is never
// answered.
func (c *Cluster) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		try, end := context.WithTimeout(ctx, 5*time.Second)
		err := c.streams(try)
		end()
		if err == nil || !temporary(err) {
			return err
		}
		c.log.Debug("the servers are not ready", "err", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

// Close ends the connection. Work and Follow must have ended.
func (c *Cluster) Close() { c.conn.Close() }

// streams creates what is missing, and checks what is there.
func (c *Cluster) streams(ctx context.Context) error {
	o := &c.options
	var err error
	if c.polls, err = c.stream(ctx, jetstream.StreamConfig{
		Name: o.Name + "_polls", Subjects: []string{o.Name + ".polls.*"}, Description: "polls, in the order in which every index node applies them",
		Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxAge: o.MaxAge, MaxBytes: o.MaxBytes, MaxMsgs: -1, MaxMsgsPerSubject: -1, Duplicates: again,
	}); err != nil {
		return err
	}
	if c.jobs, err = c.stream(ctx, jetstream.StreamConfig{
		Name: o.Name + "_jobs", Subjects: []string{o.Name + ".jobs.*.*"}, Description: "polls to be made, at most one at a time for each place of a host",
		Storage: jetstream.FileStorage, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
		MaxMsgsPerSubject: 1, MaxMsgs: -1, MaxBytes: -1, MaxAge: stale, Duplicates: again,
	}); err != nil {
		return err
	}
	c.large, err = c.js.ObjectStore(ctx, o.Name+"_large")
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		c.large, err = replicated(o.Replicas, func(n int) (jetstream.ObjectStore, error) {
			return c.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{
				Bucket: o.Name + "_large", Description: "polls that are too large for one message", TTL: o.MaxAge + 24*time.Hour, Replicas: n,
			})
		})
	}
	if err != nil {
		return fmt.Errorf("object store %s_large: %w", o.Name, explain(err))
	}
	return nil
}

// stream finds a stream as it is wanted or creates it.
func (c *Cluster) stream(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := c.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = replicated(c.options.Replicas, func(n int) (jetstream.Stream, error) {
			want.Replicas = n
			return c.js.CreateStream(ctx, want)
		})
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another node was quicker
			s, err = c.js.Stream(ctx, want.Name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", want.Name, explain(err))
	}
	have := s.CachedInfo().Config
	switch {
	case have.Retention != want.Retention || have.Discard != want.Discard || have.DiscardNewPerSubject != want.DiscardNewPerSubject ||
		have.MaxMsgsPerSubject != want.MaxMsgsPerSubject || have.Storage != want.Storage:
		return nil, fmt.Errorf("stream %s is there with other rules than it needs (retention %v, discard %v, %d messages a subject); "+
			"another program may own it: choose another [cluster] name", want.Name, have.Retention, have.Discard, have.MaxMsgsPerSubject)
	case have.MaxAge != want.MaxAge || have.MaxBytes != want.MaxBytes:
		c.log.Warn("a stream has other limits than configured; change it with the nats command if that is not meant",
			"stream", want.Name, "max_age", have.MaxAge, "max_bytes", have.MaxBytes)
	}
	return s, nil
}

// replicated creates something with n copies, or, when n is 0, with three where the
// cluster has three servers, else with one.
func replicated[T any](n int, create func(n int) (T, error)) (T, error) {
	if n > 0 {
		return create(n)
	}
	made, err := create(3)
	if err != nil && alone(err) {
		return create(1)
	}
	return made, err
}

// Error codes of JetStream's API.
const (
	codeNotClustered = 10074 // replicas > 1 not supported in non-clustered mode
	codeNoPeers      = 10005 // no suitable peers for placement
	codeUnavailable  = 10008 // JetStream system temporarily unavailable
	codeSubjectFull  = 10077 // maximum messages, bytes or messages per subject exceeded
)

func code(err error) jetstream.ErrorCode {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	return 0
}

func alone(err error) bool { return code(err) == codeNotClustered || code(err) == codeNoPeers }

// temporary reports an error that passes when the servers have agreed on a leader.
func temporary(err error) bool {
	return code(err) == codeUnavailable || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, context.DeadlineExceeded)
}

// explain says what to do about an error of the servers.
func explain(err error) error {
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("the NATS servers run without JetStream: start them with -js or a jetstream {} block: %w", err)
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the NATS servers do not answer for JetStream; most of them must be up: %w", err)
	}
	return err
}
