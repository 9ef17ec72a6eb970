package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpExamplesAreCommands reads every line of every --help's examples as the
// program would: the command, its flags and its arguments must be such as there are.
// That they work, TestHelpExamplesWork shows.
func TestHelpExamplesAreCommands(t *testing.T) {
	seen := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Runnable() && !c.HasSubCommands() && c.Name() != "version" && c.Parent().Name() == "aggregator" && c.Example == "" {
			t.Errorf("%s --help has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			line, _, _ = strings.Cut(line, "#")
			for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == '|' || r == '&' || r == ';' }) {
				words := shellWords(part)
				if len(words) == 0 || words[0] != "aggregator" {
					continue
				}
				seen++
				root := rootCommand()
				called, rest, err := root.Find(words[1:])
				if err == nil {
					err = called.ParseFlags(rest)
				}
				if err == nil && called.Args != nil {
					err = called.Args(called, called.Flags().Args())
				}
				if err != nil {
					t.Errorf("%s --help: %q: %v", c.CommandPath(), strings.TrimSpace(part), err)
				}
			}
		}
		for _, sub := range c.Commands() {
			if sub.Name() != "help" && sub.Name() != "completion" {
				walk(sub)
			}
		}
	}
	walk(rootCommand())
	if seen < 30 {
		t.Errorf("only %d examples were found", seen)
	}
}

// shellWords splits a line as a shell would, as far as examples need it: quotes are
// honoured, redirections left out.
func shellWords(line string) (words []string) {
	var word strings.Builder
	quote, open := rune(0), false
	end := func() {
		if open {
			words = append(words, word.String())
		}
		word.Reset()
		open = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, open = r, true
		case r == ' ' || r == '\t' || r == '\n':
			end()
		case r == '>' || r == '<':
			end()
			return words
		default:
			word.WriteRune(r)
			open = true
		}
	}
	end()
	return words
}
