package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aggregator/feeds"
	"aggregator/feeds/poll"
)

// feedAnswer is what `feeds` and `why` read of the API's answers; docs/api.md has
// all of it.
type feedAnswer struct {
	ID          string     `json:"id"`
	URL         string     `json:"url"`
	Outlet      string     `json:"outlet"`
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Type        string     `json:"type"`
	Damaged     bool       `json:"damaged"`
	Outcome     string     `json:"outcome"`
	Status      int        `json:"status"`
	Problem     string     `json:"problem"`
	Failures    int        `json:"failures"`
	Polls       int64      `json:"polls"`
	Entries     int        `json:"entries"`
	LastRequest *time.Time `json:"last_request"`
	NextDue     *time.Time `json:"next_due"`
	Why         []string   `json:"why"`
}

type feedsAnswer struct {
	Feeds []feedAnswer `json:"feeds"`
}

func feedsCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "feeds",
		Short: "Show the state of every feed",
		Long: `Shows for each feed what came of its last poll, and when the next one is. The
reasons, and more of a single feed, are told by: aggregator why FEED`,
		Example: `  aggregator feeds
  aggregator feeds --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var answer feedsAnswer
			return a.showPath(c, "/api/v1/feeds", &answer, func(out io.Writer) { printFeeds(out, answer.Feeds) })
		},
	}
	a.flags(cmd)
	return cmd
}

func printFeeds(out io.Writer, list []feedAnswer) {
	if len(list) == 0 {
		fmt.Fprintln(out, "There are no feeds yet. Find those of a site with: aggregator discover URL")
		return
	}
	ill := 0
	t := newTable(out, "OUTLET", "LAST POLL", "CAME TO", "ENTRIES", "NEXT POLL", "FEED")
	for _, f := range list {
		state := cell{f.Outcome, green}
		switch {
		case f.LastRequest == nil:
			state = cell{"not polled yet", faint}
		case f.Failures > 0:
			ill++
			state = cell{fmt.Sprintf("%s, %s in a row", f.Outcome, count(f.Failures, "failure")), red}
		case f.Damaged:
			state = cell{f.Outcome + ", read in part", yellow}
		}
		shown := f.URL
		if onTerminal(out) { // where room is dear; `why` takes a part of an address
			shown = strings.TrimPrefix(strings.TrimPrefix(shown, "https://"), "http://")
		}
		t.row(f.Name, ago(f.LastRequest), state, f.Entries, until(f.NextDue), shown)
	}
	t.print()
	state := "none fails."
	if ill > 0 {
		state = fmt.Sprintf("%d without an answer of use. Why: aggregator why FEED", ill)
	}
	fmt.Fprintln(out)
	paragraph(out, "", count(len(list), "feed")+"; "+state)
}

func whyCommand() *cobra.Command {
	var a asker
	cmd := &cobra.Command{
		Use:   "why FEED",
		Short: "Explain a feed's polls: what came of them, when the next is, why",
		Long: `Says when a feed was last polled and what came of it, when the next poll is and
which rule decided that, what the server last said, how far it is trusted, and
what failed of late. FEED is its address, a part of it, or an outlet's id.`,
		Example: `  aggregator why https://thewhistler.ng/feed/
  aggregator why thewhistler`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var f feedAnswer
			return a.show(c, func(cl *client) ([]byte, error) {
				id, err := findFeed(c.Context(), cl, args[0])
				if err != nil {
					return nil, err
				}
				return cl.raw(c.Context(), "/api/v1/feeds/"+id)
			}, &f, func(out io.Writer) { printWhy(out, &f) })
		},
	}
	a.flags(cmd)
	cmd.ValidArgsFunction = a.complete("/api/v1/feeds", feedChoices)
	return cmd
}

func printWhy(out io.Writer, f *feedAnswer) {
	fmt.Fprintf(out, "%s   (%s)\n", paint(out, bold, plain(f.URL)), plain(f.Name))
	if f.Polls > 0 {
		document := "no document yet"
		if f.Type != "" {
			document = f.Type + ", " + count(f.Entries, "entry") + " in the last document"
		}
		if f.Title != "" {
			document = "“" + f.Title + "”, " + document
		}
		paragraph(out, "  ", fmt.Sprintf("%s, %s so far; the last %s, the next %s", document, count(int(f.Polls), "poll"), ago(f.LastRequest), until(f.NextDue)))
	}
	fmt.Fprintln(out)
	for _, line := range f.Why {
		paragraph(out, "  ", line)
	}
}

// findFeed gives the ID of the feed that a text names: the one with that address,
// else the only one whose address, outlet or ID has it.
func findFeed(ctx context.Context, cl *client, text string) (string, error) {
	body, err := cl.raw(ctx, "/api/v1/feeds")
	if err != nil {
		return "", err
	}
	var all feedsAnswer
	if err := json.Unmarshal(body, &all); err != nil {
		return "", fmt.Errorf("the daemon's answer is not what this version reads: %w", err)
	}
	var found []feedAnswer
	for _, f := range all.Feeds {
		if f.URL == text || f.ID == text {
			return f.ID, nil
		}
		if f.Outlet == text || strings.EqualFold(f.Name, text) || strings.Contains(f.URL, text) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no feed is called %q; this lists them: aggregator feeds", text)
	case 1:
		return found[0].ID, nil
	}
	var names []string
	for _, f := range found {
		names = append(names, "  "+f.URL)
	}
	return "", fmt.Errorf("%q names %d feeds; give one of these addresses:\n%s", text, len(found), strings.Join(names[:min(len(names), 20)], "\n"))
}

// whyOf explains the polling of the feeds that are subscribed to.
func whyOf(subs []poll.Subscription) func(feeds.State, feeds.Around, time.Time) []string {
	settings := map[string]feeds.Settings{}
	for _, sub := range subs {
		settings[sub.Feed.URL] = sub.Settings
	}
	return func(s feeds.State, around feeds.Around, now time.Time) []string {
		set, ok := settings[s.URL]
		if !ok {
			set = defaultSettings()
		}
		if ok || len(subs) == 0 { // without subscriptions a store is looked at, and no configuration
			return poll.Why(s, set, around, now)
		}
		return append(poll.Why(s, set, around, now), "It is not in the configuration.")
	}
}
