package parse

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNeedles compares the one pass with a look for each string, and the quick
// lower case with the library's.
func TestNeedles(t *testing.T) {
	var list []string
	for _, w := range wordings {
		list = append(list, w.stems...)
	}
	if len(wordings) > firstCue {
		t.Fatal("wordings and cues share numbers")
	}
	for _, words := range cueWords {
		list = append(list, words...)
	}
	for _, w := range list {
		if len(w) < 5 {
			t.Fatalf("%q is too short to be looked for", w)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, part := range rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(list), rapid.String(), rapid.StringMatching(`[A-ZÀ-žА-Яİẞ ]{0,9}`), rapid.Just("\xff\xc3")), 0, 12).Draw(t, "parts") {
			b.WriteString(part[rapid.IntRange(0, min(len(part), 2)).Draw(t, "cut"):])
		}
		s := b.String()
		low := strings.ToLower(s)
		if got := string(lowered([]byte("used before"), s)); got != low {
			t.Fatalf("%q in lower case is %q, want %q", s, got, low)
		}
		holds := func(words []string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(low, w) })
		}
		var want []int
		for i := range wordings {
			if holds(wordings[i].stems) {
				want = append(want, i)
			}
		}
		words, _ := wordsIn(nil, s)
		if words.appears() != (len(want) > 0) {
			t.Fatalf("in %q: wordings %v, but it says %v", low, want, words.appears())
		}
		for cue, list := range cueWords {
			if cue != captionCue && holds(list) {
				want = append(want, cue)
			}
		}
		slices.Sort(want)
		var got []int
		for i := words.next(0, 256); i >= 0; i = words.next(i+1, 256) {
			if i != captionCue {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("in %q: words %v, want %v", low, got, want)
		}
		caption := false
		for _, w := range captionWords {
			i := strings.Index(low, w)
			caption = caption || len(s) < maxCaption && i >= 0 && i < maxCaption/2
		}
		if got := isPictureCredit(s); got != caption {
			t.Fatalf("%q is a picture's credit: %v", s, got)
		}
		for _, p := range []string{"ixel", "counter.", "republication-"} {
			c := map[string]byte{"ixel": 'x', "counter.": '.', "republication-": '-'}[p]
			i := strings.IndexByte(p, c)
			for _, s := range []string{s, s + p, p + s, s + p[1:], fmt.Sprint(s, string(c), p, s)} {
				if got := around(s, p[:i], c, p[i+1:]); got != strings.Contains(s, p) {
					t.Fatalf("%q holds %q: %v", s, p, got)
				}
			}
		}
	})
}
