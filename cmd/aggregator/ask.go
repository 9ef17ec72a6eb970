package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"aggregator/config"
)

// asker is what the commands share that show an answer of the API: whom they
// ask, and in what form they show it.
type asker struct {
	config, store string
	asJSON        bool
	changes       bool // the store is changed, not only read
	makes         bool // and made, when there is none
}

// flags adds --config, --store and --json.
func (a *asker) flags(cmd *cobra.Command) {
	configFlag(cmd, &a.config)
	cmd.Flags().StringVar(&a.store, "store", "", "the store `file`, instead of a configuration")
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print JSON (docs/formats.md)")
	cmd.MarkFlagsMutuallyExclusive("config", "store")
	completeStore(cmd)
}

// settings is the configuration, or what --store alone says.
func (a *asker) settings() (*config.Config, error) {
	if a.store != "" {
		cfg := config.Default()
		cfg.Store.Path = a.store
		return cfg, nil
	}
	return config.Load(a.config)
}

func (a *asker) open() (*client, error) {
	cfg, err := a.settings()
	if err != nil {
		return nil, err
	}
	return openClient(cfg, a.makes, a.makes || a.changes)
}

// show asks and prints the answer, as it is with --json, else by print.
func (a *asker) show(c *cobra.Command, ask func(*client) ([]byte, error), answer any, print func(io.Writer)) error {
	cl, err := a.open()
	if err != nil {
		return err
	}
	defer cl.close()
	body, err := ask(cl)
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if a.asJSON {
		_, err = out.Write(body)
		return err
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("the daemon's answer is not what this version reads: %w", err)
	}
	print(out)
	return nil
}

// showPath is show for an address.
func (a *asker) showPath(c *cobra.Command, path string, answer any, print func(io.Writer)) error {
	return a.show(c, func(cl *client) ([]byte, error) { return cl.raw(c.Context(), path) }, answer, print)
}
