package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

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
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print the API's answer (docs/api.md)")
	cmd.MarkFlagsMutuallyExclusive("config", "store")
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

// table aligns columns; cells are separated by tabs.
func table(out io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) }

// lineWidth is where sentences are broken.
const lineWidth = 79

// paragraph prints text broken into lines, the first behind lead, the others
// indented as far.
func paragraph(out io.Writer, lead, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
	width, line := utf8.RuneCountInString(lead), lead
	empty := true
	for _, w := range strings.Fields(text) {
		n := utf8.RuneCountInString(w)
		if !empty && width+1+n > lineWidth {
			fmt.Fprintln(out, line)
			line, width, empty = indent, len(indent), true
		}
		if !empty {
			line += " "
			width++
		}
		line += w
		width += n
		empty = false
	}
	fmt.Fprintln(out, strings.TrimRight(line, " "))
}

// short cuts a text for a column.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}
