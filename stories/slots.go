package stories

import "sort"

// slot is an entry of the window.
type slot struct {
	id, story, copyOf uint64
	at                int64
	outlet            uint32
	older, newer      uint32 // neighbours in its story: position + 1; 0 is none
	took              bool   // see features.took
}

// family is the part of a story that lies in the window.
type family struct {
	oldest, newest uint32 // position + 1
	size           uint32
}

const keysEach = 16 // keys by which an entry can be found

// slots keeps the window's entries in order of id, each in a chain with its
// story, and listed under each key it can be found by. Links are positions, not
// pointers, so that a million entries cost the garbage collector nothing.
type slots struct {
	list     parts[slot]
	langs    parts[language] // of list: all that is asked of most entries met, so close together
	first    int             // slots before it have left the window
	families map[uint64]family
	found    postings
}

// at gives the entry at a position of the window.
func (s *slots) at(pos int) *slot { return s.list.at(pos) }

// size is how many entries the window holds.
func (s *slots) size() int { return s.list.n - s.first }

// find gives the position of an entry.
func (s *slots) find(id uint64) (int, bool) {
	i := s.first + sort.Search(s.list.n-s.first, func(i int) bool { return s.at(s.first+i).id >= id })
	return i, i < s.list.n && s.at(i).id == id
}

// add appends an entry and puts it into its story.
func (s *slots) add(e slot, lang language) int {
	pos := s.list.add(e)
	s.langs.add(lang)
	s.join(pos, e.story)
	return pos
}

// join puts the entry at pos, which is in no story, into a story.
func (s *slots) join(pos int, story uint64) {
	fam := s.families[story]
	e := s.at(pos)
	e.story, e.older, e.newer = story, fam.newest, 0
	for e.older != 0 && int(e.older-1) > pos { // only when an older entry moves
		e.newer = e.older
		e.older = s.at(int(e.older - 1)).older
	}
	if e.older != 0 {
		s.at(int(e.older - 1)).newer = uint32(pos + 1)
	} else {
		fam.oldest = uint32(pos + 1)
	}
	if e.newer != 0 {
		s.at(int(e.newer - 1)).older = uint32(pos + 1)
	} else {
		fam.newest = uint32(pos + 1)
	}
	fam.size++
	s.families[story] = fam
}

// leave takes the entry at pos out of its story.
func (s *slots) leave(pos int) {
	e := s.at(pos)
	fam := s.families[e.story]
	if e.older != 0 {
		s.at(int(e.older - 1)).newer = e.newer
	} else {
		fam.oldest = e.newer
	}
	if e.newer != 0 {
		s.at(int(e.newer - 1)).older = e.older
	} else {
		fam.newest = e.older
	}
	fam.size--
	if fam.size == 0 {
		delete(s.families, e.story)
	} else {
		s.families[e.story] = fam
	}
	e.older, e.newer = 0, 0
}

// drop lets the oldest entry leave the window. Positions go on from where they were.
func (s *slots) drop() {
	s.leave(s.first)
	s.first++
	s.list.drop(s.first)
	s.langs.drop(s.first)
}

// keysOf appends the keys by which an entry can be found: its weightiest words,
// its headline as a whole and two samples of its text.
func keysOf(dst []uint32, f *features, indexed int) []uint32 {
	for _, t := range f.terms[:indexed] {
		dst = append(dst, t.hash)
	}
	if f.title != 0 && f.ntitle > 2 {
		dst = append(dst, f.title^0x5bd1e995)
	}
	for _, r := range f.samples {
		dst = append(dst, r^0x27d4eb2f)
	}
	if len(f.heads) > 0 {
		dst = append(dst, f.heads[0]<<headShift^0x165667b1)
	}
	return dst
}

// index makes the entry at pos findable.
func (s *slots) index(pos int, f *features, indexed int) {
	var keys [keysEach]uint32
	list := keysOf(keys[:0], f, indexed)
	s.found.fetch(list)
	for _, key := range list {
		s.found.add(key, uint32(pos))
	}
}

// unindex takes the entry at pos, whose features were f, out of the lists.
func (s *slots) unindex(pos int, f *features, indexed int) {
	var keys [keysEach]uint32
	list := keysOf(keys[:0], f, indexed)
	s.found.fetch(list)
	for _, key := range list {
		s.found.remove(key, uint32(pos))
	}
}
