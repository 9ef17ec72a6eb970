package parse

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// authors reads credits of agencies, and of other publications, in the names
// of the entry's authors.
func (f *finder) authors() {
	for _, a := range f.entry.Authors {
		f.byline(a, "byline")
	}
}

var (
	byWord     = regexp.MustCompile(`^(?i)(?:by|von|par|por|di|da|door|av|af|от|автор|作者|文|report by|story by|written by)[:：\s]+`)
	splitNames = regexp.MustCompile(`(?i)\s*(?:,|;|/|\||\band\b|\bwith\b|\bund\b|\bmit\b|\bet\b|\bavec\b|\by\b|\bcon\b|\bfor\b|\bvia\b|&|\s[-–—]\s|、|，)\s*`)
	inPlace    = regexp.MustCompile(`^(.{2,40}?)\s+(?:in|from|at|à|en|aus|te)\s+\p{Lu}`)
	bracketed  = regexp.MustCompile(`[(\[（]([^)\]）]{2,60})[)\]）]`)
	agencies   = regexp.MustCompile(`(?i)\b(?:staff and |and |with |& )?(?:news |wire )?(?:agencies|agency reports|agency inputs|wire services?|wire reports?|agenturen|agences|agencias|agências|agenzie)\b`)
)

// byline reads one author's name or a line that holds a byline.
func (f *finder) byline(name, where string) bool {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 160 {
		return false
	}
	if isPlainName(name) {
		return false
	}
	bare := byWord.ReplaceAllString(name, "")
	for _, part := range append(splitNames.Split(bare, 8), bare) {
		part = strings.TrimSpace(part)
		if m := inPlace.FindStringSubmatch(part); m != nil {
			part = m[1]
		}
		if a, ok := agencyIn(part); ok {
			f.add(feeds.Wire, a.Name, "", name, where)
			return true
		}
	}
	for _, m := range bracketed.FindAllStringSubmatch(bare, 3) {
		if a, ok := agencyIn(m[1]); ok {
			f.add(feeds.Wire, a.Name, "", name, where)
			return true
		}
	}
	if a, ok := agencyAtEnd(bare); ok {
		f.add(feeds.Wire, a.Name, "", name, where)
		return true
	}
	if agencies.MatchString(bare) {
		f.add(feeds.Wire, "", "", name, where)
		return true
	}
	if where == "byline" && f.isPublication(bare) {
		f.add(feeds.Reprint, cleanName(bare), "", name, where)
		return true
	}
	return false
}

// agencyAtEnd returns the agency at the end of a byline that has lost its
// comma: "Ann Quay Associated Press".
func agencyAtEnd(s string) (feeds.Agency, bool) {
	words := strings.Fields(s)
	for n := 1; n <= 3 && n+1 < len(words); n++ {
		mark := strings.Join(words[len(words)-n:], " ")
		if a, ok := feeds.AgencyMarked(mark); ok && !ambiguous[mark] && (n > 1 || len(words) == 3) {
			return a, true
		}
	}
	return feeds.Agency{}, false
}

// isPlainName reports whether an author is one person's plain name, without
// anything that could make it a credit. Most authors are.
func isPlainName(name string) bool {
	words := 0
	for w := range strings.SplitSeq(name, " ") {
		for i := 0; i < len(w); i++ {
			if c := w[i]; c >= 0x80 || c != '\'' && (c < 'A' || c > 'z' || c > 'Z' && c < 'a') {
				return false
			}
		}
		if len(w) < 2 || w[0] < 'A' || w[0] > 'Z' || w[1] < 'a' || notInNames[w] || knownOutlets[w] {
			return false
		}
		words++
	}
	return (words == 2 || words == 3) && !knownOutlets[strings.TrimPrefix(name, "The ")]
}

// notInNames are words with a capital that do not occur in people's names.
var notInNames = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq("By Von Par Por News Times Herald Gazette Tribune Chronicle Newspaper Newspapers Observer Telegraph Conversation " +
		"Magazine Journal Reporters Press Daily Weekly Staff Agencies Agency Wire And With Agence Agencia Agenzia Presse Reuters Services Source Via From The " +
		"Associated Bloomberg Anadolu Jiji Kyodo Yonhap Xinhua Interfax Service Desk Trust Media Canada Australian Canadian In Reports Report") {
		notInNames[w] = true
	}
}

// agencyIn returns the agency that a short credit consists of: "AFP", "the
// Associated Press", "agence AFP", "AP Sports", "Reuters Staff".
func agencyIn(s string) (feeds.Agency, bool) {
	s = strings.Trim(s, " \t.,:;–—-_*\"'“”‘’()[]")
	if s == "" || len(s) > 60 {
		return feeds.Agency{}, false
	}
	if a, ok := feeds.AgencyMarked(s); ok {
		return a, true
	}
	for _, suffix := range []string{" Staff", " staff", " News", " Sports", " Writer", " News Agency", " Reporter", " Correspondent", " Photos", " report", " reports", " Newsroom", " Desk", " Editors", " Business", " Entertainment", " Editorial", " Feed", " Feeds", " Live", " Service", " Text"} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			if a, ok := feeds.AgencyMarked(rest); ok {
				return a, true
			}
		}
	}
	for _, prefix := range []string{"agence ", "Agence ", "agencia ", "Agencia ", "Agência ", "agenzia ", "Agenzia ", "Source ", "via "} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			if a, ok := feeds.AgencyMarked(rest); ok {
				return a, true
			}
		}
	}
	// all capitals of a full name: "ASSOCIATED PRESS"
	if len(s) > 6 && s == strings.ToUpper(s) {
		if a, ok := feeds.AgencyNamed(s); ok && !a.Portal {
			return a, true
		}
	}
	return feeds.Agency{}, false
}

// publicationWord ends or begins the names of publications, hardly ever those
// of people.
var publicationWord = regexp.MustCompile(`(?i)\b(?:news|times|herald|gazette|tribune|chronicle|newspapers?|observer|telegraph|conversation|magazine|journal|reporters|press|daily|weekly)\b|\.(?:com|org|net|news|ng|co\.[a-z]{2}|in|de|fr)$`)

// staffWord marks an outlet's own people.
var staffWord = regexp.MustCompile(`(?i)\b(?:desk|staff|team|bureau|reporters?|correspondents?|editors?|editorial|admin|web|online|service|network|newsroom|redaktion|our|special|agency|by|contributor|press release|release|writer)\b`)

// surname are words for publications that are people's names as well.
var surname = map[string]bool{"Press": true, "Weekly": true, "Daily": true, "Reporters": true, "Journal": true}

// knownOutlets are well-known publications whose names do not look like one.
var knownOutlets = map[string]bool{}

func init() {
	for n := range strings.SplitSeq("CNN,BBC,NBC,CBS,ABC News,NPR,PBS,MSNBC,CNBC,CBC,Politico,POLITICO,Axios,Vox,Wired,WIRED,Forbes,Fortune,Variety,Newsweek,TIME,Slate,Salon,"+
		"Mashable,TechCrunch,Quartz,Guardian,ProPublica,Grist,Hill,Atlantic,New Yorker,Economist,Independent,Mirror,Sun,Undark,19th,STAT,Nikkei,Deutsche Welle,DW,"+
		"Al Jazeera,VOA,Voice of America,RFE/RL,Le Monde,Le Figaro,Libération,El País,El Mundo,Der Spiegel,Die Zeit,Corriere della Sera,La Repubblica,La Stampa,"+
		"O Globo,Folha de S.Paulo,Clarín,La Nación,Коммерсантъ,Медуза,Медиазона,人民日报,环球时报,中国日报,澎湃新闻,Vanguard,Punch,Premium Times,SaharaReporters,"+
		"Business Insider,HuffPost,BuzzFeed,Vice,Motherboard,Ars Technica,The Verge,Verge,Engadget,Gizmodo,Lifehacker,Kotaku,MarketWatch,Barron's,Moneycontrol,"+
		"LiveMint,Mint,NDTV,Firstpost,Scroll.in,The Wire,Quint,Dawn,Conversation,Futurism,LiveScience,Live Science,Space.com,ScienceAlert,Smithsonian,CoinDesk,Decrypt", ",") {
		knownOutlets[n] = true
	}
}

// genericWord are words that two publications may share by chance.
var genericWord = map[string]bool{"news": true, "press": true, "daily": true, "weekly": true, "magazine": true, "newspaper": true, "online": true, "times": true, "journal": true, "reporters": true}

// isPublication reports whether an author's name is another publication.
func (f *finder) isPublication(name string) bool {
	if h := bareHost(name); h != "" {
		return !f.isOwnHost(h)
	}
	if knownOutlets[strings.TrimPrefix(name, "The ")] {
		return !f.isOwn(name, "")
	}
	if words := strings.Fields(name); len(words) == 2 && surname[words[1]] {
		return false
	}
	if strings.ContainsAny(name, ",@") || !publicationWord.MatchString(name) || staffWord.MatchString(name) || len(strings.Fields(name)) < 2 || len(strings.Fields(name)) > 5 {
		return false
	}
	own := f.isOwn(name, "")
	if !own { // an abbreviation of the own name: "ET", "NDTV News"
		first, _, _ := strings.Cut(name, " ")
		own = len(first) <= 5 && first == strings.ToUpper(first)
	}
	if !own { // shares a telling word with the own name
		for _, o := range f.ownNames() {
			for w := range strings.FieldsSeq(strings.ToLower(name)) {
				if len(w) >= 4 && !genericWord[w] && strings.Contains(o, foldName(w)) {
					own = true
				}
			}
		}
	}
	return !own
}

// looksLikePublication reports whether a name is rather a publication's than a
// person's: it has a word for one, is a host, or is written as one word with
// inner capitals.
func looksLikePublication(name string) bool {
	if publicationWord.MatchString(name) || bareHost(name) != "" {
		return true
	}
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			return true
		}
	}
	return false
}

// opening reads an agency's credit at the start of a text: its dateline, or a
// byline that stands alone.
func (f *finder) opening(b *text.Block, n int) {
	if n > 2 {
		return
	}
	if len(b.Text) <= 130 && f.bylineText(b.Text) {
		return
	}
	start := b.Text[:min(len(b.Text), 400)]
	if n < 2 && (strings.Contains(start, ", 20") || strings.Contains(start, ", 19")) {
		if m := agencyDate.FindStringSubmatch(start); m != nil && !ambiguous[m[1]] {
			if a, ok := feeds.AgencyMarked(m[1]); ok {
				f.add(feeds.Wire, a.Name, "", strings.TrimSpace(m[0]), "byline")
				return
			}
		}
	}
	if n < 2 && strings.Contains(start, " re") || strings.Contains(start, " lear") || strings.Contains(start, " gathered") {
		if m := agencyReports.FindStringSubmatch(start); m != nil {
			// on another site it is a mention
			if a, ok := agencyIn(m[1]); ok && f.isOwn(a.Name, "") {
				f.add(feeds.Wire, a.Name, "", m[0], "dateline")
				return
			}
		}
	}
	f.dateline(b.Text)
}

var (
	// agencyDate: "Xinhua, May 25, 2024", at the start or after a capital.
	agencyDate    = regexp.MustCompile(`(?:^|[.!?|]\s|\p{Lu}[\p{L}-]*\s)(\p{Lu}[\p{L}-]+),\s+\p{Lu}\p{L}{2,8}\.?\s+\d{1,2},\s+\d{4}\b`)
	agencyReports = regexp.MustCompile(`^(?:[Tt]he )?(\p{Lu}[\p{L} -]{2,40}?)(?:\s+\([A-Z]{2,6}\))?\s+(?:reports|learnt|learned|recalls|gathered)\b`)
	// bylined: "A news analysis by NAME, AGENCY", "NAME, AGENCY", "NAME | AGENCY".
	bylined = regexp.MustCompile(`^(?:.{0,40}\b[Bb]y\s+)?\p{Lu}[\p{L}.’'-]+(?:\s+[\p{L}.’'-]+){0,3}\s*(?:,|\||/|–|-)\s*([^,|]{2,40})$`)
)

// bylineText reads a paragraph that is a byline.
func (f *finder) bylineText(s string) bool {
	if byWord.MatchString(s) && len(s) <= 90 && f.byline(s, "line") {
		f.found[len(f.found)-1].Where = "byline"
		return true
	}
	bare := strings.Trim(s, " ()[]-–—*_.")
	if a, ok := agencyIn(bare); ok && !ambiguous[bare] {
		f.add(feeds.Wire, a.Name, "", s, "byline")
		return true
	}
	if m := bylined.FindStringSubmatch(strings.TrimRight(s, " .…")); m != nil {
		name, _, _ := strings.Cut(m[1], " (")
		if a, ok := agencyIn(name); ok && (!ambiguous[name] || strings.Contains(s, "by ")) {
			f.add(feeds.Wire, a.Name, "", s, "byline")
			return true
		}
	}
	return false
}

var (
	// datelined finds a credit in brackets or slashes and what closes a dateline.
	datelined = regexp.MustCompile(`^([^()（）/【\[]{0,70}(?:\[[^\]]{2,30}\][^()（）/]{0,30})?)(?:\(([^()]{2,40})\)|（([^（）]{2,30})）|/([^/]{2,30})/|--\(([A-Z ]{4,30})\))\s*(\.?\s*[-–—―_:：=.]|[»|]|$)?`)
	// prefixed finds an agency's name at the very start: "Reuters - ".
	prefixed = regexp.MustCompile(`^([\p{L}][\p{L}. /-]{1,32}?)\s*(?:[-–—|]\s|,\s+(?:\p{L}+\.?\s+)?\d{1,2}[\s.,]|[-–—]\s?\p{Lu})`)
	// relayLine: "Ann Quay / Reuters: The ferry is back", as lists of links begin.
	relayLine = regexp.MustCompile(`^\p{Lu}[\p{L}.’'-]*(?: [\p{L}.’'-]+){1,4} / (\p{Lu}[^:/]{1,40}):\s`)
	// trailing finds "CITY, 5 January — РИА Новости." and "КИЕВ. ИНТЕРФАКС-УКРАИНА - "
	trailing = regexp.MustCompile(`^\p{Lu}[\p{L} -]{2,30}[.,]?\s+(?:\d{1,2}\s+\p{L}+\.?\s*)?[-–—.,]?\s*[-–—]?\s*(РИА Новости|ТАСС|ИНТЕРФАКС(?:-УКРАИНА)?|Интерфакс|TASS|REUTERS|Reuters|AFP|dpa|Xinhua|XINHUA|ANTARA|رويترز)\s*[.:–—-]`)
	// chinese and korean datelines
	eastern = regexp.MustCompile(`^[【(（\[]?\s*(?:(新华社|新華社|中新社|中新网|中央社|路透社?|法新社|共同社?|共同通信|時事通信|美联社|美聯社)[^。，]{0,20}?(?:电|電|讯|訊|】|）|\))|[^)\]=]{1,12}=\s*(연합뉴스|뉴시스|뉴스1|AFP|로이터))`)
)

// ambiguous are marks that mean an agency only inside a full dateline.
var ambiguous = map[string]bool{
	"PA": true, "NA": true, "PL": true, "CP": true, "EP": true, "AA": true, "TT": true, "UNI": true, "MAP": true, "TAP": true, "STA": true,
	"APP": true, "SPA": true, "SID": true, "sid": true, "RSS": true, "Trend": true, "Beta": true, "BETA": true, "Fars": true, "CNS": true, "SDA": true,
	"ATS": true, "ats": true, "sda": true, "APA": true, "INA": true, "ANA": true, "ENA": true, "GNA": true, "NNA": true, "BNA": true, "PNA": true, "ONA": true,
	"IPS": true, "MENA": true, "SANA": true, "APS": true, "CNA": true, "NAN": true, "BSS": true, "UNB": true, "VNA": true, "PAP": true, "TNS": true, "APO": true,
	"Petra": true, "بنا": true, "وام": true, "فارس": true, "مهر": true, "بترا": true, "PANA": true, "IHA": true, "DHA": true, "Anadolu": true, "Dow Jones": true,
	"SITA": true, "ABr": true, "Antara": true, "Stacker": true, "共同": true, "時事": true, "KNA": true, "AAP": true, "Hina": true, "Fena": true, "Sapa": true, "NTX": true,
}

// dateline reads "CITY, Country, May 3 (AGENCY) —" and its many forms.
func (f *finder) dateline(s string) {
	if len(s) > 200 {
		s = s[:200]
	}
	if m := relayLine.FindStringSubmatch(s); m != nil {
		if a, ok := agencyIn(m[1]); ok {
			f.add(feeds.Wire, a.Name, "", m[0], "byline")
			return
		}
		if looksLikePublication(m[1]) || knownOutlets[strings.TrimPrefix(m[1], "The ")] {
			f.add(feeds.Reprint, m[1], "", m[0], "byline")
			return
		}
	}
	if !hasMark(s) {
		return
	}
	if m := datelined.FindStringSubmatch(s); m != nil {
		place, end := m[1], strings.TrimSpace(m[6])
		credit := m[2] + m[3] + m[4] + m[5]
		names := splitNames.Split(credit, 4)
		for _, n := range names {
			a, ok := agencyIn(n)
			if !ok || !isPlace(place) || initials(place, n) {
				continue
			}
			// an ambiguous mark needs a place before it
			if ambiguous[strings.TrimSpace(n)] && strings.TrimSpace(place) == "" {
				continue
			}
			// without a dash there must be a date, as in "Delhi, Mar 3 (PTI) The …"
			if end == "" && len(s) > len(m[0]) && !startsDated(place, s[len(m[0]):]) {
				continue
			}
			f.add(feeds.Wire, a.Name, "", m[0], "dateline")
			return
		}
	}
	if m := prefixed.FindStringSubmatch(s); m != nil {
		for _, n := range strings.Split(m[1], "/") {
			if a, ok := agencyIn(n); ok && !ambiguous[strings.TrimSpace(n)] && !strings.Contains(a.Name, "Bloomberg") {
				f.add(feeds.Wire, a.Name, "", m[0], "dateline")
				return
			}
		}
	}
	if m := trailing.FindStringSubmatch(s); m != nil {
		if a, ok := feeds.AgencyNamed(m[1]); ok {
			f.add(feeds.Wire, a.Name, "", m[0], "dateline")
			return
		}
	}
	if m := eastern.FindStringSubmatch(s); m != nil {
		for _, n := range m[1:] {
			if a, ok := feeds.AgencyMarked(n); ok {
				f.add(feeds.Wire, a.Name, "", m[0], "dateline")
				return
			}
		}
	}
}

// hasMark reports whether a word or a few words between punctuation, near the
// start of a text, are an agency's mark. It is quick, so that the expressions
// run on few texts only.
func hasMark(s string) bool {
	s = s[:min(len(s), 130)]
	if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "【（([ ")); unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hangul, r) {
		return true
	}
	from := 0
	for i, r := range s {
		switch r {
		case '(', ')', '/', '（', '）', '-', '–', '—', '―', ':', '：', '|', ',', '.', '=', '_', '[', ']', '»':
			if part := s[from:i]; part != "" {
				if _, ok := agencyIn(part); ok {
					return true
				}
			}
			from = i + utf8.RuneLen(r)
		}
	}
	return strings.Contains(s, "dpa") || strings.Contains(s, "AFP") || strings.Contains(s, "РИА") || strings.Contains(s, "ИНТЕРФАКС")
}

// startsDated reports whether a dateline has its date and the text behind it
// begins a sentence.
func startsDated(place, rest string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, ` "'“‘«`))
	return strings.ContainsAny(place, "0123456789") && !unicode.IsLower(r)
}

// isPlace reports whether what stands before a dateline's credit can be a place
// and a date: nothing, or a few words of which the small ones are only those
// that stand in place names and dates.
func isPlace(s string) bool {
	s = strings.TrimSpace(strings.Trim(strings.TrimSpace(s), ",-–—.:|"))
	if s == "" {
		return true
	}
	words := strings.Fields(s)
	if len(words) > 9 {
		return false
	}
	if l := strings.ToLower(words[0]); l == "the" || l == "a" || l == "an" || l == "according" {
		return false
	}
	small := 0
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(strings.Trim(w, `"'“”[](),`))
		if unicode.IsLower(r) {
			small++
			if !connectors[strings.ToLower(strings.Trim(w, ".,"))] && !monthWord(w) {
				return false
			}
		}
	}
	return small <= 3
}

func monthWord(w string) bool {
	w = strings.ToLower(strings.Trim(w, ".,"))
	for _, m := range []string{"jan", "feb", "mar", "mär", "apr", "abr", "may", "mai", "mag", "jun", "juin", "giu", "jul", "juil", "lug", "aug", "août", "ago", "sep", "set", "oct", "okt", "ott", "out", "nov", "dec", "dez", "déc", "dic", "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек", "fév", "gen", "ene", "сiч"} {
		if strings.HasPrefix(w, m) && len(w) <= len(m)+8 {
			return true
		}
	}
	return false
}

// initials reports whether a mark abbreviates the words before it: "Philippine
// Armed Forces (PAF)" is no credit.
func initials(words, mark string) bool {
	mark = strings.TrimSpace(mark)
	if len(mark) < 2 || mark != strings.ToUpper(mark) {
		return false
	}
	var b strings.Builder
	for w := range strings.FieldsSeq(words) {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(r) {
			b.WriteRune(r)
		}
	}
	return strings.HasSuffix(b.String(), mark)
}

var (
	// signedOff finds a credit after the last sentence: "… he said. -- PTI",
	// "… said. (ANI)", "… — AFP".
	signedOff = regexp.MustCompile(`(?:[.!?…"”»’']|^)\s*(?:[-–—]{1,3}\s*|\(|\[|（|/)\s*((?:With (?:agency )?(?:inputs?|files) from |[Aa]vec (?:l['’])?|[Mm]it |Con información de |Com informações d[aeo]s? |Source:? |Quelle:? |via |By )?[\p{L}][\p{L}./&, -]{1,50}?)\s*(?:\)|\]|）|/)?\s*(?:[A-Z]{2,4}(?:\s+[A-Z]{2,4}){0,4})?\s*[.]?$`)
	inputs    = regexp.MustCompile(`(?i)^[*(\s]*(?:(?:with )?(?:additional )?(?:agency )?(?:inputs?|files|material|reporting) from (?:the )?|con informaci[óo]n(?:es)? de |com informaç(?:ões|ão) d[aeo]s? |avec (?:l['’])?|mit (?:material (?:von|der) )?|met |con |com |with )`)
	sourceIs  = regexp.MustCompile(`(?i)^[(\[（*_\s]*(?:source|sources|quelle|fuente|fonte|source de l['’]article|источник|джерело|bron|kilde|källa|lähde|źródło|zdroj|kaynak|πηγή|المصدر|מקור|स्रोत|स्त्रोत|sumber|nguồn|文章来源|来源|來源|稿源|出典|출처|credit|via|from|courtesy|original (?:article|post|story|source|link)|post from|text|originally from|orginal source|article source|news source|原文|原文链接|原文地址|본문|원문|元記事)\s*[:：–-]\s*`)
	sourceEnd = regexp.MustCompile(`(?i)(?:[.!?…”"]|\s)\(?(?:source|quelle|fuente|fonte|источник|来源|来源于|via|credit)\s*[:：]\s*([^()]{2,80}?)\)?\s*$`)
	copyright = regexp.MustCompile(`(?i)(?:^|[.!?]\s+)(?:copyright|©|\(c\))[\s©,]*(?:\(c\)\s*)?(?:\d{4}(?:\s*[-–]\s*\d{2,4})?)?,?\s*(?:by\s+)?(?:the\s+)?`)
	original  = regexp.MustCompile(`(?i)\b(?:visit|view|read|see|go to)\s+(?:the\s+)?original\s+(?:article|post|story|source|content|version|page)?`)
	// readMoreAt: the article's address elsewhere, at the very end.
	readMoreAt = regexp.MustCompile(`(?i)\b(?:read more|source|original(?: article| post| story)?|via|continue reading|full (?:story|article))(?:\s+(?:source|here|at|on))?\s*[:：]?\s*(https?://\S+?)[.)\]]?\s*$`)
	shortLink  = regexp.MustCompile(`^(?s)(.{0,400}?)\s*(https?://(?:ift\.tt|bit\.ly|dlvr\.it|goo\.gl|t\.co|tinyurl\.com|ow\.ly|buff\.ly|is\.gd|wp\.me)/\S+)(?:\s+via\s+IFTTT)?\s*$`)
)

// closing reads a credit at the end of a text. fromEnd counts the paragraphs
// behind this one.
func (f *finder) closing(b *text.Block, fromEnd int) {
	s := b.Text
	if fromEnd < 3 {
		if f.closingLine(b, s, fromEnd) {
			return
		}
	}
	if len(s) < 400 && (strings.Contains(s, "opyright") || strings.Contains(s, "COPYRIGHT") || strings.Contains(s, "©") || strings.Contains(s, "(c)") || strings.Contains(s, "(C)")) {
		m := copyright.FindStringIndex(s)
		if m == nil {
			return
		}
		name := s[m[1]:]
		if i := strings.IndexAny(name, ",.;:/"); i >= 0 {
			name = name[:i]
		}
		if a, ok := agencyIn(name); ok {
			f.add(feeds.Wire, a.Name, "", sentenceAt(s, m[0], m[1]+len(name)), "closing")
			return
		}
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

// closingLine reads a paragraph that is, or ends in, a credit.
func (f *finder) closingLine(b *text.Block, s string, fromEnd int) bool {
	if len(s) < 220 && colonOrDash(s[:min(len(s), 60)]) {
		if m := sourceIs.FindString(s); m != "" {
			return f.sourceLine(b, s, len(m))
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

func leadWord(s string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return w
}

// sourceLine reads a line "Source: NAME", whose name starts at offset pos. An
// agency is a credit; another name counts when it comes with the address of an
// article elsewhere, since "Source: OECD" is no reprint.
func (f *finder) sourceLine(b *text.Block, s string, pos int) bool {
	rest := s[pos:]
	name, _ := capitals(rest)
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
			if isRoot(l.Href) && !looksLikePublication(name) && !knownOutlets[strings.TrimPrefix(name, "The ")] {
				return false
			}
			f.add(feeds.Reprint, name, l.Href, s, "closing")
			return true
		}
	}
	// a Chinese line that is nothing but its source
	if m := hanSource.FindStringSubmatch(s); m != nil && isName(m[1]) && !f.isOwn(m[1], "") {
		f.add(feeds.Reprint, m[1], "", s, "closing")
		return true
	}
	if address := bareURL.FindString(rest); address != "" && !f.isOwnHost(hostOf(address)) {
		f.add(feeds.Reprint, "", strings.TrimRight(address, ".,;"), s, "closing")
		return true
	}
	return false
}

var hanSource = regexp.MustCompile(`^[（(\[【]?(?:文章|新闻|稿件|本文)?(?:来源|來源|稿源|转自|轉自)\s*[:：]\s*(\p{Han}{2,12}(?:网|報|报|社|台|刊|新闻|日报|时报|晚报|在线)?)[)）\]】]?$`)

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
func (f *finder) disclaimer(b *text.Block) {
	if len(b.Text) > 500 || !strings.Contains(b.Text, "feed") && !strings.Contains(b.Text, "service") && !strings.Contains(b.Text, "agency") {
		return
	}
	low := strings.ToLower(b.Text)
	if !strings.Contains(low, "syndicated feed") && !strings.Contains(low, "agency feed") && !strings.Contains(low, "wire feed") && !strings.Contains(low, "news service") && !strings.Contains(low, "wire agency") && !strings.Contains(low, "news agency feed") {
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
	f.add(feeds.Wire, name, "", b.Text, "closing")
}
