package measure

import (
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// Grouping is where each entry ended up: numbers that are equal for entries of
// one story, and of one group of copies.
type Grouping struct {
	Story, Copy []uint64
	Reasons     [][]string
	// First is the story that an entry was placed in, before any merge; Began says
	// that it was a new one.
	First []uint64
	Began []bool
}

// memory keeps placements as a store would.
type memory struct {
	sketches [][]byte
	story    []uint64
	copyOf   []uint64
	gone     map[uint64]uint64
}

func (m *memory) Sketch(id uint64) []byte { return m.sketches[id] }

// final follows redirects.
func (m *memory) final(story uint64) uint64 {
	for to, ok := m.gone[story]; ok; to, ok = m.gone[story] {
		story = to
	}
	return story
}

// Group places entries in the order given, with the rules of package stories.
func Group(n int, entry func(i int) (*feeds.Entry, feeds.Seen)) Grouping {
	x := stories.NewIndex(stories.Options{})
	m := &memory{sketches: make([][]byte, n+1), story: make([]uint64, n+1), copyOf: make([]uint64, n+1), gone: map[uint64]uint64{}}
	g := Grouping{Story: make([]uint64, n), Copy: make([]uint64, n), Reasons: make([][]string, n), First: make([]uint64, n), Began: make([]bool, n)}
	for i := range n {
		e, seen := entry(i)
		next := x.NextStory()
		p := x.Place(m, uint64(i+1), e, seen, time.Time{})
		for _, q := range append(p.Moved, p) {
			m.story[q.Entry], m.copyOf[q.Entry], m.sketches[q.Entry] = q.Story, q.CopyOf, q.Sketch
		}
		for _, s := range p.Merged {
			m.gone[s] = p.Story
		}
		g.Reasons[i], g.First[i], g.Began[i] = p.Reasons, p.Story, p.Story == next
	}
	for i := range n {
		g.Story[i] = m.final(m.story[i+1])
		g.Copy[i] = uint64(i + 1)
		if c := m.copyOf[i+1]; c != 0 {
			g.Copy[i] = c
		}
	}
	return g
}

// storyCause says how two entries, the later one last, came to be in one story or in two.
func (g *Grouping) storyCause(a, b int) string {
	switch together := g.Story[a] == g.Story[b]; {
	case together && g.Copy[a] == g.Copy[b]:
		return "called copies"
	case together && g.First[a] == g.First[b]:
		return "joined one story"
	case together:
		return "two stories were merged"
	case g.Began[b]:
		return "the later one joined none"
	}
	return "the later one joined another story"
}

// copyCause says how two entries came to be copies or not.
func (g *Grouping) copyCause(a, b int) string {
	switch {
	case g.Copy[a] == g.Copy[b] && (g.Copy[a] == uint64(a+1) || g.Copy[b] == uint64(b+1)):
		return "one copies the other"
	case g.Copy[a] == g.Copy[b]:
		return "both copy a third"
	case g.Story[a] == g.Story[b]:
		return "one story, two texts"
	}
	return "two stories"
}
