package config

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// reader collects problems while it fills a Config from the decoded tree.
type reader struct {
	file     string
	lines    map[string]int
	problems Problems
	gaps     map[string]time.Duration // shortestGap of the schedules so far
}

// setter takes a decoded TOML value. It stores it, or returns what is wrong
// with it and what to write instead.
type setter func(v any) (what, write string)

// key is one key that a table may have.
type key struct {
	name string
	set  setter
}

// problem notes what is wrong at a path. A path that does not stand in the
// file (a missing key) gets the line of its table.
func (r *reader) problem(path, what, write string) {
	line := 0
	for at := path; line == 0 && at != ""; at = parent(at) {
		line = r.lines[at]
	}
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Key: plain(path), What: what, Write: write})
}

// shortestGap is worked out once for a schedule that many outlets share.
func (r *reader) shortestGap(schedule string) time.Duration {
	gap, known := r.gaps[schedule]
	if !known {
		gap = shortestGap(schedule)
		r.gaps[schedule] = gap
	}
	return gap
}

func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// table fills a table from its keys and names the unknown ones; elsewhere says
// where a key that is unknown here belongs (may be nil). It returns the names
// that were present and good.
func (r *reader) table(path string, v any, keys []key, elsewhere func(name string) string) map[string]bool {
	m, ok := v.(map[string]any)
	if !ok {
		r.problem(path, "this must be a table, not "+shown(v), "write its keys below a line ["+plain(path)+"]")
		return nil
	}
	good := map[string]bool{}
	for _, name := range sortedNames(m) {
		at := join(path, name)
		k, known := find(keys, name)
		if !known {
			r.problem(at, "there is no such key", instead(name, keys, elsewhere))
			continue
		}
		what, write := k.set(m[name])
		if what != "" {
			r.problem(at, what, write)
			continue
		}
		good[name] = true
	}
	return good
}

// tables returns the elements of an array of tables, with their paths.
func (r *reader) tables(path string, v any) []any {
	list, ok := v.([]any)
	if !ok {
		r.problem(path, "this must be an array of tables, not "+shown(v), "write [["+plain(path)+"]], one for each")
	}
	return list
}

func find(keys []key, name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

// instead says what to write for an unknown key.
func instead(name string, keys []key, elsewhere func(string) string) string {
	if elsewhere != nil && nearest(name, keys) == "" {
		if hint := elsewhere(name); hint != "" {
			return hint
		}
	}
	if best := nearest(name, keys); best != "" {
		return "write " + best
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return "take it out, or write one of " + strings.Join(names, ", ")
}

// nearest is the key that name is a slip of the keyboard for; empty when none is.
func nearest(name string, keys []key) string {
	best, distance := "", max(1, len(name)/3)
	for _, k := range keys {
		if d := edits(strings.ToLower(name), k.name); d <= distance && d < len(k.name) {
			best, distance = k.name, d-1
		}
	}
	return best
}

// edits is the Levenshtein distance, for short words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// shown is a decoded value as a person would recognise it.
func shown(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", cut(v))
	case map[string]any:
		return "a table"
	case []any:
		return "an array"
	}
	return cut(fmt.Sprint(v))
}

// cut keeps a value short enough for one line.
func cut(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return s
}
