package stories

import "unicode"

// Classes of characters, as far as splitting text needs them.
const (
	classOther  uint8 = iota
	classLetter       // in a script that separates words
	classDigit
	classMark   // goes with the letter before it
	classPair   // Han, kana: words by twos
	classTriple // Thai, Lao, Khmer, Burmese: words by threes
)

// Scripts that are told apart, because their words end differently.
const (
	scriptLatin uint8 = iota
	scriptCyrillic
	scriptArabic
	scriptOther
)

// classes holds the class of every character of the first plane's first part;
// the tables behind package unicode are slow to ask for each character.
var classes = func() (t [0x3400]uint8) {
	for c := range t {
		t[c] = slowClass(rune(c))
	}
	return t
}()

func classOf(c rune) uint8 {
	if c >= 0 && int(c) < len(classes) {
		return classes[c]
	}
	return slowClass(c)
}

func slowClass(c rune) uint8 {
	switch {
	case c >= 0xAC00 && c <= 0xD7A3: // Hangul separates words, but glues particles on: by twos
		return classPair
	case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana) || c == 'ー':
		return classPair
	case unicode.In(c, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && unicode.In(c, unicode.L, unicode.M):
		return classTriple
	case unicode.IsLetter(c):
		return classLetter
	case unicode.Is(unicode.Nd, c):
		return classDigit
	case unicode.Is(unicode.M, c), c == 0x200C, c == 0x200D: // joiners inside Persian and Indic words
		return classMark
	}
	return classOther
}

func scriptOf(c rune) uint8 {
	switch {
	case c < 0x370 || c >= 0x1E00 && c < 0x1F00:
		return scriptLatin
	case c >= 0x400 && c < 0x530:
		return scriptCyrillic
	case c >= 0x600 && c < 0x780:
		return scriptArabic
	}
	return scriptOther
}

// digitOf gives the ASCII digit of a decimal digit of any script. Unicode
// keeps each script's ten digits together, from zero up.
func digitOf(c rune) byte {
	n := byte(0)
	for n < 9 && unicode.Is(unicode.Nd, c-1) && c&0xF != 0 && c&0xF != 6 {
		c--
		n++
	}
	return '0' + n
}

// stemOf cuts the commonest endings, so that a word meets its plural and its
// cases. It is deliberately blunt: what matters is that two newsrooms' forms of
// one word meet, not that the result is a word. letters is the word's length.
func stemOf(b []byte, script uint8, letters int) []byte {
	switch script {
	case scriptLatin:
		return stemLatin(b)
	case scriptCyrillic: // two bytes a letter: up to two letters of ending
		if letters >= 7 {
			return b[:len(b)-4]
		}
		if letters >= 5 {
			return b[:len(b)-2]
		}
	case scriptArabic: // the article, alone or after and, with, for
		const al = "ال"
		if letters >= 5 && string(b[:4]) == al {
			return b[4:]
		}
		if letters >= 6 && string(b[2:6]) == al {
			return b[6:]
		}
	}
	return b
}

func stemLatin(b []byte) []byte {
	for i := len(b) - 1; i > 0 && i >= len(b)-3; i-- { // Nigeria's, don't
		if b[i] == '\'' {
			b = b[:i]
			break
		}
	}
	return endings(b)
}

// endings cuts what English words end with.
func endings(b []byte) []byte {
	n := len(b)
	switch {
	case n > 4 && string(b[n-3:]) == "ies":
		b = append(b[:n-3], 'y')
	case n > 3 && b[n-1] == 's' && b[n-2] != 's' && b[n-2] != 'u' && b[n-2] != 'i':
		b = b[:n-1]
	}
	n = len(b)
	switch {
	case n > 5 && string(b[n-3:]) == "ing":
		b = b[:n-3]
	case n > 4 && string(b[n-2:]) == "ed":
		b = b[:n-2]
	case n > 4 && b[n-1] == 'e':
		b = b[:n-1]
	}
	return b
}
