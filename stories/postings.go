package stories

import "math/bits"

// postings list the entries of the window by the keys under which they can be
// found: positions, the oldest first. All of it is flat arrays without pointers,
// so that a million entries cost the garbage collector nothing, and a list is
// read from one stretch of memory.
type postings struct {
	keys, vals []uint32 // open addressing, a power of two; see below
	used       int
	lists      []list
	arena      []uint32     // the positions in lists, one list after the other
	free       [32][]uint32 // where lists of 1<<i positions have left room
}

// A value is 0 where there is no key; twice the position, plus two, for a key of
// one entry, as most are; twice an index into lists, plus one, for others.
type list struct{ at, n, room uint32 }

// slot finds a key's place in the table, or the one where it belongs.
func (p *postings) slot(key uint32) int {
	mask := len(p.keys) - 1
	i := int(uint64(key*0x9E3779B1) * uint64(len(p.keys)) >> 32)
	for p.vals[i] != 0 && p.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// of gives the positions under a key, oldest first; one has room for one. The
// result holds until the postings change.
func (p *postings) of(key uint32, one *[1]uint32) []uint32 {
	if len(p.keys) == 0 {
		return nil
	}
	switch v := p.vals[p.slot(key)]; {
	case v == 0:
		return nil
	case v&1 == 0:
		one[0] = v/2 - 1
		return one[:]
	default:
		l := p.lists[v/2]
		return p.arena[l.at : l.at+l.n]
	}
}

// add puts a position under a key.
func (p *postings) add(key, pos uint32) {
	if p.used >= len(p.keys)/4*3 {
		p.grow()
	}
	i := p.slot(key)
	switch v := p.vals[i]; {
	case v == 0:
		p.keys[i], p.vals[i] = key, (pos+1)*2
		p.used++
	case v&1 == 0:
		l := list{at: p.take(2), room: 2}
		p.lists = append(p.lists, l)
		p.vals[i] = uint32(len(p.lists)-1)*2 + 1
		last := &p.lists[len(p.lists)-1]
		p.insert(last, v/2-1)
		p.insert(last, pos)
	default:
		p.insert(&p.lists[v/2], pos)
	}
}

// insert puts a position in its order: at the end, but for edited entries.
func (p *postings) insert(l *list, pos uint32) {
	if l.n == l.room {
		at := p.take(max(l.room*2, 2))
		copy(p.arena[at:], p.arena[l.at:l.at+l.n])
		p.give(l)
		l.at, l.room = at, max(l.room*2, 2)
	}
	i := l.at + l.n
	for ; i > l.at && p.arena[i-1] > pos; i-- {
		p.arena[i] = p.arena[i-1]
	}
	p.arena[i] = pos
	l.n++
}

// remove takes a position from under a key.
func (p *postings) remove(key, pos uint32) {
	if len(p.keys) == 0 {
		return
	}
	i := p.slot(key)
	switch v := p.vals[i]; {
	case v == (pos+1)*2: // the key stays, with an empty list: its place may be another's way
		p.lists = append(p.lists, list{})
		p.vals[i] = uint32(len(p.lists)-1)*2 + 1
	case v&1 != 0:
		l := &p.lists[v/2]
		all := p.arena[l.at : l.at+l.n]
		for k := range all {
			if all[k] == pos {
				copy(all[k:], all[k+1:])
				l.n--
				return
			}
		}
	}
}

// drop forgets the first positions, and moves the others down by as many.
func (p *postings) drop(gone uint32) {
	var old postings
	old, *p = *p, postings{}
	for i, v := range old.vals {
		if v == 0 {
			continue
		}
		var one [1]uint32
		all := one[:]
		if v&1 == 0 {
			one[0] = v/2 - 1
		} else {
			l := old.lists[v/2]
			all = old.arena[l.at : l.at+l.n]
		}
		for _, pos := range all {
			if pos >= gone {
				p.add(old.keys[i], pos-gone)
			}
		}
	}
}

func (p *postings) grow() {
	keys, vals := p.keys, p.vals
	n := max(len(keys)*2, 1024)
	p.keys, p.vals = make([]uint32, n), make([]uint32, n)
	for i, v := range vals {
		if v != 0 {
			at := p.slot(keys[i])
			p.keys[at], p.vals[at] = keys[i], v
		}
	}
}

// take finds room in the arena for a power of two of positions.
func (p *postings) take(room uint32) uint32 {
	k := bits.TrailingZeros32(room)
	if n := len(p.free[k]); n > 0 {
		at := p.free[k][n-1]
		p.free[k] = p.free[k][:n-1]
		return at
	}
	at := uint32(len(p.arena))
	p.arena = append(p.arena, make([]uint32, room)...)
	return at
}

// give leaves a list's room to others.
func (p *postings) give(l *list) {
	if l.room > 0 {
		k := bits.TrailingZeros32(l.room)
		p.free[k] = append(p.free[k], l.at)
	}
}
