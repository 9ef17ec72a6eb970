package serve

import (
	"strings"
	"unicode"
)

// passage is a stretch of text that stands in the other text too, or does not.
type passage struct {
	Text   string
	Shared bool
}

const (
	shingle      = 4        // words in a row that count as shared
	maxCompared  = 4000     // words of each text that are looked at
	maxTextShown = 24 << 10 // bytes of a text that the page shows
)

// word is one word of a text: where it stands, and how it compares.
type word struct {
	start, end int
	key        string
}

func wordsOf(text string) []word {
	var out []word
	start := -1
	add := func(end int) {
		if start >= 0 && len(out) < maxCompared {
			out = append(out, word{start, end, strings.ToLower(text[start:end])})
		}
		start = -1
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			if start < 0 {
				start = i
			}
			// Scripts without spaces: each character is a word.
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
				if start < i {
					add(i)
					start = i
				}
				add(i + len(string(r)))
			}
		} else {
			add(i)
		}
	}
	add(len(text))
	return out
}

// sharedPassages splits text into paragraphs of passages, those of at least
// four words in a row that other has too marked as shared. Upper and lower
// case and punctuation do not matter.
func sharedPassages(text, other string) [][]passage {
	text = clip(text, maxTextShown)
	mine, theirs := wordsOf(text), wordsOf(other)
	known := map[[shingle]string]bool{}
	key := func(w []word) (k [shingle]string) {
		for i := range k {
			k[i] = w[i].key
		}
		return k
	}
	for i := 0; i+shingle <= len(theirs); i++ {
		known[key(theirs[i:])] = true
	}
	shared := make([]bool, len(mine))
	for i := 0; i+shingle <= len(mine); i++ {
		if known[key(mine[i:])] {
			for j := range shingle {
				shared[i+j] = true
			}
		}
	}
	// Cut at the edges of runs of shared words, then into paragraphs.
	var paragraphs [][]passage
	var current []passage
	put := func(s string, mark bool) {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 && len(current) > 0 {
				paragraphs, current = append(paragraphs, current), nil
			}
			if line != "" {
				current = append(current, passage{line, mark})
			}
		}
	}
	done := 0
	for i := 0; i < len(mine); {
		if !shared[i] {
			i++
			continue
		}
		j := i
		for j+1 < len(mine) && shared[j+1] {
			j++
		}
		put(text[done:mine[i].start], false)
		put(text[mine[i].start:mine[j].end], true)
		done = mine[j].end
		i = j + 1
	}
	put(text[done:], false)
	if len(current) > 0 {
		paragraphs = append(paragraphs, current)
	}
	return paragraphs
}
