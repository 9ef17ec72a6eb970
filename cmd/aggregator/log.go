package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
	"golang.org/x/term"
)

// daemonLog is newLog for a level that was typed.
func daemonLog(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level %q: write debug, info, warn or error", level)
	}
	return newLog(l), nil
}

// newLog logs to where standard error leads: to systemd's journal with levels and
// fields, to a terminal in lines for people, else as key=value for programs.
func newLog(level slog.Level) *slog.Logger {
	if toJournal, _ := journal.StderrIsJournalStream(); toJournal && journal.Enabled() {
		return slog.New(&lineHandler{level: level, write: writeJournal})
	}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		return slog.New(&lineHandler{level: level, write: terminalWriter(os.Stderr)})
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// lineHandler gives each record to write with its attributes in one list, groups
// as prefixes of their keys. It is safe for concurrent use as far as write is.
type lineHandler struct {
	level  slog.Level
	write  func(r slog.Record, attrs []slog.Attr) error
	attrs  []slog.Attr
	prefix string
}

func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	attrs := slices.Clone(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		attrs = flatten(attrs, h.prefix, a)
		return true
	})
	return h.write(r, attrs)
}

func (h *lineHandler) WithAttrs(more []slog.Attr) slog.Handler {
	next := *h
	next.attrs = slices.Clone(h.attrs)
	for _, a := range more {
		next.attrs = flatten(next.attrs, h.prefix, a)
	}
	return &next
}

func (h *lineHandler) WithGroup(name string) slog.Handler {
	next := *h
	next.prefix += name + "."
	return &next
}

func flatten(attrs []slog.Attr, prefix string, a slog.Attr) []slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() != slog.KindGroup {
		return append(attrs, slog.Attr{Key: prefix + a.Key, Value: a.Value})
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, inner := range a.Value.Group() {
		attrs = flatten(attrs, prefix, inner)
	}
	return attrs
}

// sentence is the message with its attributes, on one line but for values that
// have lines of their own.
func sentence(r slog.Record, attrs []slog.Attr) string {
	var b strings.Builder
	b.WriteString(r.Message)
	for _, a := range attrs {
		v := a.Value.String()
		if strings.Contains(v, "\n") {
			b.WriteString("  " + a.Key + ":\n    " + strings.ReplaceAll(v, "\n", "\n    "))
			continue
		}
		if v == "" || strings.ContainsAny(v, " \t\r\"=") {
			v = strconv.Quote(v)
		}
		b.WriteString("  " + a.Key + "=" + v)
	}
	return b.String()
}

func terminalWriter(w io.Writer) func(slog.Record, []slog.Attr) error {
	return func(r slog.Record, attrs []slog.Attr) error {
		_, err := fmt.Fprintf(w, "%s %-5s %s\n", r.Time.Format("15:04:05"), r.Level, sentence(r, attrs))
		return err
	}
}

// fieldPrefix keeps our fields apart from the journal's own.
const fieldPrefix = "AGGREGATOR_"

// writeJournal sends a record in the journal's native protocol: the readable line
// as MESSAGE, the level as PRIORITY, each attribute as a field of its own.
func writeJournal(r slog.Record, attrs []slog.Attr) error {
	fields := map[string]string{"SYSLOG_IDENTIFIER": "aggregator"}
	for _, a := range attrs {
		fields[fieldName(a.Key)] = a.Value.String()
	}
	return journal.Send(sentence(r, attrs), priority(r.Level), fields)
}

// fieldName makes a journal field of a key: capital letters, digits and "_".
func fieldName(key string) string {
	return fieldPrefix + strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToUpper(key))
}

func priority(l slog.Level) journal.Priority {
	switch {
	case l >= slog.LevelError:
		return journal.PriErr
	case l >= slog.LevelWarn:
		return journal.PriWarning
	case l >= slog.LevelInfo:
		return journal.PriInfo
	}
	return journal.PriDebug
}
