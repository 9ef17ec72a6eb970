package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// What `first` reads of the API's answer; docs/api.md has all of it.
type firstAnswer struct {
	Given struct {
		Kind  string `json:"kind"`
		Link  string `json:"link"`
		Words int    `json:"words"`
	} `json:"given"`
	Matches []struct {
		ID    uint64 `json:"id"`
		Story uint64 `json:"story"`
		Name  string `json:"name"`
		Title string `json:"title"`
		URL   string `json:"url"`
		Given *int   `json:"given_per_mille"`
		Entry *int   `json:"entry_per_mille"`
		Words *int   `json:"words_per_mille"`
	} `json:"matches"`
	Story  *storyAnswer `json:"story"`
	Others []struct {
		ID       uint64 `json:"id"`
		Headline string `json:"headline"`
	} `json:"other_stories"`
}

func firstCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "first URL|TEXT|-",
		Short: "Say who published a link, a headline or a text first",
		Long: `Takes anything: an article's link (tracking parameters do not matter), a headline,
a paragraph, a whole article, or with - standard input. Says which story it
belongs to, who had that first, on what evidence, and how much of the given text
stands in which entry. Texts are looked for among the entries of the window
([stories] window, 7 days unless set), links among all that are kept.`,
		Example: `  aggregator first https://thewhistler.ng/one-thousand-syrian-soldiers-flee-to-iraq/
  aggregator first "One Thousand Syrian Soldiers Flee To Iraq"
  aggregator first - < article.txt`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var given io.Reader = strings.NewReader(strings.Join(args, " "))
			if len(args) == 1 && args[0] == "-" {
				given = c.InOrStdin()
			}
			var answer firstAnswer
			return a.show(c, func(cl *client) ([]byte, error) { return cl.post(c.Context(), "/api/v1/first", given) },
				&answer, func(out io.Writer) { printFirst(out, &answer) })
		},
	}
	a.flags(cmd)
	return cmd
}

func printFirst(out io.Writer, a *firstAnswer) {
	if a.Story == nil {
		if a.Given.Link != "" {
			fmt.Fprintln(out, "No entry that is kept here has this link. Try the headline, or some of the text.")
		} else {
			fmt.Fprintln(out, "This text stands in no entry of the window.")
		}
		return
	}
	if a.Given.Kind == "words of the link" {
		fmt.Fprintf(out, "No entry has this link. What follows has the words of its path.\n\n")
	}
	printVerdict(out, a.Story)
	printEvidence(out, a.Story)
	if a.Given.Kind == "link" {
		fmt.Fprintf(out, "\nThe link is %s's: %s\n", a.Matches[0].Name, a.Matches[0].Title)
	} else {
		fmt.Fprintf(out, "\nOf the %d words given:\n", a.Given.Words)
		t := newTable(out)
		for _, m := range a.Matches {
			t.row("  "+m.Name, shareWords(*m.Given, *m.Words, *m.Entry), m.URL)
		}
		t.print()
	}
	for i, o := range a.Others {
		if i == 0 {
			fmt.Fprintln(out, "\nIt stands in other stories too:")
		}
		fmt.Fprintf(out, "  story %d  %s\n", o.ID, o.Headline)
	}
}

// shareWords says how much of a given text stands in an entry.
func shareWords(given, words, entry int) string {
	switch {
	case given >= 250:
		return percent(given) + " word for word"
	case entry >= 400:
		return percent(given) + " word for word, which is " + percent(entry) + " of the entry"
	}
	return percent(words) + " of the telling words"
}
