package opml

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"aggregator/feeds"
)

// Outlet is an outlet with its feeds.
type Outlet struct {
	feeds.Outlet // ID is empty when the file is another reader's
	// Schedule and Floor hold for its feeds that have none of their own.
	Schedule, Floor string
	Feeds           []Feed
	Line            int // where it stands, from 1
}

// Feed is one feed of an outlet.
type Feed struct {
	URL string
	// Title is what the feed is called; the outlet's name when it is empty.
	Title string
	// Schedule and Floor are as the configuration writes them; empty when the
	// outlet's hold.
	Schedule, Floor string
	Line            int
}

// Problem is something in a file that cannot be used.
type Problem struct {
	Line  int    `json:"line"` // from 1
	What  string `json:"what"`
	Write string `json:"write"` // what to write instead
}

// Problems is everything that is wrong in a file, in its order.
type Problems []Problem

func (p Problems) Error() string {
	var list []string
	for _, one := range p {
		list = append(list, fmt.Sprintf("line %d: %s; %s", one.Line, one.What, one.Write))
	}
	return strings.Join(list, "\n")
}

// Write writes outlets. Characters that XML cannot carry become U+FFFD.
func Write(w io.Writer, title string, outlets []Outlet) error {
	b := bufio.NewWriter(w)
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	fmt.Fprintf(b, "<opml version=\"2.0\" xmlns:a=%q>\n", Namespace)
	b.WriteString("  <head>\n    <title>")
	_ = xml.EscapeText(b, []byte(title)) // b keeps its error until Flush
	b.WriteString("</title>\n  </head>\n  <body>\n")
	for _, o := range outlets {
		b.WriteString("    <outline")
		attribute(b, "text", o.Name)
		attribute(b, "a:id", o.ID)
		attribute(b, "a:home", o.Home)
		attribute(b, "a:language", o.Language)
		attribute(b, "a:category", o.Category)
		aliases := make([]string, len(o.Aliases))
		for i, a := range o.Aliases {
			aliases[i] = strings.ReplaceAll(a, "\n", " ")
		}
		attribute(b, "a:aliases", strings.Join(aliases, "\n"))
		attribute(b, "a:schedule", o.Schedule)
		attribute(b, "a:floor", o.Floor)
		b.WriteString(">\n")
		for _, f := range o.Feeds {
			b.WriteString("      <outline type=\"rss\"")
			attribute(b, "text", cmp.Or(f.Title, o.Name))
			attribute(b, "xmlUrl", f.URL)
			attribute(b, "htmlUrl", o.Home)
			attribute(b, "language", o.Language)
			attribute(b, "a:schedule", f.Schedule)
			attribute(b, "a:floor", f.Floor)
			b.WriteString("/>\n")
		}
		b.WriteString("    </outline>\n")
	}
	b.WriteString("  </body>\n</opml>\n")
	return b.Flush()
}

func attribute(b *bufio.Writer, name, value string) {
	if value != "" {
		fmt.Fprintf(b, " %s=\"", name)
		_ = xml.EscapeText(b, []byte(value))
		b.WriteByte('"')
	}
}
