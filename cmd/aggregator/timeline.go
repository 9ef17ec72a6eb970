package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// printTimeline draws the entries in time, a line each: the interval in which the
// polls say that it appeared, and the time that it claims.
func printTimeline(out io.Writer, s *storyAnswer) {
	var low, high time.Time
	include := func(t *time.Time) {
		if t == nil {
			return
		}
		if low.IsZero() || t.Before(low) {
			low = *t
		}
		if t.After(high) {
			high = *t
		}
	}
	for _, e := range s.Entries {
		include(e.SeenAfter)
		include(e.FirstSeen)
		include(e.Appeared) // a claim that nobody believes would stretch the line
	}
	if low.IsZero() {
		return
	}
	whole := max(high.Sub(low), time.Second)
	width := 0
	for _, e := range s.Entries {
		width = max(width, uniseg.StringWidth(cut(e.Name, 24)))
	}
	timelineWidth := lineWidth - width - len("      ||") // columns that the time takes
	column := func(t time.Time) int { return int(int64(timelineWidth-1) * int64(t.Sub(low)) / int64(whole)) }
	fmt.Fprintf(out, "\n  Timeline: = appeared here, by the polls; < or earlier; * the time it claims\n")
	left, right := stamp(low, "15:04:05"), stamp(high, "15:04:05 UTC")
	fmt.Fprintf(out, "    %*s   %s%*s\n", width, "", left, timelineWidth-len(left), right)
	for _, e := range s.Entries {
		line := []byte(strings.Repeat(" ", timelineWidth))
		if e.FirstSeen != nil {
			from := 0
			if e.SeenAfter != nil {
				from = column(*e.SeenAfter)
			}
			for i := from; i <= column(*e.FirstSeen); i++ {
				line[i] = '='
				if e.SeenAfter == nil {
					line[i] = '<'
				}
			}
		}
		note := ""
		if p := e.Published; p != nil {
			if p.Before(low) || p.After(high) {
				note = fmt.Sprintf("\n    %*s   claims %s, outside of this", width, "", shortTime(p))
			} else {
				line[column(*p)] = '*'
			}
		}
		fmt.Fprintf(out, "    %s  |%s|%s\n", pad(cut(plain(e.Name), 24), width), line, note)
	}
}
