package main

import (
	"github.com/spf13/cobra"

	"aggregator/stories/measure"
)

func evalCommand() *cobra.Command {
	var o measure.Options
	cmd := &cobra.Command{
		Use:   "eval DIR",
		Short: "Measure on labelled sets how well entries are grouped",
		Long: `Reads the labelled collections in DIR and the judged pairs in DIR/pairs, groups
them with the rules that the daemon uses, and prints precision, recall, F1,
B-cubed F1 and the adjusted Rand index beside simple rules, with the bar that
each set must reach. Pairs taken from a stream are judged after grouping the
whole stream, when DIR/../streams holds it. docs/accuracy.md explains the table.`,
		Example: "  aggregator eval --worst 3 labels",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return measure.Report(c.OutOrStdout(), args[0], o)
		},
	}
	cmd.Flags().IntVar(&o.Worst, "worst", 0, "print this many of the worst examples for each set")
	cmd.Flags().BoolVar(&o.Baselines, "baselines", true, "compute the simple rules, too")
	return cmd
}
