package parse

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"aggregator/feeds/text"
)

// credited is the publication that a sentence names after a preposition.
type credited struct {
	name, address string
	end           int // byte offset in the block where the credit ends
}

var (
	markdownLink = regexp.MustCompile(`^["'“*_]*\[([^\]]{1,120})\]\((https?://[^)\s]+)\)`)
	bareURL      = regexp.MustCompile(`https?://[^\s<>"'，。；（）)\]]+`)
	// leadIn is what may stand between the preposition and the name.
	leadIn = regexp.MustCompile(`^[\s:_*"'“”‘’«»„*_(]*(?:(?i:the|my|our|his|her|their|its|a|an|le|la|l['’]|les|il|lo|el|los|un|una|o|os|die|der|das|dem|den|het|de|seinem|ihrem|meinem)\s+|[lL]['’])?` +
		`(?:(?:(?:personal|own|sister|partner|official|company|corporate|engineering|companion|former|old|independent|nonprofit|non-profit|local|popular|excellent|fellow|parent|weekly|daily|print edition of|pages of|blog of|website of)\s+)*` +
		`(?:blog|site|website|web site|publication|outlet|magazine|journal|newspaper|newsletter|platform|portal|page|sitio|web|revista|diario|periódico|portale|sito|rivista|quotidiano|jornal|revue|personal blog|сайте|блоге|портале|журнале|газете|webu|webe|stránkách|serveru|serwisie|stronie|portalu|oldalán|sivustolla|sajten|nettstedet|hjemmesiden|situs|laman|trang|Blog|Portal|Webseite|Magazin)(?:\s+of|\s+de|\s+von|\s+di)?\s*[:,–-]?\s+|(?:微信公众号|公众号|个人博客|个人网站|我的博客|博客|微信号|部落格|網站|网站)\s*[:：]?\s*)?["'“‘«„*_]*(?:(?i:the|la|le|el)\s+)?`)
	// hostName is a host at the start.
	hostName = regexp.MustCompile(`^(?:[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?\.)+\p{L}{2,}`)
	dateLike = regexp.MustCompile(`(?i)^(?:(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|issue|volume|vol|no|page|part|season|chapter|episode|print|hardcover|paperback|english|french|german|spanish|russian|chinese|japanese|arabic|hindi|italian)\b[.,]?\s*(?:\d|$|of\b|,|in\b)|\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|juin|juil|août|déc|ene|abr|ago|dic)|\d+[./-]\d)`)
)

// dateTail is a date after a name: "… Report on Monday", "… Review in 1931".
var dateTail = regexp.MustCompile(`(?i)[,(]?\s+(?:on|in|at|am|vom|le|el|em|il|op|den|im)\s+(?:\d|(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b)`)

// capitalArticle is an article that belongs to a name.
var capitalArticle = regexp.MustCompile(`(?:The|La|Le|El|Il|Lo|De|Het|Der|Die|Das|Les|Los) $`)

// eastDate is a date in Chinese, Japanese or Korean.
var eastDate = regexp.MustCompile(`^\d+\s*[年月日년월일]`)

// emptyNames are link texts and words that name nobody.
var emptyNames = map[string]bool{
	"here": true, "this": true, "this link": true, "link": true, "source": true, "the original": true, "original": true, "article": true,
	"this article": true, "original article": true, "the original article": true, "original post": true, "post": true, "hier": true,
	"ici": true, "aquí": true, "qui": true, "aqui": true, "read more": true, "more": true, "click here": true, "site": true,
	"website": true, "blog": true, "my blog": true, "our website": true, "our site": true, "our blog": true, "us": true, "it": true,
	"this site": true, "this website": true, "that": true, "time": true, "permission": true, "page": true, "原文": true, "原文链接": true,
	"这里": true, "链接": true, "a": true, "an": true, "the": true, "and": true, "paper": true, "print": true, "english": true,
}

// connectors are lower-case words that stand inside names.
var connectors = map[string]bool{
	"of": true, "the": true, "and": true, "for": true, "in": true, "on": true, "de": true, "du": true, "des": true, "la": true,
	"le": true, "les": true, "el": true, "los": true, "del": true, "della": true, "di": true, "da": true, "do": true, "dos": true, "y": true, "e": true,
	"et": true, "und": true, "der": true, "die": true, "das": true, "von": true, "van": true, "to": true, "a": true, "an": true, "og": true, "och": true, "i": true, "na": true, "по": true, "и": true, "в": true,
}

// creditAt reads the publication that is named at offset pos of a block: by a
// link there (HTML or Markdown), a host name, or a name in capitals. ok is
// false when what stands there is no publication: a date, a number, a common
// word.
func creditAt(b *text.Block, pos int) (c credited, ok bool) {
	rest := b.Text[pos:]
	skip := len(leadIn.FindString(rest))
	// a link at the start of the name, or around it
	for _, l := range b.Links {
		if l.Start < pos && l.End <= pos || l.Start > pos+skip+1 || l.Text == "" && l.Start == l.End {
			continue
		}
		if l.End <= pos+1 {
			continue
		}
		if l.Start < pos-200 {
			continue
		}
		name := b.Text[max(l.Start, 0):min(l.End, len(b.Text))]
		if l.Start < pos { // the link holds the whole sentence: the name is the rest of it
			name = b.Text[pos:min(l.End, len(b.Text))]
		}
		c.address, c.end = l.Href, l.End
		c.name = cleanName(name)
		if !isName(c.name) || looksLikeHeadline(c.name) {
			// "here", an address, the article's headline: a name may follow
			// ("… in Foreign Policy"), else the host speaks
			if next, ok := nameAfterLink(b, l.End); ok {
				c.name, c.end = next.name, next.end
				return c, true
			}
			c.name = ""
		}
		if hostOf(c.address) == "" {
			c.address = ""
		}
		return c, c.name != "" || c.address != ""
	}
	if m := markdownLink.FindStringSubmatch(rest[skip:]); m != nil {
		name := cleanName(m[1])
		if !isName(name) || looksLikeHeadline(name) {
			name = ""
		}
		return credited{name, m[2], pos + skip + len(m[0])}, true
	}
	article := capitalArticle.FindString(rest[:skip])
	rest = rest[skip:]
	pos += skip
	if u := bareURL.FindString(rest); u != "" && strings.HasPrefix(rest, u) {
		return credited{"", u, pos + len(u)}, true
	}
	if h := hostName.FindString(rest); h != "" && bareHost(h) != "" {
		return credited{h, "", pos + len(h)}, true
	}
	whole, n := capitals(rest)
	name := withoutNext(whole, rest[n:])
	if m := smallWord.FindStringSubmatch(rest[n:]); m != nil && name == whole && knownOutlets[strings.TrimPrefix(article, "The ")+name] {
		name, whole, n = name+m[1], whole+m[1], n+len(m[1]) // "Le Monde diplomatique"
	}
	if !isName(name) && !(article != "" && isName(article+name)) || name == whole && !mayFollow(rest[n:]) {
		return credited{}, false
	}
	c = credited{article + name, "", pos + n}
	// the address may follow: "CSDN，原文：https://…", "X (https://…)"
	if u := bareURL.FindString(b.Text[c.end:]); u != "" && strings.Index(b.Text[c.end:], u) < 60 {
		c.address = strings.TrimRight(u, ".,;:!?")
	}
	return c, true
}

// smallWord is one word in small letters at the end of a sentence.
var smallWord = regexp.MustCompile(`^( \p{Ll}{4,20})[.)\s]*$`)

// nextSentence are words that begin a sentence rather than end a name, where a
// text has lost its punctuation ("… on MarketBeatWhen meme coins surged").
var nextSentence = map[string]bool{
	"When": true, "The": true, "This": true, "In": true, "A": true, "An": true, "It": true, "As": true, "If": true, "For": true, "What": true,
	"With": true, "On": true, "At": true, "How": true, "Why": true, "After": true, "I": true, "We": true, "You": true, "There": true, "While": true,
	"Since": true, "But": true, "And": true, "Many": true, "By": true, "From": true, "One": true, "Last": true, "His": true, "He": true, "She": true,
	"They": true, "Read": true, "Source": true, "Sources": true, "Copyright": true, "Follow": true, "Click": true, "Share": true, "Subscribe": true,
	"Photo": true, "Image": true, "Disable": true, "Originally": true, "Republished": true, "Comments": true, "Advertisement": true, "More": true,
}

// withoutNext cuts what belongs to the next sentence off a name.
func withoutNext(name, rest string) string {
	for {
		head, last, found := cutLast(name)
		if !found || !nextSentence[last] {
			break
		}
		name = head
	}
	// "MarketBeatWhen": an inner capital, a word that begins a sentence, prose
	if next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " ")); unicode.IsLower(next) {
		for i := len(name) - 1; i > 1; i-- {
			if unicode.IsUpper(rune(name[i])) && unicode.IsLower(rune(name[i-1])) && nextSentence[name[i:]] {
				return name[:i]
			}
		}
	}
	return name
}

func cutLast(s string) (head, last string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// followers are the words in small letters that may come after a name in a
// credit. Any other one shows that the capitals began something else ("… in
// Google bathrooms worldwide").
var followers = regexp.MustCompile(`^(?:and|under|as|with|on|in|at|by|is|was|has|have|had|here|for|the|from|to|via|when|where|who|which|that|before|after|where|it|if|you|we|a|an|or|but|my|our|this|website|site|magazine|blog|newsletter|forum|newspaper|journal|page|portal|platform|channel|network|service|feed|last|earlier|yesterday|today|und|mit|am|im|von|der|die|das|als|in|unter|veröffentlicht|erschienen|et|sous|le|la|les|dans|pour|par|est|avec|y|con|bajo|el|por|se|e|com|sob|o|a|è|il|con|di|och|og|en|met|i|w|na|z|и|на|в|с|под|из|та|із|ve|a|za|и|του|και)(?:\P{L}|$)`)

func mayFollow(rest string) bool {
	if !strings.HasPrefix(rest, " ") {
		return true
	}
	rest = strings.TrimLeft(rest, " ")
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLower(r) || followers.MatchString(rest)
}

// nameAfterLink reads "… in NAME" after a link that held a headline.
func nameAfterLink(b *text.Block, end int) (credited, bool) {
	if end >= len(b.Text) {
		return credited{}, false
	}
	m := afterLink.FindString(b.Text[end:])
	if m == "" {
		return credited{}, false
	}
	start := end + len(m)
	for _, l := range b.Links {
		if l.Start >= start && l.Start <= start+6 {
			if name := cleanName(b.Text[l.Start:min(l.End, len(b.Text))]); isName(name) {
				return credited{name, l.Href, l.End}, true
			}
		}
	}
	name, n := capitals(b.Text[start:])
	if !isName(name) {
		return credited{}, false
	}
	return credited{name, "", start + n}, true
}

var afterLink = regexp.MustCompile(`^["'”’,]?\s*(?:on|in|at|by|from|auf|bei|sur|en|su|op)\s+(?:the\s+)?`)

// looksLikeHeadline reports whether a link's text is a sentence rather than a
// name.
func looksLikeHeadline(name string) bool {
	return strings.Count(name, " ") >= 6 || strings.Contains(name, "://") || strings.HasSuffix(name, "?")
}

// cleanName takes quotes, brackets and closing punctuation off a name.
func cleanName(name string) string {
	name = strings.Trim(strings.Join(strings.Fields(name), " "), " \t\"'“”‘’«»„*_()[]{}<>|:;,!，。：、《》「」『』【】（）")
	if !strings.Contains(strings.TrimRight(name, "."), ".") || strings.HasSuffix(name, "..") {
		name = strings.TrimRight(name, ".…")
	}
	if h := bareHost(strings.TrimRight(name, ".")); h != "" {
		name = strings.TrimRight(name, ".")
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, "’s"), "'s")
}

// isName reports whether a string can be a publication's name.
func isName(name string) bool {
	n := utf8.RuneCountInString(name)
	if n < 2 || n > 80 || emptyNames[strings.ToLower(name)] || dateLike.MatchString(name) || isPictureCredit(name) {
		return false
	}
	if strings.HasPrefix(name, "http") && strings.Contains(name, "://") {
		return false
	}
	if eastDate.MatchString(name) {
		return false
	}
	letters := 0
	for _, r := range name {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 2 || n <= 4 && letters >= 1
}

// capitals reads a name from the start of a string: words with a capital, and
// small words between them; in scripts without capitals, up to the next
// punctuation. It returns the bytes read.
func capitals(s string) (string, int) {
	r, _ := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return "", 0
	}
	if unicode.IsLetter(r) && !unicode.IsUpper(r) && !unicode.IsLower(r) {
		return uncased(s)
	}
	if i := strings.IndexAny(s, "，。；：！？（「『【《》"); i > 0 {
		s = s[:i]
	}
	if m := dateTail.FindStringIndex(s); m != nil && m[0] > 0 {
		s = s[:m[0]]
	}
	end, last := 0, 0
	for end < len(s) && end < 100 {
		i := strings.IndexByte(s[end:], ' ')
		word := s[end:]
		if i >= 0 {
			word = s[end : end+i]
		}
		bare := strings.Trim(word, `"'“”‘’«»*_()[]`)
		first, _ := utf8.DecodeRuneInString(bare)
		capital := unicode.IsUpper(first) || unicode.IsDigit(first) || strings.ContainsAny(bare, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || first == '&' || bareHost(strings.TrimRight(bare, ".,;:")) != ""
		uncasedWord := unicode.IsLetter(first) && !unicode.IsUpper(first) && !unicode.IsLower(first)
		if !capital && !uncasedWord && !connectors[strings.ToLower(bare)] && bare != "|" {
			break
		}
		if end == 0 && !capital && !uncasedWord {
			break
		}
		if end > 0 && (strings.HasPrefix(word, "(") || strings.HasPrefix(word, "[") || strings.HasPrefix(word, "“") || strings.HasPrefix(word, "\"")) {
			break
		}
		end += len(word)
		if capital || uncasedWord {
			last = end
		}
		if stopsName(word) {
			break
		}
		if i < 0 {
			break
		}
		end++
	}
	return cleanName(s[:min(last, len(s))]), last
}

// stopsName reports whether a word ends a name: it carries the punctuation of
// a clause. "Inc." and "St." do not, nor does a host name.
func stopsName(word string) bool {
	if strings.HasSuffix(word, "Inc.") || strings.HasSuffix(word, "St.") || strings.HasSuffix(word, "U.S.") || strings.HasSuffix(word, "Co.") {
		return false
	}
	return strings.ContainsAny(word[len(word)-1:], ".,;:!?)]|\"") || strings.HasSuffix(word, "…") || strings.HasSuffix(word, "”") ||
		strings.HasSuffix(word, "。") || strings.HasSuffix(word, "，")
}

// uncased reads a name in a script without capitals.
func uncased(s string) (string, int) {
	end := len(s)
	for i, r := range s {
		if strings.ContainsRune("，。；：、！？（）()[]「」『』【】《》<>|\n", r) || r == '.' && i+1 < len(s) && s[i+1] == ' ' {
			end = i
			break
		}
		if i > 90 {
			end = i
			break
		}
	}
	name := s[:end]
	// Arabic, Hebrew, Hindi, Korean: words are separated, and a name is short
	if w := strings.Fields(name); len(w) > 5 {
		name = strings.Join(w[:5], " ")
		end = min(end, len(name))
	}
	return cleanName(name), end
}

// isPictureCredit reports whether a text credits a picture, not an article.
func isPictureCredit(s string) bool {
	if len(s) >= maxCaption {
		return false
	}
	var buf [maxCaption + 32]byte
	words, _ := wordsIn(buf[:0], s)
	return words.has(captionCue)
}

const maxCaption = 160 // bytes of a caption

var captionWords = []string{
	"photo:", "photo by", "photograph:", "photos:", "image:", "image credit", "image source", "image:", "picture:", "photo credit", "photo courtesy", "photos by",
	"getty images", "ap photo", "via getty", "reuters/file", "/ap photo", "shutterstock", "bild:", "bildquelle", "foto:", "fotos:", "foto ©", "photo ©", "crédit photo",
	"crédits photo", "illustration:", "screenshot:", "imagen:", "imagem:", "immagine:", "фото:", "图片来源", "圖片來源", "图源", "写真：", "사진=", "사진:", "video:", "courtesy of", "photo/",
}
