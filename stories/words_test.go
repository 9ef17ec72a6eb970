package stories

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	feedtext "aggregator/feeds/text"
)

// pieces make texts of which any part may be a plain word, or nearly one.
var pieces = []string{"a", "B", "s", "ies", "ing", "ed", "e", "é", "É", "×", "÷", "ß", "ÿ", "Þ", "\xc3", "\x97", "\xe2", ".", ",", "'", "’", "”", "“", "(", ")",
	" ", "\n", "1", "U.S.", "Ж", "ё", "中", "ไท", "\u0301", "İ", "ı", "\u00a0", "\u2003", "\u0085", "da", "não", "Ú", "the"}

func puzzle(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "text"), "")
}

// A plain word is what word reads, too.
func TestPlainWords(t *testing.T) {
	var r reader
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		s := puzzle(t)
		if c, _ := utf8.DecodeRuneInString(s); classOf(c) != classLetter {
			return // no word starts here
		}
		r.low = append(r.low[:0], s...)
		feedtext.LowerASCII(r.low)
		got, next := r.plain(s, 0)
		if next == 0 {
			return
		}
		found++
		if want, end := r.word(s, 0); got != want || next != end {
			t.Fatalf("%q: %+v up to %d, want %+v up to %d", s, got, next, want, end)
		}
	})
	if found == 0 {
		t.Error("no text had a plain word")
	}
}

// The words that tell a language are read in small letters, without what stands
// around them.
func TestCommonWordIsTrimmed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := []byte(puzzle(t))
		want := uint64(0)
		if trimmed := bytes.Trim(w, ".,:;!?\"'“”‘’()"); len(w) <= 12 && len(trimmed) <= longestCommon {
			want = packWord(bytes.ToLower(trimmed))
		}
		if got := commonWord(w); got != want {
			t.Fatalf("%q: %x, want %x", w, got, want)
		}
	})
}
