package stories

import "slices"

// A regard is what speaks for and against an entry reporting a story's event,
// as whole numbers. Shares are per mille of weights.
const (
	byHead     = iota // entry's headline words found in its best member
	byHeaded          // best member's headline words found in the entry
	byCosine          // likeness to the best member
	byMean            // mean likeness to a sample of the members
	byUnion           // entry's words found in any of the sample
	byBits            // weight shared with the best member, 1/16 of its logarithm
	byTop             // rarity of the rarest words shared with it
	byMissing         // entry's names and numbers in the headline that no member has
	byUnmet           // the best member's names and numbers in the headline that the entry lacks
	byUntimed         // 1 when it is not known how many hours lie between
	byHours           // logarithm of the hours to the nearest member
	byShort           // logarithm of the fewer words of entry and best member
	byLong            // logarithm of the more words
	byTitles          // likeness of the two headlines
	byHeadMean        // mean of entry's headline words found in a member
	byNames           // weight of names and numbers shared with the best member
	byOpening         // entry's names and numbers in headline and first words that no member has
	byLacking         // the same of the best member, that the entry lacks
	byPlain           // weight of other words shared
	byApart           // byUnmet times byLacking, in thousandths: names and numbers missing at both levels
	byCrowd           // logarithm of the entries in the window, from 512 to 16,384
	byNumbers         // 1 when both headlines have numbers and share none
	byLength          // logarithm of the words in the shorter text, from 64 up
	byLate            // hours to the best member, at most 96
	byOutlet          // 1 when the best member is of the same outlet
	// Those that follow are only asked by the trees: in a sum they mislead on
	// entries of a kind that was not fitted on.
	byLocalBits  // weight shared, words being as rare as they are outside this story
	byLocalTop   // rarity so seen of the two rarest words shared
	byLocalCover // share so weighed of the entry's words that its best member has
	byLocalHead  // share so weighed of the entry's headline that any member has
	byWords      // telling words shared, at most 40
	byHeadRuns   // 3-word runs of the shorter headline in the other
	byRuns       // 4-word runs of the shorter text in the other
	byUnionHead  // entry's headline words found in any of the sample
	byFront      // entry's headline and first words found in the best member's
	byCoverMin   // the lower of the two shares of words shared
	byCoverMax   // the higher of them
	bySize       // logarithm of the entries in the story
	byRival      // likeness to the best member, less that to the best of any other story
	byBare       // 1 when both are headlines alone
	byHeadless   // 1 when one is a headline alone
	byNameHits   // names in both headlines that are not on everybody's lips, at most 8
	byThird      // rarity of the third rarest word shared
	byBody       // words of the text beside the headline that the other has: the lower of the two shares
	nRegards
)

type regard [nRegards]int32

const (
	smallWindow = 512     // entries; a window is not taken to be smaller,
	largeWindow = 1 << 14 // nor larger than those that were measured
	shortText   = 64      // words; texts are not taken to be shorter
	longWait    = 96      // hours; entries are not taken to be further apart
)

// regardOf weighs an entry against a sample of a story's members, of which best
// is the one most like it.
func (x *Index) regardOf(f *features, best *judged, sample []*judged) regard {
	var r regard
	ev := &best.ev
	r[byHead], r[byHeaded] = int32(ev.head), int32(ev.headed)
	r[byCosine] = int32(best.score)
	r[byTitles] = int32(ev.titles)
	r[byBits] = int32(log2(ev.weight + 1))
	r[byTop] = int32(ev.top)
	r[byUnmet] = int32(ev.unmet)
	if !ev.timed {
		r[byUntimed] = 1
	}
	a, b := uint32(len(f.terms)+1), uint32(len(best.f.terms)+1)
	r[byShort], r[byLong] = int32(log2(min(a, b))), int32(log2(max(a, b)))
	hours, mean, headMean := ev.hours, 0, 0
	var in, all, names, missing, opening, unmet uint64
	for _, j := range sample {
		hours = min(hours, j.ev.hours)
		mean += j.score
		headMean += j.ev.head
	}
	r[byHours] = int32(log2(uint32(hours + 1)))
	r[byMean] = int32(mean / len(sample))
	r[byHeadMean] = int32(headMean / len(sample))
	for i := range f.terms {
		t := &f.terms[i]
		w := uint64(t.weight())
		met := false
		for _, j := range sample {
			if met = j.ev.met[i>>6]>>(i&63)&1 != 0; met {
				break
			}
		}
		all += w
		if met {
			in += w
		}
		if t.flags&(flagTitle|flagLead) != 0 && t.flags&(flagName|flagNumber) != 0 {
			opening += w
			if !met {
				unmet += w
			}
		}
		if t.flags&flagTitle != 0 && t.flags&(flagName|flagNumber) != 0 {
			names += w
			if !met {
				missing += w
			}
		}
	}
	r[byUnion] = int32(share(in, all))
	r[byMissing] = int32(share(missing, names))
	r[byNames] = int32(log2(ev.names + 1))
	r[byOpening] = int32(share(unmet, opening))
	r[byLacking] = int32(ev.lacking)
	r[byPlain] = int32(log2(max(ev.weight, ev.names) - ev.names + 1))
	r[byApart] = int32(ev.unmet * ev.lacking / 1000)
	r[byCrowd] = above(uint32(min(x.slots.size(), largeWindow)), smallWindow)
	r[byNumbers] = int32(ev.numbers)
	r[byLength] = above(uint32(min(f.length, best.f.length)), shortText)
	r[byLate] = int32(min(ev.hours, longWait))
	if f.outlet == best.f.outlet && f.outlet != 0 {
		r[byOutlet] = 1
	}
	x.local(&r, f, best, sample)
	return r
}

const (
	someName  = 170 // weight of a name that one of 250 entries has, 1/16 of its logarithm
	mostNames = 500 // per mille
	rareWords = 300 // rarity of two words, together
)

// frame reports whether all that an entry and a story share may be a frame of words
// ("results: net profit rises", "in this episode"). Texts that report one event share a
// name or a number; where each of two headlines names what the other does not, and they
// share no name, rare words at least. A name on everybody's lips will do beside rare
// words, if neither headline names what the other lacks. Scripts without capitals tell
// no names.
func (r *regard) frame(lang language) bool {
	rare := r[byTop] >= rareWords
	if r[byMissing] >= mostNames && r[byUnmet] >= mostNames && r[byNameHits] == 0 && !rare {
		return true
	}
	if rare && r[byNames] > 0 && r[byMissing] == 0 && r[byUnmet] == 0 {
		return false
	}
	return r[byHeadless] == 0 && r[byNames] < someName && capitals[lang]
}

// leastFrame is how many telling words a frame of headlines has at least.
const leastFrame = 3

// swapped reports whether two headlines differ in nothing telling but names and numbers,
// and each has a name that the other lacks: one frame of words, filled in twice. Where
// there is no text, nothing else tells the two events apart.
func swapped(a, b *features) bool {
	frame, own := filled(a, b)
	if !own || frame < leastFrame {
		return false
	}
	frame, own = filled(b, a)
	return own && frame >= leastFrame
}

// filled gives how many telling words of a's headline, names left out, stand in b's,
// 0 when one does not, and whether a's has a name that b's lacks.
func filled(a, b *features) (frame int, own bool) {
	for i := range a.terms {
		t := &a.terms[i]
		if t.flags&flagTitle == 0 || t.rarity < minRarity || t.flags&flagNumber != 0 {
			continue
		}
		in := slices.ContainsFunc(b.terms, func(u term) bool { return wordOf(u.hash) == wordOf(t.hash) && u.flags&flagTitle != 0 })
		switch name := t.flags&flagName != 0; {
		case name && !in:
			own = true
		case !name && !in:
			return 0, own
		case !name:
			frame++
		}
	}
	return frame, own
}

// above gives the logarithm of n over that of from, in sixteenths; 0 below from.
func above(n, from uint32) int32 { return int32(log2(max(n, from)) - log2(from)) }

// regardNames are the regards as the model's file calls them.
var regardNames = [nRegards]string{
	byHead:       "head",
	byHeaded:     "headed",
	byCosine:     "cosine",
	byMean:       "mean",
	byUnion:      "union",
	byBits:       "bits",
	byTop:        "top",
	byMissing:    "missing",
	byUnmet:      "unmet",
	byUntimed:    "untimed",
	byHours:      "hours",
	byShort:      "short",
	byLong:       "long",
	byTitles:     "titles",
	byHeadMean:   "headMean",
	byNames:      "names",
	byOpening:    "opening",
	byLacking:    "lacking",
	byPlain:      "plain",
	byApart:      "apart",
	byCrowd:      "crowd",
	byNumbers:    "numbers",
	byLength:     "length",
	byLate:       "late",
	byOutlet:     "outlet",
	byLocalBits:  "localBits",
	byLocalTop:   "localTop",
	byLocalCover: "localCover",
	byLocalHead:  "localHead",
	byWords:      "words",
	byHeadRuns:   "headRuns",
	byRuns:       "runs",
	byUnionHead:  "unionHead",
	byFront:      "front",
	byCoverMin:   "coverMin",
	byCoverMax:   "coverMax",
	bySize:       "size",
	byRival:      "rival",
	byBare:       "bare",
	byHeadless:   "headless",
	byNameHits:   "nameHits",
	byThird:      "third",
	byBody:       "body",
}

// joinAt is the thousandths of a point at which an entry joins a story.
const joinAt = 0

// mergeAt is how many show it that a second story is the same, by the entries of the
// smaller of the two: one, two, or more. The more there are, the more is at stake.
var mergeAt = [...]int{400, 1000, 1600}
