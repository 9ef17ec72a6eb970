package parse

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"aggregator/feeds"
)

// looksLikePublication reports whether a name is rather a publication's than a
// person's: it has a word for one, is a host, or is written as one word with
// inner capitals.
func looksLikePublication(name string) bool {
	if publicationWord.MatchString(name) || bareHost(name) != "" {
		return true
	}
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' && !strings.HasPrefix(name[i-1:], "bH") {
			return true // but not for "GmbH"
		}
	}
	return false
}

// namesPublication is looksLikePublication for a name that stands where only a
// source can: words that many publications share with other things will do, and
// so will a name that begins with a well-known one ("BBC Bangla").
func namesPublication(name string) bool {
	bare := strings.TrimPrefix(name, "The ")
	if knownOutlets[bare] || looksLikePublication(name) || len(strings.Fields(bare)) > 1 && sourceWord.MatchString(bare) {
		return true
	}
	first, _, _ := strings.Cut(bare, " ")
	return broadcaster[first]
}

// sourceWord are words for publications that are everyday words elsewhere.
var sourceWord = regexp.MustCompile(`(?i)(?:^|\s)(?:posts?|standard|express|review|today|mail|globe|mirror|echo|courier|examiner|argus|inquirer|ledger|sentinel|dispatch|bulletin|guardian|independent|citizen|nation|monitor|wire|radio|tv|zeitung|nachrichten|anzeiger|tagblatt|blatt|kurier|presse|rundschau|journaal|dagblad|avis|tidende|bladet|diario|periódico|noticias|gaceta|jornal|notícias|correio|gazeta|giornale|corriere|quotidiano|notizie|courrier|gazette|dépêche|новости|газета|вести|вестник|известия|новини|вісті|gazetesi|haber|haberler)(?:\s|$)`)

// broadcaster begin the names of many services of one house.
var broadcaster = map[string]bool{"BBC": true, "CNN": true, "NBC": true, "CBS": true, "VOA": true, "NPR": true, "RFI": true, "RFE/RL": true, "DW": true,
	"Би-би-си": true, "বিবিসি": true, "बीबीसी": true, "الجزيرة": true, "العربية": true, "بی\u200cبی\u200cسی": true}

// opening reads an agency's credit at the start of a text: its dateline, or a
// byline that stands alone.
func (f *finder) opening(b *paragraph, n int) {
	if n > 2 {
		return
	}
	if len(b.Text) <= 130 && f.bylineText(b.Text) {
		return
	}
	start := b.Text[:min(len(b.Text), 400)]
	if n < 2 && (around(start, "", ',', " 20") || around(start, "", ',', " 19")) {
		if m := agencyDate.FindStringSubmatch(start); m != nil && !ambiguous[m[1]] {
			if a, ok := feeds.AgencyMarked(m[1]); ok {
				f.add(feeds.Wire, a.Name, "", strings.TrimSpace(m[0]), "byline")
				return
			}
		}
	}
	head := start[:min(len(start), 200)] // the name before the verb has 40 letters at most
	if b.words.has(reportCue) && (n < 2 && (strings.Contains(head, " reports") || strings.Contains(head, " recalls")) || strings.Contains(head, " lear") || strings.Contains(head, " gathered")) {
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

// matchIf is re's match in s where a quicker look says that there may be one.
func matchIf(may bool, re *regexp.Regexp, s string) []string {
	if !may {
		return nil
	}
	return re.FindStringSubmatch(s)
}

// bylineText reads a paragraph that is a byline.
func (f *finder) bylineText(s string) bool {
	if len(s) <= 90 && saysBy(s) && byWord.MatchString(s) && f.byline(s, "line") {
		f.found[len(f.found)-1].Where = "byline"
		return true
	}
	bare := strings.Trim(s, " ()[]-–—*_.")
	if a, ok := agencyIn(bare); ok && !ambiguous[bare] {
		f.add(feeds.Wire, a.Name, "", s, "byline")
		return true
	}
	if m := matchIf(strings.ContainsAny(s, ",|/–-"), bylined, strings.TrimRight(s, " .…")); m != nil {
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
	datelined = regexp.MustCompile(`^((?:[^()（）/【\[]|\p{L}/\p{Lu}){0,70}(?:(?:\([^()]{2,30}\)\s*)?\[[^\]]{2,30}\][^()（）/]{0,30})?)(?:\(([^()]{2,40})\)|（([^（）]{2,30})）|/([^/]{2,30})/|--\(([A-Z ]{4,30})\))\s*(\.?\s*[-–—―_:：=.]|[»|]|$)?`)
	// prefixed finds an agency's name at the very start: "Reuters - ".
	prefixed = regexp.MustCompile(`^([\p{L}][\p{L}. /-]{1,32}?)\s*(?:[-–—|]\s|,\s+(?:\p{L}+\.?\s+)?\d{1,2}[\s.,]|[-–—]\s?\p{Lu})`)
	// relayLine: "Ann Quay / Reuters: The ferry is back", as lists of links begin.
	relayLine = regexp.MustCompile(`^\p{Lu}[\p{L}.’'-]*(?: [\p{L}.’'-]+){1,4} / (\p{Lu}[^:/]{1,40}):\s`)
	// marked finds "Tehran, IRNA - " and "Минск, 3 марта. Корр. БЕЛТА. ": a place,
	// perhaps a date, the mark, a dash.
	marked = regexp.MustCompile(`^\p{Lu}[\p{L}'’ -]{2,30}[,.]\s+(?:\p{L}+\.?\s+)?(?:\d{1,2}\.?[\s,]+)?(?:\p{L}+\.?[\s,]+)?(?:\d{4}[\s,]+)?[-–—/]?\s*(?:Корр\.\s+)?(\p{Lu}[\p{L}.-]{2,12}?)\s*(?:[-–—:]\s|/\.?\s|\.\s?[-–—])`)
	// trailing finds "CITY, 5 January — РИА Новости." and "КИЕВ. ИНТЕРФАКС-УКРАИНА - "
	trailing = regexp.MustCompile(`^\p{Lu}[\p{L} -]{2,30}[.,]?\s+(?:\d{1,2}\s+\p{L}+\.?\s*)?[-–—.,]?\s*[-–—]?\s*(РИА Новости|ТАСС|ИНТЕРФАКС(?:-УКРАИНА)?|Интерфакс|TASS|REUTERS|Reuters|AFP|dpa|Xinhua|XINHUA|ANTARA|رويترز)\s*[.,:–—-]`)
	// piped: "Beirut, Lebanon | AFP | The ferry …"
	piped = regexp.MustCompile(`^([^|()]{2,60}?)\s*\|\s*([^|]{2,30}?)\s*\|`)
	// boxed: "【ロンドン共同】"
	boxed = regexp.MustCompile(`^【[^】]{0,12}?(共同|時事|ロイター|AFP)(?:通信)?】`)
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
	"MNA": true, "CMC": true, "BANG": true, "dts": true, "ots": true, "AIM": true, "AIP": true, "ANN": true, "ATA": true, "MIA": true, "SUNA": true, "LANA": true, "JTA": true, "JNS": true,
	"ABI": true, "AVN": true, "ACN": true, "DIRE": true, "LETA": true, "BNS": true, "ELTA": true, "भाषा": true, "वार्ता": true, "Angop": true, "Saba": true,
	"SITA": true, "ABr": true, "Antara": true, "Stacker": true, "共同": true, "時事": true, "KNA": true, "AAP": true, "Hina": true, "Fena": true, "Sapa": true, "NTX": true,
}

// dateline reads "CITY, Country, May 3 (AGENCY) —" and its many forms.
func (f *finder) dateline(s string) {
	if len(s) > 200 {
		s = s[:200]
	}
	if m := matchIf(around(s, " ", '/', " "), relayLine, s); m != nil {
		if a, ok := agencyIn(m[1]); ok {
			f.add(feeds.Wire, a.Name, "", m[0], "byline")
			return
		}
		if looksLikePublication(m[1]) || knownOutlets[strings.TrimPrefix(m[1], "The ")] {
			f.add(feeds.Reprint, m[1], "", m[0], "byline")
			return
		}
	}
	if strings.HasSuffix(s, " م واس") { // the Saudi agency's dateline ends in the year and its mark
		f.add(feeds.Wire, "Saudi Press Agency", "", s, "dateline")
		return
	}
	if !hasMark(s) {
		return
	}
	if m := matchIf(strings.ContainsAny(s, "(/（"), datelined, s); m != nil {
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
			if rest := s[len(m[0]):]; end == "" && rest != "" && !startsDated(place, rest) && !startsPlaced(place, n, rest) {
				continue
			}
			f.add(feeds.Wire, a.Name, "", m[0], "dateline")
			return
		}
	}
	if m := matchIf(strings.Contains(s, "|"), piped, s); m != nil {
		if a, ok := agencyIn(m[2]); ok && isPlace(m[1]) && !ambiguous[m[2]] {
			f.add(feeds.Wire, a.Name, "", m[0], "dateline")
			return
		}
	}
	if m := matchIf(strings.HasPrefix(s, "【"), boxed, s); m != nil {
		if a, ok := feeds.AgencyMarked(m[1]); ok {
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
	if m := marked.FindStringSubmatch(s); m != nil {
		if a, ok := agencyIn(m[1]); ok {
			f.add(feeds.Wire, a.Name, "", m[0], "dateline")
			return
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
	if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "【（([ ")); r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Katakana, unicode.Hiragana, unicode.Hangul) {
		return true
	}
	from := 0
	for i := 0; i < len(s); i++ {
		if !markByte[s[i]] {
			continue
		}
		rest := s[i:]
		for _, mark := range loneMarks {
			if strings.HasPrefix(rest, mark) {
				return true
			}
		}
		r, n := utf8.DecodeRuneInString(rest)
		switch r {
		case '(', ')', '/', '（', '）', '-', '–', '—', '―', ':', '：', '|', ',', '.', '=', '_', '[', ']', '»':
			if part := s[from:i]; part != "" {
				if _, ok := agencyIn(part); ok {
					return true
				}
			}
			from = i + n
		}
	}
	return false
}

// loneMarks stand for themselves, whatever is around them.
var loneMarks = []string{"dpa", "AFP", "РИА", "ИНТЕРФАКС"}

// markByte marks the first bytes of what hasMark looks for.
var markByte = func() (is [256]bool) {
	for _, s := range append(strings.Split("(,),/,（,）,-,–,—,―,:,：,|,.,=,_,[,],»", ","), append(loneMarks, ",")...) {
		is[s[0]] = true
	}
	return is
}()

// startsDated reports whether a dateline has its date and the text behind it
// begins a sentence.
func startsDated(place, rest string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, ` "'“‘«`))
	return strings.ContainsAny(place, "0123456789") && !unicode.IsLower(r)
}

// startsPlaced reports whether a credit without a date and a dash, as in "Bonn
// (KNA) Die …" and "(Belga) Le …", can be none but an agency's: the text behind
// it begins a sentence, and before it stands a bare place, or nothing.
func startsPlaced(place, mark, rest string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, ` "'“‘«`))
	words := strings.Fields(place)
	if !unicode.IsUpper(r) && unicode.IsOneOf([]*unicode.RangeTable{unicode.Lu, unicode.Ll}, r) || len(words) > 3 {
		return false
	}
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsLower(r) {
			return false
		}
	}
	if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(place, " ")); len(words) > 0 && !unicode.IsUpper(r) {
		return strings.Contains(place, ",") // no capitals in this script: "कोच्चि, तीन मार्च (भाषा)"
	}
	return !ambiguous[strings.TrimSpace(mark)]
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
	for i, w := range words {
		r, _ := utf8.DecodeRuneInString(strings.Trim(w, `"'“”[](),`))
		if unicode.IsLower(r) {
			small++
			if !connectors[strings.ToLower(strings.Trim(w, ".,"))] && !monthWord(w) && !besideNumber(words, i) {
				return false
			}
		}
	}
	return small <= 3
}

// besideNumber reports whether a word stands next to a day's number, which makes
// it a month in whatever language.
func besideNumber(words []string, i int) bool {
	day := func(j int) bool {
		if j < 0 || j >= len(words) {
			return false
		}
		w := strings.Trim(words[j], ".,")
		return len(w) > 0 && len(w) <= 2 && strings.Trim(w, "0123456789") == ""
	}
	return day(i-1) || day(i+1)
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
