package main

import (
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/feeds/poll"
	"aggregator/serve"
	"aggregator/store"
)

func runCommand() *cobra.Command {
	var file, level string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Poll the feeds and serve the merged feed until stopped",
		Long: `Polls every configured feed on its schedule, keeps the entries, places each in a
story, attributes the story, and serves the merged feed, the page and the API.
Stops cleanly on SIGTERM or Ctrl-C: polls in flight are finished and kept.
SIGHUP reads the configuration again: feeds and outlets come, go and change their
schedules with nothing forgotten; a wrong file is refused in the log and the one
before goes on.`,
		Example: `  aggregator run --config /etc/aggregator/aggregator.toml`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			log, err := daemonLog(level)
			if err != nil {
				return usageError{err}
			}
			load := func() (settings, error) {
				cfg, err := config.Load(file)
				if err != nil {
					return settings{}, err
				}
				return settingsOf(cfg), nil
			}
			first, err := load()
			if err != nil {
				return err
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			s := service{settings: first, log: log, reload: hangup, load: load}
			s.ready = func(_ *store.Store, addr net.Addr) {
				log.Info("serving", "address", "http://"+addr.String()+"/", "feed", "http://"+addr.String()+"/feed.atom",
					"outlets", len(s.outlets), "feeds", len(s.subs), "store", s.path)
			}
			if err := s.run(c.Context()); err != nil {
				return err
			}
			log.Info("stopped")
			return nil
		},
	}
	cmd.Flags().StringVar(&level, "log-level", "info", "the least of what is logged: debug, info, warn or error")
	configFlag(cmd, &file)
	return cmd
}

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "aggregator.toml", "the configuration `file`")
}

// settingsOf is what a configuration means for the daemon.
func settingsOf(cfg *config.Config) settings {
	return settings{
		path: cfg.Store.Path, window: cfg.Stories.Window, retention: store.Retention{Age: cfg.Store.Keep, Size: cfg.Store.MaxSize}, outlets: cfg.OutletList(), subs: cfg.Subscriptions(),
		poll: poll.Options{Parallel: cfg.Parallel, Seed: hostName()}, listen: cfg.Serve.Listen, serve: serveOptions(cfg),
		hooks: webhooks(cfg), allowPrivate: cfg.Serve.AllowPrivate,
	}
}

func serveOptions(cfg *config.Config) serve.Options {
	return serve.Options{BaseURL: cfg.Serve.BaseURL, Hub: cfg.Serve.Hub, Title: cfg.Serve.Title, Settle: cfg.Stories.Settle, Outlets: cfg.OutletList(), Canonical: parse.Canonical}
}

// defaultSettings are the polling settings of an empty configuration.
func defaultSettings() feeds.Settings { return config.Default().Poll }

// hostName makes this installation's polling moments its own.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "aggregator"
	}
	return name
}
