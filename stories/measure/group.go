package measure

import (
	"aggregator/feeds"
	"aggregator/stories"
)

// Grouping is where each entry ended up: numbers that are equal for entries of
// one story, and of one group of copies.
type Grouping struct {
	Story, Copy []uint64
	Reasons     [][]string
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
	g := Grouping{Story: make([]uint64, n), Copy: make([]uint64, n), Reasons: make([][]string, n)}
	for i := range n {
		e, seen := entry(i)
		p := x.Place(m, uint64(i+1), e, seen)
		for _, q := range append(p.Moved, p) {
			m.story[q.Entry], m.copyOf[q.Entry], m.sketches[q.Entry] = q.Story, q.CopyOf, q.Sketch
		}
		for _, s := range p.Merged {
			m.gone[s] = p.Story
		}
		g.Reasons[i] = p.Reasons
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
