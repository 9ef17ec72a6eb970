package main

import (
	"fmt"
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
	var file, level, role string
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
		Args:    noArgs,
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
			if err := first.play(role); err != nil {
				return usageError{err}
			}
			if role == rolePoller {
				return runPoller(c.Context(), first, log, load)
			}
			hangup := onHangup()
			defer signal.Stop(hangup)
			s := service{settings: first, log: log, reload: hangup, load: load}
			s.ready = func(_ *store.Store, addr net.Addr) {
				if os.Getenv("GOGC") == "" {
					paceCollections()
				}
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
	cmd.Flags().StringVar(&role, "role", roleAll, "what this machine does in a cluster (docs/scale-out.md): all, poller or index")
	_ = cmd.RegisterFlagCompletionFunc("log-level", cobra.FixedCompletions([]string{"debug", "info", "warn", "error"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{roleAll, rolePoller, roleIndex}, cobra.ShellCompDirectiveNoFileComp))
	configFlag(cmd, &file)
	return cmd
}

// play takes on a role in the cluster.
func (s *settings) play(role string) error {
	switch {
	case role != roleAll && role != roleIndex && role != rolePoller:
		return fmt.Errorf("there is no role %q: write all, poller or index", role)
	case role != roleAll && s.cluster.URL == "":
		return fmt.Errorf("the role %s needs a cluster: name its servers with [cluster] url", role)
	}
	s.polls = role == roleAll
	return nil
}

// onHangup gives the requests to read the configuration again. Stop them with
// signal.Stop.
func onHangup() chan os.Signal {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup
}

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "aggregator.toml", "the configuration `file`")
	_ = cmd.MarkFlagFilename("config", "toml")
}

// settingsOf is what a configuration means for the daemon.
func settingsOf(cfg *config.Config) settings {
	return settings{
		path: cfg.Store.Path, window: cfg.Stories.Window, retention: store.Retention{Age: cfg.Store.Keep, Size: cfg.Store.MaxSize}, outlets: cfg.OutletList(), subs: cfg.Subscriptions(),
		poll: poll.Options{Parallel: cfg.Parallel, Seed: hostName()}, listen: cfg.Serve.Listen, serve: serveOptions(cfg),
		hooks: webhooks(cfg), callback: cfg.WebSub.Callback, unnamed: cfg.Poll, allowPrivate: cfg.Serve.AllowPrivate, cluster: clusterOptions(&cfg.Cluster),
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
