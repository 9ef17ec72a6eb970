package parse

import "strings"

// monthNames are the names of the months, in lower case and without a final
// full stop, in the languages of feeds. Names that mean another month in
// another language (Croatian "listopad") are left to the language of more feeds.
var monthNames = months(
	// English, German, French, Spanish, Portuguese, Italian, Dutch, Catalan
	"january jan januar januari jän jänner janvier janv enero ene janeiro gennaio gen gener",
	"february feb februar februari feber février févr fév fevrier fevr fev febrero fevereiro febbraio febr febrer",
	"march mar märz mrz maerz mär mars marzo março maart mrt març",
	"april apr avril avr abril abr aprile",
	"may mai mayo maio maggio mag mei maig",
	"june jun juni juin junio junho jun giugno giu juny",
	"july jul juli juil juillet julio julho luglio lug juliol",
	"august aug août aout agosto ago augustus agost",
	"september sep sept septembre septiembre setiembre setembro set settembre setembre",
	"october oct oktober okt octobre octubre outubro out ottobre ott",
	"november nov novembre noviembre novembro",
	"december dec dezember dez décembre déc decembre diciembre dic dezembro dicembre desembre",
	// Swedish, Danish, Norwegian, Finnish, Estonian
	"tammikuu tammikuuta tammi jaanuar", "helmikuu helmikuuta helmi veebruar", "maaliskuu maaliskuuta maalis märts", "huhtikuu huhtikuuta huhti aprill",
	"maj toukokuu toukokuuta touko", "kesäkuu kesäkuuta kesä juuni", "heinäkuu heinäkuuta heinä juuli", "augusti elokuu elokuuta elo",
	"syyskuu syyskuuta syys", "lokakuu lokakuuta loka oktoober", "marraskuu marraskuuta marras", "desember des joulukuu joulukuuta joulu detsember",
	// Polish, Czech, Slovak, Slovene
	"styczeń stycznia sty leden ledna január januára", "luty lutego lut únor února február februára", "marzec marca března březen marec", "kwiecień kwietnia kwi duben dubna apríl apríla",
	"maja květen května máj mája", "czerwiec czerwca cze červen června jún júna junij", "lipiec lipca lip červenec července júl júla julij", "sierpień sierpnia sie srpen srpna avgust",
	"wrzesień września wrz září septembra", "październik października paź říjen října október októbra", "listopad listopada lis novembra", "grudzień grudnia gru prosinec prosince decembra",
	// Hungarian, Romanian
	"január ianuarie ian", "február februarie", "március márc martie", "április ápr aprilie", "május máj", "június jún iunie iun", "július júl iulie iul", "augusztus",
	"szeptember szept septembrie", "október octombrie", "noiembrie noi", "decembrie",
	// Russian, Ukrainian, Bulgarian
	"январь января янв січень січня січ януари яну", "февраль февраля фев лютий лютого лют февруари", "март марта мар березень березня бер", "апрель апреля апр квітень квітня кві април",
	"май мая травень травня тра", "июнь июня июн червень червня чер юни", "июль июля июл липень липня юли", "август августа авг серпень серпня сер",
	"сентябрь сентября сен сент вересень вересня вер септември сеп септ", "октябрь октября окт жовтень жовтня жов октомври", "ноябрь ноября ноя листопад листопада ноември ное", "декабрь декабря дек грудень грудня гру декември",
	// Greek, Turkish
	"ιανουάριος ιανουαρίου ιαν ιανουαριου ocak oca", "φεβρουάριος φεβρουαρίου φεβ φεβρουαριου şubat şub", "μάρτιος μαρτίου μάρ μαρ μαρτιου mart", "απρίλιος απριλίου απρ απριλιου nisan nis",
	"μάιος μαΐου μάι μαϊ μαι μάϊ μαιου mayıs", "ιούνιος ιουνίου ιούν ιουν ιουνιου haziran haz", "ιούλιος ιουλίου ιούλ ιουλ ιουλιου temmuz tem", "αύγουστος αυγούστου αύγ αυγ αυγουστου ağustos ağu",
	"σεπτέμβριος σεπτεμβρίου σεπ σεπτ σεπτεμβριου eylül eyl", "οκτώβριος οκτωβρίου οκτ οκτωβριου ekim eki", "νοέμβριος νοεμβρίου νοέ νοε νοεμβριου kasım kas", "δεκέμβριος δεκεμβρίου δεκ δεκεμβριου aralık ara",
	// Indonesian, Malay, Swahili, Lithuanian, Latvian
	"januari sausio janvāris", "februari pebruari vasario februāris", "maret mac machi kovo marts", "aprili balandžio aprīlis", "mei gegužės maijs", "birželio jūnijs", "julai liepos jūlijs", "agustus ogos agosti rugpjūčio augusts",
	"septemba rugsėjo septembris", "oktoba spalio oktobris", "novemba lapkričio novembris", "disember desemba gruodžio decembris",
	// Arabic (both sets), Persian names of the Gregorian months
	"يناير ژانویه", "فبراير شباط فوریه", "مارس آذار", "أبريل ابريل إبريل نيسان آوریل", "مايو أيار مه", "يونيو حزيران ژوئن", "يوليو تموز ژوئیه", "أغسطس اغسطس آب اوت",
	"سبتمبر أيلول سپتامبر", "أكتوبر اكتوبر اکتبر", "نوفمبر نوامبر", "ديسمبر دسامبر",
)

// months reads lists of names: the n-th of each dozen is the n-th month. A
// name keeps the first month it was given.
func months(lists ...string) map[string]int {
	m := make(map[string]int, 512)
	for i, l := range lists {
		for _, name := range strings.Fields(l) {
			if _, taken := m[name]; !taken {
				m[name] = i%12 + 1
			}
		}
	}
	return m
}

// fillers are words that stand in dates and say nothing.
var fillers = words("de del of the at um à às a las kl klo uhr den der le el o г году года год p n. e. i y on și في d ngày")

// ordinals end the number of a day.
var ordinals = words("st nd rd th er º ª re ère e do ste")

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// zones are the named zones, in minutes east of UTC. Where a name is used in
// several parts of the world, the part with by far the most feeds has it (IST
// is India, CST and EST are North America, BST is Britain); names without such
// a part (AST, single military letters, whose signs RFC 822 had wrong) are not read.
var zones = map[string]int{
	"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "uct": 0,
	"bst": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "msd": 240,
	"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
	"at": -240, "et": -300, "ct": -360, "mt": -420, "pt": -480,
	"akst": -540, "akdt": -480, "hst": -600, "nst": -210, "ndt": -150, "adt": -180,
	"wat": 60, "cat": 120, "sast": 120, "eat": 180, "trt": 180, "irst": 210, "pkt": 300, "ist": 330, "npt": 345,
	"ict": 420, "wib": 420, "wita": 480, "wit": 540, "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "awst": 480, "jst": 540, "kst": 540,
	"acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
	"brt": -180, "brst": -120, "art": -180, "clt": -240, "clst": -180, "cot": -300, "pet": -300, "vet": -240, "uyt": -180, "bot": -240,
}
