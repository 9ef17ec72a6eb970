package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the release build (-ldflags "-X main.version=...").
var version = "dev"

// commit is set by the release build, which says nothing of its checkout otherwise,
// so that every checkout of a commit gives the same bytes.
var commit string

// What `aggregator version --json` prints; docs/formats.md is its contract.
type (
	versionOut struct {
		Version   string       `json:"version"`
		Commit    string       `json:"commit"`   // empty when the build does not know
		Modified  bool         `json:"modified"` // the checkout differed from the commit
		Go        string       `json:"go"`
		System    string       `json:"system"` // like linux/amd64
		Libraries []libraryOut `json:"libraries"`
	}
	libraryOut struct {
		Path    string `json:"path"`
		Version string `json:"version"`
	}
)

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the libraries it was built with",
		Example: `  aggregator version
  aggregator version --json | jq -r .commit`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v := built()
			out := c.OutOrStdout()
			if asJSON {
				return writeJSON(out, v)
			}
			fmt.Fprintf(out, "aggregator %s (%s, %s)\n", v.Version, v.Go, v.System)
			if v.Commit != "" {
				changed := ""
				if v.Modified {
					changed = ", changed since"
				}
				fmt.Fprintf(out, "commit %s%s\n", v.Commit, changed)
			}
			t := newTable(out)
			for _, l := range v.Libraries {
				t.row("  "+l.Path, l.Version)
			}
			t.print()
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON (docs/formats.md)")
	return cmd
}

func built() versionOut {
	v := versionOut{Version: version, Commit: commit, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Libraries: []libraryOut{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && commit == "":
			v.Commit = s.Value
		case s.Key == "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	for _, d := range info.Deps {
		v.Libraries = append(v.Libraries, libraryOut{d.Path, d.Version})
	}
	return v
}
