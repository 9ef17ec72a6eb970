package text

import (
	"encoding/binary"
	"unicode"
)

// lowers are the small letters of Latin, Greek, Cyrillic, Armenian and Hebrew: asking
// unicode for each takes ten times as long.
var lowers = func() (table [0x600]uint16) {
	for r := range table {
		table[r] = uint16(unicode.ToLower(rune(r)))
	}
	return table
}()

// Lower is unicode.ToLower.
func Lower(r rune) rune {
	if r >= 0 && int(r) < len(lowers) {
		return rune(lowers[r])
	}
	return unicode.ToLower(r)
}

// LowerASCII makes small letters of the capitals of ASCII in b, eight bytes at a time.
func LowerASCII(b []byte) {
	const ones = 0x0101010101010101
	for ; len(b) >= 8; b = b[8:] {
		v := binary.LittleEndian.Uint64(b)
		low := v & (0x7F * ones)
		capital := (low + (0x80-'A')*ones) &^ (low + (0x7F-'Z')*ones) &^ v & (0x80 * ones)
		binary.LittleEndian.PutUint64(b, v|capital>>2)
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}
