package clustertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"aggregator/cluster"
	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/store"
)

// TestThroughput prints how many polls a second one machine alone makes, and a
// cluster of three servers with one to four pollers, each with 4 requests at once
// to publishers that take 100 ms; then how quickly a new index node catches up.
// AGGREGATOR_THROUGHPUT gives the number of feeds.
func TestThroughput(t *testing.T) {
	var count int
	if _, err := fmt.Sscan(os.Getenv("AGGREGATOR_THROUGHPUT"), &count); err != nil {
		t.Skip("set AGGREGATOR_THROUGHPUT to a number of feeds to see how many polls a second are made")
	}
	f := newFarm(t, count, 50)
	f.frozen, f.slow = 50, 100*time.Millisecond
	settings := feeds.DefaultSettings()
	settings.Schedule, settings.Spread, settings.HostGap, settings.Floor, settings.FullFloor = "@hourly", 0, 0, 0, 0
	settings.AllowPrivate = []string{"127.0.0.0/8"}
	var subs []poll.Subscription
	for i, host := range f.hosts {
		o := feeds.Outlet{ID: fmt.Sprintf("outlet-%d", i), Name: fmt.Sprintf("Outlet %d", i)}
		subs = append(subs, poll.Subscription{Feed: feeds.Feed{URL: "http://" + host + "/feed", Outlet: o.ID}, Outlet: o, Settings: settings})
	}
	dir := t.TempDir()
	said := func(what string, n int, took time.Duration) {
		t.Logf("%-40s %5d polls in %6.2f s: %6.0f a second", what, n, took.Seconds(), float64(n)/took.Seconds())
	}
	open1 := func(name string) *store.Store {
		st, err := store.Open(filepath.Join(dir, name), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		return st
	}
	once := func(sink poll.Sink, o poll.Options) time.Duration {
		p, err := poll.New(subs, nil, sink, o)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := p.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		return time.Since(start)
	}
	st := open1("alone.db")
	said("one machine alone", count, once(st, poll.Options{Parallel: 4, Log: quiet()}))
	st.Close() // its memory is not the cluster's

	_, addresses := threeServers(t, dir)
	for pollers := 1; pollers <= 4; pollers *= 2 {
		o := cluster.Options{URL: addresses, Name: fmt.Sprintf("with_%d", pollers)}
		st := open1(fmt.Sprintf("index-%d.db", pollers))
		c := open(t, o)
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		var asker *cluster.Asker
		m, err := poll.NewMaker(subs, poll.Options{Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		asker = c.NewAsker(st.State, m.Turn)
		follow := func(c *cluster.Cluster, st *store.Store, caught func()) {
			if err := c.Follow(ctx, 0, func(list []cluster.Logged) error {
				err := st.Follow(t.Context(), c.Log(), forStore(list))
				asker.Applied(list)
				return err
			}, caught); err != nil {
				t.Error(err)
			}
		}
		work.Go(func() { follow(c, st, nil) })
		for range pollers {
			c := open(t, o)
			m, err := poll.NewMaker(subs, poll.Options{Log: quiet()})
			if err != nil {
				t.Fatal(err)
			}
			work.Go(func() { _ = c.Work(ctx, m, 4, time.Second) })
		}
		said(fmt.Sprintf("three servers, one index node, %d pollers", pollers), count, once(nil, poll.Options{Elsewhere: asker, Parallel: 4096, Log: quiet(), Seed: "x"}))
		if pollers == 4 {
			late := open(t, o)
			start, caught := time.Now(), make(chan struct{})
			work.Go(func() { follow(late, open1("late.db"), func() { close(caught) }) })
			<-caught
			said("a new index node catches up", count, time.Since(start))
		}
		cancel()
		work.Wait()
	}
}
