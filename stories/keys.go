package stories

// keys is a large table of numbers by key, none of which is 0. It is in shards, each
// with open addressing, that grow by themselves: none takes so long that an entry would
// have to wait for it.
type keys struct {
	shards [1 << shardBits]shard // by the first bits of a key, spread
	salt   uint32                // spreads the keys; odd. See Options.Salt.
}

type shard struct {
	table []keyed
	used  int
}

const shardBits = 8

// keyed is a key with its number: 0 where there is no key.
type keyed struct{ key, val uint32 }

// spread makes a number that spreads keys of a salt.
func spread(salt uint32) uint32 {
	if salt == 0 {
		return 0x9E3779B1
	}
	return salt | 1
}

// shard gives the part of the table that a key belongs to, and what places it there.
func (k *keys) shard(key uint32) (s *shard, hash uint32) {
	h := key * k.salt
	return &k.shards[h>>(32-shardBits)], h << shardBits
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

// get gives a key's number; 0 when it has none.
func (k *keys) get(key uint32) uint32 {
	s, hash := k.shard(key)
	if len(s.table) == 0 {
		return 0
	}
	return s.table[s.slot(key, hash)].val
}

// at gives a key's number to be changed. It is 0 for a new key, and must not stay so.
// It may only be used until the table changes.
func (k *keys) at(key uint32) *uint32 {
	s, hash := k.shard(key)
	if s.used >= len(s.table)/4*3 {
		k.grow(s)
	}
	e := &s.table[s.slot(key, hash)]
	if e.val == 0 {
		e.key = key
		s.used++
	}
	return &e.val
}

// grow makes room for a third more keys.
func (k *keys) grow(s *shard) {
	old := s.table
	s.table = make([]keyed, max(len(old)*4/3, 64))
	for _, e := range old {
		if e.val != 0 {
			_, hash := k.shard(e.key)
			s.table[s.slot(e.key, hash)] = e
		}
	}
}

// drop takes a key away. Others that were put further on because of it move up, so
// that they are found.
func (k *keys) drop(key uint32) {
	s, hash := k.shard(key)
	if len(s.table) == 0 {
		return
	}
	i, n := s.slot(key, hash), len(s.table)
	if s.table[i].val == 0 {
		return
	}
	s.used--
	for j := i; ; {
		s.table[i] = keyed{}
		for { // for the next one that may stand at i
			if j++; j == n {
				j = 0
			}
			if s.table[j].val == 0 {
				return
			}
			_, hash := k.shard(s.table[j].key)
			if home := s.home(hash); (j-home+n)%n >= (j-i+n)%n {
				break
			}
		}
		s.table[i] = s.table[j]
		i = j
	}
}
