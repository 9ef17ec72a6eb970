package poll

// dueHeap orders feeds by when they are due, then by address.
type dueHeap []*feed

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(i, j int) bool {
	if c := h[i].due.Compare(h[j].due); c != 0 {
		return c < 0
	}
	return h[i].state.URL < h[j].state.URL
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i]; h[i].index, h[j].index = i, j }
func (h *dueHeap) Push(x any)   { f := x.(*feed); f.index = len(*h); *h = append(*h, f) }
func (h *dueHeap) Pop() any {
	old := *h
	f := old[len(old)-1]
	old[len(old)-1] = nil
	*h, f.index = old[:len(old)-1], -1
	return f
}

// hostHeap orders hosts with waiting feeds by when their next request may start.
type hostHeap []*host

func (h hostHeap) Len() int { return len(h) }
func (h hostHeap) Less(i, j int) bool {
	if c := h[i].ready().Compare(h[j].ready()); c != 0 {
		return c < 0
	}
	return h[i].name < h[j].name
}
func (h hostHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i]; h[i].index, h[j].index = i, j }
func (h *hostHeap) Push(x any)   { s := x.(*host); s.index = len(*h); *h = append(*h, s) }
func (h *hostHeap) Pop() any {
	old := *h
	s := old[len(old)-1]
	old[len(old)-1] = nil
	*h, s.index = old[:len(old)-1], -1
	return s
}
