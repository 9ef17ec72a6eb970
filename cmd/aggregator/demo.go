package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"aggregator/cmd/aggregator/demo"
	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/feeds/poll"
	"aggregator/serve"
	"aggregator/store"
)

// demoEvery is how often the demo polls its sample outlets.
const demoEvery = 2 * time.Second

func demoCommand() *cobra.Command {
	var listen, file string
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job, offline, with sample outlets",
		Long: `Starts a handful of sample outlets on this machine, runs the real daemon against
them, prints story by story what it found and why, and keeps serving until
interrupted. Over the first minute the outlets publish more: watch a story grow,
and an attribution get corrected. No network is needed.`,
		Example: `  aggregator demo
  aggregator demo --listen 127.0.0.1:9000 --store demo.db`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			if limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, limit)
				defer cancel()
			}
			if file == "" {
				dir, err := os.MkdirTemp("", "aggregator-demo-")
				if err != nil {
					return fmt.Errorf("make a directory for the demo's store: %w", err)
				}
				defer os.RemoveAll(dir)
				file = filepath.Join(dir, "demo.db")
			}
			samples, err := demo.Start(ctx, demo.Options{})
			if err != nil {
				return err
			}
			defer samples.Close()
			return runDemo(ctx, samples, listen, file, c.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "where the page and the feeds are served")
	cmd.Flags().StringVar(&file, "store", "", "keep the entries in this file; a temporary one otherwise")
	cmd.Flags().DurationVar(&limit, "for", 0, "end after this time instead of running until interrupted")
	return cmd
}

// demoService wires the daemon for the sample outlets.
func demoService(samples *demo.Outlets, listen, file string) service {
	s := service{settings: settings{
		path: file, window: 7 * 24 * time.Hour, outlets: samples.Outlets(), listen: listen,
		poll: poll.Options{Parallel: 8}, serve: serve.Options{Title: "aggregator demo", Canonical: parse.Canonical},
	}, log: newLog(slog.LevelWarn)}
	polling := defaultSettings()
	polling.Schedule = "@every " + demoEvery.String()
	polling.Spread, polling.Floor, polling.FullFloor, polling.HostGap = 0, demoEvery/2, demoEvery/2, 0
	polling.MaxFresh = demoEvery / 2 // a sample feed's ttl is real; the minute that people watch is short
	polling.AllowPrivate = []string{"127.0.0.0/8"}
	owners := outletsByID(s.outlets)
	for _, f := range samples.Feeds() {
		s.subs = append(s.subs, poll.Subscription{Feed: f, Outlet: owners[f.Outlet], Settings: polling})
	}
	return s
}

func runDemo(ctx context.Context, samples *demo.Outlets, listen, file string, out io.Writer) error {
	s := demoService(samples, listen, file)
	watching, stopWatching := context.WithCancel(ctx)
	watched := make(chan error, 1)
	started := false
	s.ready = func(st *store.Store, addr net.Addr) {
		fmt.Fprintf(out, "%d sample outlets with %d feeds on this machine, each polled every %s.\n\n", len(s.outlets), len(s.subs), demoEvery)
		fmt.Fprintf(out, "  page         http://%s/\n  merged feed  http://%[1]s/feed.atom  (also /feed.rss, /feed.json)\n  duplicates   http://%[1]s/api/v1/duplicates\n\n", addr)
		w := watcher{out: out, store: st, samples: samples, names: outletsByID(s.outlets)}
		started = true
		go func() { watched <- w.watch(watching) }()
	}
	err := s.run(ctx)
	stopWatching()
	if started {
		// The store closes first when the demo is interrupted in mid-sentence.
		if werr := <-watched; err == nil && !errors.Is(werr, store.ErrClosed) {
			err = werr
		}
	}
	return err
}

func outletsByID(list []feeds.Outlet) map[string]feeds.Outlet {
	out := map[string]feeds.Outlet{}
	for _, o := range list {
		out[o.ID] = o
	}
	return out
}
