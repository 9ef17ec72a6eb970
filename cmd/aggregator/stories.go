package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

func storiesCommand() *cobra.Command {
	var a asker
	filters := url.Values{}
	cmd := &cobra.Command{
		Use:   "stories",
		Short: "List the stories, newest first, with who was first",
		Example: `  aggregator stories --q flood --min-outlets 2
  aggregator stories --first thewhistler --since 2026-03-01 --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var answer struct {
				Stories []storyAnswer `json:"stories"`
				Next    string        `json:"next"`
			}
			return a.showPath(c, address("/api/v1/stories", filters), &answer, func(out io.Writer) {
				if len(answer.Stories) == 0 {
					fmt.Fprintln(out, "No story matches.")
					return
				}
				t := newTable(out, "STORY", "TIME (UTC)", "OUTLETS", "COPIES", "CONFIDENCE", "FIRST")
				for _, s := range answer.Stories {
					first := s.First.Name
					if s.First.Outlet == "" && first != "" {
						first += " (not followed)"
					}
					t.row(s.ID, cellTime(s.First.At), s.Outlets, dash(s.Copies), cell{s.First.Confidence, confidenceColour(s.First.Confidence)}, first)
					t.line(bold, fitting(out, "       "+s.Headline))
				}
				t.print()
				if answer.Next != "" {
					fmt.Fprintln(out, "\nThere are more; the next page: --after", answer.Next)
				}
			})
		},
	}
	a.flags(cmd)
	addFilters(cmd, &a, filters)
	return cmd
}

func storyCommand() *cobra.Command {
	return oneStory("story STORY", "Show a story: who was first, and who carries it", "  aggregator story 42", printStoryAnswer)
}

func explainCommand() *cobra.Command {
	return oneStory("explain STORY", "Explain a verdict: the evidence, a timeline, the history",
		"  aggregator explain 42\n  aggregator explain 42 --json", func(out io.Writer, s *storyAnswer) {
			printVerdict(out, s)
			printEvidence(out, s)
			printReasons(out, s)
			printTimeline(out, s)
			printTexts(out, s)
			printHistory(out, s)
			printCorrections(out, s)
		})
}

// oneStory is a command that shows the story with a number.
func oneStory(use, about, example string, print func(io.Writer, *storyAnswer)) *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use: use, Short: about, Example: example,
		Long: about + `.
STORY is the number that the other commands show; that of a story which was
merged into another one leads there.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil || id == 0 {
				return usageError{fmt.Errorf("%q is no story's number; find it with: aggregator stories, or aggregator first TEXT", args[0])}
			}
			var s storyAnswer
			return a.showPath(c, fmt.Sprintf("/api/v1/stories/%d", id), &s, func(out io.Writer) { print(out, &s) })
		},
	}
	a.flags(cmd)
	cmd.ValidArgsFunction = a.complete("/api/v1/stories", storyChoices)
	return cmd
}

func printStoryAnswer(out io.Writer, s *storyAnswer) {
	printVerdict(out, s)
	fmt.Fprintln(out)
	names := s.names()
	t := newTable(out, "  ENTRY", "OUTLET", "APPEARED (UTC)", "TEXT")
	for _, e := range s.Entries {
		text := "own words"
		switch {
		case e.TextOf != "":
			text = "text of " + e.TextOf
		case e.CopyOf != nil:
			text = "copy of " + names[*e.CopyOf] + ", " + percent(e.PerMille)
		}
		t.row(fmt.Sprint("  ", e.ID), e.Name, cellTime(e.Appeared), text)
		t.line(faint, "         "+e.URL)
	}
	t.print()
	printCorrections(out, s)
}

// printCorrections says what editors corrected.
func printCorrections(out io.Writer, s *storyAnswer) {
	for i := range s.Corrections {
		if i == 0 {
			fmt.Fprintln(out, "\n  Editors' corrections")
		}
		s.Corrections[i].print(out, "  ")
	}
}

func (s *storyAnswer) names() map[uint64]string {
	names := map[uint64]string{}
	for _, e := range s.Entries {
		names[e.ID] = e.Name
	}
	return names
}

// printReasons says of each entry why it stands in the story, or why alone.
func printReasons(out io.Writer, s *storyAnswer) {
	title := "Why they are one story"
	if len(s.Entries) == 1 {
		title = "Why it stands alone"
	}
	fmt.Fprintln(out, "\n  "+title)
	for _, e := range s.Entries {
		paragraph(out, "    "+pad(fmt.Sprint(e.ID), 11), fmt.Sprintf("%s: %s", e.Name, strings.Join(e.Reasons, "; ")))
	}
}

// printTexts says who had each text that is copied.
func printTexts(out io.Writer, s *storyAnswer) {
	names := s.names()
	for i, x := range s.Texts {
		if i == 0 {
			fmt.Fprintln(out, "\n  Texts that are copied")
		}
		var carriers []string
		for _, id := range x.Entries {
			carriers = append(carriers, names[id])
		}
		paragraph(out, "    ", fmt.Sprintf("On %s: %s", strings.Join(carriers, ", "), x.First.Reason))
	}
}

// printHistory lists the verdicts that the story has had.
func printHistory(out io.Writer, s *storyAnswer) {
	fmt.Fprintln(out, "\n  Verdicts so far")
	for _, h := range s.History {
		name := h.First.Name
		if name == "" {
			name = "nobody"
		}
		paragraph(out, "    "+pad(shortTime(h.At), 18), fmt.Sprintf("%s (%s, %s): %s", name, h.First.Basis, h.First.Confidence, h.Because))
	}
}
