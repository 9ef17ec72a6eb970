package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"aggregator/config"
)

// What `aggregator check --json` prints; docs/formats.md is its contract.
type (
	checkOut struct {
		File     string           `json:"file"`
		Good     bool             `json:"good"`
		Problems config.Problems  `json:"problems"`
		Outlets  int              `json:"outlets"`
		Requests float64          `json:"requests_per_day"`
		Bytes    int64            `json:"bytes_per_day,omitempty"` // with --fetch; an estimate
		Hosts    []checkedHostOut `json:"hosts"`
		Feeds    []checkedFeedOut `json:"feeds"`
	}
	checkedHostOut struct {
		Host     string  `json:"host"`
		Feeds    int     `json:"feeds"`
		Requests float64 `json:"requests_per_day"`
	}
	checkedFeedOut struct {
		Outlet   string   `json:"outlet"`
		URL      string   `json:"url"`
		Line     int      `json:"line"`
		Schedule string   `json:"schedule"`
		Requests float64  `json:"requests_per_day"`
		Tried    *tryOut  `json:"tried,omitempty"`         // with --fetch
		Bytes    int64    `json:"bytes_per_day,omitempty"` // with --fetch; an estimate
		Advice   []string `json:"advice,omitempty"`
	}
)

func checkCommand() *cobra.Command {
	var file string
	var fetchAll, asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration, and try its feeds",
		Long: `Reads the configuration and reports everything that is wrong in it at once, each
with its line and what to write instead; the exit code is 3 then. For a good one
it says what the schedules cost the publishers.

With --fetch each feed is asked once, one request at a time to a host and the
host's gap between two; nothing is kept. The exit code is 1 if one of them cannot
be read. docs/formats.md tells the fields of --json.`,
		Example: `  aggregator check --config aggregator.toml
  aggregator check --config aggregator.toml --fetch
  aggregator check --json | jq '.problems'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(file)
			var problems config.Problems
			if errors.As(err, &problems) && asJSON {
				out := checkOut{File: file, Problems: problems, Hosts: []checkedHostOut{}, Feeds: []checkedFeedOut{}}
				return errors.Join(writeJSON(c.OutOrStdout(), out), err)
			}
			if err != nil {
				return err
			}
			out := costs(file, cfg)
			if fetchAll {
				err = tryFeeds(c.Context(), cfg, out.Feeds, c.ErrOrStderr())
			}
			out.sum()
			if asJSON {
				return errors.Join(writeJSON(c.OutOrStdout(), out), err)
			}
			if fetchAll {
				printTried(c.OutOrStdout(), out.Feeds)
			}
			printCosts(c.OutOrStdout(), out)
			return err
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVar(&fetchAll, "fetch", false, "ask each feed once and show what comes back")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON (docs/formats.md)")
	return cmd
}

// costs is what the schedules of a good configuration ask of the publishers.
func costs(file string, cfg *config.Config) checkOut {
	out := checkOut{File: file, Good: true, Problems: config.Problems{}, Outlets: len(cfg.Outlets)}
	for _, o := range cfg.Outlets {
		for _, f := range o.Feeds {
			out.Feeds = append(out.Feeds, checkedFeedOut{
				Outlet: o.ID, URL: f.URL, Line: f.Line, Schedule: f.Settings.Schedule,
				Requests: hundredths(config.RequestsPerDay(f.Settings)),
			})
		}
	}
	return out
}

// sum adds the feeds' costs up, for each host and in all.
func (out *checkOut) sum() {
	hosts := map[string]*checkedHostOut{}
	for _, f := range out.Feeds {
		name := hostOf(f.URL)
		if hosts[name] == nil {
			hosts[name] = &checkedHostOut{Host: name}
		}
		hosts[name].Feeds++
		hosts[name].Requests += f.Requests
		out.Requests += f.Requests
		out.Bytes += f.Bytes
	}
	for _, h := range hosts {
		h.Requests = math.Round(h.Requests*100) / 100
		out.Hosts = append(out.Hosts, *h)
	}
	out.Requests = math.Round(out.Requests*100) / 100
	slices.SortFunc(out.Hosts, func(a, b checkedHostOut) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Host, b.Host))
	})
}

func hundredths(n int) float64 { return float64(n) / 100 }

// hostOf is the host and port of an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}

func printCosts(w io.Writer, out checkOut) {
	fmt.Fprintf(w, "%s: %s, %s, all good\n", out.File, count(out.Outlets, "outlet"), count(len(out.Feeds), "feed"))
	fmt.Fprintf(w, "The schedules cost publishers at most %s requests a day", number(out.Requests))
	if len(out.Hosts) > 1 {
		top := out.Hosts[0]
		fmt.Fprintf(w, ", the most to one host %s (%s, %s)", number(top.Requests), top.Host, count(top.Feeds, "feed"))
	}
	fmt.Fprint(w, ".\n")
	if out.Bytes > 0 {
		fmt.Fprintf(w, "They move about %s a day, going by the documents' sizes, validators and dates.\n", amount(out.Bytes))
	}
}

// number writes a count with two decimals only where it is small.
func number(f float64) string {
	if f >= 10 || f == float64(int(f)) {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

// amount writes a number of bytes for people.
func amount(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d KB", (n+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
