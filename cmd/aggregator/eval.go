package main

import (
	"io"

	"github.com/spf13/cobra"

	"aggregator/stories/measure"
)

func evalCommand() *cobra.Command {
	var o measure.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval DIR",
		Short: "Measure on labelled sets how well entries are grouped",
		Long: `Reads the labelled collections in DIR and the judged pairs in DIR/pairs, groups
them with the rules that the daemon uses, and prints precision, recall, F1,
B-cubed F1 and the adjusted Rand index beside simple rules, with the bar that
each set must reach. Pairs taken from a stream are judged after grouping the
whole stream, when DIR/../streams holds it. docs/accuracy.md explains the table.`,
		Example: `  aggregator eval --worst 3 labels
  aggregator eval --baselines=false --json labels`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			out := c.OutOrStdout()
			if !asJSON {
				return measure.Report(out, args[0], o)
			}
			rows := []measure.Row{}
			o.Each = func(r measure.Row) { rows = append(rows, r) }
			if err := measure.Report(io.Discard, args[0], o); err != nil {
				return err
			}
			return writeJSON(out, map[string]any{"rows": rows})
		},
	}
	cmd.Flags().IntVar(&o.Worst, "worst", 2, "print this `number` of the worst examples for each set")
	cmd.Flags().BoolVar(&o.Baselines, "baselines", true, "compute the simple rules, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON (docs/formats.md), when all is measured; without the examples")
	return cmd
}
