package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"aggregator/config"
)

// What `duplicates` reads of the API's answer; docs/api.md has all of it.
type (
	duplicatesAnswer struct {
		Duplicates []duplicate `json:"duplicates"`
		Next       string      `json:"next"`
	}
	duplicate struct {
		Story    uint64     `json:"story"`
		Headline string     `json:"headline"`
		Outlets  int        `json:"outlets"`
		First    firstWords `json:"first_published"`
		Copies   []carried  `json:"copies"`
		OwnWords []carried  `json:"own_words"`
	}
	firstWords struct {
		Name       string     `json:"name"`
		At         *time.Time `json:"at"`
		Basis      string     `json:"basis"`
		Confidence string     `json:"confidence"`
		Reason     string     `json:"reason"`
	}
	carried struct {
		Name     string     `json:"name"`
		Title    string     `json:"title"`
		URL      string     `json:"url"`
		Appeared *time.Time `json:"appeared"`
		PerMille int        `json:"copied_per_mille"`
		Of       struct {
			Name string `json:"name"`
		} `json:"of"`
	}
)

func duplicatesCommand() *cobra.Command {
	var file string
	var asJSON bool
	filters := url.Values{}
	cmd := &cobra.Command{
		Use:   "duplicates",
		Short: "List the stories that more than one outlet carries, and who copied whom",
		Long: `Lists the stories that two outlets or more carry, newest first, with who was first
and why, the copies with their share of the text, and who tells it in their own
words. Asks the running daemon; opens the store itself when none runs.`,
		Example: `  aggregator duplicates --config aggregator.toml
  aggregator duplicates --copies --first thewhistler
  aggregator duplicates --since 2026-03-01T00:00:00Z --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			cfg, err := config.Load(file)
			if err != nil {
				return err
			}
			ask, err := openClient(cfg)
			if err != nil {
				return err
			}
			defer ask.close()
			path := "/api/v1/duplicates?" + filters.Encode()
			if asJSON {
				body, err := ask.raw(c.Context(), path)
				if err != nil {
					return err
				}
				_, err = c.OutOrStdout().Write(body)
				return err
			}
			var answer duplicatesAnswer
			if err := ask.get(c.Context(), path, &answer); err != nil {
				return err
			}
			printDuplicates(c.OutOrStdout(), answer)
			return nil
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's answer (docs/api.md)")
	for _, f := range []struct{ flag, param, usage string }{
		{"outlet", "outlet", "only stories that this `outlet` (its id) carries"},
		{"first", "first", "only stories that this `outlet` published first"},
		{"copied-from", "copied_from", "only stories in which somebody copies this `outlet`"},
		{"lang", "lang", "only stories in this `language` (en, pt-BR, …)"},
		{"since", "since", "only stories first published at this `time` or later (RFC 3339)"},
		{"until", "until", "only stories first published before this `time`"},
		{"q", "q", "only stories with these `words` in a headline"},
		{"min-outlets", "min_outlets", "only stories that this `number` of outlets carry, or more"},
		{"limit", "limit", "at most this `number` of stories"},
		{"after", "after", "go on after this `cursor`, which the page before printed"},
	} {
		cmd.Flags().Var(&paramFlag{filters, f.param}, f.flag, f.usage)
	}
	cmd.Flags().BoolFunc("copies", "only stories with copies of a text", func(v string) error {
		on, err := strconv.ParseBool(v)
		filters.Set("copies", strconv.FormatBool(on))
		return err
	})
	return cmd
}

// paramFlag is a flag that becomes a parameter of a request.
type paramFlag struct {
	values url.Values
	name   string
}

func (p *paramFlag) String() string     { return p.values.Get(p.name) }
func (p *paramFlag) Set(v string) error { p.values.Set(p.name, v); return nil }
func (p *paramFlag) Type() string       { return "text" }

func printDuplicates(out io.Writer, a duplicatesAnswer) {
	if len(a.Duplicates) == 0 {
		fmt.Fprintln(out, "No story with more than one outlet matches.")
		return
	}
	for _, d := range a.Duplicates {
		fmt.Fprintf(out, "%s   (story %d, %d outlets)\n", d.Headline, d.Story, d.Outlets)
		fmt.Fprintf(out, "  First published on %s%s (%s, %s)\n  %s\n", d.First.Name, atPointer(d.First.At), d.First.Basis, d.First.Confidence, d.First.Reason)
		for _, c := range d.OwnWords {
			fmt.Fprintf(out, "    %-22s%-20s %s\n", c.Name, shortTime(c.Appeared), c.URL)
		}
		for _, c := range d.Copies {
			fmt.Fprintf(out, "    %-22s%-20s %s\n      copy of %s, %s of the text\n", c.Name, shortTime(c.Appeared), c.URL, c.Of.Name, percent(c.PerMille))
		}
		fmt.Fprintln(out)
	}
	if a.Next != "" {
		fmt.Fprintln(out, "There are more; the next page: --after", a.Next)
	}
}

func atPointer(t *time.Time) string {
	if t == nil {
		return ""
	}
	return at(*t)
}

func shortTime(t *time.Time) string {
	if t == nil {
		return "time unknown"
	}
	return t.UTC().Format("2 Jan 15:04 UTC")
}
