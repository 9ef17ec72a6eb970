package main

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
)

// addFilters gives a command the flags of the API's filters but for those named
// in without; what is set stands in values.
func addFilters(cmd *cobra.Command, a *asker, values url.Values, without ...string) {
	for _, f := range []struct{ flag, param, usage string }{
		{"outlet", "outlet", "only stories that this `outlet` (its id) carries; a,b: that both carry"},
		{"first", "first", "only stories that this `outlet` published first"},
		{"copied-from", "copied_from", "only stories in which somebody copies this `outlet`"},
		{"copied-by", "copied_by", "only stories in which this `outlet` copies another one; with --copied-from, that one"},
		{"min-share", "min_share", "only stories in which at least this `share` of a text is copied, in per cent"},
		{"lang", "lang", "only stories in this `language` (en, pt-BR, …)"},
		{"category", "category", "only stories that an outlet of this `category` carries"},
		{"since", "since", "only stories first published at this `time` or later (a date, or RFC 3339)"},
		{"until", "until", "only stories first published before this `time`"},
		{"q", "q", "only stories with these `words` in a headline"},
		{"min-outlets", "min_outlets", "only stories that this `number` of outlets carry, or more"},
		{"limit", "limit", "at most this `number` of stories"},
		{"after", "after", "go on after this `cursor`, which the page before printed"},
	} {
		if !slices.Contains(without, f.flag) {
			cmd.Flags().Var(&paramFlag{values, f.param}, f.flag, f.usage)
		}
	}
	for _, name := range []string{"outlet", "first", "copied-from", "copied-by"} {
		_ = cmd.RegisterFlagCompletionFunc(name, a.complete("/api/v1/outlets", outletChoices))
	}
	cmd.Flags().BoolFunc("copies", "only stories with copies of a text", func(v string) error {
		on, err := strconv.ParseBool(v)
		values.Set("copies", strconv.FormatBool(on))
		return err
	})
}

// paramFlag is a flag that becomes a parameter of a request.
type paramFlag struct {
	values url.Values
	name   string
}

func (p *paramFlag) String() string     { return p.values.Get(p.name) }
func (p *paramFlag) Set(v string) error { p.values.Set(p.name, v); return nil }
func (p *paramFlag) Type() string       { return "text" }

// address joins a path of the API and its parameters.
func address(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
