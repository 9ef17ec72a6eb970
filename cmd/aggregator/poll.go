package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/poll"
	"aggregator/store"
)

// What `aggregator poll --json` prints; docs/formats.md is its contract.
type (
	pollOut struct {
		Feeds    int                   `json:"feeds"`
		Polled   int                   `json:"polled"`
		Outcomes map[feeds.Outcome]int `json:"outcomes"`
		Entries  int                   `json:"entries"` // new ones, and new versions
		Failed   []pollFailure         `json:"failed"`
		Seconds  float64               `json:"seconds"`
	}
	pollFailure struct {
		Feed    string        `json:"feed"`
		Outlet  string        `json:"outlet"`
		Outcome feeds.Outcome `json:"outcome"`
		Problem string        `json:"problem"`
	}
)

func pollCommand() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "poll",
		Short: "Poll every feed once, keep what is new, and end",
		Long: `Polls every configured feed once, now, within the hosts' limits and never before
a time that a publisher asked for, keeps what is new, and ends. For a machine
that runs it from its own timer instead of the daemon, and for benchmarks. That
feeds cannot be read is no failure of the command: they are asked again next time.`,
		Example: `  aggregator poll --config /etc/aggregator/aggregator.toml
  aggregator poll --json | jq '.failed'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			cfg, err := config.Load(file)
			if err != nil {
				return err
			}
			if daemonRuns(cfg.Store.Path) {
				return fmt.Errorf("a daemon that has the store %s open polls these feeds already; when it asks next, and why then: aggregator why FEED", cfg.Store.Path)
			}
			out, err := pollOnce(c.Context(), cfg, c.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), out)
			}
			out.print(c.OutOrStdout())
			return nil
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON (docs/formats.md)")
	return cmd
}

func pollOnce(ctx context.Context, cfg *config.Config, stderr io.Writer) (out pollOut, err error) {
	st, err := store.Open(cfg.Store.Path, store.Options{Window: cfg.Stories.Window, Outlets: cfg.OutletList()})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	states, err := st.States()
	if err != nil {
		return out, err
	}
	subs := cfg.Subscriptions()
	began := time.Now()
	sink := &countedSink{Sink: st, refused: map[string]error{}, bar: progress(stderr, int64(len(subs)), "polling", things),
		out: pollOut{Feeds: len(subs), Outcomes: map[feeds.Outcome]int{}, Failed: []pollFailure{}}}
	diary := poll.OpenDiary(diaryPath(cfg.Store.Path))
	defer diary.Close()
	poller, err := poll.New(subs, states, sink, poll.Options{Parallel: cfg.Parallel, Log: newLog(slog.LevelError), Diary: diary})
	if err != nil {
		return out, err
	}
	err = poller.Once(ctx)
	_ = sink.bar.Finish()
	out = sink.out
	slices.SortFunc(out.Failed, func(a, b pollFailure) int { return strings.Compare(a.Feed, b.Feed) })
	out.Seconds = time.Since(began).Round(time.Millisecond).Seconds()
	return out, errors.Join(err, sink.lost())
}

// countedSink counts what polls bring on their way to the store.
type countedSink struct {
	poll.Sink
	bar *progressbar.ProgressBar
	mu  sync.Mutex
	out pollOut
	// Why polls were refused, by feed, until one of that feed is kept.
	refused map[string]error
}

// lost tells of polls that could not be stored.
func (s *countedSink) lost() error {
	for _, feed := range slices.Sorted(maps.Keys(s.refused)) {
		return fmt.Errorf("%s of %s could not be stored; what came will be asked for again: %w", count(len(s.refused), "poll"), count(s.out.Feeds, "feed"), s.refused[feed])
	}
	return nil
}

func (s *countedSink) Append(ctx context.Context, polls ...feeds.Poll) error {
	err := s.Sink.Append(ctx, polls...)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range polls {
		if err != nil {
			s.refused[p.Feed] = err
			continue
		}
		delete(s.refused, p.Feed)
		s.out.Polled++
		s.out.Outcomes[p.Outcome]++
		for _, it := range p.Items {
			if it.Entry != nil {
				s.out.Entries++
			}
		}
		if !p.Outcome.Observed() {
			s.out.Failed = append(s.out.Failed, pollFailure{p.Feed, p.Outlet, p.Outcome, p.State.Problem})
		}
	}
	if err == nil {
		_ = s.bar.Add(len(polls))
	}
	return err
}

func (p *pollOut) print(w io.Writer) {
	var parts []string
	for _, o := range slices.Sorted(maps.Keys(p.Outcomes)) {
		parts = append(parts, fmt.Sprintf("%d %s", p.Outcomes[o], o))
	}
	if left := p.Feeds - p.Polled; left > 0 {
		parts = append(parts, fmt.Sprintf("%d not asked, since it is too early", left))
	}
	paragraph(w, "", fmt.Sprintf("%s: %s. %s new or changed, in %.1f s.", count(p.Feeds, "feed"), strings.Join(parts, ", "), count(p.Entries, "entry"), p.Seconds))
	for _, f := range p.Failed {
		paragraph(w, "  ", fmt.Sprintf("%s: %s: %s", f.Feed, paint(w, red, string(f.Outcome)), f.Problem))
	}
	if len(p.Failed) > 0 {
		fmt.Fprintln(w, "More of one: aggregator why FEED")
	}
}
