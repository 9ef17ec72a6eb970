package config

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lineNumbers returns the line, from 1, on which each key and each array
// element of a valid TOML document stands, by path: "poll.floor",
// "outlet[2].feed[0].url", "outlet[0].aliases[1]". The decoder itself keeps
// no positions; the library's own parser does.
func lineNumbers(data []byte) map[string]int {
	w := &lineWalk{data: data, lines: map[string]int{}, count: map[string]int{}, line: 1}
	w.p.Reset(data)
	var section string
	for w.p.NextExpression() {
		n := w.p.Expression()
		switch n.Kind {
		case unstable.Table:
			section = w.key("", n.Key(), false)
		case unstable.ArrayTable:
			section = w.key("", n.Key(), true)
		case unstable.KeyValue:
			w.keyValue(section, n)
		}
	}
	return w.lines
}

type lineWalk struct {
	p     unstable.Parser
	data  []byte
	lines map[string]int
	count map[string]int // elements so far of each array of tables
	// line is the line of offset at: keys come in order, so that one pass
	// counts the line breaks.
	line, at int
}

// key resolves a dotted key below path and notes its line. In a table's header
// a name that is an array of tables means its newest element; element begins a
// new one.
func (w *lineWalk) key(path string, it unstable.Iterator, element bool) string {
	for it.Next() {
		n := it.Node()
		w.move(int(n.Raw.Offset))
		path = join(path, string(n.Data))
		if element && it.IsLast() {
			w.count[path]++
		}
		if c := w.count[path]; c > 0 {
			w.note(path)
			path = fmt.Sprintf("%s[%d]", path, c-1)
		}
		w.note(path)
	}
	return path
}

func (w *lineWalk) keyValue(section string, n *unstable.Node) {
	w.value(w.key(section, n.Key(), false), n.Value())
}

func (w *lineWalk) value(path string, v *unstable.Node) {
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			w.keyValue(path, it.Node())
		}
	case unstable.Array:
		i := 0
		for it := v.Children(); it.Next(); i++ {
			element := fmt.Sprintf("%s[%d]", path, i)
			if it.Node().Kind != unstable.InlineTable && it.Node().Raw.Length > 0 {
				w.move(int(it.Node().Raw.Offset))
			}
			w.note(element)
			w.value(element, it.Node())
		}
	}
}

// move sets the line of a byte offset.
func (w *lineWalk) move(offset int) {
	if offset < w.at {
		w.at, w.line = 0, 1
	}
	w.line += bytes.Count(w.data[w.at:offset], []byte("\n"))
	w.at = offset
}

// note keeps the first line on which a path stands.
func (w *lineWalk) note(path string) {
	if _, known := w.lines[path]; !known {
		w.lines[path] = w.line
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// plain takes the indexes out of a path, for people.
func plain(path string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(path, "[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, path, _ = strings.Cut(after, "]")
	}
}
