// Package measure says how well entries are grouped: it reads labelled
// collections, pairs and streams, groups them with the rules of package stories
// (and with simple rules, to compare with), and computes precision, recall, F1,
// B-cubed F1 and the adjusted Rand index.
package measure

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// Item is one labelled entry, as the files hold it.
type Item struct {
	ID        string  `json:"id"`
	Outlet    string  `json:"outlet"`
	URL       string  `json:"url"`
	Title     string  `json:"title"`
	Summary   string  `json:"summary"`
	Body      string  `json:"body"`
	Published string  `json:"published"`
	Language  string  `json:"lang"`
	Story     string  `json:"story"`
	Group     string  `json:"copy_group"`
	Roundup   *string `json:"roundup_time"`
	FirstSeen string  `json:"first_seen"`
}

// Pair is two entries that somebody judged.
type Pair struct {
	ID            string `json:"pair"`
	Label         string `json:"label"`
	SamePublisher bool   `json:"same_publisher"`
	Pool          string `json:"pool"`
	A             Item   `json:"a"`
	B             Item   `json:"b"`
}

// View is how much of an entry a feed shows.
type View string

const (
	Title View = "title" // the headline alone
	Feed  View = "feed"  // headline and summary, or the text's first 300 characters
	Full  View = "full"  // all there is
)

// Read reads a file of JSON lines, gzipped when its name ends in .gz.
func Read[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	lines := bufio.NewReaderSize(in, 1<<20)
	var out []T
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var v T
			if err := json.Unmarshal(line, &v); err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
			}
			out = append(out, v)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
}

// Entry makes an item what the daemon would see of it in a view.
func (it *Item) Entry(v View) (*feeds.Entry, feeds.Seen) {
	e := &feeds.Entry{Outlet: it.Outlet, Link: it.URL, Title: text.Line(it.Title), Language: it.Language}
	switch {
	case v == Title:
	case v == Feed && it.Summary != "":
		e.Summary = it.Summary
	case v == Feed:
		e.Summary = first(it.Body, 300)
	case len(it.Body) > len(it.Summary):
		e.Content = it.Body
	default:
		e.Summary = it.Summary
	}
	e.Text = text.FromHTML(e.Summary + e.Content)
	if t, err := time.Parse(time.RFC3339, it.Published); err == nil {
		e.Published.Time = t.UTC()
	}
	var seen feeds.Seen
	if t, err := time.Parse(time.RFC3339, it.FirstSeen); err == nil {
		seen.At = t.UTC()
	}
	return e, seen
}

// Prepare puts a collection in the order in which it is measured: entries with
// a story label only. Where entries carry the time of a weekly round-up, only
// those with one, each at that time moved by up to a day either way, by its id.
func Prepare(items []Item) []Item {
	roundups := slices.ContainsFunc(items, func(it Item) bool { return it.Roundup != nil })
	var out []Item
	for _, it := range items {
		if it.Story == "" || roundups && it.Roundup == nil {
			continue
		}
		if roundups {
			at, err := time.Parse(time.RFC3339, *it.Roundup)
			if err != nil {
				continue
			}
			sum := sha1.Sum([]byte(it.ID))
			b, _ := hex.DecodeString(hex.EncodeToString(sum[:4]))
			at = at.Add(time.Duration(int64(binary.BigEndian.Uint32(b)%172800)-86400) * time.Second).UTC()
			it.Published = at.Format(time.RFC3339)
			it.FirstSeen = it.Published
		}
		out = append(out, it)
	}
	if roundups {
		slices.SortStableFunc(out, func(a, b Item) int { return strings.Compare(a.FirstSeen, b.FirstSeen) })
	}
	return out
}

// first gives the first n characters of s.
func first(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
