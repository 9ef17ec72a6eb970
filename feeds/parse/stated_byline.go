package parse

import (
	"regexp"
	"slices"
	"strings"

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
	bare := name
	if saysBy(name) {
		bare = byWord.ReplaceAllString(name, "")
	}
	cues := nameCues(bare)
	parts := []string{bare}
	if cues&splitCue != 0 {
		parts = append(splitNames.Split(bare, 8), bare)
	}
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if m := matchIf(strings.Count(part, " ") > 1, inPlace, part); m != nil {
			part = m[1]
		}
		if a, ok := agencyIn(part); ok {
			f.add(feeds.Wire, a.Name, "", name, where)
			return true
		}
	}
	var inBrackets [][]string
	if cues&bracketCue != 0 {
		inBrackets = bracketed.FindAllStringSubmatch(bare, 3)
	}
	for _, m := range inBrackets {
		before, _, _ := strings.Cut(bare, m[0])
		whose, named := agencyIn(strings.TrimSpace(before))
		if a, ok := agencyIn(m[1]); ok && (!initials(before, m[1]) || named && whose.Name == a.Name) {
			f.add(feeds.Wire, a.Name, "", name, where)
			return true
		}
	}
	if a, ok := agencyAtEnd(bare); ok {
		f.add(feeds.Wire, a.Name, "", name, where)
		return true
	}
	if cues&agencyCue != 0 && agencies.MatchString(bare) {
		f.add(feeds.Wire, "", "", name, where)
		return true
	}
	// "Ann Quay, Insider Monkey"
	if person, house, ok := strings.Cut(bare, ", "); ok && where == "byline" && strings.Contains(person, " ") &&
		knownOutlets[strings.TrimPrefix(house, "The ")] && !f.isOwn(house, "") {
		f.add(feeds.Reprint, cleanName(house), "", name, where)
		return true
	}
	if where == "byline" && f.isPublication(bare, cues) {
		f.add(feeds.Reprint, cleanName(bare), "", name, where)
		return true
	}
	return false
}

// saysBy is a quick look for byWord: a text's first word is one of its.
func saysBy(s string) bool {
	if i := strings.IndexAny(s, " \t\n:："); i > 0 {
		s = s[:i]
	}
	return byWords[strings.ToLower(s)]
}

var byWords = words("by von par por di da door av af от автор 作者 文 report story written")

// nameCue are the expressions that may match in a name.
type nameCue uint8

const (
	splitCue       nameCue = 1 << iota // splitNames
	bracketCue                         // bracketed
	agencyCue                          // agencies
	publicationCue                     // publicationWord
)

// cueOf are the whole words of these expressions.
var cueOf = map[string]nameCue{}

func init() {
	for cue, list := range map[nameCue]string{
		splitCue:       "and with und mit et avec y con for via",
		agencyCue:      "agencies agency wire agenturen agences agencias ag agenzie",
		publicationCue: "news times herald gazette tribune chronicle newspaper newspapers observer telegraph conversation magazine journal reporters press daily weekly",
	} {
		for w := range words(list) {
			cueOf[w] |= cue
		}
	}
}

// nameCues is a quick look at a name. Its words end where \b of the expressions ends them.
func nameCues(name string) (cues nameCue) {
	var buf [16]byte
	for i := 0; i < len(name); i++ {
		from := i
		for i < len(name) && (name[i]|0x20 >= 'a' && name[i]|0x20 <= 'z' || name[i] >= '0' && name[i] <= '9' || name[i] == '_') {
			i++
		}
		if i > from && i-from <= len(buf) {
			low := append(buf[:0], name[from:i]...)
			text.LowerASCII(low)
			cues |= cueOf[string(low)]
		}
		if i < len(name) {
			switch name[i] {
			case ',', ';', '/', '|', '&', '-', 0xE2, 0xE3: // the last two begin dashes and "、"
				cues |= splitCue
			case '(', '[':
				cues |= bracketCue
			case 0xEF: // begins "，" and "（"
				cues |= splitCue | bracketCue
			case '.':
				cues |= publicationCue
			}
		}
	}
	return cues
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
	if !mayBeAgency(s) {
		return feeds.Agency{}, false
	}
	if a, ok := feeds.AgencyMarked(s); ok {
		return a, true
	}
	for _, suffix := range []string{" Staff", " staff", " News", " Sports", " Writer", " News Agency", " Reporter", " Correspondent", " Photos", " report", " reports", " Newsroom", " Desk", " Editors", " Business", " Entertainment", " Editorial", " Feed", " Feeds", " Live", " Service", " Text", " Nachrichtenagentur", " News Wire", " Newswire", " Wire"} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			if a, ok := feeds.AgencyMarked(rest); ok {
				return a, true
			}
		}
	}
	for _, prefix := range agencyPrefixes {
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

var agencyPrefixes = []string{"agence ", "Agence ", "agencia ", "Agencia ", "Agência ", "agenzia ", "Agenzia ", "Source ", "via ", "Корр. ", "корр. "}

// mayBeAgency is a quick look: a credit begins with the first word of a mark, or
// with a prefix, or is in capitals.
func mayBeAgency(s string) bool {
	if feeds.AgencyBegins(s) {
		return true
	}
	small := false
	for i := 0; i < len(s) && !small; i++ {
		small = s[i] >= 'a' && s[i] <= 'z'
	}
	return !small || slices.ContainsFunc(agencyPrefixes, func(p string) bool { return strings.HasPrefix(s, p) })
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
		"LiveMint,Mint,NDTV,Firstpost,Scroll.in,The Wire,Quint,Dawn,Conversation,Futurism,LiveScience,Live Science,Space.com,ScienceAlert,Smithsonian,CoinDesk,Decrypt,"+
		"Motley Fool,Insider Monkey,Zacks,Zacks Investment Research,Zacks Equity Research,MarketBeat,Benzinga,Simply Wall St,Simply Wall St.,GuruFocus,Seeking Alpha,Investopedia,Kiplinger,TheStreet,"+
		"StockStory,TipRanks,Barchart,Money Talks News,GOBankingRates,24/7 Wall St.,Mongabay,GroundUp,Global Voices,openDemocracy,Inside Climate News,States Newsroom,Stateline,"+
		"KFF Health News,The Marshall Project,Marshall Project,Chalkbeat,CalMatters,Texas Tribune,Capital & Main,360info,Nieman Lab,Common Dreams,Truthout,Jacobin,Aeon,"+
		"Project Syndicate,Bellingcat,The Continent,Continent,Daily Maverick,amaBhungane,Rest of World,Carbon Brief,Climate Home,Climate Home News,Nautilus,Hakai,High Country News,Big Think", ",") {
		knownOutlets[n] = true
	}
}

// genericWord are words that two publications may share by chance.
var genericWord = map[string]bool{"news": true, "press": true, "daily": true, "weekly": true, "magazine": true, "newspaper": true, "online": true, "times": true, "journal": true, "reporters": true}

// isPublication reports whether an author's name is another publication.
func (f *finder) isPublication(name string, cues nameCue) bool {
	if h := bareHost(name); h != "" {
		return !f.isOwnHost(h)
	}
	if knownOutlets[strings.TrimPrefix(name, "The ")] {
		return !f.isOwn(name, "")
	}
	if words := strings.Fields(name); len(words) == 2 && surname[words[1]] {
		return false
	}
	if strings.ContainsAny(name, ",@") || strings.Contains(name, "'s ") || strings.Contains(name, "’s ") || cues&publicationCue == 0 || !publicationWord.MatchString(name) || staffWord.MatchString(name) || len(strings.Fields(name)) < 2 || len(strings.Fields(name)) > 5 {
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
