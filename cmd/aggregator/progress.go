package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// onTerminal reports whether w is a terminal: colours and progress bars go
// nowhere else.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// What a progress bar counts.
type counted bool

const (
	things counted = false
	octets counted = true
)

// progress is a bar over n things or bytes (-1: unknown) on a terminal that can
// draw one, and silent elsewhere. What goes wrong with drawing it stops no work.
func progress(w io.Writer, n int64, what string, of counted) *progressbar.ProgressBar {
	if !onTerminal(w) || os.Getenv("TERM") == "dumb" {
		return progressbar.DefaultSilent(n, what)
	}
	o := []progressbar.Option{progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish()}
	if of == octets {
		o = append(o, progressbar.OptionShowBytes(true))
	} else {
		o = append(o, progressbar.OptionShowCount())
	}
	return progressbar.NewOptions64(n, o...)
}
