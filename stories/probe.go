package stories

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Probe compares a given text, of whatever length and from wherever, with
// entries: first by their sketches, which is quick, then word for word. It
// changes nothing, and needs no Index. It is not safe for concurrent use.
type Probe struct {
	reader   reader
	words    []word            // of the given text, in order
	rarity   map[uint32]uint32 // of its distinct words
	weight   uint32            // of all of them
	runs     []uint32          // sorted
	short    []uint32          // the same as sketches have them
	other    features
	sketches sketchReader
	seen     map[uint32]bool
}

// maxProbe is how many words of a given text are looked at.
const maxProbe = 20000

// probeRun is how many words in a row count as taken from a text.
const probeRun = 4

// NewProbe reads a text.
func NewProbe(text string) *Probe {
	p := &Probe{rarity: map[uint32]uint32{}, seen: map[uint32]bool{}}
	p.words = p.reader.first(nil, norm.NFC.String(cut(text, maxProbe*utf8.UTFMax*3)), flagText, maxProbe)
	p.words = p.words[:min(len(p.words), maxProbe)]
	known := loadBackground()
	base := log2(known.total + prior)
	for i := range p.words {
		h := wordOf(p.words[i].hash)
		if _, ok := p.rarity[h]; ok {
			continue
		}
		df, _ := known.find(0, p.words[i].hash)
		r := base - min(base, log2(df+1))
		p.rarity[h] = r
		p.weight += r
	}
	p.runs = appendRuns(nil, p.words, probeRun)
	slices.Sort(p.runs)
	p.runs = slices.Compact(p.runs)
	p.short = shorten(slices.Clone(p.runs), runShift)
	return p
}

// Words is how many words of the given text are looked at, 20,000 at most. In
// scripts without spaces they are overlapping runs of characters.
func (p *Probe) Words() int { return len(p.words) }

// Glance estimates, per mille, how much an entry has to do with the given text,
// from the entry's sketch: the greatest of the share of the given text that
// stands there, the share of the entry that stands in the given text, and the
// share of the given words, by rarity, that stand there in any order. It is 0
// for a sketch of other rules. A sketch knows the first 600 words of an entry.
func (p *Probe) Glance(sketch []byte) int {
	f := &p.other
	if _, err := p.sketches.decode(sketch, f); err != nil {
		return 0
	}
	shared, mine := 0, 0
	for _, r := range p.short {
		if r > f.limit {
			break
		}
		mine++
		if _, ok := slices.BinarySearch(f.runs, r); ok {
			shared++
		}
	}
	met := uint32(0)
	for i := range f.terms {
		met += p.rarity[wordOf(f.terms[i].hash)]
	}
	return max(ratio(shared, mine), ratio(shared, len(f.runs)), ratio(int(met), int(p.weight)))
}

// Likeness is how a given text and an entry compare. The shares are per mille.
type Likeness struct {
	Entry uint64
	// Share is how much of the given text stands in the entry's headline or text,
	// in runs of four words and more.
	Share int
	// OfEntry is how much of the entry's text stands in the given text, likewise.
	OfEntry int
	// Words is how many of the given words, by rarity, stand in the entry in any
	// order and form.
	Words int
	// Headline is how many of the words of the entry's headline, all alike, stand
	// in the given text.
	Headline int
	// Same is how many words in a row the two share in all, Rare how many telling
	// words they share.
	Same, Rare int
}

// Measure compares the given text with an entry's headline and text, word for
// word.
func (p *Probe) Measure(entry uint64, title, text string) Likeness {
	heads := p.reader.read(nil, title, flagTitle)
	body := p.reader.first(nil, text, flagText, maxProbe)
	body = body[:min(len(body), maxProbe)]
	theirs := appendRuns(appendRuns(nil, heads, probeRun), body, probeRun)
	slices.Sort(theirs)

	l := Likeness{Entry: entry}
	l.Same = covered(p.words, theirs)
	l.Share = ratio(l.Same, len(p.words))
	l.OfEntry = ratio(covered(body, p.runs), len(body))
	clear(p.seen)
	met, inTitle := uint32(0), 0
	for _, list := range [][]word{heads, body} {
		for i := range list {
			h := wordOf(list[i].hash)
			r, ok := p.rarity[h]
			if list[i].flags&flagTitle != 0 && ok {
				inTitle++
			}
			if !ok || p.seen[h] {
				continue
			}
			p.seen[h] = true
			met += r
			if r >= 2*minRarity {
				l.Rare++
			}
		}
	}
	l.Words, l.Headline = ratio(int(met), int(p.weight)), ratio(inTitle, len(heads))
	return l
}

// Alike reports whether the given text belongs to the entry: a good part of one
// stands in the other, or, for what is no longer than a headline, nearly all of
// its telling words do.
func (p *Probe) Alike(l Likeness) bool {
	switch {
	case l.Share >= 250 && l.Same >= 8, l.OfEntry >= 400 && l.Same >= 12:
		return true
	case l.Same >= 40 && l.Rare >= 6: // a paragraph of it among much else
		return true
	case l.Share >= 900 && l.Rare >= 1: // a short phrase, word for word
		return true
	case len(p.words) <= 40:
		return l.Words >= 700 && l.Rare >= 2
	}
	return l.Headline >= 900 && l.Words >= 500 && l.Rare >= 4
}

// covered counts the words that stand in a run which is among runs, sorted.
func covered(words []word, runs []uint32) int {
	n, upTo := 0, 0
	for i, r := range appendRuns(nil, words, probeRun) {
		if _, ok := slices.BinarySearch(runs, r); ok {
			n += i + probeRun - max(upTo, i)
			upTo = i + probeRun
		}
	}
	return n
}

func ratio(part, whole int) int {
	if whole <= 0 {
		return 0
	}
	return min(1000*part/whole, 1000)
}
