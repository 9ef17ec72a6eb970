package stories

import (
	"math/bits"
	"sort"
)

// rarity says how much a word tells: the fewer entries hold it, the more it
// ties two entries that share it. It counts in how many entries of the window a
// word stands, on top of the background table that ships with the program,
// because a small window alone cannot know what is rare.
//
// Words share counters when their hashes collide, which only ever makes a word
// look commoner than it is.
type rarity struct {
	window  []uint32 // entries in the window by word
	entries map[language]uint32
	total   uint32
	known   *background
	fetched uint32 // is not used: without it nothing would be fetched
}

const (
	windowSlots = 1 << 20
	// prior is how many entries a language is taken to have before any was read,
	// so that the first entries' words are neither all rare nor all common.
	prior = 1000
	// unit is one bit of rarity: weights are in sixteenths of a bit.
	unit = 16
)

func newRarity() *rarity {
	return &rarity{window: make([]uint32, windowSlots), entries: map[language]uint32{}, known: loadBackground()}
}

// count adds (or, with by -1, takes away) one entry with these words.
func (r *rarity) count(lang language, words []term, by int32) {
	r.total += uint32(by)
	r.entries[lang] += uint32(by)
	for i := range words {
		r.window[words[i].hash>>12] += uint32(by)
	}
}

// base is the number of entries against which words of a language are rare.
func (r *rarity) base(lang language) uint32 {
	if lang == 0 {
		return log2(r.total + r.known.of(0) + prior)
	}
	return log2(r.entries[lang] + r.known.of(lang) + prior)
}

// fetch looks at what of and background.find will read of these words.
func (r *rarity) fetch(terms []counted, salt uint32) {
	sum, mask := uint32(0), uint32(len(r.known.words)-1)
	for i := range terms {
		hash := terms[i].hash
		sum += r.window[hash>>12] + r.known.words[hash>>3&mask].count
		if salt != 0 {
			sum += r.known.words[listKey(salt, hash)>>3&mask].count
		}
	}
	r.fetched = sum
}

// of gives the rarity of a word that stands in df entries of the background, in
// sixteenths of a bit, at most 255.
func (r *rarity) of(base, df, hash uint32) uint8 {
	have := log2(df + r.window[hash>>12] + 1)
	if have >= base {
		return 0
	}
	return uint8(min(base-have, 255))
}

// log2 gives the logarithm of n (at least 1) in sixteenths, rounded down: whole
// numbers only, alike on every machine.
func log2(n uint32) uint32 {
	e := uint32(bits.LeadingZeros32(n))
	m := n << e
	at := m >> 23 & 255
	out := (31-e)<<4 | uint32(sixteenths[at])
	if uint64(m) >= nextSixteenth[at] {
		out++
	}
	return out
}

// sixteenths and nextSixteenth tell the logarithm of a number whose top bit is set by
// the eight bits behind it: so many sixteenths, and from which number on one more.
var sixteenths, nextSixteenth = func() (low [256]uint8, next [256]uint64) {
	for at := range low {
		from := 1<<31 | uint32(at)<<23
		low[at] = uint8(slowLog2(from) & 15)
		next[at] = uint64(from) + uint64(sort.Search(1<<23, func(i int) bool { return slowLog2(from+uint32(i)) != slowLog2(from) }))
		if next[at] == uint64(from)+1<<23 {
			next[at] = 1 << 32 // none
		}
	}
	return low, next
}()

// slowLog2 is log2 by repeated squaring.
func slowLog2(n uint32) uint32 {
	e := uint32(bits.Len32(n)) - 1
	m := uint64(n) << (31 - e) // in [2^31, 2^32)
	out := e
	for range 4 {
		m = m * m >> 31 // in [2^31, 2^33)
		out <<= 1
		if m >= 1<<32 {
			out |= 1
			m >>= 1
		}
	}
	return out
}
