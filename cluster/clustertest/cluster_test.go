package clustertest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"aggregator/cluster"
	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/store"
)

func TestTwoIndexNodesTwoPollers(t *testing.T) {
	t.Parallel()
	addresses := oneServer(t)
	var mu sync.Mutex
	busy, asked, together := map[string]int{}, map[string]int{}, 0
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		busy[r.Host]++
		asked[r.Host+r.URL.Path]++
		if busy[r.Host] > 1 {
			together++
		}
		n := asked[r.Host+r.URL.Path]
		mu.Unlock()
		fmt.Fprint(w, document(r.Host+r.URL.Path, n+3))
		mu.Lock()
		busy[r.Host]--
		mu.Unlock()
	}))
	defer site.Close()
	hosts := []string{site.URL}
	for i := 2; i <= 5; i++ { // the same server on more loopback addresses: as many hosts
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", i))
		if err != nil {
			t.Fatal(err)
		}
		more := &http.Server{Handler: site.Config.Handler}
		t.Cleanup(func() { more.Close() })
		go more.Serve(l)
		hosts = append(hosts, "http://"+l.Addr().String())
	}
	settings := feeds.DefaultSettings()
	settings.Schedule, settings.Spread, settings.Floor, settings.FullFloor = "@every 2s", 2*time.Second, 0, 0
	settings.HostGap, settings.AllowPrivate = 300*time.Millisecond, []string{"127.0.0.0/8"}
	var subs []poll.Subscription
	for i := range 20 {
		subs = append(subs, poll.Subscription{
			Feed:   feeds.Feed{URL: fmt.Sprintf("%s/feed%d", hosts[i%5], i), Outlet: fmt.Sprintf("outlet-%d", i)},
			Outlet: feeds.Outlet{ID: fmt.Sprintf("outlet-%d", i), Name: fmt.Sprintf("Outlet %d", i)}, Settings: settings,
		})
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	open := func() *cluster.Cluster {
		c, err := cluster.Open(ctx, cluster.Options{URL: addresses}, log)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	var stores []*store.Store
	for i := range 2 {
		c := open()
		st, err := store.Open(filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", i)), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		stores = append(stores, st)
		m, err := poll.NewMaker(subs, poll.Options{})
		if err != nil {
			t.Fatal(err)
		}
		asker := c.NewAsker(st.State, m.Turn)
		p, err := poll.New(subs, nil, nil, poll.Options{Elsewhere: asker, Parallel: 100, Log: log, Grace: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() { _ = p.Run(ctx) })
		follow, end := context.WithCancel(context.WithoutCancel(ctx))
		t.Cleanup(end)
		go func() {
			err := c.Follow(follow, 0, func(polls []cluster.Logged) error {
				if err := st.Follow(follow, c.Log(), forStore(polls)); err != nil {
					return err
				}
				asker.Applied(polls)
				return nil
			}, nil)
			if err != nil {
				t.Error(err)
			}
		}()
	}
	for range 2 {
		c := open()
		m, err := poll.NewMaker(subs, poll.Options{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			if err := c.Work(ctx, m, 8, 5*time.Second); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "each feed is asked three times", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, n := range asked {
			if n < 3 {
				return false
			}
		}
		return len(asked) == len(subs)
	})
	cancel()
	work.Wait()
	polls, err := manager(t, addresses).Stream(t.Context(), "aggregator_polls")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "both stores have the whole log", func() bool {
		info, err := polls.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range stores {
			if pos, err := st.Position(); err != nil || pos.Seq != info.State.LastSeq {
				return false
			}
		}
		return info.State.LastSeq > 0
	})
	a, _ := stores[0].Digest()
	b, _ := stores[1].Digest()
	pa, _ := stores[0].Position()
	pb, _ := stores[1].Position()
	t.Log(pa, pb)
	if a != b {
		t.Error("digests differ")
	}
	mu.Lock()
	if together > 0 {
		t.Errorf("a host was asked twice at once %d times", together)
	}
	mu.Unlock()
}
