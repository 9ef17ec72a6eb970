package stories

// parts is a long list kept in parts of equal size, so that it grows by a part and not by
// copying all of it: no entry waits for that.
type parts[T any] struct {
	list [][]T
	n    int
}

const (
	partBits = 13
	partSize = 1 << partBits
)

// at gives the i-th value, which must not have been dropped.
func (p *parts[T]) at(i int) *T { return &p.list[i>>partBits][i&(partSize-1)] }

// add appends a value, and says which it is.
func (p *parts[T]) add(v T) int {
	if p.n>>partBits == len(p.list) {
		p.list = append(p.list, make([]T, partSize))
	}
	p.n++
	*p.at(p.n - 1) = v
	return p.n - 1
}

// drop lets the parts go that hold nothing but values before the i-th.
func (p *parts[T]) drop(i int) {
	for k := i>>partBits - 1; k >= 0 && p.list[k] != nil; k-- {
		p.list[k] = nil
	}
}
