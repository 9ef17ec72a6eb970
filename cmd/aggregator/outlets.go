package main

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
)

// What `outlets` reads of the API's answers; docs/api.md has all of them.
type (
	outletsAnswer struct {
		Stories  int  `json:"stories"`
		Capped   bool `json:"capped"`
		Verdicts struct {
			Certain int `json:"certain"`
			Likely  int `json:"likely"`
			Tie     int `json:"tie"`
			Unknown int `json:"unknown"`
		} `json:"verdicts"`
		Outlets []struct {
			ID        string `json:"outlet"`
			Name      string `json:"name"`
			Entries   int    `json:"entries"`
			Carried   int    `json:"carried"`
			First     int    `json:"first"`
			Alone     int    `json:"alone"`
			Copied    int    `json:"copied"`
			Copies    int    `json:"copies"`
			Undecided int    `json:"undecided"`
			Lag       *int64 `json:"median_lag_seconds"`
		} `json:"outlets"`
		NotFollowed []struct {
			Name    string `json:"name"`
			First   int    `json:"first"`
			Copied  int    `json:"copied"`
			Outlets int    `json:"outlets"`
		} `json:"not_followed"`
	}
	matrixAnswer struct {
		Stories int          `json:"stories"`
		Capped  bool         `json:"capped"`
		Copies  []pairAnswer `json:"copies"`
	}
	pairAnswer struct {
		From     string `json:"from"`
		FromName string `json:"from_name"`
		Followed bool   `json:"followed"`
		By       string `json:"by"`
		ByName   string `json:"by_name"`
		Stories  int    `json:"stories"`
		PerMille *int   `json:"median_copied_per_mille"`
		Lag      *int64 `json:"median_lag_seconds"`
	}
)

func outletsCommand() *cobra.Command {
	var a asker
	var matrix bool
	filters := url.Values{}
	cmd := &cobra.Command{
		Use:   "outlets",
		Short: "Count for each outlet how often it is first, copied, and copying",
		Long: `Shows for each outlet how many entries and stories it carries, how often it was
first, how often others copy it and it copies others, and how long after the
first it comes, by the median. --matrix shows who copies whom, how much of the
text, and how much later. Only verdicts that are certain or likely count as
firsts; a tie counts for nobody. Origins that are not followed (agencies, outlets
without a feed here) are marked so.`,
		Example: `  aggregator outlets
  aggregator outlets --since 2026-03-01 --lang en
  aggregator outlets --matrix`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if matrix {
				var answer matrixAnswer
				return a.showPath(c, address("/api/v1/matrix", filters), &answer, func(out io.Writer) { printMatrix(out, &answer) })
			}
			var answer outletsAnswer
			return a.showPath(c, address("/api/v1/outlets", filters), &answer, func(out io.Writer) { printOutlets(out, &answer) })
		},
	}
	a.flags(cmd)
	cmd.Flags().BoolVar(&matrix, "matrix", false, "show who copies whom")
	addFilters(cmd, &a, filters, "limit", "after")
	return cmd
}

func printOutlets(out io.Writer, a *outletsAnswer) {
	v := a.Verdicts
	paragraph(out, "", fmt.Sprintf("%s: who was first is certain in %d, likely in %d, too close to call in %d, unknown in %d.",
		storiesLooked(a.Stories, a.Capped), v.Certain, v.Likely, v.Tie, v.Unknown))
	fmt.Fprintln(out)
	t := newTable(out, "OUTLET", "ENTRIES", "STORIES", "FIRST", "ALONE", "OPEN", "COPIED", "COPIES", "LAG")
	for _, o := range a.Outlets {
		t.row(o.Name, o.Entries, o.Carried, dash(o.First), dash(o.Alone), dash(o.Undecided), dash(o.Copied), dash(o.Copies), lagWords(o.Lag))
	}
	t.print()
	fmt.Fprintln(out)
	for _, o := range a.NotFollowed {
		paragraph(out, "", fmt.Sprintf("%s (not followed) was first in %s, copied in %d.", o.Name, count(o.First, "story"), o.Copied))
	}
	if len(a.NotFollowed) > 0 {
		fmt.Fprintln(out)
	}
	paragraph(out, "", "All but ENTRIES count stories. FIRST: the verdict is certain or likely; ALONE: of these, carried by nobody else; OPEN: carried by others "+
		"too, and nobody is first (a tie, or unknown); COPIED: by others; COPIES: of others' texts. LAG: behind whoever was first, the median.")
}

func printMatrix(out io.Writer, a *matrixAnswer) {
	if len(a.Copies) == 0 {
		fmt.Fprintf(out, "%s: nobody copies anybody.\n", storiesLooked(a.Stories, a.Capped))
		return
	}
	fmt.Fprintf(out, "%s: whose text is copied, by whom.\n\n", storiesLooked(a.Stories, a.Capped))
	if grid(out, a.Copies) {
		fmt.Fprintln(out)
	}
	t := newTable(out, "TEXT OF", "COPIED BY", "STORIES", "OF THE TEXT", "LATER BY")
	for _, p := range a.Copies {
		name := p.FromName
		if !p.Followed {
			name += " (not followed)"
		}
		share := "–"
		if p.PerMille != nil {
			share = percent(*p.PerMille)
		}
		t.row(name, p.ByName, p.Stories, share, lagWords(p.Lag))
	}
	t.print()
	fmt.Fprintln(out)
	paragraph(out, "", "OF THE TEXT and LATER BY are medians; a minus says that the copy is the earlier one by its date or the polls. "+
		"Outlets that carry the text of an origin which is not followed do not copy each other.")
}

// maxGrid is how many outlets stand in a row of the grid.
const maxGrid = 8

// grid draws the matrix with numbered columns, when it is no wider than a
// terminal and more than a list would say.
func grid(out io.Writer, pairs []pairAnswer) bool {
	names, counts := map[string]string{}, map[[2]string]int{}
	var from, by []string
	for _, p := range pairs {
		names[p.From], names[p.By] = p.FromName, p.ByName
		if !slices.Contains(from, p.From) {
			from = append(from, p.From)
		}
		if !slices.Contains(by, p.By) {
			by = append(by, p.By)
		}
		counts[[2]string{p.From, p.By}] = p.Stories
	}
	if len(from) < 2 || len(by) < 2 || len(by) > maxGrid {
		return false
	}
	slices.SortFunc(by, func(a, b string) int { return cmp.Compare(names[a], names[b]) })
	head := []string{"TEXT OF \\ BY"}
	for _, b := range by {
		head = append(head, names[b])
	}
	t := newTable(out, head...)
	for _, f := range from {
		row := []any{names[f]}
		for _, b := range by {
			if f == b {
				row = append(row, "·")
			} else {
				row = append(row, dash(counts[[2]string{f, b}]))
			}
		}
		t.row(row...)
	}
	t.print()
	return true
}

func storiesLooked(n int, capped bool) string {
	if capped {
		return "The newest " + strconv.Itoa(n) + " stories"
	}
	if n == 1 {
		return "1 story"
	}
	return strconv.Itoa(n) + " stories"
}

// dash shows nothing as a dash, so that the numbers stand out.
func dash(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}
