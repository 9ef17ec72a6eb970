package stories

import "math/bits"

// postings list the entries of the window by the keys under which they can be
// found: positions, the oldest first. All of it is flat arrays without pointers,
// so that a million entries cost the garbage collector nothing, and a list is
// read from one stretch of memory.
type postings struct {
	table []posting // open addressing
	salt  uint32    // spreads the keys; odd. See Options.Salt.
	used  int
	lists []list
	arena []uint32     // the positions in lists, one list after the other
	free  [32][]uint32 // where lists of 1<<i positions have left room
}

// posting is a key with its value: 0 where there is no key; twice the position,
// plus two, for a key of one entry, as most are; twice an index into lists, plus
// one, for others.
type posting struct{ key, val uint32 }

type list struct{ at, n, room uint32 }

// slot finds a key's place in the table, or the one where it belongs.
func (p *postings) slot(key uint32) int {
	i := int(uint64(key*p.salt) * uint64(len(p.table)) >> 32)
	for p.table[i].val != 0 && p.table[i].key != key {
		if i++; i == len(p.table) {
			i = 0
		}
	}
	return i
}

// spread makes a number that spreads keys of a salt; 0 stays.
func spread(salt uint32) uint32 {
	if salt == 0 {
		return 0
	}
	return salt | 1
}

// values puts what the table holds of each key in its place. To ask for all at once
// is quicker than one by one: in a large table, each waits for memory.
func (p *postings) values(keys []uint32) {
	for i, key := range keys {
		if len(p.table) == 0 {
			keys[i] = 0
			continue
		}
		keys[i] = p.table[p.slot(key)].val
	}
}

// of gives the positions of a value, oldest first; one has room for one. The
// result holds until the postings change.
func (p *postings) of(value uint32, one *[1]uint32) []uint32 {
	switch {
	case value == 0:
		return nil
	case value&1 == 0:
		one[0] = value/2 - 1
		return one[:]
	default:
		l := p.lists[value/2]
		return p.arena[l.at : l.at+l.n]
	}
}

// add puts a position under a key.
func (p *postings) add(key, pos uint32) {
	if p.used >= len(p.table)/4*3 {
		p.grow()
	}
	i := p.slot(key)
	switch v := p.table[i].val; {
	case v == 0:
		p.table[i] = posting{key, (pos + 1) * 2}
		p.used++
	case v&1 == 0:
		l := list{at: p.take(2), room: 2}
		p.lists = append(p.lists, l)
		p.table[i].val = uint32(len(p.lists)-1)*2 + 1
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
	if len(p.table) == 0 {
		return
	}
	i := p.slot(key)
	switch v := p.table[i].val; {
	case v == (pos+1)*2: // the key stays, with an empty list: its place may be another's way
		p.lists = append(p.lists, list{})
		p.table[i].val = uint32(len(p.lists)-1)*2 + 1
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
	old, *p = *p, postings{salt: p.salt}
	for _, e := range old.table {
		var one [1]uint32
		all := old.of(e.val, &one)
		for _, pos := range all {
			if pos >= gone {
				p.add(e.key, pos-gone)
			}
		}
	}
}

func (p *postings) grow() {
	old := p.table
	if p.salt == 0 {
		p.salt = 0x9E3779B1
	}
	p.table = make([]posting, max(len(old)*4/3, 1024))
	for _, e := range old {
		if e.val != 0 {
			p.table[p.slot(e.key)] = e
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
