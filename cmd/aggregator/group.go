package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/stories"
)

// The lines that `aggregator group` reads and writes; docs/formats.md is their
// contract. IDs are echoed as they came, text or number.
type (
	groupIn struct {
		ID        json.RawMessage `json:"id"`
		Outlet    string          `json:"outlet"`
		URL       string          `json:"url"`
		Title     string          `json:"title"`
		Summary   string          `json:"summary"`
		Content   string          `json:"content"`
		Language  string          `json:"language"`
		Published looseTime       `json:"published"`
		FirstSeen looseTime       `json:"first_seen"`
		SeenAfter looseTime       `json:"seen_after"`
	}
	groupOut struct {
		ID        json.RawMessage `json:"id"`
		Story     uint64          `json:"story"`
		CopyOf    json.RawMessage `json:"copy_of"`
		Share     int             `json:"copied_per_mille,omitempty"`
		First     firstOut        `json:"first_published"`
		TextFirst *firstOut       `json:"text_first_published,omitempty"`
		Stated    []statedOut     `json:"stated"`
		Reasons   []string        `json:"reasons,omitempty"`
	}
	firstOut struct {
		Outlet     string             `json:"outlet"`
		URL        string             `json:"url"`
		At         *time.Time         `json:"at"`
		Basis      stories.Basis      `json:"basis"`
		Confidence stories.Confidence `json:"confidence"`
		Reason     string             `json:"reason"`
	}
)

func groupCommand() *cobra.Command {
	var window string
	cmd := &cobra.Command{
		Use:   "group FILE|-",
		Short: "Group entries (NDJSON) into stories, and say who was first",
		Long: `Reads entries as NDJSON, one a line, in the order in which they were seen, and
writes one line for each, in the same order, with the final result: its story,
the entry whose text it copies, and who published the story first. It runs the
very code that the daemon runs, in memory. docs/formats.md tells the fields.`,
		Example: `  aggregator group archive.ndjson > stories.ndjson
  zcat archive.ndjson.gz | aggregator group -`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			open, err := config.ParseDuration(window)
			if err != nil {
				return usageError{fmt.Errorf("--window %q: write whole numbers with units, like 7d or 36h", window)}
			}
			in, size, name := c.InOrStdin(), int64(-1), "standard input"
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				if st, err := f.Stat(); err == nil && st.Mode().IsRegular() && st.Size() > 0 {
					size = st.Size()
				}
				in, name = f, args[0]
			}
			bar := progress(c.ErrOrStderr(), size, "grouping", octets)
			defer bar.Finish()
			return group(io.TeeReader(in, bar), c.OutOrStdout(), name, open)
		},
	}
	cmd.Flags().StringVar(&window, "window", "7d", "for what `time` a story stays open for new entries, like 36h")
	return cmd
}

// group reads all entries, places each as it comes, and writes the results when
// the last is placed. Nothing is written when a line is malformed.
func group(in io.Reader, out io.Writer, name string, window time.Duration) error {
	a := newArchive(window)
	lines := bufio.NewReaderSize(in, 1<<20)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte("\ufeff"))
			}
			var e groupIn
			if err := json.Unmarshal(text, &e); err != nil {
				return fmt.Errorf("%s, line %d: %w\nEvery line must be one JSON object, as docs/formats.md tells; nothing was written", name, n, err)
			}
			if err := a.add(e, n); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, n, err)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s after line %d: %w", name, n-1, err)
		}
	}
	w := bufio.NewWriterSize(out, 1<<20)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, o := range a.results() {
		if err := enc.Encode(o); err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
	}
	return w.Flush()
}

// looseTime is a time that may be absent, null, RFC 3339, or any spelling that
// the daemon reads in a feed.
type looseTime struct{ feeds.Date }

func (t *looseTime) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if err := json.Unmarshal(b, &t.Raw); err != nil {
		return fmt.Errorf("a time must be a text such as \"2026-03-01T12:00:00Z\", not %s", b)
	}
	if t.Raw == "" {
		return nil
	}
	if at, err := time.Parse(time.RFC3339Nano, t.Raw); err == nil {
		t.Time = at.UTC()
		return nil
	}
	var ok bool
	if t.Time, ok = parse.Date(t.Raw); !ok {
		return fmt.Errorf("cannot read the time %q; write it like \"2026-03-01T12:00:00Z\"", t.Raw)
	}
	return nil
}
