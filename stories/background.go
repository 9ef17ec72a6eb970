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

// listsFile holds the commonest words of languages of which backgroundFile has
// hardly any entry, by how common they are. TestLists makes it anew.
//
//go:embed lists.bin
var listsFile []byte

// background is the table of document frequencies that ships with the program.
type background struct {
	total   uint32
	entries map[language]uint32
	listed  map[language]bool // those of listsFile
	words   []frequency       // open addressing, a power of two
}

// frequency says of a word in how many entries it stands; the top bit says that it
// is usually a name. A hash of 0 is none.
type frequency struct{ hash, count uint32 }

const nameBit = 1 << 31

var loadBackground = sync.OnceValue(func() *background { return decodeBackground(backgroundFile, listsFile) })

// listedEntries is in how many entries a listed language's words are counted.
const listedEntries = 20_000

// of gives how many entries of a language were counted; of all, when it is unknown.
func (b *background) of(lang language) uint32 {
	if lang == 0 {
		return b.total
	}
	return b.entries[lang]
}

// unlisted is in how many a word is counted that is not among the listed ones, and
// no name: half as many as the last of the list.
const unlisted = 8

// salt is what find wants to know of a language.
func (b *background) salt(lang language) uint32 {
	if b.listed[lang] {
		return uint32(lang) * 0x85EBCA6B
	}
	return 0
}

// find gives in how many background entries a word stands, and whether it is
// usually written with a capital within a sentence.
func (b *background) find(salt, hash uint32) (df uint32, name bool) {
	df, name = b.look(hash)
	if salt != 0 { // that word means something else elsewhere; its name does not
		df, _ = b.look(listKey(salt, hash))
	}
	return df, name
}

// listKey is what a listed word is found by: of its hash, the first keyBits.
func listKey(salt, hash uint32) uint32 { return hash>>(32-keyBits)*0x9E3779B1 ^ salt | 1 }

func (b *background) look(hash uint32) (df uint32, name bool) {
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
// unsigned varints. The file of lists: number of words and of languages, then
// for each language its number of classes, then for each class its document
// frequency, its number of words, and the differences of their hashes' first keyBits.
func decodeBackground(file, lists []byte) *background {
	b := &background{entries: map[language]uint32{}, listed: map[language]bool{}}
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
	counted := words
	if n, k := binary.Uvarint(lists); k > 0 {
		lists = lists[k:]
		words += int(n)
	}
	size := 1
	for size < words*2 {
		size *= 2
	}
	b.words = make([]frequency, size)
	mask := uint32(size - 1)
	put := func(hash, count uint32) {
		i := hash >> 3 & mask
		for b.words[i].hash != 0 {
			i = (i + 1) & mask
		}
		b.words[i] = frequency{hash, count}
	}
	hash := uint32(0)
	for range counted {
		hash += uint32(next())
		v := uint32(next())
		put(hash, v>>1|v&1<<31)
	}
	file = lists
	for range next() {
		lang := language(next())
		b.entries[lang], b.listed[lang] = listedEntries, true
		for range next() {
			df, n := uint32(next()), next()
			hash = 0
			for range n {
				hash += uint32(next())
				put(listKey(b.salt(lang), hash<<(32-keyBits)), df)
			}
		}
	}
	return b
}
