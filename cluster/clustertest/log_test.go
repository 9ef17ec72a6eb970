package clustertest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"aggregator/cluster"
	"aggregator/feeds"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t testing.TB, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Open(t.Context(), o, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// canned makes polls without asking anybody.
type canned struct {
	mu    sync.Mutex
	made  []int64
	body  string
	floor time.Duration
	stop  func(n int64) bool // the poller dies in this poll
}

func (m *canned) Make(ctx context.Context, s feeds.State) (feeds.Poll, error) {
	s.Polls++
	m.mu.Lock()
	m.made = append(m.made, s.Polls)
	m.mu.Unlock()
	if m.stop != nil && m.stop(s.Polls) {
		<-ctx.Done()
		return feeds.Poll{}, ctx.Err()
	}
	s.LastRequest, s.Outcome = time.Unix(1_800_000_000+s.Polls, 0).UTC(), feeds.Changed
	e := &feeds.Entry{Outlet: "courier", GUID: fmt.Sprint(s.Polls), Title: fmt.Sprintf("Bridge %d opens", s.Polls), Content: m.body}
	return feeds.Poll{Feed: s.URL, Outlet: "courier", At: s.LastRequest, Outcome: feeds.Changed, State: s, Items: []feeds.Item{{Raw: uint64(s.Polls), Entry: e}}}, nil
}

func (m *canned) Turn(s *feeds.State) (string, int, time.Duration, bool) {
	return "courier.example", 0, 0, true
}
func (m *canned) Floor(string) time.Duration { return m.floor }

// node is an index node without a store: it remembers what it applied.
type node struct {
	cluster *cluster.Cluster
	asker   *cluster.Asker
	mu      sync.Mutex
	state   feeds.State
	seq     uint64
	polls   []cluster.Logged
}

func newNode(t *testing.T, c *cluster.Cluster, m cluster.Maker) *node {
	n := &node{cluster: c}
	n.asker = c.NewAsker(func(url string) (feeds.State, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		s := n.state
		s.URL = url
		return s, nil
	}, m.Turn)
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Follow(ctx, 0, n.apply, nil) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *node) apply(polls []cluster.Logged) error {
	n.mu.Lock()
	n.polls = append(n.polls, polls...)
	last := polls[len(polls)-1]
	n.state, n.seq = last.Poll.State, last.Seq
	n.mu.Unlock()
	n.asker.Applied(polls)
	return nil
}

func work(t *testing.T, c *cluster.Cluster, m cluster.Maker) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Work(ctx, m, 4, 100*time.Millisecond) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// ask has the next polls of the one feed made and returns the state after them.
func (n *node) ask(t *testing.T, times int) feeds.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range times {
		n.mu.Lock()
		old := n.state
		n.mu.Unlock()
		old.URL = "http://courier.example/feed"
		if now, made := n.asker.Poll(ctx, old); !made || now.Polls != old.Polls+1 {
			t.Fatalf("after poll %d came %d (%t)", old.Polls, now.Polls, made)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

// A poll that no message can hold reaches every node whole.
func TestALargePoll(t *testing.T) {
	t.Parallel()
	addresses := oneServer(t)
	var body strings.Builder // 3 MB that do not compress away
	for i := range 300_000 {
		fmt.Fprintf(&body, "%x", uint64(i)*0x9e3779b97f4a7c15)
	}
	m := &canned{body: body.String()}
	c := open(t, cluster.Options{URL: addresses})
	a, b := newNode(t, c, m), newNode(t, open(t, cluster.Options{URL: addresses}), m)
	work(t, open(t, cluster.Options{URL: addresses}), m)
	a.ask(t, 1)
	b.ask(t, 1) // made already: its own follower brings it
	for _, n := range []*node{a, b} {
		if got := n.polls[0].Poll.Items[0].Entry.Content; got != m.body {
			t.Errorf("%d bytes arrived of %d", len(got), len(m.body))
		}
	}
}

// A full log holds pollers up and loses nothing.
func TestAFullLogLosesNothing(t *testing.T) {
	t.Parallel()
	addresses := oneServer(t)
	m := &canned{body: strings.Repeat("Long was the bridge. ", 10)}
	c := open(t, cluster.Options{URL: addresses, MaxBytes: 3000})
	n := newNode(t, c, m)
	work(t, c, m)
	js := manager(t, addresses)
	s, err := js.Stream(t.Context(), "aggregator_polls")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	full := make(chan struct{})
	go func() {
		defer close(full)
		for made := true; made; { // until the log is full, and the poll waits
			n.mu.Lock()
			old := n.state
			n.mu.Unlock()
			old.URL = "http://courier.example/feed"
			_, made = n.asker.Poll(ctx, old)
		}
	}()
	eventually(t, "the log is full, and a poll is made that waits", func() bool {
		info, err := s.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		kept := info.State
		return kept.Msgs > 0 && kept.Bytes+kept.Bytes/kept.Msgs > uint64(info.Config.MaxBytes) && len(m.made) == int(kept.Msgs)+1
	})
	cancel()
	<-full
	n.mu.Lock()
	before := n.state.Polls
	n.mu.Unlock()
	if before == 0 {
		t.Fatal("nothing fitted")
	}
	config := s.CachedInfo().Config
	config.MaxBytes = 1 << 20
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	n.ask(t, 2)
	if made := int64(len(m.made)); made != before+2 {
		t.Errorf("the feed was asked %d times for %d polls: what waited was thrown away", made, before+2)
	}
}

// A poller that dies in a poll has it made again, no sooner than the feed's floor.
func TestADeadPollersJobComesAgain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a lease of 30 seconds")
	}
	addresses := oneServer(t)
	dead := &canned{stop: func(int64) bool { return true }}
	well := &canned{floor: 2 * time.Second}
	c := open(t, cluster.Options{URL: addresses})
	n := newNode(t, c, well)
	gone := open(t, cluster.Options{URL: addresses})
	go gone.Work(t.Context(), dead, 1, time.Millisecond)
	start, polled := time.Now(), make(chan feeds.State, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		s, _ := n.asker.Poll(ctx, feeds.State{URL: "http://courier.example/feed"})
		polled <- s
	}()
	eventually(t, "the first poller makes it", func() bool {
		dead.mu.Lock()
		defer dead.mu.Unlock()
		return len(dead.made) > 0
	})
	gone.Close() // as kill -9 would: it says nothing
	work(t, c, well)
	if s := <-polled; s.Polls != 1 {
		t.Errorf("%d polls", s.Polls)
	}
	if took := time.Since(start); took < 30*time.Second+well.floor {
		t.Errorf("made again after %v: before the lease and the floor were over", took)
	}
	if len(well.made) != 1 {
		t.Errorf("made %d times by the second poller", len(well.made))
	}
}

// A log that was cut back, made anew or has grown out of reach is refused in words.
func TestALogThatIsNotTheOneIsRefused(t *testing.T) {
	t.Parallel()
	addresses := oneServer(t)
	m := &canned{}
	c := open(t, cluster.Options{URL: addresses})
	n := newNode(t, c, m)
	work(t, c, m)
	n.ask(t, 5)
	last := n.polls[4]
	refused := func(what string, c *cluster.Cluster, log string, seq, sum uint64, words string) {
		t.Helper()
		err := c.Check(t.Context(), log, seq, sum)
		if err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "docs/scale-out.md") {
			t.Errorf("%s: %v; want words like %q and what to do", what, err, words)
		}
	}
	if err := c.Check(t.Context(), c.Log(), last.Seq, last.Sum); err != nil {
		t.Errorf("the log as it was left: %v", err)
	}
	if err := c.Check(t.Context(), "", 0, 0); err != nil {
		t.Errorf("an empty store: %v", err)
	}
	refused("the log was restored to an earlier point", c, c.Log(), last.Seq+3, 1, "restored to an earlier point")
	refused("it went on from there with other polls", c, c.Log(), last.Seq, last.Sum+1, "is not the one that this store applied")
	js := manager(t, addresses)
	s, err := js.Stream(t.Context(), "aggregator_polls")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(t.Context(), jetstream.WithPurgeSequence(4)); err != nil {
		t.Fatal(err)
	}
	refused("the node was away for too long", c, c.Log(), 1, n.polls[0].Sum, "no longer kept")
	if err := c.Follow(t.Context(), 1, func([]cluster.Logged) error { return nil }, nil); err == nil || !strings.Contains(err.Error(), "no longer kept") {
		t.Errorf("following over a gap: %v", err)
	}
	if err := js.DeleteStream(t.Context(), "aggregator_polls"); err != nil {
		t.Fatal(err)
	}
	refused("the stream was made anew", open(t, cluster.Options{URL: addresses}), c.Log(), last.Seq, last.Sum, "another log")
}

func TestAStreamOfAnotherProgramIsRefused(t *testing.T) {
	t.Parallel()
	addresses := oneServer(t)
	js := manager(t, addresses)
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "desk_polls", Subjects: []string{"desk.polls.*"}, MaxMsgs: 10}); err != nil {
		t.Fatal(err)
	}
	_, err := cluster.Open(t.Context(), cluster.Options{URL: addresses, Name: "desk"}, quiet())
	if err == nil || !strings.Contains(err.Error(), "choose another [cluster] name") {
		t.Error(err)
	}
}

// manager is the servers' own client, for doing to the streams what operators do.
func manager(t *testing.T, addresses string) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect(addresses)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}
