package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"aggregator/stories"
)

// storyAnswer is what the commands read of a story in the API's answers;
// docs/api.md has all of it.
type storyAnswer struct {
	ID       uint64        `json:"id"`
	Headline string        `json:"headline"`
	URL      string        `json:"url"`
	Outlets  int           `json:"outlets"`
	Copies   int           `json:"copies"`
	First    verdictAnswer `json:"first_published"`
	Entries  []entryAnswer `json:"entries"`
	Texts    []textAnswer  `json:"texts"`
	// Corrections are those of editors that speak of its entries.
	Corrections []correctionAnswer `json:"corrections"`
	History     []struct {
		At      *time.Time    `json:"at"`
		Because string        `json:"because"`
		First   verdictAnswer `json:"first_published"`
	} `json:"history"`
}

type verdictAnswer struct {
	Outlet     string     `json:"outlet"`
	Name       string     `json:"name"`
	URL        string     `json:"url"`
	Entry      uint64     `json:"entry"`
	After      *time.Time `json:"after"`
	At         *time.Time `json:"at"`
	Basis      string     `json:"basis"`
	Confidence string     `json:"confidence"`
	Reason     string     `json:"reason"`
	Evidence   []struct {
		Entry uint64 `json:"entry"`
		Kind  string `json:"kind"`
		Text  string `json:"text"`
		For   bool   `json:"for"`
	} `json:"evidence"`
}

type entryAnswer struct {
	ID        uint64     `json:"id"`
	Outlet    string     `json:"outlet"`
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	URL       string     `json:"url"`
	Published *time.Time `json:"published"`
	SeenAfter *time.Time `json:"seen_after"`
	FirstSeen *time.Time `json:"first_seen"`
	Appeared  *time.Time `json:"appeared"`
	CopyOf    *uint64    `json:"copy_of"`
	PerMille  int        `json:"copied_per_mille"`
	TextOf    string     `json:"text_of"`
	Reasons   []string   `json:"reasons"`
}

type textAnswer struct {
	Original uint64        `json:"original"`
	Entries  []uint64      `json:"entries"`
	First    verdictAnswer `json:"first_published"`
}

// printVerdict prints the headline, who was first, and the sentence that says why.
func printVerdict(out io.Writer, s *storyAnswer) {
	printTitle(out, s.Headline, s.ID, s.Outlets)
	s.First.print(out)
	if s.First.URL != "" {
		fmt.Fprintln(out, paint(out, faint, "  "+plain(s.First.URL)))
	}
}

// printTitle prints a story's headline and what it is.
func printTitle(out io.Writer, headline string, id uint64, outlets int) {
	about := fmt.Sprintf("(story %d, %s)", id, count(outlets, "outlet"))
	gap := "   "
	if n := columns(out); n > 0 && uniseg.StringWidth(headline+gap+about) > n {
		gap = "\n  "
	}
	fmt.Fprintln(out, paint(out, bold, wrapped(out, "", headline))+gap+about)
}

// print says who was first, and why, without saying the former twice.
func (v *verdictAnswer) print(out io.Writer) {
	fmt.Fprintln(out, paint(out, confidenceColour(v.Confidence), wrapped(out, "  ", v.line())))
	paragraph(out, "  ", why(v.Reason, stories.Confidence(v.Confidence), v.Name))
}

// line says who was first, no more firmly than the verdict does.
func (v *verdictAnswer) line() string {
	switch {
	case v.Name == "":
		return "Who published it first is not known"
	case v.Confidence == "tie":
		return fmt.Sprintf("Too close to call: %s and others%s (%s, tie)", v.Name, at(v.At), v.Basis)
	case v.Confidence == "unknown":
		return fmt.Sprintf("Who published it first is not known; carried by %s%s", v.Name, at(v.At))
	}
	followed := ""
	if v.Outlet == "" {
		followed = ", which is not followed here"
	}
	return fmt.Sprintf("%s %s%s%s (%s, %s)", leadWords(stories.Confidence(v.Confidence)), v.Name, followed, when(v.Entry, v.At), v.Basis, v.Confidence)
}

// printEvidence lists what speaks for the verdict and what against it.
func printEvidence(out io.Writer, s *storyAnswer) {
	names := map[uint64]string{}
	for _, e := range s.Entries {
		names[e.ID] = e.Name
	}
	for _, side := range []struct {
		title string
		is    bool
	}{{"For it", true}, {"Against it", false}} {
		began := false
		for _, e := range s.First.Evidence {
			if e.For != side.is {
				continue
			}
			if !began {
				fmt.Fprintf(out, "\n  %s\n", side.title)
				began = true
			}
			paragraph(out, "    "+pad(e.Kind, 11), e.Text)
		}
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, is := strings.CutSuffix(what, "y"); is {
		what = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
