package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/feeds/poll"
	"aggregator/store"
)

func pollCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "poll",
		Short: "Poll every feed once, keep what is new, and end",
		Long: `Polls every configured feed once, now, within the hosts' limits and never before
a time that a publisher asked for, keeps what is new, and ends. For a machine
that runs it from its own timer instead of the daemon, and for benchmarks.`,
		Example: "  aggregator poll --config /etc/aggregator/aggregator.toml",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			cfg, err := config.Load(file)
			if err != nil {
				return err
			}
			if daemonRuns(cfg.Store.Path) {
				return fmt.Errorf("a daemon that has the store %s open polls these feeds already; when it asks next, and why then: aggregator why FEED", cfg.Store.Path)
			}
			st, err := store.Open(cfg.Store.Path, store.Options{Window: cfg.Stories.Window, Outlets: cfg.OutletList()})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, st.Close()) }()
			states, err := st.States()
			if err != nil {
				return err
			}
			poller, err := poll.New(cfg.Subscriptions(), states, st, poll.Options{Parallel: cfg.Parallel, Log: newLog(slog.LevelWarn)})
			if err != nil {
				return err
			}
			if err := poller.Once(c.Context()); err != nil {
				return err
			}
			after, err := st.States()
			if err != nil {
				return err
			}
			outcomes := map[string]int{}
			for _, sub := range cfg.Subscriptions() {
				outcomes[string(after[sub.Feed.URL].Outcome)]++
			}
			fmt.Fprintln(c.OutOrStdout(), countLine(outcomes, len(cfg.Subscriptions())))
			return nil
		},
	}
	configFlag(cmd, &file)
	return cmd
}
