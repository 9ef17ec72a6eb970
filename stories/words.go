package stories

import (
	"math"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	feedtext "aggregator/feeds/text"
)

// What a word looks like where it stands.
const (
	flagTitle  uint8 = 1 << iota // it stands in the headline
	flagName                     // it is written like a name, and usually is
	flagNumber                   // it holds a digit
	flagText                     // it stands in the text, whether or not in the headline too
	flagLead                     // it stands in the first words of the text
	flagUpper                    // its first letter is a capital
	flagStart                    // it opens a sentence, where a capital says nothing
	flagLone                     // it is one letter
)

// oftenShift is where a term keeps how often its word stands in the entry, in
// the place of flagUpper and flagStart, which are of single words.
const oftenShift = 5

// word is one word of a text: what it is compared by, and where it stands.
type word struct {
	hash       uint32
	start, end int32 // byte offsets in the text it was read from
	flags      uint8
}

// reader splits text into words. It keeps buffers, and so is not safe for
// concurrent use.
//
// Words are runs of letters, marks and digits, in lower case, with the commonest
// endings off. Scripts written without spaces give overlapping runs of
// characters (two for Han and kana, three for Thai, Lao, Khmer and Burmese),
// which needs no dictionary and treats every language alike.
type reader struct {
	low []byte // the text, of which plain makes small letters
	buf []byte // a word that is not plain
}

// read appends the words of s to dst. flags is set on each of them.
func (r *reader) read(dst []word, s string, flags uint8) []word {
	return r.first(dst, s, flags, math.MaxInt)
}

// first is read that ends once dst has most words or a few more.
func (r *reader) first(dst []word, s string, flags uint8, most int) []word {
	r.low = append(r.low[:0], s...)
	feedtext.LowerASCII(r.low)
	start := true // at the start of a sentence
	for i := 0; i < len(s) && len(dst) < most; {
		c, size := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(s[i:])
		}
		switch classOf(c) {
		case classOther:
			if c == '.' || c == '!' || c == '?' || c == '\n' || c == ':' || c == '。' || c == '"' || c == '“' {
				start = true
			}
			i += size
		case classPair:
			dst, i = r.grams(dst, s, i, classPair, 2, flags)
			start = false
		case classTriple:
			dst, i = r.grams(dst, s, i, classTriple, 3, flags)
			start = false
		default:
			w, next := r.plain(s, i)
			if next == i {
				w, next = r.word(s, i)
			}
			if w.hash != 0 {
				w.flags |= flags
				if start {
					w.flags |= flagStart
				}
				dst = append(dst, w)
			}
			start = false
			i = next
		}
	}
	return dst
}

// word reads the word that starts at byte i of s, and says where it ends.
func (r *reader) word(s string, i int) (word, int) {
	w := word{start: int32(i)}
	b := r.buf[:0]
	letters, digits, capitals := 0, 0, 0
	script := uint8(scriptLatin)
scan:
	for i < len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			b = append(b, c)
			letters++
			i++
		case c >= 'A' && c <= 'Z':
			if letters+digits == 0 {
				w.flags |= flagUpper
			}
			b = append(b, c+'a'-'A')
			letters++
			capitals++
			i++
		case c >= '0' && c <= '9':
			b = append(b, c)
			digits++
			i++
		case (c == ',' || c == '.') && digits > 0 && letters == 0 && i+1 < len(s) && isDigit(s[i+1]):
			if c == '.' {
				b = append(b, '.')
			}
			i++
		case c == '.' && letters == capitals && letters > 0 && letters <= 3 && digits == 0 && i+1 < len(s) && s[i-1] != '.' &&
			s[i+1] >= 'A' && s[i+1] <= 'Z' && (i+2 >= len(s) || !isLower(s[i+2])):
			i++ // U.S. is US
		case c == '\'':
			if i+1 >= len(s) || !isLower(s[i+1]) || elided(s[i+1:]) {
				break scan
			}
			b = append(b, '\'')
			i++
		case c < utf8.RuneSelf:
			break scan
		default:
			u, size := utf8.DecodeRuneInString(s[i:])
			if u == '’' {
				if i+size >= len(s) || !isLower(s[i+size]) || elided(s[i+size:]) {
					break scan
				}
				b = append(b, '\'')
				i += size
				continue
			}
			k := classOf(u)
			if k != classLetter && k != classDigit && k != classMark {
				break scan
			}
			i += size
			if k == classDigit {
				b = append(b, digitOf(u))
				digits++
				continue
			}
			if k == classLetter {
				if low := feedtext.Lower(u); low != u {
					if letters+digits == 0 {
						w.flags |= flagUpper
					}
					capitals++
					u = low
				}
				letters++
				if sc := scriptOf(u); sc != scriptLatin {
					script = sc
				}
			}
			if u == 'ё' {
				u = 'е'
			}
			b = utf8.AppendRune(b, u)
		}
	}
	w.end = int32(i)
	if digits > 0 {
		w.flags |= flagNumber
	}
	if letters == 1 && digits == 0 {
		w.flags |= flagLone
	}
	acronym := capitals == letters && digits == 0 && letters >= 2 && letters <= 3
	stem := b
	if digits == 0 {
		stem = stemOf(b, script, letters)
	}
	if len(stem) > 0 {
		h := xxhash.Sum64(stem)
		if acronym && script == scriptLatin {
			h ^= 0x9e3779b97f4a7c15 // US is not us
		}
		w.hash = uint32(h>>32) | 1
	}
	r.buf = b[:0]
	return w, i
}

// grams appends overlapping runs of n characters of one class.
func (r *reader) grams(dst []word, s string, i int, class uint8, n int, flags uint8) ([]word, int) {
	from := i
	var at [4]int // where the last n characters started
	count := 0
	for i < len(s) {
		c, size := utf8.DecodeRuneInString(s[i:])
		k := classOf(c)
		if k != class && (k != classMark || class == classPair) {
			break
		}
		copy(at[:n], at[1:n])
		at[n-1] = i
		count++
		i += size
		if count >= n {
			dst = append(dst, word{hash: uint32(xxhash.Sum64String(s[at[0]:i])>>32) | 1, start: int32(at[0]), end: int32(i), flags: flags})
		}
	}
	if count < n { // a run shorter than n is a word by itself
		dst = append(dst, word{hash: uint32(xxhash.Sum64String(s[from:i])>>32) | 1, start: int32(from), end: int32(i), flags: flags})
	}
	return dst, i
}

// elided reports whether what follows an apostrophe is a word of its own, as in
// l'incendie, and not the ending of the one before it, as in they're.
func elided(s string) bool {
	return len(s) >= 3 && isLower(s[1]) && (isLower(s[2]) || s[2] >= utf8.RuneSelf) || len(s) >= 2 && s[1] >= utf8.RuneSelf
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
