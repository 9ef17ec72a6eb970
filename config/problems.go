package config

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Problem is one thing that is wrong in a configuration file.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line"` // from 1; 0 when it is the file as a whole
	Key  string `json:"key"`  // as written in the file, "poll.floor" or "outlet.feed.url"; may be empty
	What string `json:"what"` // what is wrong, with the value
	// Write says what to write instead.
	Write string `json:"write"`
}

// String is the problem on one line: FILE:LINE: key: what; write instead.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.What)
	if p.Write != "" {
		b.WriteString("; " + p.Write)
	}
	return b.String()
}

// Problems is everything that is wrong in a file, by line. As an error it is
// one line for each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, 0, len(p)+1)
	for _, one := range p {
		lines = append(lines, one.String())
	}
	if len(p) > 1 {
		lines = append(lines, fmt.Sprintf("%d problems", len(p)))
	}
	return strings.Join(lines, "\n")
}

func (p Problems) sorted() Problems {
	sort.SliceStable(p, func(i, j int) bool { return p[i].Line < p[j].Line })
	return p
}

// syntaxProblem puts into words what the TOML library says. A file whose
// syntax is broken has no keys to check, so that this problem comes alone.
func syntaxProblem(file string, err error) Problem {
	p := Problem{File: file, What: "this is not TOML: " + strings.TrimPrefix(err.Error(), "toml: "),
		Write: "aggregator.example.toml shows the form"}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		p.Line, _ = at.Position()
	}
	return p
}
