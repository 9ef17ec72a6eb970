package stories

import (
	"math/bits"
	"slices"
)

// postings list the entries of the window by the keys under which they can be
// found: positions, the oldest first. All of it is flat arrays, nearly without
// pointers, so that a million entries cost the garbage collector next to nothing, and a
// list is read from one stretch of memory.
//
// The number of a key is, for one of a single entry, as most are, twice the position,
// plus two; for others twice a place in lists, plus one.
type postings struct {
	keys
	lists   parts[list]
	spare   []uint32   // places in lists that are free
	arena   [][]uint32 // room for lists of up to maxRoom positions
	end     int        // of what is used of the arena's last part
	free    [maxRoomBits + 1][]uint32
	large   [][]uint32 // longer lists
	unused  []uint32   // places in large that are free
	fetched uint32     // is not used: without it nothing would be fetched
}

const maxRoomBits = 10 // a part of the arena holds several lists of this length

// list is where the positions of a key of two entries and more stand: n of them in
// the arena from at on, where there is room for a power of two of them; when room is
// isLarge, in large at place at.
type list struct{ at, n, room uint32 }

const isLarge = 0

// values puts what the table holds of each key in its place. To ask for all at once
// is quicker than one by one: in a large table, each waits for memory.
func (p *postings) values(keys []uint32) {
	for i, key := range keys {
		keys[i] = p.get(key)
	}
}

// fetch looks at what add and remove of these keys will read. In large tables each of
// these waits for memory several times, one after the other; here all wait at once.
func (p *postings) fetch(keys []uint32) {
	var room [keysEach]uint32
	values := append(room[:0], keys...)
	p.values(values)
	sum := uint32(0)
	for _, v := range values {
		if v&1 != 0 {
			sum += p.lists.at(int(v / 2)).n
		}
	}
	for _, v := range values {
		if v&1 != 0 {
			all := p.all(p.lists.at(int(v / 2)))
			sum += all[0] + all[len(all)-1]
		}
	}
	p.fetched = sum
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
		return p.all(p.lists.at(int(value / 2)))
	}
}

// all gives the positions of a list.
func (p *postings) all(l *list) []uint32 {
	if l.room == isLarge {
		return p.large[l.at]
	}
	from := l.at & (partSize - 1)
	return p.arena[l.at>>partBits][from : from+l.n]
}

// add puts a position under a key.
func (p *postings) add(key, pos uint32) {
	switch v := p.at(key); {
	case *v == 0:
		*v = (pos + 1) * 2
	case *v&1 == 0:
		l := list{at: p.take(2), n: 2, room: 2}
		all, other := p.all(&l), *v/2-1
		all[0], all[1] = min(pos, other), max(pos, other)
		*v = p.put(l)*2 + 1
	default:
		p.insert(p.lists.at(int(*v/2)), pos)
	}
}

// put keeps a list, and says where.
func (p *postings) put(l list) uint32 {
	if n := len(p.spare); n > 0 {
		at := p.spare[n-1]
		p.spare = p.spare[:n-1]
		*p.lists.at(int(at)) = l
		return at
	}
	return uint32(p.lists.add(l))
}

// insert puts a position in its order: at the end, but for edited entries.
func (p *postings) insert(l *list, pos uint32) {
	if l.room == isLarge {
		at, _ := slices.BinarySearch(p.large[l.at], pos)
		p.large[l.at] = slices.Insert(p.large[l.at], at, pos)
		return
	}
	if l.n == l.room {
		p.enlarge(l)
		p.insert(l, pos)
		return
	}
	l.n++
	all := p.all(l)
	i := len(all) - 1
	for ; i > 0 && all[i-1] > pos; i-- {
		all[i] = all[i-1]
	}
	all[i] = pos
}

// enlarge gives a full list twice the room.
func (p *postings) enlarge(l *list) {
	old := *l
	all := p.all(&old)
	if l.room == 1<<maxRoomBits {
		l.at, l.room = p.takeLarge(slices.Clone(all)), isLarge
	} else {
		l.at, l.room = p.take(l.room*2), l.room*2
		copy(p.all(l), all)
	}
	p.give(&old)
}

// remove takes a position from under a key.
func (p *postings) remove(key, pos uint32) {
	switch v := p.get(key); {
	case v == (pos+1)*2:
		p.drop(key)
	case v&1 != 0:
		l := p.lists.at(int(v / 2))
		all := p.all(l)
		at, is := slices.BinarySearch(all, pos)
		if !is {
			return
		}
		switch {
		case len(all) == 2:
			*p.at(key) = (all[1-at] + 1) * 2
			p.give(l)
			p.spare = append(p.spare, v/2)
		case l.room != isLarge:
			copy(all[at:], all[at+1:])
			l.n--
		case at == 0: // the oldest, which left the window
			p.large[l.at] = all[1:]
		default:
			p.large[l.at] = slices.Delete(all, at, at+1)
		}
	}
}

// take finds room in the arena for a power of two of positions, maxRoom at most.
func (p *postings) take(room uint32) uint32 {
	k := bits.TrailingZeros32(room)
	if n := len(p.free[k]); n > 0 {
		at := p.free[k][n-1]
		p.free[k] = p.free[k][:n-1]
		return at
	}
	if len(p.arena) == 0 || p.end+int(room) > partSize {
		p.arena, p.end = append(p.arena, make([]uint32, partSize)), 0
	}
	at := uint32((len(p.arena)-1)<<partBits + p.end)
	p.end += int(room)
	return at
}

// takeLarge keeps a list outside the arena.
func (p *postings) takeLarge(all []uint32) uint32 {
	if n := len(p.unused); n > 0 {
		at := p.unused[n-1]
		p.unused = p.unused[:n-1]
		p.large[at] = all
		return at
	}
	p.large = append(p.large, all)
	return uint32(len(p.large) - 1)
}

// give leaves a list's room to others.
func (p *postings) give(l *list) {
	if l.room == isLarge {
		p.large[l.at] = nil
		p.unused = append(p.unused, l.at)
		return
	}
	k := bits.TrailingZeros32(l.room)
	p.free[k] = append(p.free[k], l.at)
}
