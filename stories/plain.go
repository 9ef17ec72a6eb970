package stories

import (
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// What a byte is to plain.
const (
	plainEnd    uint8 = iota // it ends a word
	plainLetter              // a small one of ASCII
	plainAccent              // the first byte of À to ÿ
	plainStop                // a full stop
	plainNot                 // word must look
)

var plainOf = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isLower(byte(c)):
			t[c] = plainLetter
		case c == 0xC3:
			t[c] = plainAccent
		case c == '.':
			t[c] = plainStop
		case isDigit(byte(c)), c == '\'', c >= utf8.RuneSelf:
			t[c] = plainNot
		}
	}
	return t
}()

// plain reads the word that starts at byte i of s as word does, when it is of Latin
// letters alone, none beyond ÿ, as nearly all are in western languages; else it says
// that the word ends at i.
func (r *reader) plain(s string, i int) (word, int) {
	j, accents := i, 0
scan:
	for ; j < len(r.low); j++ {
		switch plainOf[r.low[j]] {
		case plainLetter:
		case plainAccent:
			if j++; j == len(s) || s[j]&0xC0 != 0x80 || s[j]&^0x20 == 0x97 { // × and ÷ are no letters
				return word{}, i
			}
			if s[j] < 0x9F {
				r.low[j] |= 0x20
			}
			accents++
		case plainEnd:
			break scan
		case plainStop:
			if isLower(s[j-1]) {
				break scan
			}
			return word{}, i // of a shortening, perhaps
		default:
			return word{}, i
		}
	}
	n := j - i
	if letters := n - accents; letters <= 3 && (accents > 0 || n > 1 && !isLower(s[j-1])) {
		return word{}, i // all capitals, perhaps
	}
	w := word{start: int32(i), end: int32(j)}
	if s[i] != r.low[i] || s[i] == 0xC3 && s[i+1] != r.low[i+1] {
		w.flags |= flagUpper
	}
	if n == 1 {
		w.flags |= flagLone
	}
	w.hash = uint32(xxhash.Sum64(endings(r.low[i:j:j]))>>32) | 1
	return w, j
}
