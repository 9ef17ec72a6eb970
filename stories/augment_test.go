package stories_test

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"aggregator/stories"
	"aggregator/stories/measure"
)

// jittered gives a set as feeds might have carried it: each entry as a headline
// alone, a headline and a sentence, without a headline, as a feed or in full, by
// chance; and only some of the stories, so that the size of the window does not
// tell which set it is.
func jittered(items []measure.Item, seed string, percent uint32) []measure.Item {
	var out []measure.Item
	for _, it := range items {
		if crc32.ChecksumIEEE([]byte(seed+it.Story))%100 >= percent {
			continue
		}
		text := it.Summary
		if len(it.Body) > len(text) {
			text = it.Body
		}
		it.Summary, it.Body = "", ""
		switch chance := crc32.ChecksumIEEE([]byte(seed+it.ID)) >> 8 % 8; {
		case it.Title == "" || chance == 0:
			it.Summary = firstOf(text, 300)
			if len(text) > 100 {
				it.Title = ""
			}
		case chance <= 2:
		case chance <= 4:
			it.Summary = sentence(text)
		case chance <= 6:
			it.Summary = firstOf(text, 300)
		default:
			it.Body = text
		}
		out = append(out, it)
	}
	return out
}

func firstOf(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func sentence(s string) string {
	for i, c := range s {
		if (c == '.' || c == '。' || c == '\n') && i >= 40 {
			return s[:i+1]
		}
	}
	return firstOf(s, 200)
}

// lookalike is the mark of a made-up entry in its ID and story.
const lookalike = "lookalike "

// lookalikes adds to every third or so entry another one, under a headline of
// the same frame over the text of an event of another story: with other names and
// numbers in it, or with the same names and other words. They must stay apart.
func lookalikes(items []measure.Item, seed string) (out []measure.Item) {
	for i, it := range items {
		out = append(out, it)
		chance := crc32.ChecksumIEEE([]byte(seed + it.ID))
		words := strings.Fields(it.Title)
		if chance%3 != 0 || len(words) < 5 {
			continue
		}
		donor := items[(i+1+int(chance>>4)%(len(items)-1))%len(items)]
		if donor.Story == it.Story || donor.Title == "" {
			continue
		}
		made := donor
		made.ID, made.Story = lookalike+it.ID, lookalike+it.Story
		made.Published, made.FirstSeen = it.Published, it.FirstSeen
		made.Outlet, made.URL = "lookalike", ""
		made.Title = reframe(words, strings.Fields(donor.Title), chance>>8%3 != 0, chance>>12)
		if n := len(out); chance>>3%2 == 0 {
			out = slices.Insert(out, n-1, made) // the look-alike comes first
		} else {
			out = append(out, made)
		}
	}
	return out
}

// reframe puts another headline's words in place of the names and numbers of a
// headline, or in place of its other telling words and some of its names.
func reframe(words, others []string, names bool, chance uint32) string {
	var pool [2][]string
	for i, w := range others {
		if k := kind(w, i == 0); k != 0 {
			pool[k-1] = append(pool[k-1], w)
		}
	}
	given := map[string]string{}
	out := slices.Clone(words)
	swapped := 0
	for i, w := range words {
		k := kind(w, i == 0)
		if k == 0 || names && k != 1 || !names && k == 1 && chance>>(i%16)&1 != 0 {
			continue
		}
		if to, ok := given[w]; ok {
			out[i] = to
			continue
		}
		p := &pool[k-1]
		switch {
		case k == 1 && strings.ContainsFunc(w, unicode.IsDigit):
			out[i] = otherNumber(w, chance)
		case len(*p) > 0:
			out[i], *p = (*p)[0], (*p)[1:]
		default:
			out[i] = fmt.Sprintf("Qu%cn%cm", "aeiou"[chance>>2%5], "aeiou"[chance>>5%5])
		}
		given[w] = out[i]
		swapped++
	}
	if swapped < 2 {
		return strings.Join(others, " ")
	}
	return strings.Join(out, " ")
}

func otherNumber(w string, chance uint32) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return '0' + (c-'0'+1+rune(chance%7))%10
		}
		return c
	}, w)
}

// kind is 1 for names and numbers, 2 for other telling words, 0 for the frame.
func kind(w string, start bool) int {
	df, total, name := stories.Known(strings.Trim(w, ".,:;!?\"'“”‘’()"))
	c, _ := utf8.DecodeRuneInString(w)
	switch {
	case strings.ContainsFunc(w, unicode.IsDigit), name, df == 0 && unicode.IsUpper(c) && !start:
		return 1
	case utf8.RuneCountInString(w) >= 4 && df*100 < total:
		return 2
	}
	return 0
}
