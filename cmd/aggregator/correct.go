package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const correctionsPath = "/api/v1/corrections"

type correctionAnswer struct {
	Number  uint64      `json:"number"`
	Kind    string      `json:"kind"`
	Story   uint64      `json:"story"`
	Other   uint64      `json:"other_story"`
	Entries []uint64    `json:"entries"`
	By      string      `json:"by"`
	Why     string      `json:"why"`
	At      *time.Time  `json:"at"`
	Undone  *wordAnswer `json:"undone"`
}

type wordAnswer struct {
	By  string     `json:"by"`
	Why string     `json:"why"`
	At  *time.Time `json:"at"`
}

const holds = `The correction is kept with who made it and why, and
holds against whatever the texts say later, also through a reindex, until it is
undone: aggregator corrections undo NUMBER.`

func splitCommand() *cobra.Command {
	return correctCommand("split ENTRY...", "Take entries out of their story, to one of their own",
		"Takes entries of one story out of it. ENTRY is the number that aggregator\nstory STORY shows. "+holds,
		"  aggregator split 311 --why \"another ferry\"\n  aggregator split 315 316 --why \"the trial, not the arrest\"",
		cobra.MinimumNArgs(1), "entry", "split")
}

func mergeCommand() *cobra.Command {
	return correctCommand("merge STORY STORY", "Make two stories one",
		"Merges two stories; the lower number survives and the other redirects for ever.\n"+holds,
		"  aggregator merge 42 57 --why \"the same fire\"", cobra.ExactArgs(2), "story", "merge")
}

// correctCommand is a command whose arguments are numbers of things to correct.
func correctCommand(use, about, long, example string, args cobra.PositionalArgs, thing, kind string) *cobra.Command {
	a := asker{changes: true}
	var by, why string
	cmd := &cobra.Command{
		Use: use, Short: about, Long: long, Example: example, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			numbers := make([]uint64, 0, len(args))
			for _, arg := range args {
				n, err := strconv.ParseUint(arg, 10, 64)
				if err != nil || n == 0 {
					return usageError{fmt.Errorf("%q is no number of %s", arg, map[string]string{"entry": "an entry", "story": "a story"}[thing])}
				}
				numbers = append(numbers, n)
			}
			body, err := json.Marshal(map[string]any{kind: numbers, "why": why, "by": by})
			if err != nil {
				return err
			}
			var answer correctionAnswer
			return a.show(c, func(cl *client) ([]byte, error) {
				return cl.change(c.Context(), http.MethodPost, correctionsPath, body)
			}, &answer, func(out io.Writer) {
				if answer.Kind == "split" {
					fmt.Fprintf(out, "%s left story %d for story %d (correction %d).\n", count(len(answer.Entries), "entry"), answer.Story, answer.Other, answer.Number)
				} else {
					fmt.Fprintf(out, "Story %d is part of story %d now (correction %d).\n", answer.Other, answer.Story, answer.Number)
				}
			})
		},
	}
	wordFlags(cmd, &by, &why)
	a.flags(cmd)
	if thing == "story" {
		cmd.ValidArgsFunction = a.complete("/api/v1/stories", storyChoices)
	}
	return cmd
}

// wordFlags adds --by and --why.
func wordFlags(cmd *cobra.Command, by, why *string) {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	cmd.Flags().StringVar(by, "by", name, "the `name` of who says so")
	cmd.Flags().Lookup("by").DefValue = ""
	cmd.Flags().StringVar(why, "why", "", "the `reason`, which readers see")
}

func correctionsCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "corrections",
		Short: "List what editors corrected; undo it",
		Example: `  aggregator corrections
  aggregator corrections undo 3 --why "it was the same ferry after all"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var answer struct {
				Corrections []correctionAnswer `json:"corrections"`
			}
			return a.showPath(c, correctionsPath, &answer, func(out io.Writer) {
				if len(answer.Corrections) == 0 {
					fmt.Fprintln(out, "Nothing was corrected.")
				}
				for i := range answer.Corrections {
					answer.Corrections[i].print(out, "")
				}
			})
		},
	}
	a.flags(cmd)
	cmd.AddCommand(undoCommand())
	return cmd
}

func undoCommand() *cobra.Command {
	a := asker{changes: true}
	var by, why string
	cmd := &cobra.Command{
		Use:   "undo NUMBER",
		Short: "Take a correction back",
		Long: `Takes a correction back. What was merged goes apart again and what was taken out
comes back, unless another correction says otherwise; from then on the texts
decide. The record of it stays.`,
		Example: "  aggregator corrections undo 2",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil || n == 0 {
				return usageError{fmt.Errorf("%q is no number of a correction; they are listed by: aggregator corrections", args[0])}
			}
			path := address(fmt.Sprint(correctionsPath, "/", n), url.Values{"by": {by}, "why": {why}})
			var answer correctionAnswer
			return a.show(c, func(cl *client) ([]byte, error) { return cl.change(c.Context(), http.MethodDelete, path, nil) }, &answer,
				func(out io.Writer) { answer.print(out, "") })
		},
	}
	wordFlags(cmd, &by, &why)
	a.flags(cmd)
	return cmd
}

// print says in sentences what was corrected.
func (k *correctionAnswer) print(out io.Writer, indent string) {
	what := fmt.Sprintf("merged story %d into story %d", k.Other, k.Story)
	if k.Kind == "split" {
		var list []string
		for _, e := range k.Entries {
			list = append(list, strconv.FormatUint(e, 10))
		}
		what = fmt.Sprintf("took entry %s out of story %d, to story %d", strings.Join(list, ", "), k.Story, k.Other)
	}
	say := func(w wordAnswer, did string) string {
		who := w.By
		if who == "" {
			who = "the operator"
		}
		s := fmt.Sprintf("%s  %s %s", shortTime(w.At), who, did)
		if w.Why != "" {
			s += ": " + w.Why
		}
		return s
	}
	paragraph(out, fmt.Sprintf("%s%3d  ", indent, k.Number), say(wordAnswer{k.By, k.Why, k.At}, what))
	if k.Undone != nil {
		paragraph(out, indent+"     ", say(*k.Undone, "undid it"))
	}
}

// change sends a request that changes something and gives the answer's body.
func (c *client) change(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	return c.send(r)
}
