package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// onTerminal reports whether w is a terminal: colours and progress bars go
// nowhere else.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns is how wide the terminal is; 0 elsewhere, where nothing is cut.
func columns(w io.Writer) int {
	if !onTerminal(w) {
		return 0
	}
	n, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil || n <= 0 { // a serial line does not know
		return 80
	}
	return n
}

// drawable reports whether w is a terminal that does what escape sequences say.
func drawable(w io.Writer) bool {
	return onTerminal(w) && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
}

// colour is an SGR parameter (ECMA-48); empty leaves a text as it is.
type colour string

const (
	bold   colour = "1"
	faint  colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// paint colours a text where w is a terminal that wants colours: NO_COLOR
// (no-color.org) and CLICOLOR=0 say that it does not.
func paint(w io.Writer, c colour, text string) string {
	if c == "" || text == "" || !drawable(w) || os.Getenv("NO_COLOR") != "" || os.Getenv("CLICOLOR") == "0" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// confidenceColour shows how firmly a verdict stands.
func confidenceColour(confidence string) colour {
	switch confidence {
	case "certain":
		return green
	case "tie":
		return yellow
	case "unknown":
		return faint
	}
	return ""
}

// plain is a text from elsewhere without what would steer a terminal, on one line.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// pad fills a text up to a width, in columns of a terminal.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
}

// cut shortens a text to a width, in columns of a terminal.
func cut(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var kept strings.Builder
	left := width - 1
	for g := uniseg.NewGraphemes(s); g.Next() && g.Width() <= left; left -= g.Width() {
		kept.WriteString(g.Str())
	}
	return strings.TrimRight(kept.String(), " ") + "…"
}

// fitting is a text that takes one line of a terminal.
func fitting(w io.Writer, s string) string {
	if n := columns(w); n > 0 {
		return cut(s, n)
	}
	return s
}

// lineWidth is where sentences are broken, unless the terminal is narrower.
const lineWidth = 79

// paragraph prints text broken into lines, the first behind lead, the others
// indented as far.
func paragraph(w io.Writer, lead, text string) { fmt.Fprintln(w, wrapped(w, lead, text)) }

// wrapped is what paragraph prints, without the last newline.
func wrapped(w io.Writer, lead, text string) string {
	limit := lineWidth
	if n := columns(w); n > 0 {
		limit = min(limit, n-1)
	}
	indent := uniseg.StringWidth(lead)
	line, width, empty := lead, indent, true
	var out strings.Builder
	for _, word := range strings.Fields(plain(text)) {
		n := uniseg.StringWidth(word)
		if !empty && width+1+n > limit {
			out.WriteString(line + "\n")
			line, width, empty = strings.Repeat(" ", indent), indent, true
		}
		if !empty {
			line, width = line+" ", width+1
		}
		line, width, empty = line+word, width+n, false
	}
	return out.String() + strings.TrimRight(line, " ")
}
