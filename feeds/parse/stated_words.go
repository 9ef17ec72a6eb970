package parse

import (
	"math/bits"
	"sync"

	"aggregator/feeds/text"
)

// paragraph is a block, with the words in it that statements need. They keep
// expressions, and looks for single words, from running on texts that hold none.
type paragraph struct {
	*text.Block
	words wordSet
}

// wordSet says which groups of words a text holds one of: a bit for each wording
// (of its stems), in their order, and for each cue.
type wordSet [4]uint64

func (w *wordSet) add(number int)      { w[number/64] |= 1 << (number % 64) }
func (w *wordSet) has(number int) bool { return w[number/64]&(1<<(number%64)) != 0 }

// next is the least number from n on that is in the set and less than end; -1 when
// there is none.
func (w *wordSet) next(n, end int) int {
	for n < end {
		if rest := w[n/64] >> (n % 64); rest != 0 {
			if n += bits.TrailingZeros64(rest); n < end {
				return n
			}
			return -1
		}
		n = (n/64 + 1) * 64
	}
	return -1
}

// The cues stand behind the wordings.
const (
	captionCue    = firstCue + iota // a picture's credit, near the start of a short text
	disclaimerCue                   // of an agency's feed
	reportCue                       // "… reports"
	copyrightCue
	originalCue // "read the original"
	deskCue     // "Reporting by"
	contributedCue
	byCue    // "authored by"
	firstCue = 192
)

var cueWords = map[int][]string{
	captionCue:     captionWords,
	disclaimerCue:  {"syndicated feed", "agency feed", "wire feed", "news service", "wire agency", "news agency feed"},
	reportCue:      {" reports", " recalls", " lear", " gathered"},
	copyrightCue:   {"opyright"},
	originalCue:    {"original"},
	deskCue:        {"eporting by "},
	contributedCue: {" contributed"},
	byCue:          {"ed by "},
}

// statedWords finds the stems of all wordings and the words of all cues.
var statedWords = sync.OnceValue(func() *needles {
	n := &needles{}
	for i, w := range wordings {
		for _, s := range w.stems {
			n.add(s, i)
		}
	}
	for cue, words := range cueWords {
		for _, s := range words {
			n.add(s, cue)
		}
	}
	return n
})

// wordsIn finds them in a text, which it writes in lower case over buf.
func wordsIn(buf []byte, s string) (found wordSet, low []byte) {
	low = lowered(buf, s)
	statedWords().each(low, func(at, number int) {
		if number != captionCue || at < maxCaption/2 && len(s) < maxCaption {
			found.add(number)
		}
	})
	return found, low
}

// appears reports whether a text contains one of the formulas for "appeared
// first on", in any of the languages.
func (w *wordSet) appears() bool { return w.next(0, len(wordings)) >= 0 }
