package stories

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

// backgroundFile holds how many of a large number of real entries each word
// stands in: hashes and counts, no text. TestBackground makes it anew.
//
//go:embed background.bin
var backgroundFile []byte

// background is the table of document frequencies that ships with the program.
type background struct {
	total   uint32
	entries map[language]uint32
	words   []frequency // open addressing, a power of two
}

// frequency says of a word in how many entries it stands; the top bit says that it
// is usually a name. A hash of 0 is none.
type frequency struct{ hash, count uint32 }

const nameBit = 1 << 31

var loadBackground = sync.OnceValue(func() *background { return decodeBackground(backgroundFile) })

// find gives in how many background entries a word stands, and whether it is
// usually written with a capital within a sentence.
func (b *background) find(hash uint32) (df uint32, name bool) {
	if len(b.words) == 0 {
		return 0, false
	}
	mask := uint32(len(b.words) - 1)
	for i := hash >> 3 & mask; b.words[i].hash != 0; i = (i + 1) & mask {
		if w := b.words[i]; w.hash == hash {
			return w.count &^ nameBit, w.count&nameBit != 0
		}
	}
	return 0, false
}

// The file: number of languages, then (language, entries) each; number of
// words, then (difference to the hash before, count*2 + name) each; all of them
// unsigned varints.
func decodeBackground(file []byte) *background {
	b := &background{entries: map[language]uint32{}}
	next := func() uint64 {
		v, n := binary.Uvarint(file)
		if n <= 0 {
			file = nil
			return 0
		}
		file = file[n:]
		return v
	}
	for range next() {
		lang, n := language(next()), uint32(next())
		b.entries[lang] = n
		b.total += n
	}
	words := int(next())
	if words == 0 {
		return b
	}
	size := 1
	for size < words*2 {
		size *= 2
	}
	b.words = make([]frequency, size)
	mask := uint32(size - 1)
	hash := uint32(0)
	for range words {
		hash += uint32(next())
		v := uint32(next())
		i := hash >> 3 & mask
		for b.words[i].hash != 0 {
			i = (i + 1) & mask
		}
		b.words[i] = frequency{hash, v>>1 | v&1<<31}
	}
	return b
}
