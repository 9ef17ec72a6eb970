package main

import (
	"fmt"
	"io"
	"strings"
	"time"

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
	Reasons   []string   `json:"reasons"`
}

type textAnswer struct {
	Original uint64        `json:"original"`
	Entries  []uint64      `json:"entries"`
	First    verdictAnswer `json:"first_published"`
}

// printVerdict prints the headline, who was first, and the sentence that says why.
func printVerdict(out io.Writer, s *storyAnswer) {
	fmt.Fprintf(out, "%s   (story %d, %s)\n", s.Headline, s.ID, count(s.Outlets, "outlet"))
	fmt.Fprintf(out, "  %s\n", s.First.line())
	paragraph(out, "  ", s.First.Reason)
	if s.First.URL != "" {
		fmt.Fprintf(out, "  %s\n", s.First.URL)
	}
}

// line says who was first, no more firmly than the verdict does.
func (v *verdictAnswer) line() string {
	switch {
	case v.Name == "":
		return "Who published it first is not known"
	case v.Confidence == "tie":
		return fmt.Sprintf("Too close to call: %s and others%s (%s, tie)", v.Name, atPointer(v.At), v.Basis)
	case v.Confidence == "unknown":
		return fmt.Sprintf("Who published it first is not known; carried by %s%s", v.Name, atPointer(v.At))
	}
	followed := ""
	if v.Outlet == "" {
		followed = ", which is not followed here"
	}
	return fmt.Sprintf("%s %s%s%s (%s, %s)", leadWords(stories.Confidence(v.Confidence)), v.Name, followed, atPointer(v.At), v.Basis, v.Confidence)
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
			paragraph(out, fmt.Sprintf("    %-11s", e.Kind), e.Text)
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
