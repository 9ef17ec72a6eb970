package stories

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	feedtext "aggregator/feeds/text"
)

// language is the first two letters of a BCP 47 tag, packed; 0 is unknown.
// Entries of different known languages are never compared.
type language uint16

func tag(s string) language {
	if len(s) < 2 || len(s) > 2 && s[2] != '-' && s[2] != '_' {
		return 0 // three-letter languages are left unknown
	}
	return language(s[0]|0x20)<<8 | language(s[1]|0x20)
}

// common lists words so frequent that a sentence of the language hardly does
// without one. Those that several languages have stand with each of them: the
// others decide.
var common = map[language]string{
	tag("en"): "the of and to for with is that by from was has are after his at as in a on it be an over says",
	tag("de"): "der die und das mit von den ist für auf dem nicht ein eine im sich zu wird bei nach in an am aus des einer vor zum",
	tag("fr"): "le les des du et est une dans pour sur au aux par qui pas ce avec cette été de en la un à il a se après son",
	tag("es"): "el los las del y una con para por que su más al ha tras sobre fue como de en la un a se lo es no",
	tag("pt"): "os da do dos das em um uma com não ao pela pelo são mais foi sobre após e de a o na no nas que se por para à",
	tag("it"): "il di che della per con una del dei alla sono gli nel non le più dal è anche la un in e a da i si al",
	tag("nl"): "het een van de en voor met zijn dat niet op aan bij naar is ook door wordt in te na uit",
	tag("tr"): "ve bir bu için ile da de olarak olan çok daha sonra kadar dedi göre",
	tag("id"): "yang dan di dari untuk dengan pada ini akan tidak dalam itu juga ke",
	tag("pl"): "w i na z się nie do że to jest po od dla przez jak o za",
	tag("vi"): "và của là cho các được một không người với những trong có khi đã này ở",
	tag("sv"): "och att det som en på är av för med den till inte har ett om i de efter från vid",
	tag("ro"): "și de la în cu pe din pentru care este nu mai un au fost ce după prin o a să",
}

// inLatin are the languages of common, in the order in which the first of equals wins.
var inLatin = [...]string{"en", "de", "fr", "es", "pt", "it", "nl", "tr", "id", "pl", "vi", "sv", "ro"}

// judgedLatin are the declared languages that a text in Latin letters can contradict:
// those of inLatin, and those written otherwise. Danish, or Hausa, is believed.
var judgedLatin = func() map[language]bool {
	m := map[language]bool{}
	for _, t := range inLatin {
		m[tag(t)] = true
	}
	for _, a := range alphabets {
		m[a.or] = true
	}
	return m
}()

// capitals are languages in which a word that is written small is no name. Of
// Vietnamese the list of common words has nearly every syllable, names or not.
var capitals = func() map[language]bool {
	m := map[language]bool{tag("ru"): true}
	for _, t := range inLatin {
		m[tag(t)] = t != "vi"
	}
	return m
}()

// latinOf finds the languages, as bits by their places in inLatin, that a common word
// is of: open addressing by the word's bytes, none of which has more than eight.
var latinOf [1024]struct {
	word uint64
	of   uint16
}

func init() {
	for i, l := range inLatin {
		for _, w := range strings.Fields(common[tag(l)]) {
			t := &latinOf[latinAt(packWord([]byte(w)))]
			t.word = packWord([]byte(w))
			t.of |= 1 << i
		}
	}
}

const longestCommon = 8 // bytes

// packWord makes a number of a word of at most longestCommon bytes, 0 of a longer one.
func packWord(w []byte) (n uint64) {
	if len(w) > longestCommon {
		return 0
	}
	for _, c := range w {
		n = n<<8 | uint64(c)
	}
	return n
}

// latinAt is the place in latinOf of a packed word, or one where none is.
func latinAt(word uint64) int {
	at := int(word * 0x9E3779B97F4A7C15 >> (64 - 10))
	for latinOf[at].word != 0 && latinOf[at].word != word {
		at = (at + 1) % len(latinOf)
	}
	return at
}

// alphabets are scripts that name a language, or a family of which declared
// tags are believed.
var alphabets = []struct {
	from, to rune
	or       language
	also     string
}{
	{0x400, 0x52F, tag("ru"), "uk bg sr mk be kk ky tg mn tt"},
	{0x370, 0x3FF, tag("el"), ""},
	{0x590, 0x5FF, tag("he"), "yi"},
	{0x600, 0x77F, tag("ar"), "fa ur ps ku sd ug"},
	{0x900, 0x97F, tag("hi"), "mr ne sa"},
	{0x980, 0x9FF, tag("bn"), "as"},
	{0xA00, 0xA7F, tag("pa"), ""},
	{0xA80, 0xAFF, tag("gu"), ""},
	{0xB80, 0xBFF, tag("ta"), ""},
	{0xC00, 0xC7F, tag("te"), ""},
	{0xC80, 0xCFF, tag("kn"), ""},
	{0xD00, 0xD7F, tag("ml"), ""},
	{0xE00, 0xE7F, tag("th"), ""},
	{0x10A0, 0x10FF, tag("ka"), ""},
	{0x530, 0x58F, tag("hy"), ""},
	{0x3040, 0x30FF, tag("ja"), ""},
	{0xAC00, 0xD7A3, tag("ko"), ""},
	{0x4E00, 0x9FFF, tag("zh"), "ja"},
}

// maxGuess is how many characters of an entry tell its language, maxGuessLatin in
// how many bytes common words are counted.
const (
	maxGuess      = 400
	maxGuessLatin = 600
)

// opening gives what guess looks at of an entry, in buf.
func opening(buf []byte, title, text string) []byte {
	buf = append(append(buf, title...), '\n')
	return append(buf, text[:min(len(text), max(maxGuess*utf8.UTFMax, maxGuessLatin))]...)
}

// guess tells the language of a text. What the feed declares is believed only
// as far as the text does not contradict it: feeds inherit "en" from their
// software.
func guess(text []byte, declared string) language {
	said := tag(declared)
	var letters [32]int
	var counts [len(inLatin)]int
	latin, n := 0, 0
	told := false // by a letter of the word
	for i := 0; i < len(text) && n < maxGuess; n++ {
		if c := text[i]; c < utf8.RuneSelf {
			i++
			latin += int(bytesOf[c] & byteLetter)
			told = told && c != ' '
			continue
		}
		c, size := utf8.DecodeRune(text[i:])
		i += size
		if c < 0x370 || c >= 0x1E00 && c < 0x1F00 {
			if !told {
				var l int
				if l, told = ownLetter(c); told {
					counts[l]++
				}
			}
			if classOf(c) == classLetter {
				latin++
			}
			continue
		}
		for k := range alphabets {
			if c >= alphabets[k].from && c <= alphabets[k].to {
				letters[k]++
				break
			}
		}
	}
	best := 0
	for k := range alphabets {
		if letters[k] > letters[best] {
			best = k
		}
	}
	if kana, hanzi := len(alphabets)-3, len(alphabets)-1; best == hanzi && letters[kana]*10 > letters[hanzi] {
		best = kana
	}
	if letters[best]*3 > latin { // a name in Latin letters is longer than its weight
		a := &alphabets[best]
		if said != a.or && said != 0 && strings.Contains(" "+a.also+" ", " "+declared[:2]+" ") {
			return said
		}
		return a.or
	}
	return guessLatin(text, said, counts)
}

// guessLatin counts common words of the languages in Latin letters, on top of the
// words that a letter of their own tells.
func guessLatin(text []byte, said language, counts [len(inLatin)]int) language {
	text = text[:min(len(text), maxGuessLatin)]
	for i := 0; i < len(text); {
		from, space := i, 0
		for ; i < len(text); i++ {
			if k := bytesOf[text[i]]; k >= byteSpace {
				if space = spaceAt(text[i:]); space > 0 {
					break
				}
			}
		}
		word := commonWord(text[from:i])
		i += space
		for of := latinOf[latinAt(word)].of; of != 0; of &= of - 1 {
			counts[bits.TrailingZeros16(of)]++
		}
	}
	best, second, most, saidCount := language(0), 0, 0, 0
	for i, t := range inLatin {
		switch l := tag(t); {
		case counts[i] > most:
			best, second, most = l, most, counts[i]
		default:
			second = max(second, counts[i])
		}
		if tag(t) == said {
			saidCount = counts[i]
		}
	}
	switch {
	case best == 0 || best == said || said != 0 && !judgedLatin[said]:
		return said
	case said == 0:
		if most >= 2 && most > second {
			return best
		}
		return 0
	case most >= 3 && most > 2*saidCount && most > second:
		return best
	case most >= 3 && most > 2*saidCount:
		return 0 // not what it says, but two others it may be
	}
	return said
}

// bytesOf says what a byte is: a letter of ASCII (1), what may stand around a word, or
// what a space may start with.
var bytesOf = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isLetter(byte(c)):
			t[c] = byteLetter
		case strings.IndexByte(".,:;!?\"'()", byte(c)) >= 0:
			t[c] = byteAside
		case c == ' ', c >= '\t' && c <= '\r', c == 0xC2, c >= 0xE1 && c <= 0xE3:
			t[c] = byteSpace
		}
	}
	return t
}()

const (
	byteLetter = 1
	byteAside  = 2
	byteSpace  = 4
)

// spaceAt gives how many bytes the space has that text starts with; 0 for none.
func spaceAt(text []byte) int {
	if text[0] < utf8.RuneSelf {
		return 1
	}
	if c, size := utf8.DecodeRune(text); unicode.IsSpace(c) {
		return size
	}
	return 0
}

// commonWord packs a word in small letters, without the punctuation around it; it gives
// 0 for what is longer than a common word.
func commonWord(w []byte) (n uint64) {
	if len(w) > 12 {
		return 0
	}
	for len(w) > 0 && bytesOf[w[len(w)-1]] == byteAside {
		w = w[:len(w)-1]
	}
	for len(w) > 0 && bytesOf[w[0]] == byteAside {
		w = w[1:]
	}
	if len(w) > 2 && (w[0] == 0xE2 || w[len(w)-3] == 0xE2) {
		w = bytes.Trim(w, ".,:;!?\"'“”‘’()")
	}
	if len(w) > longestCommon {
		return 0
	}
	for _, c := range w {
		if c >= utf8.RuneSelf {
			return packWord(lowWord(w))
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		n = n<<8 | uint64(c)
	}
	return n
}

// lowWord gives a word of at most longestCommon bytes in small letters.
func lowWord(w []byte) []byte {
	low := make([]byte, 0, 3*longestCommon) // a byte that is no UTF-8 becomes three
	for _, c := range string(w) {
		low = utf8.AppendRune(low, feedtext.Lower(c))
	}
	return low
}

// ownLetter gives the language, as a place in inLatin, that alone of them has a letter.
func ownLetter(c rune) (language int, ok bool) {
	switch {
	case c == 'ı' || c == 'ğ':
		return turkish, true
	case c >= 0x1EA0 && c < 0x1EFA || c == 'ơ' || c == 'ư' || c == 'đ':
		return vietnamese, true
	}
	return 0, false
}

var turkish, vietnamese = slices.Index(inLatin[:], "tr"), slices.Index(inLatin[:], "vi")

// isLetter reports whether a byte is a letter of ASCII.
func isLetter(c byte) bool { return isLower(c | 0x20) }
