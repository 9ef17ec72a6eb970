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

// progress is a bar over size bytes (-1: unknown) on a terminal, and silent
// elsewhere.
func progress(w io.Writer, size int64, what string) *progressbar.ProgressBar {
	if !onTerminal(w) {
		return progressbar.DefaultBytesSilent(size, what)
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
}
