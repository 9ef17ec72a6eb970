package main

import (
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/feeds/poll"
	"aggregator/serve"
	"aggregator/store"
)

func runCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Poll the feeds and serve the merged feed until stopped",
		Long: `Polls every configured feed on its schedule, keeps the entries, places each in a
story, attributes the story, and serves the merged feed, the page and the API.
Stops cleanly on SIGTERM or Ctrl-C: polls in flight are finished and kept.`,
		Example: `  aggregator run --config /etc/aggregator/aggregator.toml`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(file)
			if err != nil {
				return err
			}
			log := newLog(slog.LevelInfo)
			s := serviceOf(cfg, log)
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
	configFlag(cmd, &file)
	return cmd
}

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "aggregator.toml", "the configuration `file`")
}

// serviceOf wires a configuration.
func serviceOf(cfg *config.Config, log *slog.Logger) service {
	return service{
		path: cfg.Store.Path, window: cfg.Stories.Window, outlets: cfg.OutletList(), subs: cfg.Subscriptions(),
		poll: poll.Options{Parallel: cfg.Parallel, Seed: hostName()}, listen: cfg.Serve.Listen, serve: serveOptions(cfg), log: log,
	}
}

func serveOptions(cfg *config.Config) serve.Options {
	return serve.Options{BaseURL: cfg.Serve.BaseURL, Title: cfg.Serve.Title, Settle: cfg.Stories.Settle, Outlets: cfg.OutletList(), Canonical: parse.Canonical}
}

// defaultSettings are the polling settings of an empty configuration.
func defaultSettings() feeds.Settings { return config.Default().Poll }

// newLog writes readable text to standard error.
func newLog(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// hostName makes this installation's polling moments its own.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "aggregator"
	}
	return name
}
