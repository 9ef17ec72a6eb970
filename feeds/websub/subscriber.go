package websub

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"aggregator/feeds"
)

const (
	// gap is the time between two requests to hubs, whichever: many feeds share one.
	gap = 5 * time.Second
	// maxQueue and maxQueued bound what was pushed and is not read yet, in pushes and
	// in bytes; beyond that hubs are told to come back.
	maxQueue  = 64
	maxQueued = 32 << 20
	// maxReading bounds how many pushes are received at once.
	maxReading = 4
	// drainFor is how long pushes that were taken are still read when the program stops.
	drainFor = 5 * time.Second
)

// Feeds is the poller, who owns the state of the feeds. Both methods return when
// the change is durable and Changed has been called with it.
type Feeds interface {
	// Subscribe changes what is remembered of a feed's subscription.
	Subscribe(ctx context.Context, feed string, change func(feeds.WebSub) feeds.WebSub) error
	// Push has what a hub pushed read like the answer to a poll.
	Push(ctx context.Context, feed string, body []byte, contentType string) error
}

// Options are about the Subscriber as a whole.
type Options struct {
	// Callback is the address under which hubs reach this server, without a path.
	Callback string
	// Settings are those of the feeds, by URL. A feed with a proxy is not subscribed
	// to: its publisher is not to learn where this server is.
	Settings map[string]feeds.Settings
	Log      *slog.Logger // nil discards
	Now      func() time.Time
	// Left is called when a hub has taken the end of a subscription that Leave gave, so
	// that it is asked for once; nil does nothing.
	Left func(ctx context.Context, feed string)
	// Gap is the time between two requests to hubs; 0 means 5 s.
	Gap time.Duration
}

// Subscriber keeps the subscriptions. It is the http.Handler of Callback's
// addresses under Path. All methods are safe for concurrent use.
type Subscriber struct {
	Options
	feeds Feeds
	hubs  *hubs

	mu      sync.Mutex
	subs    map[string]feeds.WebSub // by feed; those with a hub or a token
	tokens  map[string]string       // a feed's token -> the feed
	leaving map[string]departure    // tokens of subscriptions that are given up
	queued  int                     // bytes in queue
	closed  bool                    // nothing is taken any more

	wake    chan struct{} // something changed for ask
	queue   chan said
	reading chan struct{} // a place for each push that is being received
}

// said is what a hub sent, verified: a push, or a change of the subscription.
type said struct {
	feed, contentType string
	body              []byte
	change            func(feeds.WebSub) feeds.WebSub // nil for a push
}

// departure is a subscription to end at its hub.
type departure struct {
	feed, hub, topic string
	asked            bool
}

// New prepares a Subscriber; Bind gives it the poller before anything else is called.
func New(o Options) *Subscriber {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Gap == 0 {
		o.Gap = gap
	}
	o.Callback = strings.TrimRight(o.Callback, "/")
	return &Subscriber{
		Options: o, hubs: &hubs{clients: map[string]*http.Client{}}, subs: map[string]feeds.WebSub{}, tokens: map[string]string{},
		leaving: map[string]departure{}, wake: make(chan struct{}, 1), queue: make(chan said, maxQueue),
		reading: make(chan struct{}, maxReading),
	}
}

// Bind says who owns the feeds' states.
func (s *Subscriber) Bind(f Feeds) { s.feeds = f }

// Changed takes note of what the poller now remembers of a feed's subscription;
// nil is nothing. It does not block.
func (s *Subscriber) Changed(feed string, w *feeds.WebSub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.subs[feed]
	if old.Token != "" && (w == nil || w.Token != old.Token) {
		delete(s.tokens, old.Token)
		s.leaving[old.Token] = departure{feed: feed, hub: old.Hub, topic: old.Topic}
	}
	delete(s.subs, feed)
	if w != nil && s.Settings[feed].Proxy == "" {
		s.subs[feed] = *w
		if w.Token != "" {
			s.tokens[w.Token] = feed
		}
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Leave ends the subscription of a feed that nobody follows any more; Settings hold for
// it, too. It does not block.
func (s *Subscriber) Leave(feed string, w feeds.WebSub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving[w.Token] = departure{feed: feed, hub: w.Hub, topic: w.Topic}
}

// Run asks hubs and reads pushes until ctx ends and the pushes that were taken are
// read. It returns nil: what a hub does wrong is logged, and kept with its feed.
func (s *Subscriber) Run(ctx context.Context) error {
	var asking sync.WaitGroup
	asking.Go(func() { s.ask(ctx) })
	defer asking.Wait()
	for {
		select {
		case p := <-s.queue:
			s.read(ctx, p)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
			defer cancel()
			s.mu.Lock()
			s.closed = true // before the queue is looked at for the last time
			s.mu.Unlock()
			for {
				select {
				case p := <-s.queue:
					s.read(last, p)
				default:
					return nil
				}
			}
		}
	}
}

func (s *Subscriber) read(ctx context.Context, p said) {
	if p.change != nil {
		s.change(ctx, p.feed, p.change)
		return
	}
	if err := s.feeds.Push(ctx, p.feed, p.body, p.contentType); err != nil && ctx.Err() == nil {
		s.Log.Error("what a hub pushed could not be kept; the next poll will bring it", "feed", p.feed, "err", err)
	}
	s.mu.Lock()
	s.queued -= len(p.body)
	s.mu.Unlock()
}

// ask asks hubs, one at a time, as each subscription falls due.
func (s *Subscriber) ask(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.wake:
		}
		wait, asked := s.step(ctx)
		if asked { // a wake-up does not shorten the gap
			if !pause(ctx, s.Gap) {
				return
			}
			wait = 0
		}
		timer.Reset(wait)
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// maxNap is the longest sleep between two looks at the clock, which somebody may set.
const maxNap = time.Minute

// step makes the request that is due, or says how long none is.
func (s *Subscriber) step(ctx context.Context) (wait time.Duration, asked bool) {
	now := s.Now()
	wait = maxNap
	s.mu.Lock()
	for token, d := range s.leaving {
		if !d.asked {
			d.asked = true
			s.leaving[token] = d
			s.mu.Unlock()
			s.leave(ctx, token, d)
			return 0, true
		}
	}
	feed := ""
	for f, w := range s.subs {
		switch left := w.Next.Sub(now); {
		case w.Hub == "":
		case left > 0:
			wait = min(wait, left)
		case feed == "" || w.Next.Before(s.subs[feed].Next) || w.Next.Equal(s.subs[feed].Next) && f < feed:
			feed = f
		}
	}
	s.mu.Unlock()
	if feed == "" {
		return wait, false
	}
	s.subscribe(ctx, feed)
	return 0, true
}
