package main

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

// What a progress bar counts.
type counted bool

const (
	things counted = false
	octets counted = true
)

// progress is a bar over n things or bytes (-1: unknown) on a terminal that can
// draw one, and silent elsewhere. What goes wrong with drawing it stops no work.
// It draws when something is added and never by a clock: the library's clock reads what
// an addition writes, without its lock.
func progress(w io.Writer, n int64, what string, of counted) *progressbar.ProgressBar {
	if !drawable(w) {
		w = io.Discard
	}
	o := []progressbar.Option{progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0)}
	if of == octets {
		o = append(o, progressbar.OptionShowBytes(true))
	} else {
		o = append(o, progressbar.OptionShowCount())
	}
	return progressbar.NewOptions64(n, o...)
}
