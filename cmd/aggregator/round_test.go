package main

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/store"
)

// machine is the real poller over the real store, for tests that poll loopback
// servers round by round.
type machine struct {
	t    *testing.T
	path string
	subs []poll.Subscription
}

func newMachine(t *testing.T) *machine {
	return &machine{t: t, path: filepath.Join(t.TempDir(), "store.db")}
}

// follow adds a feed of an outlet.
func (m *machine) follow(outlet feeds.Outlet, url string) {
	s := loopbackSettings()
	m.subs = append(m.subs, poll.Subscription{Feed: feeds.Feed{URL: url, Outlet: outlet.ID}, Outlet: outlet, Settings: s})
}

// loopbackSettings are the default limits without manners: the servers are ours.
func loopbackSettings() feeds.Settings {
	s := defaultSettings()
	s.Schedule, s.Spread, s.Floor, s.FullFloor, s.HostGap, s.HostParallel = "@every 1s", 0, 0, 0, 0, 8
	s.AllowPrivate = []string{"127.0.0.0/8", "::1/128"}
	return s
}

// open opens the store; the test closes it at its end.
func (m *machine) open() *store.Store {
	m.t.Helper()
	var outlets []feeds.Outlet
	for _, s := range m.subs {
		outlets = append(outlets, s.Outlet)
	}
	st, err := store.Open(m.path, store.Options{Window: 7 * 24 * time.Hour, Outlets: outlets})
	if err != nil {
		m.t.Fatal(err)
	}
	return st
}

// round polls every feed once and gives the store's account of itself.
func (m *machine) round() (states map[string]feeds.State, report store.Report) {
	m.t.Helper()
	st := m.open()
	defer st.Close()
	states, err := st.States()
	if err != nil {
		m.t.Fatal(err)
	}
	p, err := poll.New(m.subs, states, st, poll.Options{Parallel: 16, Force: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		m.t.Fatal(err)
	}
	if err := p.Once(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	if states, err = st.States(); err != nil {
		m.t.Fatal(err)
	}
	if report, err = st.Verify(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	return states, report
}
