package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/discover"
	"aggregator/feeds/fetch"
)

// discoverOut is what `aggregator discover --json` prints; docs/formats.md is its
// contract.
type discoverOut struct {
	*discover.Site
	Taken string `json:"taken"` // URL; empty when there is no feed
	TOML  string `json:"toml"`
}

func discoverCommand() *cobra.Command {
	var asJSON bool
	var private []string
	var file string
	cmd := &cobra.Command{
		Use:   "discover URL",
		Short: "Find the feeds of a site by its home page",
		Long: `Asks for a page and finds the feeds of its site: those that the page declares,
else links on it that look like feeds, else the usual addresses. Each is tried, one
request at a time and five seconds between two to one host. It prints what was
found, the best first, and an [[outlet]] to paste into the configuration.
The exit code is 1 when there is no feed. What [poll] says in the configuration holds
here too where there is one: hosts that asked to be left alone (opt_out), proxy,
user agent, limits.`,
		Example: "  aggregator discover thewhistler.ng\n  aggregator discover https://thewhistler.ng/ --json | jq -r .toml >> aggregator.toml",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			settings, err := discoverSettings(file, c.Flags().Changed("config"))
			if err != nil {
				return err
			}
			if c.Flags().Changed("allow-private") {
				settings.AllowPrivate = private
			}
			return findFeeds(c.Context(), c.OutOrStdout(), args[0], settings, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON (docs/formats.md)")
	configFlag(cmd, &file)
	cmd.Flags().StringSliceVar(&private, "allow-private", nil, "private `ranges` that may be asked, like 10.0.0.0/8")
	return cmd
}

// discoverSettings are those of [poll] in file. It need not exist unless it was named.
func discoverSettings(file string, named bool) (feeds.Settings, error) {
	s, err := config.LoadPoll(file)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return feeds.DefaultSettings(), nil
	}
	return s, err
}

func findFeeds(ctx context.Context, w io.Writer, address string, s feeds.Settings, asJSON bool) error {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	client := fetch.New()
	defer client.Close()
	site, err := discover.Find(ctx, client, address, s)
	if err != nil {
		return err
	}
	out := discoverOut{Site: site}
	if len(site.Feeds) > 0 {
		out.Taken, out.TOML = site.Feeds[0].URL, outletBlock(site)
	}
	if asJSON {
		err = writeJSON(w, out)
	} else {
		printFound(w, out)
	}
	if err == nil && out.Taken == "" {
		err = errors.New("the site has no feed that can be found this way; its pages for readers may name one")
	}
	return err
}

// outletBlock is the outlet with the feed that is taken; the others stand in it as
// remarks.
func outletBlock(site *discover.Site) string {
	o := config.Outlet{Outlet: feeds.Outlet{
		ID: cmp.Or(config.NewID(site.Name), config.NewID(hostOf(site.Home))), Name: site.Name, Home: site.Home, Language: site.Language,
	}}
	o.Feeds = []config.Feed{{URL: site.Feeds[0].URL, Settings: feeds.DefaultSettings()}}
	if _, err := language.Parse(o.Language); err != nil {
		o.Language = "" // what sites say of their language is not always a language
	}
	text := config.FormatOutlet(o)
	for _, f := range site.Feeds[1:] {
		text += fmt.Sprintf("\n# [[outlet.feed]]   # %s: %s\n# url = %q\n", f.Kind, cmp.Or(f.Title, "without a title"), f.URL)
	}
	return text
}

func printFound(w io.Writer, out discoverOut) {
	if len(out.Feeds) > 0 {
		t := newTable(w, "TAKEN", "KIND", "FOUND", "TYPE", "ENTRIES", "TITLE", "FEED")
		for i, f := range out.Feeds {
			taken := cell{}
			if i == 0 {
				taken = cell{"yes", green}
			}
			t.row(taken, f.Kind, f.How, f.Type, f.Entries, f.Title, f.URL)
		}
		t.print()
	}
	for _, m := range out.Misses {
		fmt.Fprintf(w, "%s: %s\n", m.URL, m.Problem)
	}
	for _, f := range out.Feeds {
		if f.Problem != "" {
			fmt.Fprintf(w, "%s: %s\n", f.URL, f.Problem)
		}
	}
	if out.TOML != "" {
		fmt.Fprintf(w, "\n%s", out.TOML)
	}
}
