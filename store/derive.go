package store

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// An entry's plain text is nearly always its content without the markup. Kept
// as copies out of the content it costs a few bytes for each tag, where keeping
// it whole would add a third to the file. The recipe is a run of steps: bytes of
// the content to skip, bytes to copy, and then literal bytes (all counted in
// uvarints). It gives back exactly the text that it was made from, whatever that
// is; a text that has little of the content is kept whole instead.

// derive returns the recipe that makes text out of html; ok is false when it
// would not be much shorter than the text.
func derive(html, text string) (recipe []byte, ok bool) {
	i, from := 0, 0 // read up to; where the last copy ended
	limit := len(text)/2 + 16
	for j := 0; j < len(text); {
		i = skipMarkup(html, i, text[j])
		start := i
		for j < len(text) && same(html, i, text[j]) {
			i, j = i+1, j+1
		}
		end, lit := i, j
		if j < len(text) {
			i = skipMarkup(html, i, text[j])
		}
		// What does not match is literal: white space between blocks, or what an
		// entity or another character of the content stands for.
		for j < len(text) && !same(html, i, text[j]) {
			if space(text[j]) {
				j++
			} else {
				_, size := utf8.DecodeRuneInString(text[j:])
				j += size
				i = skipOdd(html, i)
			}
			if j < len(text) {
				i = skipMarkup(html, i, text[j])
			}
			// Out of step: look a little ahead for the next words.
			if n := j - lit; n > 0 && n%16 == 0 && j+8 <= len(text) && i < len(html) {
				if k := strings.Index(html[i:min(i+400, len(html))], text[j:j+8]); k > 0 {
					i += k
				}
			}
		}
		recipe = binary.AppendUvarint(recipe, uint64(start-from))
		recipe = binary.AppendUvarint(recipe, uint64(end-start))
		recipe = binary.AppendUvarint(recipe, uint64(j-lit))
		recipe = append(recipe, text[lit:j]...)
		from = end
		if len(recipe) > limit {
			return nil, false
		}
	}
	return recipe, true
}

// untagged gives what is left of a content without its tags, piece by piece, with a line
// break between what stands in two blocks. What is kept depends on it: it never changes.
func untagged(html string) iter.Seq[string] {
	return func(yield func(string) bool) {
		apart, last := false, byte('\n')
		for html != "" {
			open := strings.IndexByte(html, '<')
			if open < 0 {
				open = len(html)
			}
			if piece := html[:open]; piece != "" {
				if apart && last != '\n' && piece[0] != '\n' && !yield("\n") || !yield(piece) {
					return
				}
				apart, last = false, piece[open-1]
			}
			end := strings.IndexByte(html[open:], '>')
			if end < 0 {
				return
			}
			apart = apart || isBlock(html[open:open+end])
			html = html[open+end+1:]
		}
	}
}

// isBlock reports whether a tag, which is cut before its end, begins or ends a block.
func isBlock(tag string) bool {
	name, _, _ := strings.Cut(strings.Trim(tag, "</"), " ")
	switch name {
	case "p", "div", "blockquote", "li", "ul", "ol", "h1", "h2", "h3", "h4":
		return true
	}
	return false
}

// isUntagged reports whether a text is a content without its tags.
func isUntagged(text, html string) (is bool) {
	for piece := range untagged(html) {
		if text, is = strings.CutPrefix(text, piece); !is {
			return false
		}
	}
	return text == ""
}

// same reports whether the content has c at i, as text.
func same(html string, i int, c byte) bool {
	return i < len(html) && html[i] == c && c != '<' && c != '&'
}

// skipMarkup moves past tags, and past white space unless next is white space.
func skipMarkup(html string, i int, next byte) int {
	for i < len(html) {
		switch c := html[i]; {
		case c == '<':
			for i < len(html) && html[i] != '>' {
				i++
			}
			i++
		case space(c) && !space(next), c == '\n' && next == ' ':
			i++
		default:
			return i
		}
	}
	return len(html)
}

// skipOdd moves past one entity or one character; not past the start of a tag.
func skipOdd(html string, i int) int {
	if i >= len(html) || html[i] == '<' {
		return i
	}
	if html[i] == '&' {
		for n := i + 1; n < len(html) && n < i+12; n++ {
			if html[n] == ';' {
				return n + 1
			}
		}
	}
	_, size := utf8.DecodeRuneInString(html[i:])
	return i + size
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// rederive makes the text again.
func rederive(html string, recipe []byte) (string, error) {
	var text []byte
	next := func() (n int) {
		v, size := binary.Uvarint(recipe)
		if size <= 0 || v > 1<<31 {
			recipe = nil
			return -1
		}
		recipe = recipe[size:]
		return int(v)
	}
	i := 0
	for len(recipe) > 0 {
		skip, copied, literal := next(), next(), next()
		if skip < 0 || copied < 0 || literal < 0 || i+skip+copied > len(html) || literal > len(recipe) {
			return "", fmt.Errorf("damaged text")
		}
		i += skip
		text = append(text, html[i:i+copied]...)
		i += copied
		text = append(text, recipe[:literal]...)
		recipe = recipe[literal:]
	}
	return string(text), nil
}
