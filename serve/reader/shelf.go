package reader

import (
	"slices"
	"time"

	"aggregator/stories"
)

// shelf is the newest stories as lists need them, kept in memory: a reader that
// syncs asks for many lists one after the other.
type shelf struct {
	refs       []Ref // newest first; never changed once made
	generation uint64
	made       time.Time
	holds      time.Duration // it is good so long although stories changed
}

// While many polls come in nearly every request would make the shelf anew. It is
// good for a second at least, and for so long that making it takes a twentieth
// of the time at most.
const (
	shelfHolds = time.Second
	shelfShare = 20
)

func (h *handler) newest() ([]Ref, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	generation, now := h.source.Generation(), h.Now()
	age := now.Sub(h.shelf.made)
	if h.shelf.refs != nil && (h.shelf.generation == generation || age >= 0 && age < h.shelf.holds) {
		return h.shelf.refs, nil
	}
	refs, err := h.source.Refs(maxShelf)
	if err != nil {
		return nil, err
	}
	if refs == nil {
		refs = []Ref{}
	}
	h.shelf = shelf{refs, generation, now, max(shelfHolds, shelfShare*h.Now().Sub(now))}
	return refs, nil
}

// listed gives what a user's lists are made from, newest first, and what the user
// did with each. Older stories are in it when the user starred them and those
// are asked for.
func (h *handler) listed(user string, older bool) ([]Ref, map[uint64]stories.ReadState, error) {
	refs, err := h.newest()
	if err != nil {
		return nil, nil, err
	}
	reading, err := h.users.Reading(user)
	if err != nil {
		return nil, nil, err
	}
	states := make(map[uint64]stories.ReadState, len(reading))
	for _, s := range reading {
		states[s.Story] = s.State
	}
	if !older || len(refs) < maxShelf {
		return refs, states, nil
	}
	on := make(map[uint64]bool, len(refs))
	for i := range refs {
		on[refs[i].Story] = true
	}
	var more []Ref
	for _, s := range reading {
		if s.State&stories.Starred == 0 || on[s.Story] {
			continue
		}
		ref, ok, err := h.source.Ref(s.Story)
		if err != nil {
			return nil, nil, err
		}
		if ok && ref.Story == s.Story {
			more = append(more, ref)
		}
	}
	refs = slices.Concat(refs, more)
	slices.SortFunc(refs, func(a, b Ref) int {
		if b.position().Past(a.position()) {
			return -1
		}
		return 1
	})
	return refs, states, nil
}
