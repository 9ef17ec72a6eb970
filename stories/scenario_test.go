package stories

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"aggregator/feeds"
)

// The files in testdata/scenarios are written for journalists to read. Each
// begins with what it is about, then says what must hold in the end:
//
//	together a b     one story
//	apart a c        two stories
//	copy b of a      b's text is a's
//	no copy a c      two texts
//	still wrong      it does not hold yet; the test fails once it does
//
// and then gives the entries in the order in which they were seen: a head of
// "key: value" lines (outlet, seen, language, source, title), an empty line,
// the text. A section whose name ends in "again" is that entry after an edit.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, Options{})
			ids := map[string]uint64{}
			for _, f := range a.Files {
				name, again := strings.CutSuffix(f.Name, " again")
				e, seen := scenarioEntry(t, name, string(f.Data))
				if !again {
					ids[name] = uint64(len(ids) + 1)
				}
				w.place(ids[name], e, seen)
				w.check()
			}
			wrong := strings.Contains(string(a.Comment), "\nstill wrong")
			var faults []string
			for line := range strings.Lines(string(a.Comment)) {
				faults = append(faults, expect(t, w, ids, strings.TrimSpace(line))...)
			}
			if wrong && len(faults) == 0 {
				t.Errorf("this is right now: take its \"still wrong\" off")
			}
			if !wrong && len(faults) > 0 {
				t.Error(strings.Join(faults, "\n"))
				for _, name := range slices.Sorted(mapKeys(ids)) {
					p := w.placed[ids[name]]
					t.Logf("%s (entry %d): story %d, copy of %d: %s", name, p.Entry, p.Story, p.CopyOf, strings.Join(p.Reasons, "; "))
				}
			}
		})
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// expect checks one line of a scenario's head; other lines are prose.
func expect(t *testing.T, w *world, ids map[string]uint64, line string) (faults []string) {
	words := strings.Fields(line)
	of := func(name string) Placement {
		p, ok := w.placed[ids[name]]
		if !ok {
			t.Fatalf("%q: there is no entry %q", line, name)
		}
		return p
	}
	switch {
	case len(words) > 2 && words[0] == "together":
		for _, name := range words[2:] {
			if of(name).Story != of(words[1]).Story {
				faults = append(faults, fmt.Sprintf("%s and %s should be one story", words[1], name))
			}
		}
	case len(words) > 2 && words[0] == "apart":
		for i, a := range words[1:] {
			for _, b := range words[2+i:] {
				if of(a).Story == of(b).Story {
					faults = append(faults, fmt.Sprintf("%s and %s should be two stories", a, b))
				}
			}
		}
	case len(words) == 4 && words[0] == "copy" && words[2] == "of":
		if of(words[1]).CopyOf != ids[words[3]] {
			faults = append(faults, fmt.Sprintf("%s should be a copy of %s", words[1], words[3]))
		}
	case len(words) == 4 && words[0] == "no" && words[1] == "copy":
		a, b := of(words[2]), of(words[3])
		if a.CopyOf == b.Entry || b.CopyOf == a.Entry || a.CopyOf != 0 && a.CopyOf == b.CopyOf {
			faults = append(faults, fmt.Sprintf("%s and %s should not be copies", words[2], words[3]))
		}
	}
	return faults
}

func scenarioEntry(t *testing.T, name, data string) (*feeds.Entry, feeds.Seen) {
	head, body, _ := strings.Cut(data, "\n\n")
	e := &feeds.Entry{Text: strings.TrimSpace(body)}
	var seen feeds.Seen
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "outlet":
			e.Outlet = value
			e.Link = fmt.Sprintf("https://%s.example/%s", value, name)
		case "title":
			e.Title = value
		case "language":
			e.Language = value
		case "source":
			e.Stated = append(e.Stated, feeds.Stated{Kind: feeds.Reprint, URL: "https://" + value + ".example/"})
		case "seen":
			at, err := time.Parse("2006-01-02 15:04", value)
			if err != nil {
				t.Fatal(err)
			}
			seen.At = at
		case "":
		default:
			t.Fatalf("%s: what is %q?", name, key)
		}
	}
	return e, seen
}
