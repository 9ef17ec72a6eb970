package parse

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"aggregator/feeds/text"
)

// needles finds which of many strings stand in a text, in one pass over it: by a
// filter of the four bytes at every second place, then as a whole.
type needles struct {
	filter [1 << 9]uint64 // a bit for each hash of four bytes, from a needle's first or second on
	slots  [1 << 10]slot  // by hash; those that are taken go on in the next one that is free
}

// slot holds the needles with the same four bytes.
type slot struct {
	four    uint32
	needles []needle
}

type needle struct {
	text   string
	from   int // where its four bytes stand in it
	number int
}

func hashFour(four uint32) uint32 { return four * 0x9E3779B1 >> 17 }

// at is the slot of four bytes: theirs, or the free one where they belong.
func (n *needles) at(four, hash uint32) *slot {
	for i := hash; ; i++ {
		if s := &n.slots[i%uint32(len(n.slots))]; s.four == four || s.needles == nil {
			return s
		}
	}
}

// add takes in a needle of at least five bytes, to be found by a number. There is
// room for half as many needles as there are slots.
func (n *needles) add(text string, number int) {
	for from := range 2 {
		four := binary.LittleEndian.Uint32([]byte(text[from : from+4]))
		h := hashFour(four)
		n.filter[h>>6] |= 1 << (h & 63)
		s := n.at(four, h)
		s.four, s.needles = four, append(s.needles, needle{text, from, number})
	}
}

// each calls found with the place and the number of each needle in s.
func (n *needles) each(s []byte, found func(at, number int)) {
	for i := 0; i+4 <= len(s); i += 2 {
		four := binary.LittleEndian.Uint32(s[i:])
		h := hashFour(four)
		if n.filter[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, x := range n.at(four, h).needles {
			if at := i - x.from; at >= 0 && len(s)-at >= len(x.text) && string(s[at:at+len(x.text)]) == x.text {
				found(at, x.number)
			}
		}
	}
}

// lowered writes a text in lower case, as strings.ToLower does, over buf.
func lowered(buf []byte, s string) []byte {
	buf = append(buf[:0], s...)
	text.LowerASCII(buf)
	for i := nextWide(buf, 0); i < len(buf); i = nextWide(buf, i) {
		r, n := utf8.DecodeRune(buf[i:])
		low := text.Lower(r)
		if utf8.RuneLen(low) != n { // rare, and so are the bytes that are no text
			return append(buf[:i], strings.ToLower(s[i:])...)
		}
		if low != r {
			utf8.EncodeRune(buf[i:], low)
		}
		i += n
	}
	return buf
}
