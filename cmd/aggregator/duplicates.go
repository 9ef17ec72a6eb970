package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// What `duplicates` reads of the API's answer; docs/api.md has all of it.
type (
	duplicatesAnswer struct {
		Duplicates []duplicate `json:"duplicates"`
		Next       string      `json:"next"`
	}
	duplicate struct {
		Story    uint64        `json:"story"`
		Headline string        `json:"headline"`
		Outlets  int           `json:"outlets"`
		First    verdictAnswer `json:"first_published"`
		Copies   []carried     `json:"copies"`
		OwnWords []carried     `json:"own_words"`
	}
	carried struct {
		Outlet   string     `json:"outlet"`
		Name     string     `json:"name"`
		Title    string     `json:"title"`
		URL      string     `json:"url"`
		Appeared *time.Time `json:"appeared"`
		PerMille int        `json:"copied_per_mille"`
		TextOf   string     `json:"text_of"`
		Of       struct {
			Outlet string `json:"outlet"`
			Name   string `json:"name"`
		} `json:"of"`
	}
)

func duplicatesCommand() *cobra.Command {
	var a asker
	var asCSV bool
	filters := url.Values{}
	cmd := &cobra.Command{
		Use:   "duplicates",
		Short: "List the stories of several outlets, and who copied whom",
		Long: `Lists the stories that two outlets or more carry, newest first, with who was first
and why, the copies with their share of the text, and who tells it in their own
words. Asks the running daemon; opens the store itself when none runs.`,
		Example: `  aggregator duplicates --config aggregator.toml
  aggregator duplicates --copies --first thewhistler
  aggregator duplicates --outlet thewhistler,dailyrelay
  aggregator duplicates --copied-from thewhistler --copied-by dailyrelay --min-share 50 --csv
  aggregator duplicates --since 2026-03-01T00:00:00Z --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var answer duplicatesAnswer
			var failed error
			err := a.showPath(c, address("/api/v1/duplicates", filters), &answer, func(out io.Writer) {
				if !asCSV {
					printDuplicates(out, answer)
					return
				}
				if failed = writeDuplicatesCSV(out, &answer); answer.Next != "" {
					fmt.Fprintln(c.ErrOrStderr(), "There are more; the next page: --after", answer.Next)
				}
			})
			return errors.Join(err, failed)
		},
	}
	a.flags(cmd)
	cmd.Flags().BoolVar(&asCSV, "csv", false, "print a table for spreadsheets, a line for each entry (docs/formats.md)")
	cmd.MarkFlagsMutuallyExclusive("csv", "json")
	addFilters(cmd, &a, filters)
	return cmd
}

func printDuplicates(out io.Writer, a duplicatesAnswer) {
	if len(a.Duplicates) == 0 {
		fmt.Fprintln(out, "No story with more than one outlet matches.")
		return
	}
	for _, d := range a.Duplicates {
		printTitle(out, d.Headline, d.Story, d.Outlets)
		d.First.print(out)
		t := newTable(out)
		for i, c := range slices.Concat(d.OwnWords, d.Copies) {
			how := "own words"
			switch {
			case c.TextOf != "": // none of those that carry an agency's text copies another
				how = "text of " + c.TextOf
			case i >= len(d.OwnWords):
				how = "copy of " + c.Of.Name + ", " + percent(c.PerMille)
			}
			t.row("    "+c.Name, cellTime(c.Appeared), how)
			t.line(faint, "      "+c.URL)
		}
		t.print()
		fmt.Fprintln(out)
	}
	if a.Next != "" {
		fmt.Fprintln(out, "There are more; the next page: --after", a.Next)
	}
}
