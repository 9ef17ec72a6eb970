package parse

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

var (
	// signedOff finds a credit after the last sentence: "… he said. -- PTI",
	// "… said. (ANI)", "… — AFP".
	signedOff = regexp.MustCompile(`(?:[.!?…"”»’']|^)\s*(?:[-–—]{1,3}\s*|\(|\[|（|/)\s*((?:With (?:agency )?(?:inputs?|files) from |[Aa]vec (?:l['’])?|[Mm]it |Con información de |Com informações d[aeo]s? |Source:? |Quelle:? |via |By )?[\p{L}][\p{L}./&,+ -]{1,50}?)\s*(?:\)|\]|）|/)?(?:\s+[A-Z]{2,4}(?:\s+[A-Z]{2,4}){0,4})?\s*[.]?$`)
	inputs    = regexp.MustCompile(`(?i)^[*(\s]*(?:(?:with )?(?:additional )?(?:agency )?(?:inputs?|files|material|reporting) from (?:the )?|con informaci[óo]n(?:es)? de |com informaç(?:ões|ão) d[aeo]s? |avec (?:l['’])?|mit (?:material (?:von|der) )?|met |con |com |with )`)
	sourceIs  = regexp.MustCompile(`(?i)^[(\[（*_\s]*(?:source|sources|quelle|fuente|fonte|source de l['’]article|источник|джерело|крыніца|извор|izvor|vir|bron|kilde|källa|lähde|allikas|avots|šaltinis|źródło|zdroj|forrás|sursa|burimi|kaynak|mənbə|manba|дереккөз|πηγή|წყარო|աղբյուր|المصدر|مصدر|منبع|ماخذ|ذریعہ|מקור|स्रोत|स्त्रोत|সূত্র|उत्स|ਸਰੋਤ|સ્ત્રોત|ஆதாரம்|ที่มา|sumber|pinagmulan|nguồn|chanzo|majiya|font|iturria|文章来源|来源|來源|稿源|出典|출처|credit|via|from|courtesy|original (?:article|post|story|source|link)|post from|text|originally from|orginal source|article source|news source|原文|原文链接|原文地址|본문|원문|元記事)\s*[:：–-]\s*`)
	sourceEnd = regexp.MustCompile(`(?i)(?:[.!?…”"]|\s)\(?(?:source|quelle|fuente|fonte|источник|来源|来源于|via|credit)\s*[:：]\s*([^()]{2,80}?)\)?\s*$`)
	copyright = regexp.MustCompile(`(?i)(?:^[(\[]?|[.!?]\s+|riservata\s+)(?:copyright|©|\(c\))[\s©,:]*(?:\(c\)\s*|copyright\s+)?(?:\d{4}(?:\s*[-–]\s*\d{2,4})?)?,?\s*(?:by\s+)?(?:the\s+)?`)
	original  = regexp.MustCompile(`(?i)\b(?:visit|view|read|see|go to)\s+(?:the\s+)?original\s+(?:article|post|story|source|content|version|page)?`)
	// readMoreAt: the article's address elsewhere, at the very end.
	readMoreAt = regexp.MustCompile(`(?i)\b(?:read more|source|original(?: article| post| story)?|via|continue reading|full (?:story|article))(?:\s+(?:source|here|at|on))?\s*[:：]?\s*(https?://\S+?)[.)\]]?\s*$`)
	// reportBy: "This report by The Canadian Press was first published …"
	reportBy = regexp.MustCompile(`^This (?:report|story|article|content) (?:by|from) (?:the |The )?(\p{Lu}[\p{L} ]{1,40}?) was (?:first|originally) published`)
	// desk: the way in which Reuters names who worked on a text.
	desk = regexp.MustCompile(`^\(?(?:Additional )?[Rr]eporting by [^;()]{3,200};\s*(?:[Ww]riting|[Ee]diting|[Aa]dditional [Rr]eporting|[Cc]ompiled) by [^()]{3,120}\)?\.?$`)
	// slugged: "PTI AQ TR", an agency's mark and its desk's initials.
	slugged = regexp.MustCompile(`^[-–— (]*(\p{Lu}{3,9})(?:(?:[ /]+\p{Lu}{2,4}){1,5}[ )]*|\s*\([^()]{2,120}\))$`)
	// contributed: "Associated Press writer NAME in PLACE contributed to this report."
	contributed = regexp.MustCompile(`^(?:The )?(\p{Lu}[\p{L} ]{1,30}?) (?:sports |business |staff |video )?(?:writers?|reporters?|correspondents?|journalists?) .{4,200} contributed(?: to this (?:report|story|article))?\.?$`)
	// authored: "verified and authored by ANI staff".
	authored = regexp.MustCompile(`\b(?:authored|prepared|filed) by ([\p{L}]{2,20}) (?:staff|correspondents?)\b`)
	// ownSite: "(NAN) (www.nannews.ng)", the agency's site at the very end.
	ownSite = regexp.MustCompile(`\((?:https?://)?((?:[\p{L}\d-]+\.)+\p{L}{2,})/?\)\.?$`)
	// printed: "Published in Dawn, March 3rd, 2026", as print editions close.
	printed = regexp.MustCompile(`^Published in (?:the )?((?:The )?\p{Lu}[^,.]{2,40}), (?:on )?\p{Lu}\p{L}+ \d{1,2}(?:st|nd|rd|th)?,? \d{4}\.?$`)
	// following: "Theo Tuổi Trẻ", a Vietnamese line that is nothing but its source.
	following = regexp.MustCompile(`^[(]?(?:Theo|Dẫn theo) (\p{Lu}[^,.;:]{1,40}?)[).]*$`)
	// initialed: "ab/cd (AFP, Reuters)", desks' initials and whose texts they used.
	initialed = regexp.MustCompile(`^\p{Ll}{2,4}(?:/\p{Ll}{2,4}){0,3}\s*\(([^()]{2,50})\)$`)
	shortLink = regexp.MustCompile(`^(?s)(.{0,400}?)\s*(https?://(?:ift\.tt|bit\.ly|dlvr\.it|goo\.gl|t\.co|tinyurl\.com|ow\.ly|buff\.ly|is\.gd|wp\.me)/\S+)(?:\s+via\s+IFTTT)?\s*$`)
)

// closing reads a credit at the end of a text. fromEnd counts the paragraphs
// behind this one.
func (f *finder) closing(b *paragraph, fromEnd int) {
	s := b.Text
	if fromEnd < 3 {
		if f.closingLine(b, s, fromEnd) {
			return
		}
	}
	if len(s) < 400 && b.marksCopyright() {
		m := copyright.FindStringIndex(s)
		if m == nil {
			return
		}
		for _, l := range b.Links { // "Copyright © 2026 NAME", where the name leads to another site
			if h := hostOf(l.Href); l.Start <= m[1]+1 && l.End > m[1] && isRoot(l.Href) && h != "" && !isProxy(h) && !f.isOwnHost(h) && isName(cleanName(l.Text)) {
				f.add(feeds.Reprint, cleanName(l.Text), l.Href, s, "closing")
				return
			}
		}
		name := s[m[1]:]
		if i := strings.IndexAny(name, ",.;:/"); i >= 0 {
			name = name[:i]
		}
		if a, ok := agencyIn(name); ok {
			f.add(feeds.Wire, a.Name, "", sentenceAt(s, m[0], m[1]+len(name)), "closing")
			return
		}
		if name = cleanName(name); knownOutlets[strings.TrimPrefix(name, "The ")] && !f.isOwn(name, "") {
			f.add(feeds.Reprint, name, "", sentenceAt(s, m[0], m[1]+len(name)), "closing")
			return
		}
	}
	if !b.words.has(originalCue) {
		return
	}
	for _, l := range b.Links {
		if original.MatchString(l.Text) && hostOf(l.Href) != "" && len(s) < 300 {
			if h := hostOf(l.Href); f.isOwnHost(h) {
				f.add(feeds.SelfClaim, f.ownName(), l.Href, s, "closing")
			} else if !isProxy(h) {
				f.add(feeds.Reprint, "", l.Href, s, "closing")
			}
			return
		}
	}
}

// marksCopyright reports whether a paragraph holds the word or its sign.
func (p *paragraph) marksCopyright() bool {
	s := p.Text
	return p.words.has(copyrightCue) && (strings.Contains(s, "opyright") || strings.Contains(s, "COPYRIGHT")) ||
		around(s, "", "©"[0], "©"[1:]) || around(s, "", '(', "c)") || around(s, "", '(', "C)")
}

// closingLine reads a paragraph that is, or ends in, a credit.
func (f *finder) closingLine(b *paragraph, s string, fromEnd int) bool {
	if len(s) < 220 && colonOrDash(s[:min(len(s), 60)]) {
		if m := sourceIs.FindString(s); m != "" {
			return f.sourceLine(b.Block, s, len(m))
		}
	}
	if fromEnd == 0 && colonOrDash(s[max(0, len(s)-120):]) {
		if m := readMoreAt.FindStringSubmatch(s); m != nil && !f.isOwnHost(hostOf(m[1])) && !isRoot(m[1]) && !isProxy(hostOf(m[1])) {
			f.add(feeds.Reprint, "", m[1], m[0], "closing")
			return true
		}
		if m := shortLink.FindStringSubmatch(s); m != nil {
			return f.relayed(s, m[1], m[2])
		}
		if m := sourceEnd.FindStringSubmatchIndex(s); m != nil {
			if a, ok := agencyIn(s[m[2]:m[3]]); ok {
				f.add(feeds.Wire, a.Name, "", s[m[0]:m[1]], "closing")
				return true
			}
			if address := bareURL.FindString(s[m[2]:m[3]]); address != "" && !f.isOwnHost(hostOf(address)) && !isRoot(address) {
				f.add(feeds.Reprint, "", address, s[m[0]:m[1]], "closing")
				return true
			}
		}
	}
	if len(s) < 300 {
		if m := matchIf(strings.HasPrefix(s, "This "), reportBy, s); m != nil {
			if a, ok := agencyIn(m[1]); ok {
				f.add(feeds.Wire, a.Name, "", s, "closing")
				return true
			}
		}
		if b.words.has(deskCue) && strings.Contains(s, "eporting by ") && desk.MatchString(s) {
			f.add(feeds.Wire, "Reuters", "", s, "closing")
			return true
		}
		if m := matchIf(startsMarked(s), slugged, s); m != nil {
			if a, ok := agencyIn(m[1]); ok && (!ambiguous[m[1]] || fromEnd == 0) {
				f.add(feeds.Wire, a.Name, "", s, "closing")
				return true
			}
		}
		if m := matchIf(strings.Contains(s[:min(len(s), 16)], "eo "), following, s); m != nil && fromEnd < 2 {
			if a, ok := agencyIn(m[1]); ok {
				f.add(feeds.Wire, a.Name, "", s, "closing")
				return true
			}
			if l := len(strings.Fields(m[1])); l <= 3 || namesPublication(m[1]) {
				f.add(feeds.Reprint, cleanName(m[1]), "", s, "closing")
				return true
			}
		}
		if f.rareLine(b, s, fromEnd) {
			return true
		}
		if m := matchIf(strings.HasSuffix(s, ")"), initialed, s); m != nil {
			for _, n := range splitNames.Split(m[1], 5) {
				if a, ok := agencyIn(n); ok {
					f.add(feeds.Wire, a.Name, "", s, "closing")
					return true
				}
			}
		}
	}
	tail := s
	from := 0
	if len(tail) > 90 {
		from = len(tail) - 90
		for from < len(s) && s[from]&0xC0 == 0x80 {
			from++
		}
		tail = s[from:]
	}
	if len(s) > 60 && !bracketOrDash(tail[max(0, len(tail)-70):]) {
		return false
	}
	if m := signedOff.FindStringSubmatchIndex(tail); m != nil && (fromEnd < 2 || m[0] == 0) {
		credit := inputs.ReplaceAllString(tail[m[2]:m[3]], "")
		for _, n := range splitNames.Split(credit, 5) {
			for _, n := range []string{n, strings.TrimRight(n, "."), leadWord(n)} {
				if a, ok := agencyIn(n); ok && !(ambiguous[n] && m[0] == 0 && from > 0) {
					f.add(feeds.Wire, a.Name, "", strings.TrimLeft(tail[m[0]:], ".!?…\"”»’' "), "closing")
					return true
				}
			}
		}
		if agencies.MatchString(credit) && len(credit) < 40 {
			f.add(feeds.Wire, "", "", tail[m[0]:], "closing")
			return true
		}
	}
	if len(s) <= 60 {
		if m := inputs.FindString(s); m != "" {
			for _, n := range splitNames.Split(strings.Trim(s[len(m):], " .)"), 5) {
				if a, ok := agencyIn(n); ok {
					f.add(feeds.Wire, a.Name, "", s, "closing")
					return true
				}
			}
			if agencies.MatchString(s) {
				f.add(feeds.Wire, "", "", s, "closing")
				return true
			}
		}
		if a, ok := agencyIn(s); ok && fromEnd == 0 && !ambiguous[strings.Trim(s, " .()")] {
			f.add(feeds.Wire, a.Name, "", s, "closing")
			return true
		}
	}
	return false
}

// rareLine reads credits of fixed wording. A look for one of their words keeps the
// expressions from running on the other texts.
func (f *finder) rareLine(b *paragraph, s string, fromEnd int) bool {
	switch {
	case b.words.has(contributedCue) && strings.Contains(s, " contributed"):
		if m := contributed.FindStringSubmatch(s); m != nil && fromEnd == 0 {
			if a, ok := agencyIn(m[1]); ok {
				f.add(feeds.Wire, a.Name, "", s, "closing")
				return true
			}
		}
	case b.words.has(byCue) && strings.Contains(s, "ed by "):
		if m := authored.FindStringSubmatch(s); m != nil {
			if a, ok := agencyIn(m[1]); ok {
				f.add(feeds.Wire, a.Name, "", s, "closing")
				return true
			}
		}
	case strings.HasPrefix(s, "Published in "):
		if m := printed.FindStringSubmatch(s); m != nil && isName(m[1]) && namesPublication(m[1]) {
			f.add(feeds.Reprint, cleanName(m[1]), "", s, "closing")
			return true
		}
	}
	if fromEnd > 0 || !strings.HasSuffix(strings.TrimSuffix(s, "."), ")") {
		return false
	}
	if m := ownSite.FindStringSubmatch(s); m != nil {
		if a, ok := feeds.AgencyAt(strings.TrimPrefix(strings.ToLower(m[1]), "www.")); ok && !a.Portal {
			f.add(feeds.Wire, a.Name, "", s[max(0, len(s)-60):], "closing")
			return true
		}
	}
	return false
}

// bracketOrDash reports whether a text may hold a bracket, a slash or a dash of
// any kind.
func bracketOrDash(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '-', '[', '/', 0xE2, 0xEF:
			return true
		}
	}
	return false
}

func colonOrDash(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ':', '-', 0xE2, 0xEF:
			return true
		}
	}
	return false
}

// startsMarked reports whether a text begins with two capitals.
func startsMarked(s string) bool {
	s = strings.TrimLeft(s, "-–— (")
	r, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	return unicode.IsUpper(r) && unicode.IsUpper(second)
}

func leadWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return w
}

// sourceLine reads a line "Source: NAME", whose name starts at offset pos. An
// agency is a credit; another name counts when it comes with the address of an
// article elsewhere, since "Source: OECD" is no reprint.
func (f *finder) sourceLine(b *text.Block, s string, pos int) bool {
	rest := s[pos:]
	name, n := capitals(rest)
	if len(b.Links) == 0 && !strings.Contains(rest, "://") && len(splitNames.Split(rest, 4)) > 2 {
		return false // a list of what was read
	}
	agencies, others := 0, 0
	var agency feeds.Agency
	for _, n := range splitNames.Split(strings.Trim(rest, " .)]）"), 4) {
		if a, ok := agencyIn(n); !ok {
			others++
		} else if agencies++; agencies == 1 {
			agency = a
		}
	}
	if a, ok := agencyIn(name); ok && agencies == 0 {
		agency, agencies, others = a, 1, 0
	}
	if agencies > 0 && agencies > others {
		f.add(feeds.Wire, agency.Name, "", s, "closing")
		return true
	}
	for _, l := range b.Links {
		h := hostOf(l.Href)
		if l.Start >= pos-1 && h != "" && !f.isOwnHost(h) && !isProxy(h) {
			name := cleanName(l.Text)
			if !isName(name) || looksLikeHeadline(name) {
				name = ""
			}
			// "Source: Bureau of Statistics" cites; an article or a publication is
			// where the text is from.
			if f.isThis(l) || hasPath(l.Href) && foldName(siteLabel(h)) == foldName(strings.ReplaceAll(name, " ", "")) {
				if f.isThis(l) {
					name = ""
				}
				f.add(feeds.Reprint, name, l.Href, s, "closing")
				return true
			}
			if isRoot(l.Href) && !looksLikePublication(name) && !knownOutlets[strings.TrimPrefix(name, "The ")] {
				return false
			}
			f.add(feeds.Reprint, name, l.Href, s, "closing")
			return true
		}
	}
	// a line that is nothing but its source, which is a publication by its name
	if len(strings.Trim(rest[n:], " .)]）】*_")) == 0 && len(b.Links) == 0 && namesPublication(name) && !f.isOwn(name, "") {
		f.add(feeds.Reprint, name, "", s, "closing")
		return true
	}
	// a Chinese line that is nothing but its source
	if m := hanSource.FindStringSubmatch(s); m != nil && isName(m[1]+m[2]) && !f.isOwn(m[1]+m[2], "") {
		f.add(feeds.Reprint, m[1]+m[2], "", s, "closing")
		return true
	}
	if address := bareURL.FindString(rest); address != "" && !f.isOwnHost(hostOf(address)) {
		f.add(feeds.Reprint, "", strings.TrimRight(address, ".,;"), s, "closing")
		return true
	}
	return false
}

var hanSource = regexp.MustCompile(`^[（(\[【]?(?:文章|新闻|稿件|本文)?(?:来源|來源|稿源|转自|轉自)\s*[:：]\s*(\p{Han}{2,12}(?:网|報|报|社|台|刊|新闻|日报|时报|晚报|在线)?)[)）\]】]?$|^[（(]?(?:出典|引用元|記事提供)\s*[:：]\s*([\p{Han}\p{Katakana}ー]{1,10}(?:新聞|通信|社|ニュース|放送))[)）]?$`)

// relayed reads the line of a relaying service: the name of the feed, then a
// shortened link.
func (f *finder) relayed(s, before, address string) bool {
	before = strings.TrimSpace(before)
	if t := f.entry.Title; t != "" && strings.HasPrefix(before, t) {
		before = strings.TrimSpace(before[len(t):])
	}
	i := max(strings.LastIndex(before, ". "), strings.LastIndex(before, "! "), strings.LastIndex(before, "? "), strings.LastIndex(before, "… "), strings.LastIndex(before, "] "))
	name := before
	if i >= 0 {
		name = before[i+2:]
	}
	for _, part := range []string{" - ", " | ", " – ", " — ", " » ", ": "} { // "Punch Newspapers - Latest News"
		if head, rest, ok := strings.Cut(name, part); ok && feedTitle.MatchString(rest) {
			name = head
		}
	}
	for _, w := range []string{"via ", "from ", "Via ", "From ", "Source: ", "… ", "— ", "- "} {
		if j := strings.LastIndex(name, w); j >= 0 {
			name = name[j+len(w):]
		}
	}
	name = cleanName(name)
	got, _ := capitals(name)
	if got == "" || len(got) < len(name)-2 || !isName(name) || strings.Count(name, " ") > 5 {
		return false
	}
	f.add(feeds.Reprint, name, address, s[max(0, len(before)-len(name)):], "closing")
	return true
}

// feedTitle is what feeds add to their publication's name.
var feedTitle = regexp.MustCompile(`(?i)^(?:(?:latest|top|breaking|all|local|world|national|recent|home|the|rss|feeds?|news|stories|headlines|articles|posts?|page|nigeria|online)\s*)+$`)

var (
	feedDisclaimer = regexp.MustCompile(`(?i)\b(?:published|auto-?generated|generated|taken|received|sourced|reproduced|created)\s+(?:directly\s+)?(?:from|by|via)\s+(?:an?|the)?\s*([\p{L}-]+(?:\s+[\p{L}-]+){0,4}?)?\s*\b(?:syndicated|agency|agencies|wire|news service)\s*(?:news\s+)?(?:feeds?|text|copy|inputs)?`)
)

// disclaimer reads the sentences with which outlets mark an agency's text that
// they carry unchanged.
func (f *finder) disclaimer(b *paragraph) {
	if len(b.Text) > 500 || !b.words.has(disclaimerCue) {
		return
	}
	if !strings.Contains(b.Text, "feed") && !strings.Contains(b.Text, "service") && !strings.Contains(b.Text, "agency") {
		return
	}
	m := feedDisclaimer.FindStringSubmatchIndex(b.Text)
	if m == nil {
		return
	}
	name := ""
	if m[2] >= 0 {
		for w := range strings.FieldsSeq(b.Text[m[2]:m[3]]) {
			if a, ok := agencyIn(w); ok {
				name = a.Name
			}
		}
		if a, ok := agencyIn(b.Text[m[2]:m[3]]); ok {
			name = a.Name
		}
	}
	if name == "" { // "… from a syndicated feed - PTI)"
		end := strings.TrimRight(b.Text, " .)]")
		if a, ok := agencyIn(end[strings.LastIndexAny(end, " -–—:(")+1:]); ok {
			name = a.Name
		}
	}
	f.add(feeds.Wire, name, "", b.Text, "closing")
}
