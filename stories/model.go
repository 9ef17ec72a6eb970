package stories

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// modelFile says how much each regard counts. TestFit makes it anew from
// labelled entries.
//
//go:embed model.txt
var modelFile string

// model turns a regard into points: a weighted sum, and beside it small
// decision trees for what a sum cannot say (a shared name counts for less in a
// long text). Both are whole numbers; a point is a factor e in the odds.
type model struct {
	constant int
	weights  regard // ten-thousandths of a point for each unit
	trees    []tree
}

// tree asks three questions, each whether a regard is above a bound, the next
// one depending on the answers before it, and gives thousandths of a point.
type tree struct {
	which  [8]uint8 // 1 to 7 are used: below question i stand 2i (no) and 2i+1 (yes)
	above  [8]int32
	points [8]int32
}

// score sums up in thousandths of a point.
func (m *model) score(r *regard) int {
	sum := m.constant
	for k, w := range m.weights {
		sum += int(w) * int(r[k])
	}
	sum /= 10
	for i := range m.trees {
		t := &m.trees[i]
		at := 1
		for range 3 {
			yes := 0
			if r[t.which[at]] > t.above[at] {
				yes = 1
			}
			at = 2*at + yes
		}
		sum += int(t.points[at-8])
	}
	return sum
}

var loadModel = sync.OnceValue(func() *model {
	m, err := parseModel(modelFile)
	if err != nil {
		panic("the model that ships with the program: " + err.Error())
	}
	return m
})

// parseModel reads the lines "constant N", "weight REGARD N" and
// "tree (REGARD BOUND) x 7 POINTS x 8". Empty lines and those that start with #
// say nothing.
func parseModel(text string) (*model, error) {
	m := &model{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		in := strings.NewReader(strings.Join(words[1:], " "))
		var err error
		regard := func() (k int) {
			var name string
			if err == nil {
				_, err = fmt.Fscan(in, &name)
			}
			for k = range regardNames {
				if regardNames[k] == name {
					return k
				}
			}
			if err == nil {
				err = fmt.Errorf("there is no regard %q", name)
			}
			return 0
		}
		number := func(to any) {
			if err == nil {
				_, err = fmt.Fscan(in, to)
			}
		}
		switch words[0] {
		case "constant":
			number(&m.constant)
		case "weight":
			number(&m.weights[regard()])
		case "tree":
			var t tree
			for i := 1; i < 8; i++ {
				t.which[i] = uint8(regard())
				number(&t.above[i])
			}
			for i := range t.points {
				number(&t.points[i])
			}
			m.trees = append(m.trees, t)
		default:
			err = fmt.Errorf("what is %q?", words[0])
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return m, nil
}

// String writes a model as parseModel reads it.
func (m *model) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "constant %d\n", m.constant)
	for k, w := range m.weights {
		if w != 0 {
			fmt.Fprintf(&b, "weight %s %d\n", regardNames[k], w)
		}
	}
	for i := range m.trees {
		t := &m.trees[i]
		b.WriteString("tree")
		for i := 1; i < 8; i++ {
			fmt.Fprintf(&b, " %s %d", regardNames[t.which[i]], t.above[i])
		}
		for _, p := range t.points {
			fmt.Fprintf(&b, " %d", p)
		}
		b.WriteString("\n")
	}
	return b.String()
}
