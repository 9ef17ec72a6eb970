package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLowerIsThatOfUnicode(t *testing.T) {
	for r := rune(-1); r <= unicode.MaxRune; r++ {
		if got, want := Lower(r), unicode.ToLower(r); got != want {
			t.Fatalf("%U becomes %U, want %U", r, got, want)
		}
	}
}

// Bytes beyond ASCII stay as they are, whatever stands beside them.
func TestLowerASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")
		want := []byte(strings.Map(func(r rune) rune { // each byte as a rune of its own
			if r < utf8.RuneSelf {
				return unicode.ToLower(r)
			}
			return r
		}, latin1(b)))
		LowerASCII(b)
		if got := latin1(b); got != string(want) {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

func latin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}
