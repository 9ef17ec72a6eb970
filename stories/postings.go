package stories

import (
	"math/bits"
	"slices"
)

// postings list the entries of the window by the keys under which they can be
// found: positions, the oldest first. All of it is flat arrays, nearly without
// pointers, so that a million entries cost the garbage collector next to nothing, and a
// list is read from one stretch of memory.
type postings struct {
	shards  [1 << shardBits]shard // by the first bits of a key, spread
	salt    uint32                // spreads the keys; odd. See Options.Salt.
	lists   parts[list]
	spare   []uint32   // places in lists that are free
	arena   [][]uint32 // room for lists of up to maxRoom positions
	end     int        // of what is used of the arena's last part
	free    [maxRoomBits + 1][]uint32
	large   [][]uint32 // longer lists
	unused  []uint32   // places in large that are free
	fetched uint32     // is not used: without it nothing would be fetched
}

// shard is a part of the keys, with open addressing. Each grows by itself: none takes
// so long that an entry would have to wait for it.
type shard struct {
	table []posting
	used  int
}

const (
	shardBits   = 8
	maxRoomBits = 10 // a part of the arena holds several lists of this length
)

// posting is a key with its value: 0 where there is no key; twice the position,
// plus two, for a key of one entry, as most are; twice a place in lists, plus
// one, for others.
type posting struct{ key, val uint32 }

// list is where the positions of a key of two entries and more stand: n of them in
// the arena from at on, where there is room for a power of two of them; when room is
// isLarge, in large at place at.
type list struct{ at, n, room uint32 }

const isLarge = 0

// spread makes a number that spreads keys of a salt.
func spread(salt uint32) uint32 {
	if salt == 0 {
		return 0x9E3779B1
	}
	return salt | 1
}

// shard gives the part of the table that a key belongs to, and what places it there.
func (p *postings) shard(key uint32) (s *shard, hash uint32) {
	h := key * p.salt
	return &p.shards[h>>(32-shardBits)], h << shardBits
}

// home is the place from which on a key is looked for.
func (s *shard) home(hash uint32) int { return int(uint64(hash) * uint64(len(s.table)) >> 32) }

// slot finds a key's place in the table, or the one where it belongs.
func (s *shard) slot(key, hash uint32) int {
	i := s.home(hash)
	for s.table[i].val != 0 && s.table[i].key != key {
		if i++; i == len(s.table) {
			i = 0
		}
	}
	return i
}

// values puts what the table holds of each key in its place. To ask for all at once
// is quicker than one by one: in a large table, each waits for memory.
func (p *postings) values(keys []uint32) {
	for i, key := range keys {
		s, hash := p.shard(key)
		if len(s.table) == 0 {
			keys[i] = 0
			continue
		}
		keys[i] = s.table[s.slot(key, hash)].val
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
	s, hash := p.shard(key)
	if s.used >= len(s.table)/4*3 {
		p.grow(s)
	}
	i := s.slot(key, hash)
	switch v := s.table[i].val; {
	case v == 0:
		s.table[i] = posting{key, (pos + 1) * 2}
		s.used++
	case v&1 == 0:
		l := list{at: p.take(2), n: 2, room: 2}
		all := p.all(&l)
		all[0], all[1] = min(pos, v/2-1), max(pos, v/2-1)
		s.table[i].val = p.put(l)*2 + 1
	default:
		p.insert(p.lists.at(int(v/2)), pos)
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
	s, hash := p.shard(key)
	if len(s.table) == 0 {
		return
	}
	i := s.slot(key, hash)
	switch v := s.table[i].val; {
	case v == (pos+1)*2:
		p.drop(s, i)
	case v&1 != 0:
		l := p.lists.at(int(v / 2))
		all := p.all(l)
		at, is := slices.BinarySearch(all, pos)
		if !is {
			return
		}
		switch {
		case len(all) == 2:
			s.table[i].val = (all[1-at] + 1) * 2
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

// drop takes the key at place i away. Others that were put further on because of it
// move up, so that they are found.
func (p *postings) drop(s *shard, i int) {
	s.used--
	n := len(s.table)
	for j := i; ; {
		s.table[i] = posting{}
		for { // for the next one that may stand at i
			if j++; j == n {
				j = 0
			}
			if s.table[j].val == 0 {
				return
			}
			_, hash := p.shard(s.table[j].key)
			if home := s.home(hash); (j-home+n)%n >= (j-i+n)%n {
				break
			}
		}
		s.table[i] = s.table[j]
		i = j
	}
}

// grow makes room for a third more keys.
func (p *postings) grow(s *shard) {
	old := s.table
	s.table = make([]posting, max(len(old)*4/3, 64))
	for _, e := range old {
		if e.val != 0 {
			_, hash := p.shard(e.key)
			s.table[s.slot(e.key, hash)] = e
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
