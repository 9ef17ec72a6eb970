package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aggregator/feeds"
	"aggregator/feeds/fetch"
	"aggregator/feeds/parse"
)

// The lines that `aggregator parse` prints; docs/formats.md is their contract.
type (
	parsedDocument struct {
		File    string        `json:"file"`
		Status  parse.Status  `json:"status"`
		Error   string        `json:"error,omitempty"`
		Feed    *parsedFeed   `json:"feed,omitempty"`
		Entries []parsedEntry `json:"entries"`
	}
	parsedFeed struct {
		Type        string   `json:"type"`
		Title       string   `json:"title"`
		Home        string   `json:"home"`
		Self        string   `json:"self,omitempty"`
		Description string   `json:"description,omitempty"`
		Language    string   `json:"language,omitempty"`
		Hubs        []string `json:"hubs,omitempty"`
		TTL         int      `json:"ttl_seconds,omitempty"`
		UpdateEvery int      `json:"update_every_seconds,omitempty"`
		SkipHours   []int    `json:"skip_hours,omitempty"`
		SkipDays    []string `json:"skip_days,omitempty"`
	}
	parsedEntry struct {
		ID           string            `json:"id"`
		URL          string            `json:"url"`
		Canonical    string            `json:"canonical,omitempty"`
		Title        string            `json:"title"`
		Summary      string            `json:"summary"`
		Content      string            `json:"content"`
		Text         string            `json:"text"`
		Published    *time.Time        `json:"published"`
		PublishedRaw string            `json:"published_raw,omitempty"`
		PublishedIn  string            `json:"published_element,omitempty"`
		Updated      *time.Time        `json:"updated"`
		UpdatedRaw   string            `json:"updated_raw,omitempty"`
		UpdatedIn    string            `json:"updated_element,omitempty"`
		Language     string            `json:"language"`
		Authors      []string          `json:"authors"`
		Categories   []string          `json:"categories,omitempty"`
		Rights       string            `json:"rights,omitempty"`
		Image        string            `json:"image,omitempty"`
		Source       *parsedSource     `json:"source,omitempty"`
		Links        []parsedLink      `json:"links,omitempty"`
		Enclosures   []parsedEnclosure `json:"enclosures,omitempty"`
		Stated       []statedOut       `json:"stated"`
	}
	parsedSource struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	parsedLink struct {
		Rel   string `json:"rel"`
		Href  string `json:"href"`
		Type  string `json:"type,omitempty"`
		Title string `json:"title,omitempty"`
	}
	parsedEnclosure struct {
		URL    string `json:"url"`
		Type   string `json:"type,omitempty"`
		Length int64  `json:"length,omitempty"`
	}
	statedOut struct {
		Kind   feeds.StatedKind `json:"kind"`
		Outlet string           `json:"outlet"`
		URL    string           `json:"url"`
		Phrase string           `json:"phrase"`
		Where  string           `json:"where"`
	}
)

func parseCommand() *cobra.Command {
	var base string
	cmd := &cobra.Command{
		Use:   "parse [--base URL] FILE|URL|- ...",
		Short: "Print what the daemon reads in feed documents, as JSON lines",
		Long: `Reads feed documents (RSS, Atom, RDF, JSON Feed) from files, addresses or standard
input and prints one JSON line for each, with the entries, their dates and what
they state of their origin, as the daemon would see them. Every document is
tried; the exit code is 1 if any was refused. docs/formats.md tells the fields.`,
		Example: `  aggregator parse feed.xml
  aggregator parse --base https://thewhistler.ng/feed/ saved.xml
  curl -s https://example.org/feed | aggregator parse -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			out := bufio.NewWriter(c.OutOrStdout())
			defer out.Flush()
			enc := json.NewEncoder(out)
			enc.SetEscapeHTML(false)
			refused := 0
			for _, name := range args {
				doc := parseOne(c.Context(), name, base, c.InOrStdin())
				if doc.Status == parse.Refused {
					refused++
				}
				if err := enc.Encode(doc); err != nil {
					return fmt.Errorf("write the result: %w", err)
				}
			}
			if refused > 0 {
				return fmt.Errorf("%d of %d documents refused; each line's \"error\" says why", refused, len(args))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "the address that the documents came from, for relative links and to know whose feed it is")
	return cmd
}

// parseOne reads one document from a file, an address or standard input.
func parseOne(ctx context.Context, name, base string, stdin io.Reader) parsedDocument {
	in := parse.Input{URL: base}
	var err error
	switch {
	case name == "-":
		in.Body, err = readCapped(stdin)
	case strings.HasPrefix(name, "http://"), strings.HasPrefix(name, "https://"):
		client := fetch.New()
		defer client.Close()
		got := client.Get(ctx, fetch.Request{URL: name, Settings: defaultSettings()})
		if got.Outcome != feeds.Changed {
			return parsedDocument{File: name, Status: parse.Refused, Error: got.Problem, Entries: []parsedEntry{}}
		}
		in.Body, in.ContentType = got.Body, got.ContentType
		if base == "" {
			in.URL = got.FinalURL
		}
	default:
		var f *os.File
		if f, err = os.Open(name); err == nil {
			in.Body, err = readCapped(f)
			f.Close()
		}
	}
	if err != nil {
		return parsedDocument{File: name, Status: parse.Refused, Error: err.Error(), Entries: []parsedEntry{}}
	}
	return documentOut(name, parse.Parse(in))
}

// readCapped reads a document up to the daemon's own limit, unpacked if it is
// gzipped, so that the answer is the daemon's.
func readCapped(r io.Reader) ([]byte, error) {
	limit := defaultSettings().MaxBody
	buffered := bufio.NewReader(r)
	r = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("the document begins like a gzip file and is none: %w", err)
		}
		r = z
	}
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, fmt.Errorf("the document is larger than %d bytes, the limit for a feed (max_body)", limit)
	}
	return body, err
}

func documentOut(name string, doc parse.Document) parsedDocument {
	out := parsedDocument{File: name, Status: doc.Status, Error: doc.Problem, Entries: []parsedEntry{}}
	if doc.Status == parse.Refused {
		return out
	}
	out.Feed = &parsedFeed{
		Type: doc.Type, Title: doc.Title, Home: doc.Home, Self: doc.Self, Description: doc.Description,
		Language: doc.Language, Hubs: doc.Hubs, TTL: int(doc.TTL / time.Second),
		UpdateEvery: int(doc.UpdateEvery / time.Second), SkipHours: doc.SkipHours,
	}
	for _, d := range doc.SkipDays {
		out.Feed.SkipDays = append(out.Feed.SkipDays, d.String())
	}
	for _, it := range doc.Items {
		if it.Entry != nil {
			out.Entries = append(out.Entries, entryOut(it.Entry))
		}
	}
	return out
}

func entryOut(e *feeds.Entry) parsedEntry {
	out := parsedEntry{
		ID: e.GUID, URL: e.Link, Canonical: e.Canonical, Title: e.Title, Summary: e.Summary, Content: e.Content, Text: e.Text,
		Published: timeOut(e.Published.Time), PublishedRaw: e.Published.Raw, PublishedIn: e.Published.Element,
		Updated: timeOut(e.Updated.Time), UpdatedRaw: e.Updated.Raw, UpdatedIn: e.Updated.Element,
		Language: e.Language, Authors: e.Authors, Categories: e.Categories, Rights: e.Rights, Image: e.Image,
		Stated: statedList(e.Stated),
	}
	if out.Authors == nil {
		out.Authors = []string{}
	}
	if e.Source != (feeds.Source{}) {
		out.Source = &parsedSource{e.Source.Name, e.Source.URL}
	}
	for _, l := range e.Links {
		out.Links = append(out.Links, parsedLink{l.Rel, l.Href, l.Type, l.Title})
	}
	for _, n := range e.Enclosures {
		out.Enclosures = append(out.Enclosures, parsedEnclosure{n.URL, n.Type, n.Length})
	}
	return out
}

func statedList(list []feeds.Stated) []statedOut {
	out := make([]statedOut, 0, len(list))
	for _, s := range list {
		out = append(out, statedOut{s.Kind, s.Outlet, s.URL, s.Phrase, s.Where})
	}
	return out
}

// timeOut gives nil for an unknown time, which JSON writes as null.
func timeOut(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
