package stories

import "slices"

// sorter sorts values that are spread evenly, as hashes are, quicker than by
// comparing them: each goes to where its first bits say that it belongs, and hardly
// any has to move from there. It keeps buffers.
type sorter[T uint32 | uint64] struct {
	ends [256]uint16
	room []T
}

// maxSpread is how many values are sorted so: what is made to lie together takes the
// square of their number.
const maxSpread = 1024

// sort sorts values below 1<<top, top being 8 at least.
func (s *sorter[T]) sort(list []T, top int) {
	if len(list) > maxSpread {
		slices.Sort(list)
		return
	}
	s.ends = [256]uint16{}
	for _, v := range list {
		s.ends[v>>(top-8)&255]++
	}
	n := uint16(0)
	for i, k := range s.ends {
		s.ends[i], n = n, n+k
	}
	s.room = append(s.room[:0], list...)
	for _, v := range s.room {
		at := &s.ends[v>>(top-8)&255]
		list[*at] = v
		*at++
	}
	for i, v := range list {
		for ; i > 0 && list[i-1] > v; i-- {
			list[i] = list[i-1]
		}
		list[i] = v
	}
}
