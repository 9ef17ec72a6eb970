package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"aggregator/cluster"
	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/feeds/websub"
	"aggregator/serve"
	"aggregator/serve/tell"
	"aggregator/store"
)

// service is what `run` and `demo` have in common: the store, the poller and
// the server, wired.
type service struct {
	settings
	log *slog.Logger
	// ready is called once with the store open and the address listened on.
	ready func(s *store.Store, addr net.Addr)
	// reload brings a value when load is to be asked for other settings; nil when
	// they stay.
	reload <-chan os.Signal
	load   func() (settings, error)
}

// settings are what a configuration says. A reload changes all but path, window
// and listen, which hold from the next start on.
type settings struct {
	path      string // the store's file
	window    time.Duration
	retention store.Retention
	listen    string // host:port
	outlets   []feeds.Outlet
	subs      []poll.Subscription
	poll      poll.Options
	serve     serve.Options
	hooks     []tell.Webhook
	unnamed   feeds.Settings // of feeds that are not configured any more
	callback  string         // where hubs reach this server; empty: none is subscribed to
	// allowPrivate are the ranges of private addresses in which the hub and the
	// webhooks may be.
	allowPrivate []string
	cluster      cluster.Options // URL empty: this machine alone
	polls        bool            // in a cluster: this machine asks feeds, too
}

// run works until ctx ends, then stops in this order: no new polls, polls in
// flight finished and kept, requests answered, the store closed. An error
// before that is returned at once.
func (s service) run(ctx context.Context) (err error) {
	if err := soundAfterCrash(s.path); err != nil {
		return err
	}
	st, err := store.Open(s.path, store.Options{Window: s.window, Outlets: s.outlets, Later: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	diary := poll.OpenDiary(diaryPath(s.path))
	defer diary.Close()
	public, local, err := listenAll(s.settings, s.log)
	if err != nil {
		return err
	}
	work, stopping := errgroup.WithContext(ctx)
	d := &running{service: s, store: st, diary: diary, pulse: &pulse{store: st}, traffic: serve.NewTraffic(), loaded: time.Now()}
	if s.cluster.URL != "" {
		d.replica, err = join(ctx, s.settings, st, s.log)
	}
	if err == nil {
		err = d.begin(stopping)
	}
	if err != nil {
		closeAll(append(public, local))
		return err
	}
	if s.ready != nil {
		s.ready(st, public[0].Addr())
	}
	notify("READY=1", d.status())

	page, desk := newDoor(d, s.log, public...), newDoor(withCare(st, withUsers(st, localHandler(d))), s.log, local)
	// A client that takes longer comes again. Event streams set their own limits.
	page.server.WriteTimeout = 2 * time.Minute
	page.open(work.Go)
	desk.open(work.Go)
	work.Go(func() error { return d.pulse.beat(stopping, s.log) })
	work.Go(func() error { return d.tend(stopping, s.retention) })
	work.Go(func() error {
		err := d.replica.with(stopping, d.pulse, d.work)
		notify("STOPPING=1", "STATUS=answering the last requests")
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		page.close(last)
		desk.close(last)
		return err
	})
	return work.Wait()
}

// running is a service at work, with what a reload exchanges.
type running struct {
	service
	store   *store.Store
	diary   *poll.Diary
	replica *replica // nil outside a cluster
	pulse   *pulse
	poller  *poll.Poller
	hubs    atomic.Pointer[websub.Subscriber] // nil: none is subscribed to
	tellers []func(context.Context) error     // tell others of changes
	handler atomic.Pointer[http.Handler]
	retire  context.CancelFunc // ends the event streams of handler
	traffic *serve.Traffic
	loaded  time.Time   // when settings were read
	refused atomic.Bool // newer ones were refused since
}

// ServeHTTP answers by the settings that hold when the request comes.
func (d *running) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hubs := d.hubs.Load(); hubs != nil && strings.HasPrefix(r.URL.Path, websub.Path) {
		hubs.ServeHTTP(w, r)
		return
	}
	(*d.handler.Load()).ServeHTTP(w, r)
}

// begin makes the poller and the handler of the settings that hold now.
func (d *running) begin(ctx context.Context) error {
	states, err := d.store.States()
	if err != nil {
		return err
	}
	if d.poller != nil {
		// What the poller knows is newer where the store refused it.
		for url, s := range d.poller.States() {
			if s.Polls >= states[url].Polls {
				states[url] = s
			}
		}
	}
	d.settings.poll.Log, d.settings.poll.Diary = d.log, d.diary
	if err := d.replica.adopt(&d.settings); err != nil {
		return err
	}
	hubs := d.subscriber(states)
	if d.settings.poll.Hubs = nil; hubs != nil {
		d.settings.poll.Hubs = hubs
	}
	if d.poller, err = poll.New(d.subs, states, d.store, d.settings.poll); err != nil {
		return err
	}
	if hubs != nil {
		hubs.Bind(d.poller)
	}
	d.hubs.Store(hubs)
	d.pulse.poller.Store(d.poller)

	streams, retire := context.WithCancel(ctx)
	o := d.serve
	o.Outlets, o.Log, o.Done, o.Ready = d.outlets, d.log, streams.Done(), d.pulse.ready
	o.Traffic, o.Daemon = d.traffic, d.describe(d.poller, d.loaded)
	wireServe(&o, d.store, d.subs, d.poller)
	if d.replica != nil {
		o.Cluster = d.replica.state
	}
	handler := serve.New(d.store, o)
	tellers, err := d.settings.tellers(ctx, d.store, handler, d.log)
	if err != nil {
		retire()
		return err
	}
	d.tellers = tellers
	d.handler.Store(&handler)
	if d.retire != nil {
		d.retire() // readers of events connect again
	}
	d.retire = retire
	return nil
}

// subscriber keeps subscriptions at the hubs that feeds name; nil when hubs have no
// way here, and in a cluster, where a feed's state is no one machine's to change.
// states are those of all feeds: the subscriptions of feeds that are not configured
// any more are ended.
func (d *running) subscriber(states map[string]feeds.State) *websub.Subscriber {
	if d.callback == "" {
		return nil
	}
	if d.replica != nil {
		d.log.Warn("[websub] does not work together with [cluster]: every feed is polled")
		return nil
	}
	o := websub.Options{Callback: d.callback, Settings: map[string]feeds.Settings{}, Log: d.log, Now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }}
	for _, sub := range d.subs {
		o.Settings[sub.Feed.URL] = sub.Settings
	}
	o.Left = func(ctx context.Context, feed string) {
		if err := d.store.Unsubscribed(ctx, feed); err != nil && ctx.Err() == nil {
			d.log.Warn("the end of a subscription could not be kept; the hub will be told again", "feed", feed, "err", err)
		}
	}
	var gone []string
	for url, s := range states {
		if _, followed := o.Settings[url]; !followed && s.WebSub != nil && s.WebSub.Token != "" && s.WebSub.Until.After(o.Now()) {
			gone = append(gone, url)
		}
	}
	for _, url := range gone {
		o.Settings[url] = d.unnamed
	}
	hubs := websub.New(o)
	for _, url := range gone {
		hubs.Leave(url, *states[url].WebSub)
	}
	return hubs
}

// describe gives what the metrics say of the daemon while a poller works.
func (d *running) describe(p *poll.Poller, loaded time.Time) func() serve.Daemon {
	return func() serve.Daemon {
		about := serve.Daemon{Version: version, SinceLook: p.Idle(), Loaded: loaded, Refused: d.refused.Load()}
		if file, err := os.Stat(d.store.Path()); err == nil {
			about.StoreBytes = file.Size()
		}
		return about
	}
}

// status is the line that `systemctl status` shows.
func (d *running) status() string {
	return fmt.Sprintf("STATUS=%d feeds of %d outlets", len(d.subs), len(d.outlets))
}

// wireServe gives the server what it shows of the polling: the daemon and the
// command line, which answers by the same handler, show the same, but for what only
// the poller knows; p is nil where none works.
func wireServe(o *serve.Options, st *store.Store, subs []poll.Subscription, p *poll.Poller) {
	o.States, o.Now, o.Why, o.Around, o.TokenUser, o.Users, o.Editor = st.States, time.Now, whyOf(subs), aroundOf(st, p), st.TokenUser, st, st
	if p != nil {
		o.States = planned(st.States, p, subs)
	}
	for _, sub := range subs {
		o.Feeds = append(o.Feeds, sub.Feed)
	}
}

// aroundOf gives what a store, and a poller if one works, know around a feed. What
// cannot be read is left out: it explains, and decides nothing.
func aroundOf(st *store.Store, p *poll.Poller) func(feeds.State) feeds.Around {
	return func(s feeds.State) (a feeds.Around) {
		if p != nil {
			a = p.Around(s)
		}
		a.Present, a.Renamed, _ = st.Identities(s.URL)
		return a
	}
}

// planned gives the states with the next polls as the settings of now have them,
// which may be others than at the last polls, and with the requests whose answers the
// store has never seen.
func planned(states func() (map[string]feeds.State, error), p *poll.Poller, subs []poll.Subscription) func() (map[string]feeds.State, error) {
	return func() (map[string]feeds.State, error) {
		list, err := states()
		for url, s := range list {
			list[url] = p.Plan(s)
		}
		for _, sub := range subs {
			if url := sub.Feed.URL; err == nil && list[url].URL == "" {
				if s := p.Plan(feeds.State{URL: url}); !s.LastRequest.IsZero() {
					list[url] = s
				}
			}
		}
		return list, err
	}
}
