package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// needles finds which of many strings stand in a text, in one pass over it: by a
// filter of the four bytes at each place, then as a whole.
type needles struct {
	filter [1 << 9]uint64 // a bit for each hash of four bytes that a needle begins with
	starts map[uint32][]needle
}

type needle struct {
	text   string
	number int
}

func (n *needles) hash(four uint32) (word, bit uint32) {
	h := four * 0x9E3779B1 >> 17
	return h >> 6, h & 63
}

// add takes in a needle of at least four bytes, to be found by a number.
func (n *needles) add(text string, number int) {
	four := uint32(text[0])<<24 | uint32(text[1])<<16 | uint32(text[2])<<8 | uint32(text[3])
	word, bit := n.hash(four)
	n.filter[word] |= 1 << bit
	if n.starts == nil {
		n.starts = map[uint32][]needle{}
	}
	n.starts[four] = append(n.starts[four], needle{text, number})
}

// each calls found with the place and the number of each needle in s, until it
// says that it has seen enough.
func (n *needles) each(s []byte, found func(at, number int) (enough bool)) {
	var four uint32
	for i, c := range s {
		four = four<<8 | uint32(c)
		word, bit := n.hash(four)
		if n.filter[word]&(1<<bit) == 0 || i < 3 {
			continue
		}
		at := i - 3
		for _, x := range n.starts[four] {
			if len(s)-at >= len(x.text) && string(s[at:at+len(x.text)]) == x.text && found(at, x.number) {
				return
			}
		}
	}
}

// lowered writes a text in lower case, as strings.ToLower does, over buf.
func lowered(buf []byte, s string) []byte {
	buf = append(buf[:0], s...)
	for i := 0; i < len(buf); i++ {
		c := buf[i]
		if c-'A' < 26 {
			buf[i] = c + 'a' - 'A'
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(buf[i:])
			low := lowerRune(r)
			if utf8.RuneLen(low) != n { // rare, and so are the bytes that are no text
				return append(buf[:i], strings.ToLower(s[i:])...)
			}
			utf8.EncodeRune(buf[i:], low)
			i += n - 1
		}
	}
	return buf
}

// lowers are the small letters of Latin, Greek, Cyrillic, Armenian and Hebrew: asking
// unicode for each takes ten times as long.
var lowers = func() (table [0x600]uint16) {
	for r := range table {
		table[r] = uint16(unicode.ToLower(rune(r)))
	}
	return table
}()

func lowerRune(r rune) rune {
	if r >= 0 && int(r) < len(lowers) {
		return rune(lowers[r])
	}
	return unicode.ToLower(r)
}
