package stories

import (
	"math/bits"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
)

// term is one distinct word of an entry.
type term struct {
	hash   uint32 // keyBits of it, of a decoded word that the entry is not found by termBits; the others are 0
	rarity uint8  // when it was placed
	flags  uint8
}

const (
	maxTerms   = 96           // of an entry, the weightiest
	maxIndexed = keysEach - 4 // of them, those it can be found by
	maxText    = 600          // words read of a text
	leadWords  = 40           // words that flagLead marks
	headWords  = 14           // words of the text that stand for a headline where there is none
	maxShingle = 128          // sampled 4-word runs of the text
)

// features is what is known of one entry for comparing it: what a sketch holds.
type features struct {
	lang    language
	outlet  uint32 // hash of the outlet; 0 is unknown
	at      int64  // arrival, Unix seconds; 0 is unknown
	when    int64  // best guess of publication, Unix seconds; 0 is unknown
	host    uint32 // hash of the site that the entry links to; 0 is none
	sources []uint32
	length  uint16 // words of the text
	title   uint32 // hash of the headline's words; 0 is none
	ntitle  uint8  // words of the headline
	shapes  []uint32
	terms   []term   // weightiest first
	runs    []uint32 // 4-word runs of the text without the last runShift bits, sorted; all of them up to limit
	samples []uint32 // the least two of them, whole
	limit   uint32   // runs above it are left out
	// took: it arrived late and took over copies that were there before it. Some
	// of them may have left the window, so it stays their original for good.
	took  bool
	heads []uint32 // 3-word runs of the headline without the last headShift bits, sorted
	// Of the entry being placed only, for each term: entries of the window that
	// hold it, how common it is in the background, and its rarity when no entry
	// of the window that holds it is of the story in question.
	seenIn, known []uint32
	apart         []uint8
}

// scratch is reused from entry to entry.
type scratch struct {
	reader  reader
	words   []word
	heads   []word
	table   []int32 // index + 1 into terms, by hash
	terms   []counted
	order   []uint64 // of terms, weightiest first: key from above, then hash
	known   []uint32 // in how many entries of the background those kept stand
	opening []byte   // what tells the language
	sorter  sorter[uint32]
	byKey   sorter[uint64]
}

// extract reads an entry that came at a time of the window, and was seen when a right clock
// showed seen, if that is known. Rarities are as the window stands now, without e.
func (x *Index) extract(f *features, e *feeds.Entry, at int64, seen time.Time) {
	s := &x.scratch
	*f = features{terms: f.terms[:0], runs: f.runs[:0], heads: f.heads[:0], shapes: f.shapes[:0], samples: f.samples[:0], sources: f.sources[:0],
		seenIn: f.seenIn[:0], known: f.known[:0], apart: f.apart[:0]}
	s.opening = opening(s.opening[:0], e.Title, e.Text)
	f.lang = guess(s.opening, e.Language)
	f.outlet = hash32(e.Outlet)
	f.host = hash32(hostOf(e.Link))
	for _, st := range e.Stated {
		if st.Kind != feeds.SelfClaim && len(f.sources) < 4 {
			if h := hash32(hostOf(st.URL)); h != 0 && h != f.host {
				f.sources = append(f.sources, h)
			}
		}
	}
	f.at, f.when = at, at
	if !seen.IsZero() {
		f.when = seen.Unix()
	}
	if p := e.Published.Time; !p.IsZero() && (f.when == 0 || p.Unix() < f.when) {
		f.when = p.Unix()
	}

	s.heads = s.reader.read(s.heads[:0], e.Title, flagTitle)
	s.words = s.reader.first(s.words[:0], cut(e.Text, maxText*12), flagText, maxText)
	if len(s.words) > maxText {
		s.words = s.words[:maxText]
	}
	for i := range min(leadWords, len(s.words)) {
		s.words[i].flags |= flagLead
	}
	if len(s.heads) == 0 {
		for i := range min(headWords, len(s.words)) {
			s.words[i].flags |= flagTitle
		}
	}
	f.length = uint16(len(s.words))
	f.ntitle = uint8(min(len(s.heads), 255))
	f.title = titleHash(s.heads)
	f.shapes = appendShapes(f.shapes, f.outlet, s.heads)
	f.heads = appendRuns(f.heads, s.heads, 3)
	slices.Sort(f.heads)
	f.heads = shorten(f.heads, headShift)
	f.heads = f.heads[:min(len(f.heads), 255)]
	f.runs = appendRuns(f.runs, s.words, 4)
	f.sample(&s.sorter)
	x.appendTerms(f)
}

// sample keeps the least of the runs, sorted. Runs are spread evenly, so that of many
// only those below a bound need sorting, unless it turns out that too few are.
func (f *features) sample(s *sorter[uint32]) {
	all := f.runs
	few := all
	top := 32
	if n := uint64(len(all)); n > maxShingle*3/2 {
		bound := uint32(maxShingle * 5 / 4 << 32 / n)
		few, top = below(all, bound), bits.Len32(bound)
	}
	s.sort(few, top)
	if len(few) < len(all) && distinct(few) <= maxShingle {
		few = all
		s.sort(few, 32)
	}
	few = slices.Compact(few)
	f.samples = append(f.samples, few[:min(len(few), 2)]...)
	f.runs, f.limit = shorten(few, runShift), ^uint32(0)
	if len(f.runs) > maxShingle {
		f.runs = f.runs[:maxShingle]
		f.limit = f.runs[maxShingle-1]
	}
}

// below moves the values up to a bound to the front, and gives them.
func below(all []uint32, bound uint32) []uint32 {
	n := 0
	for i, v := range all {
		if v <= bound {
			all[n], all[i] = v, all[n]
			n++
		}
	}
	return all[:n]
}

// distinct counts sorted runs as sketches have them.
func distinct(runs []uint32) int {
	n := 0
	for i, r := range runs {
		if i == 0 || r>>runShift != runs[i-1]>>runShift {
			n++
		}
	}
	return n
}

// appendTerms makes the distinct words into terms, weightiest first.
func (x *Index) appendTerms(f *features) {
	s := &x.scratch
	s.reset(len(s.heads) + len(s.words))
	shouting := upperShare(s.heads)
	for k, words := range [2][]word{s.heads, s.words} {
		upperSays := k == 1 || !shouting
		for i := range words {
			w := &words[i]
			written := upperSays && w.flags&(flagUpper|flagStart) == flagUpper // like a name
			t := s.of(w.hash)
			if t.times++; t.times == 1 {
				t.capital, t.written, t.lone = w.flags&flagUpper != 0 && w.flags&flagNumber == 0, written, w.flags&flagLone != 0
				t.told = upperSays
			} else if written {
				t.again = true
			}
			t.flags |= w.flags &^ (flagUpper | flagStart | flagLone)
		}
	}
	x.rate(s.terms, f.lang)
	s.order = s.order[:0]
	for i := range s.terms {
		t := &s.terms[i]
		t.flags |= often(t.times)
		s.order = append(s.order, uint64(1<<orderBits-1-t.key())<<32|uint64(t.hash))
	}
	s.byKey.sort(s.order, orderBits+32)
	s.known = s.known[:0]
	for _, o := range s.order[:min(len(s.order), maxTerms)] {
		t := s.of(uint32(o))
		f.terms, s.known = append(f.terms, t.term), append(s.known, t.known)
	}
	x.localRarity(f, s.known) // asks the window, which has whole hashes
	for i := range f.terms {
		f.terms[i].hash = wordKey(f.terms[i].hash)
	}
}

var german = tag("de")

// rate says how rare words are and which of them are names. All that it looks up in large
// tables is looked at before anything depends on it, so that it waits for memory once.
func (x *Index) rate(terms []counted, lang language) {
	base, salt := x.rarity.base(lang), x.rarity.known.salt(lang)
	x.rarity.fetch(terms, salt)
	small := salt != 0 && capitals[lang]
	for i := range terms {
		t := &terms[i]
		df, name := x.rarity.known.find(salt, t.hash)
		switch {
		case df == 0 && t.lone:
			t.known = x.rarity.known.of(lang) // the lists leave out some of the commonest, French à among them
			continue
		case df == 0 && small && !t.capital && t.flags&flagNumber == 0:
			df = unlisted
		}
		tells := df == 0 || lang != german // a capital, of a name: all German nouns have one
		switch {                           // what opens a headline and the whole background does not have is hardly a common word
		case t.capital && (name && tells || df == 0 && (t.written || t.told && salt == 0)), t.again && tells:
			t.flags |= flagName
		}
		t.known, t.rarity = df, x.rarity.of(base, df, t.hash)
	}
}

// counted is a term, how often its word stands in the entry, and in how many entries
// of the background.
type counted struct {
	term
	times                  uint16
	capital, written, told bool // where it stands first: with a capital; like a name; and capitals tell something there
	again                  bool // like a name, where it stands again
	lone                   bool // one letter
	known                  uint32
}

// reset empties the terms, and makes room in the table for up to n of them.
func (s *scratch) reset(n int) {
	s.terms = s.terms[:0]
	size := 2048
	for size < n*2 {
		size *= 2
	}
	if len(s.table) == size {
		clear(s.table)
	} else {
		s.table = make([]int32, size)
	}
}

// of returns the term of a word, a new one when the word was not met before. It is
// good until the next one is made.
func (s *scratch) of(hash uint32) *counted {
	mask := uint32(len(s.table) - 1)
	for i := hash >> 4 & mask; ; i = (i + 1) & mask {
		switch at := s.table[i]; {
		case at == 0:
			s.terms = append(s.terms, counted{term: term{hash: hash}})
			s.table[i] = int32(len(s.terms))
			return &s.terms[len(s.terms)-1]
		case s.terms[at-1].hash == hash:
			return &s.terms[at-1]
		}
	}
}

// orderBits is how many bits a term's key has at most.
const orderBits = 14

// key orders terms: the headline's and the first words before the rest.
func (t term) key() int {
	k := int(t.rarity) * 2 * (2 + int(t.flags>>oftenShift&3))
	switch {
	case t.flags&flagTitle != 0:
		k *= 3
	case t.flags&flagLead != 0:
		k *= 2
	}
	if t.flags&(flagName|flagNumber) != 0 {
		k += k / 2
	}
	return k
}

// upperShare reports whether a headline is written with capitals throughout,
// so that a capital tells nothing about a word.
func upperShare(words []word) bool {
	upper, all := 0, 0
	for i := range words {
		if words[i].end-words[i].start >= 4 {
			all++
			if words[i].flags&flagUpper != 0 {
				upper++
			}
		}
	}
	return upper*3 > all*2
}

// wordKey is what terms keep of a word's hash.
func wordKey(hash uint32) uint32 { return hash >> (32 - keyBits) << (32 - keyBits) }

// wordOf is what any two words are compared by.
func wordOf(hash uint32) uint32 { return hash >> (32 - termBits) << (32 - termBits) }

// shorten takes the last bits off sorted runs, in place.
func shorten(runs []uint32, shift int) []uint32 {
	for i := range runs {
		runs[i] >>= shift
	}
	return slices.Compact(runs)
}

func appendRuns(dst []uint32, words []word, n int) []uint32 {
	for i := 0; i+n <= len(words); i++ {
		h := uint32(2166136261)
		for j := range n {
			h = (h ^ words[i+j].hash) * 0x9E3779B1
			h ^= h >> 15
		}
		dst = append(dst, h)
	}
	return dst
}

// titleHash is equal for headlines of equal words in equal order.
func titleHash(words []word) uint32 {
	if len(words) == 0 {
		return 0
	}
	h := uint32(17)
	for i := range words {
		h = (h ^ words[i].hash) * 0x9E3779B1
		h ^= h >> 15
	}
	return h | 1
}

// appendShapes gives what recurs in an outlet's headlines: the headline without
// its numbers, its first three words and its last three.
func appendShapes(dst []uint32, outlet uint32, words []word) []uint32 {
	if outlet == 0 || len(words) == 0 {
		return dst
	}
	shape := func(kind uint32, ws []word) uint32 {
		h := outlet ^ kind*0x85EBCA6B
		for i := range ws {
			v := ws[i].hash
			if ws[i].flags&flagNumber != 0 {
				v = 1
			}
			h = (h ^ v) * 0x9E3779B1
			h ^= h >> 15
		}
		return h
	}
	dst = append(dst, shape(1, words))
	if len(words) > 3 {
		dst = append(dst, shape(2, words[:3]), shape(3, words[len(words)-3:]))
	}
	return dst
}

func hash32(s string) uint32 {
	if s == "" {
		return 0
	}
	return uint32(xxhash.Sum64String(s)>>32) | 1
}

// hostOf cuts the host out of an absolute address, without "www.".
func hostOf(link string) string {
	i := 0
	for ; i+2 < len(link) && link[i:i+3] != "://"; i++ {
	}
	if i+3 > len(link) {
		return ""
	}
	host := link[i+3:]
	for j := range len(host) {
		if host[j] == '/' || host[j] == '?' || host[j] == '#' || host[j] == ':' {
			host = host[:j]
			break
		}
	}
	if len(host) > 4 && host[:4] == "www." {
		host = host[4:]
	}
	return host
}

// cut shortens s to at most n bytes, at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// often packs how often a word stands in an entry: once, twice, up to six
// times, more.
func often(n uint16) uint8 {
	switch {
	case n >= 7:
		return 3 << oftenShift
	case n >= 3:
		return 2 << oftenShift
	case n == 2:
		return 1 << oftenShift
	}
	return 0
}
