// Command aggregator polls news feeds, groups the entries that are copies of
// one text or report one event, and says who published each story first.
//
// This package is thin: flags, wiring, the order of stopping, and tables and
// JSON out. One file a command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"aggregator/config"
)

// Exit codes; docs/formats.md lists them for scripts.
const (
	exitFailed = 1 // the work could not be done, or some input was refused
	exitUsage  = 2 // the command line is wrong
	exitConfig = 3 // the configuration is wrong
)

func main() { os.Exit(run(os.Args[1:])) }

// run executes one command line and returns the exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	who := paint(os.Stderr, red, "aggregator:")
	var problems config.Problems
	var usage usageError
	switch {
	case errors.As(err, &problems):
		fmt.Fprintln(os.Stderr, err)
		return exitConfig
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, who, err)
		return exitUsage
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, who, "interrupted")
		return exitFailed
	}
	fmt.Fprintln(os.Stderr, who, err)
	return exitFailed
}

// usageError is a mistake on the command line.
type usageError struct{ error }

// furtherCommands are those of special builds.
var furtherCommands []func() *cobra.Command

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "aggregator",
		Short: "One merged news feed: each story once, and who published it first",
		Long: `aggregator polls news outlets' feeds, keeps every entry, finds the entries that
are copies of one text and those that report one event, and says for each story
who published it first, and on what evidence.

Try it, offline, with sample outlets:   aggregator demo

Exit codes: 0 done; 1 the work could not be done; 2 the command line is wrong;
3 the configuration is wrong.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\nTry: %s --help", err, c.CommandPath())}
	})
	for _, job := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Poll and serve:", []*cobra.Command{runCommand(), demoCommand(), pollCommand()}},
		{"Ask who was first:", []*cobra.Command{firstCommand(), storiesCommand(), storyCommand(), explainCommand(), duplicatesCommand(), outletsCommand()}},
		{"Feeds and configuration:", []*cobra.Command{feedsCommand(), whyCommand(), discoverCommand(), checkCommand(), importCommand(), exportCommand()}},
		{"Editors and users:", []*cobra.Command{splitCommand(), mergeCommand(), correctionsCommand(), usersCommand()}},
		{"Care for the store:", []*cobra.Command{backupCommand(), restoreCommand(), verifyCommand(), compactCommand(), pruneCommand(), reindexCommand()}},
		{"Files at hand, without a store:", []*cobra.Command{parseCommand(), groupCommand(), evalCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: job.title, Title: job.title})
		for _, c := range job.commands {
			c.GroupID = job.title
			root.AddCommand(c)
		}
	}
	root.AddCommand(versionCommand())
	cobra.EnableCommandSorting = false
	for _, further := range furtherCommands {
		root.AddCommand(further())
	}
	explainUsage(root)
	return root
}

// noArgs refuses arguments, and says which command may be meant where there are
// some below c.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !c.HasSubCommands() {
		return fmt.Errorf("%s takes no arguments, and got %q", c.CommandPath(), args[0])
	}
	c.SuggestionsMinimumDistance = 2
	meant := ""
	for _, name := range c.SuggestionsFor(args[0]) {
		meant += fmt.Sprintf("\nDid you mean: %s %s", c.CommandPath(), name)
	}
	return fmt.Errorf("there is no command %q%s", c.CommandPath()+" "+args[0], meant)
}

// explainUsage makes wrong arguments of a command, and of those below it, usage
// errors that say where help is.
func explainUsage(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usageError{fmt.Errorf("%w\nTry: %s --help", err, c.CommandPath())}
			}
			return nil
		}
	}
	for _, below := range c.Commands() {
		explainUsage(below)
	}
}
