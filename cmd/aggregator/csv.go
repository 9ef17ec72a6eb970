package main

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// writeDuplicatesCSV writes a line for each entry of the stories, with a header
// (RFC 4180); docs/formats.md names the columns.
func writeDuplicatesCSV(out io.Writer, a *duplicatesAnswer) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	rows := [][]string{{"story", "headline", "first_outlet", "first_name", "first_at", "basis", "confidence",
		"outlet", "name", "title", "url", "appeared", "copy_of_outlet", "copied_per_mille"}}
	for _, d := range a.Duplicates {
		story := []string{strconv.FormatUint(d.Story, 10), d.Headline, d.First.Outlet, d.First.Name, csvTime(d.First.At), d.First.Basis, d.First.Confidence}
		for i, c := range append(append([]carried{}, d.OwnWords...), d.Copies...) {
			share := ""
			if i >= len(d.OwnWords) {
				share = strconv.Itoa(c.PerMille)
			}
			rows = append(rows, append(story[:len(story):len(story)], c.Outlet, c.Name, c.Title, c.URL, csvTime(c.Appeared), c.Of.Outlet, share))
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = csvCell(row[i])
		}
	}
	return w.WriteAll(rows)
}

// csvCell keeps a spreadsheet from taking a publisher's text for a formula.
func csvCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func csvTime(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
