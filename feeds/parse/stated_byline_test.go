package parse

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNameCues: a quick look at a name never keeps from it an expression that matches.
func TestNameCues(t *testing.T) {
	var words []string
	for _, re := range []*regexp.Regexp{byWord, splitNames, agencies, bracketed, publicationWord} {
		words = append(words, regexp.MustCompile(`[\pL ]+`).FindAllString(strings.ReplaceAll(re.String(), `\b`, "|"), -1)...)
	}
	words = append(words, "Ann", "Élion", "quâyé", "é", "wires", "newspaper", "agency inputs")
	glue := strings.Split("  ,;/|&-–—、，.()[]（）:：'_7\t", "")
	check := func(name string) {
		if byWord.MatchString(name) && !saysBy(name) {
			t.Errorf("%q says by whom it is", name)
		}
		cues := nameCues(name)
		for cue, re := range map[nameCue]*regexp.Regexp{splitCue: splitNames, agencyCue: agencies, bracketCue: bracketed, publicationCue: publicationWord} {
			if re.MatchString(name) && cues&cue == 0 {
				t.Errorf("%q has no cue of %v", name, re)
			}
		}
	}
	for _, w := range words {
		check("Ann " + w + " Quay")
		check(strings.ToUpper(w) + " Ann")
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, w := range rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.SampledFrom(glue)), 1, 8).Draw(t, "parts") {
			b.WriteString(w)
		}
		check(b.String())
	})
	if plain := nameCues("Élion Öcor"); plain != 0 || slices.ContainsFunc([]string{"Ann Quay", "Béla"}, saysBy) {
		t.Errorf("a plain name has cues: %b", plain)
	}
}
