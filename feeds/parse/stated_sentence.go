package parse

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// sentences looks in a paragraph for a sentence that names the publication
// which had this text first.
func (f *finder) sentences(b *paragraph, last bool) {
	for i := b.words.next(0, len(wordings)); i >= 0; i = b.words.next(i+1, len(wordings)) {
		w := &wordings[i]
		for _, m := range w.re().FindAllStringSubmatchIndex(b.Text, 4) {
			if f.sentence(b.Block, w, m, last) {
				return
			}
		}
	}
}

// sentence weighs one match of a wording.
func (f *finder) sentence(b *text.Block, w *wording, m []int, last bool) bool {
	start := clauseStart(b.Text, m[0])
	subject := b.Text[start:m[0]]
	if r, _ := utf8.DecodeRuneInString(b.Text[m[1]:]); w.infix < 0 && unicode.IsLetter(r) && r < 0x250 {
		if last, _ := utf8.DecodeLastRuneInString(b.Text[:m[1]]); unicode.IsLetter(last) && last < 0x250 {
			return false // the preposition was the start of a longer word
		}
	}
	about := f.subject(b, subject, start, m[0])
	if about < this && w.standing && standingSubject.MatchString(subject) {
		about = this
	}
	if about < w.needs {
		return false
	}
	if w.infix >= 0 { // the name stands inside the match
		name := cleanName(b.Text[m[2*w.infix]:m[2*w.infix+1]])
		c := credited{name: name, end: m[1]}
		if link := markdownLink.FindStringSubmatch(b.Text[m[2*w.infix]:m[1]]); link != nil {
			name = cleanName(link[1])
			c.name, c.address = name, link[2]
		}
		for _, l := range b.Links {
			if l.End > m[2*w.infix] && l.Start < m[2*w.infix+1] {
				c.address = l.Href
				if l.Start > m[2*w.infix] && isName(cleanName(l.Text)) { // "the nonprofit NAME"
					name = cleanName(l.Text)
					c.name = name
				}
			}
		}
		if !isName(name) {
			return false
		}
		f.note(b, w, c, start, about)
		return true
	}
	if w.own { // "appears in the print edition": nobody else is named
		f.add(feeds.SelfClaim, f.ownName(), "", sentenceAt(b.Text, start, m[1]), "note")
		return true
	}
	c, ok := creditAt(b, m[1])
	if !ok || w.publisher && c.address == "" && !looksLikePublication(c.name) {
		return false
	}
	if about == unclear && c.address == "" && !w.strong {
		// "First published in Great Britain …", or prose that goes on
		if len(b.Text)-m[0] > 200 || strings.HasSuffix(b.Text[m[0]:m[1]], " in") && !looksLikePublication(c.name) && !knownOutlets[strings.TrimPrefix(c.name, "The ")] {
			return false
		}
	}
	f.note(b, w, c, start, about)
	return true
}

func (f *finder) note(b *text.Block, w *wording, c credited, start, about int) {
	where := "note"
	if about == titled {
		where = "footer"
	}
	phrase := sentenceAt(b.Text, start, c.end)
	if w.away { // "this article was reprinted on X": it is from here
		if !f.isOwn(c.name, c.address) {
			f.add(feeds.SelfClaim, f.ownName(), f.entry.Link, phrase, where)
		}
		return
	}
	if c.address == "" {
		c.address = f.laterAddress(b, c)
	}
	f.add(feeds.Reprint, c.name, c.address, phrase, where)
}

// laterAddress finds the original's address further on in the same paragraph:
// "… on LinkedIn. Original: https://…", "… Read the [original article](…)".
func (f *finder) laterAddress(b *text.Block, c credited) string {
	for _, l := range b.Links {
		if l.Start >= c.end && originalWord.MatchString(l.Text) && hostOf(l.Href) != "" && !f.isOwnHost(hostOf(l.Href)) {
			return l.Href
		}
	}
	if c.end < len(b.Text) {
		rest := b.Text[c.end:]
		if m := originalAddress.FindStringSubmatch(rest); m != nil {
			return strings.TrimRight(m[1], ".,;:!?")
		}
	}
	return ""
}

var (
	originalWord    = regexp.MustCompile(`(?i)\boriginal\b|原文|元記事|оригинал`)
	originalAddress = regexp.MustCompile(`(?i)(?:original|原文)[^:：(]{0,30}[:：(]*\s*(https?://[^\s)）\]]+)`)
)

// What the subject of a sentence is.
const (
	other   = iota // something else: "the statement", "the novel"
	unclear        // left out ("Originally published on …"), or "the article"
	this           // "this article", "本文"
	titled         // the entry's headline, or a link to the entry
)

// subject says what a sentence's beginning speaks of.
func (f *finder) subject(b *text.Block, s string, start, end int) int {
	for _, l := range b.Links {
		if l.Start >= start-1 && l.End <= end+1 && l.Text != "" && f.isThis(l) {
			return titled
		}
	}
	bare := strings.Trim(s, " \t\"'“”‘’«»„*_()[]{}|•·-–—>~#:：.【（《")
	if t := f.entry.Title; len(bare) >= 12 && t != "" {
		x, y := foldName(bare), foldName(t)
		if len(y) >= 8 && strings.Contains(x, y) && len(x) <= len(y)+60 || sameHeadline(bare, t) {
			return titled
		}
	}
	bare = notePrefix.ReplaceAllString(bare, "")
	if bare == "" {
		return unclear
	}
	low := strings.ToLower(bare)
	if thisText.MatchString(low) {
		return this
	}
	if reworked.MatchString(low) || aPost.MatchString(low) && reworking.MatchString(strings.ToLower(b.Text)) {
		return this
	}
	if theText.MatchString(low) && utf8.RuneCountInString(low) < 60 {
		return unclear
	}
	return other
}

var (
	notePrefix = regexp.MustCompile(`(?i)^(?:(?:editor['’]?s?['’]? note|note|credit|credits|disclaimer|description|source|update|ed\. note|publisher['’]s note|anmerkung|hinweis|nota|note de la rédaction|примечание|注|说明|声明|updated?)\s*[:：–—-]*\s*["'“”*_(]*)+`)
	nouns      = `articles?|story|stories|posts?|piece|essay|column|commentary|analysis|interview|report|op-?ed|blog|content|opinion|feature|excerpt|item|review|editorial|transcript|text|tutorial|guide|list|recipe|investigation|podcast|chapter|speech|paper|work|document|release|summary|project|entry|letter|poem|q&a|conversation|newsletter|dispatch|blogpost|write-?up|series|explainer|profile|reporting|research brief`
	// thisText: a pointing word and, within a few words, a noun for a text.
	thisText = regexp.MustCompile(`^(?:an?|the|this|these|portions?|parts?|versions?|much|most|some)?(?:[^.]{0,60}?\b(?:versions?|portions?|parts?|excerpts?|update|adaptation|translation|cross-?post|reprint) of)? ?\b(?:this|these)\b(?: [^ ]+){0,5}? ?(?:` + nouns + `)\b|^this (?:was|is|has|originally|first|appeared)\b|^this$|` +
		`\b(?:above|following|preceding|original) (?:` + nouns + `)\b|^(?:an? |the )?(?:[a-z]+ )?(?:version|portion|excerpt|edition)s? of (?:this|the) |` +
		`\bdies(?:er|es|e|em|en)?\b(?: [^ ]+){0,4}? ?(?:artikel|beitrag|text|interview|bericht|kommentar|meldung|essay|gastbeitrag|kolumne|post|blogpost|blogbeitrag|blogartikel|stück|geschichte|rezension|übersetzung)|` +
		`\b(?:cet|cette|ce|ces)\b(?: [^ ]+){0,3}? ?(?:article|texte|billet|tribune|entretien|enquête|chronique|post|contenu|reportage|interview|analyse|publication|histoire|tutoriel)|` +
		`\b(?:est[ea]|esse|essa)\b(?: [^ ]+){0,3}? ?(?:artículo|articulo|artigo|entrada|nota|post|texto|publicaci[óo]n|publicação|matéria|reportagem|reportaje|contenido|conteúdo|columna|coluna|entrevista|noticia|notícia|análisis|ensayo|crónica|historia)|` +
		`\bquest[oae]?['’]? ?(?:[^ ]+ ){0,3}?(?:articolo|post|testo|contenuto|pezzo|intervista|editoriale|saggio|recensione)|` +
		`\b(?:dit|deze)\b(?: [^ ]+){0,3}? ?(?:artikel|bericht|stuk|verhaal|blog|blogpost|column|interview|opiniestuk)|` +
		`\b(?:denne|dette|det här|den här|denna|detta)\b(?: [^ ]+){0,3}? ?(?:artikel|artikkel|artikkelen|artikeln|artiklen|indlæg|innlegg|inlägg|inlägget|innlegget|tekst|text|texten|teksten|kronik|kronikk|saken)|` +
		`(?:tämä|tama) (?:artikkeli|juttu|kirjoitus|teksti|postaus)|\b(?:ten|niniejszy|powyższy) (?:artykuł|wpis|tekst|post)|\b(?:tento|tato) (?:článek|příspěvek|text|článok|príspevok)|` +
		`(?:эта|этот|это|данная|данный|настоящая) (?:статья|материал|текст|пост|запись|публикация|заметка|интервью|перевод)|(?:ця|цей|ця|дана) (?:стаття|матеріал|текст|допис|публікація)|тази статия|` +
		`\bbu (?:yazı|makale|haber|içerik|röportaj)|(?:αυτό|το παρόν) (?:το )?(?:άρθρο|κείμενο)|` +
		`(?:artikel|tulisan|berita|konten) ini|bài (?:viết|báo) này|` +
		`本文|本篇|此文|该文|該文|这篇|這篇|本作品|本稿|本記事|この記事|この投稿|이 글|이 기사|본 기사|이 포스트|هذا المقال|هذه المقالة|هذا التقرير|המאמר|הכתבה|यह लेख|यह खबर|این مطلب|این مقاله|makala hii|habari hii|ripoti hii|acest articol|ez a cikk|ovaj članak|овај чланак`)
	// reworked: "an expanded version of a post", "a post that NAME … revising".
	reworked = regexp.MustCompile(`\b(?:version|adaptation|update|expansion|translation|excerpt|revision) of (?:an?|my|our|his|her) (?:[a-z]+ ){0,3}(?:` + nouns + `)(?: (?:that|which|i|we|he|she|they|\S+ \S+|that \S+ \S+))?$`)
	// aPost and reworking: "a post that NAME … before revising it".
	aPost     = regexp.MustCompile(`\b(?:an?|the) (?:[a-z]+ ){0,2}(?:` + nouns + `|thread) (?:that |which )?(?:\S+ ){0,4}\S*$`)
	reworking = regexp.MustCompile(`\b(?:rework|revis|expand|adapted|adaptation|updated version|rewritten)`)
	// standingSubject: "The post HEADLINE", in the words of content systems.
	standingSubject = regexp.MustCompile(`(?i)^(?:the (?:post|article)|der (?:beitrag|artikel)|la entrada|el (?:cargo|artículo)|l['’](?:article|articolo|entrada)|o (?:post|conteúdo|artigo)|indlægget|innlegget|inlägget|het bericht|artikkeli|artykuł|wpis|článek|příspěvek|článok|сообщение|запись|статья|запис|допис|bài viết|artikel|το άρθρο|המאמר|הפוסט|पोस्ट|投稿|這篇文章|这篇文章|文章|postarea|articolul|objava|članak|чланак|نوشته|المقالة|ظهرت المقالة|ظهرت التدوينة)\s+\S`)
	theText         = regexp.MustCompile(`^(?:the|der|die|das|le|l['’]|la|el|o|il|lo|het|de)? ?(?:full |original |complete |guest |blog |interview |volle )?(?:article|story|post|piece|essay|column|interview|op-?ed|commentary|artikel|beitrag|text|artículo|artigo|articolo|entrada|bericht|nota|статья|материал|стаття|文章|原文|전문|記事|artykuł|wpis|tekst|reportaż|článek|text|makala|habari|artikkeli|artikeln|artiklen|cikk|articolul|makale|yazı|المقال|המאמר|post)(?: (?:was|is|has been|had been|which|that|that was|wurde|ist|fue|foi|è stato|a été|est|was also))?$`)
)

// clauseStart is where the sentence that contains offset i begins: after a full
// stop and a blank, or after a mark that ends a clause of its own. It looks
// back no further than longClause.
func clauseStart(s string, i int) int {
	from := max(0, i-longClause)
	for j := i - 1; j >= from; j-- {
		switch s[j] {
		case '.', '!', '?':
			if j+2 <= i && (s[j+1] == ' ' || s[j+1] == '"') && !abbreviation(s[:j]) {
				return skipBlank(s, j+1, i)
			}
		case '|':
			return skipBlank(s, j+1, i)
		case 0xE2, 0xE3, 0xEF, 0xE0: // the lead bytes of the marks below
			for _, mark := range []string{"。", "！", "？", "•", "।", "…"} {
				if strings.HasPrefix(s[j:], mark) && j+len(mark) <= i {
					return skipBlank(s, j+len(mark), i)
				}
			}
		}
	}
	for from < i && from > 0 && s[from]&0xC0 == 0x80 {
		from++
	}
	return from
}

const longClause = 300 // bytes

func skipBlank(s string, from, to int) int {
	for from < to && (s[from] == ' ' || s[from] == '"') {
		from++
	}
	return from
}

// abbreviation reports whether a text ends in a word whose full stop ends no
// sentence.
func abbreviation(s string) bool {
	for _, a := range []string{" Dr", " Mr", " Mrs", " Ms", " St", " No", " vs", " U.S", " a.m", " p.m", " Inc", " Jr", " Prof", " Ed", "Ed", " bzw", " z.B"} {
		if strings.HasSuffix(s, a) {
			return true
		}
	}
	// an initial: "John F. Kennedy"
	return len(s) >= 2 && s[len(s)-2] == ' ' && s[len(s)-1] >= 'A' && s[len(s)-1] <= 'Z'
}

// sentenceAt is the sentence from start that goes on to end, with the little
// that follows it up to its full stop.
func sentenceAt(s string, start, end int) string {
	end = min(max(end, start), len(s))
	for i := end; i < len(s) && i < end+120; i++ {
		if s[i] == '.' || s[i] == '!' || strings.HasPrefix(s[i:], "。") {
			_, n := utf8.DecodeRuneInString(s[i:])
			return s[start : i+n]
		}
	}
	return s[start:end]
}
