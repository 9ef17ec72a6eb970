package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"aggregator/feeds"
)

// FormatOutlet writes an outlet as a file holds it, to be pasted into one: its own
// keys, its feeds, and of the settings schedule and floor where they differ from the
// built-in defaults, or from the outlet's own. Parse reads the same outlet back.
func FormatOutlet(o Outlet) string {
	var b strings.Builder
	b.WriteString("[[outlet]]\n")
	for _, k := range []struct{ name, value string }{
		{"id", o.ID}, {"name", o.Name}, {"home", o.Home}, {"language", o.Language}, {"category", o.Category},
	} {
		if k.value != "" {
			fmt.Fprintf(&b, "%s = %s\n", k.name, quote(k.value))
		}
	}
	if len(o.Aliases) > 0 {
		quoted := make([]string, len(o.Aliases))
		for i, a := range o.Aliases {
			quoted[i] = quote(a)
		}
		fmt.Fprintf(&b, "aliases = [%s]\n", strings.Join(quoted, ", "))
	}
	own := o.Own()
	formatPace(&b, own, feeds.DefaultSettings())
	for _, f := range o.Feeds {
		fmt.Fprintf(&b, "\n[[outlet.feed]]\nurl = %s\n", quote(f.URL))
		formatPace(&b, f.Settings, own)
	}
	return b.String()
}

// formatPace writes what differs from what holds already.
func formatPace(b *strings.Builder, s, holds feeds.Settings) {
	if s.Schedule != holds.Schedule {
		fmt.Fprintf(b, "schedule = %s\n", quote(s.Schedule))
	}
	if s.Floor != holds.Floor {
		fmt.Fprintf(b, "floor = %q\n", FormatDuration(s.Floor))
	}
}

// quote writes a basic string of TOML. Those of JSON are the same, but that TOML wants
// one control character more escaped.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text in memory: it cannot fail
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007F`)
}

// NewID derives an id from a name as Parse does where none is written; empty when
// the name has no letters or digits that an id may hold.
func NewID(name string) string {
	if id := deriveID(name); checkIDs.MatchString(id) {
		return id
	}
	return ""
}
