package stories

import (
	"fmt"
	"math/rand/v2"
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
//	in this order    what must hold depends on the order of arrival
//
// and then gives the entries in the order in which they were seen: a head of
// "key: value" lines (outlet, seen, language, source, title), an empty line,
// the text. A section whose name ends in "again" is that entry after an edit.
//
// Outlets are polled in any order: where nothing is said of it, the same must hold
// when the entries arrive the other way round, and shuffled.
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
			comment := string(a.Comment)
			wrong := strings.Contains(comment, "\nstill wrong")
			fixed := wrong || strings.Contains(comment, "\nin this order") ||
				slices.ContainsFunc(a.Files, func(f txtar.File) bool { return strings.HasSuffix(f.Name, " again") })
			for order := range 5 {
				files := slices.Clone(a.Files)
				switch order {
				case 0:
				case 1:
					slices.Reverse(files)
				default:
					rand.New(rand.NewPCG(uint64(order), 1)).Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
				}
				faults := play(t, files, comment, order == 0)
				if wrong && len(faults) == 0 {
					t.Errorf("this is right now: take its \"still wrong\" off")
				}
				if !wrong && len(faults) > 0 {
					t.Errorf("in the order of %s:\n%s", names(files), strings.Join(faults, "\n"))
				}
				if fixed {
					break
				}
			}
		})
	}
}

func names(files []txtar.File) (out []string) {
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}

// play places entries and gives what does not hold of what the comment says, with
// the reasons of each placement. Which of two texts is the copy counts only when
// they come in the order of the file.
func play(t *testing.T, files []txtar.File, comment string, ordered bool) (faults []string) {
	w := newWorld(t, Options{})
	ids := map[string]uint64{}
	for _, f := range files {
		name, again := strings.CutSuffix(f.Name, " again")
		e, seen := scenarioEntry(t, name, string(f.Data))
		if !again {
			ids[name] = uint64(len(ids) + 1)
		}
		w.place(ids[name], e, seen)
		w.check()
	}
	for line := range strings.Lines(comment) {
		line = strings.TrimSpace(line)
		if of := strings.Fields(line); !ordered && len(of) == 4 && of[0] == "copy" {
			line = "together " + of[1] + " " + of[3]
		}
		faults = append(faults, expect(t, w, ids, line)...)
	}
	if len(faults) > 0 {
		for _, name := range slices.Sorted(mapKeys(ids)) {
			p := w.placed[ids[name]]
			faults = append(faults, fmt.Sprintf("  %s (entry %d): story %d, copy of %d: %s", name, p.Entry, p.Story, p.CopyOf, strings.Join(p.Reasons, "; ")))
		}
	}
	return faults
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
