package parse

import (
	"regexp"
	"sync"
)

// wording is one way of saying that a text appeared first elsewhere. The
// publication's name follows the match, unless infix or own says otherwise.
type wording struct {
	// stems are lower-case strings of which one stands in every text that can
	// match; they keep the expression from running on the others.
	stems []string
	re    func() *regexp.Regexp // see late
	needs int                   // the least that the sentence's subject must be
	// infix is the group that holds the name; -1 when the name follows.
	infix int
	// strong: the formula is used for nothing else, so that a name without a
	// link is enough.
	strong bool
	// standing: it is the formula of a content system, whose subject is "The post
	// HEADLINE", whatever the headline is.
	standing bool
	// own: the sentence speaks of the publication's own other edition.
	own bool
	// publisher: the name must be one of a publication, since it could be a
	// person's.
	publisher bool
	// away: the text went from here to the named publication.
	away bool
}

// late makes an expression when it is asked for first: most are of languages that an
// installation never reads, and all of them take 3 MB.
func late(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// footerOf makes the wording of a content system's footer ("The post X appeared
// first on Y"), which needs the headline or a link to it as its subject, or a
// noun for this text.
func footerOf(stem, re string) wording {
	return wording{stems: []string{stem}, re: late(`(?i)` + re), needs: unclear, infix: -1, strong: true, standing: true}
}

// titledOnly is footerOf for formulas that are everyday words too ("proviene
// da"): only the headline or a link to the entry will do as a subject.
func titledOnly(stem, re string) wording {
	w := footerOf(stem, re)
	w.needs = titled
	return w
}

// infixed is footerOf for languages in which the name stands inside.
func infixed(stem, re string) wording {
	w := footerOf(stem, re)
	w.needs, w.infix = other, 1
	return w
}

func note(re string, stems ...string) wording {
	return wording{stems: stems, re: late(`(?i)` + re), needs: unclear, infix: -1}
}

// when is a date between the verb and the preposition: "on May 3, 2024", "am
// 22.05.2026", "le 3 mai 2024".
const when = `(?:[,(]?\s*(?:on|in|am|vom|im|le|el|em|il|op|den|d\.|на)?\s*(?:\p{L}+\s+)?\d[\p{L}\d./-]*(?:\s+(?:de\s+|d[’'])?\p{L}+\.?)?,?(?:\s+(?:de\s+)?\d{4})?[),]?\s*)?`

var wordings = []wording{
	// English
	note(`\b(?:originally|first|initially|previously|formerly)\s+(?:appeared|published|posted|printed|ran|run|syndicated|reported and published)(?:\s+(?:online|here|as an? [^.,]{3,40}|under the (?:title|headline) [^.]{3,80}?|under (?:an? )?(?:creative commons|cc)[^.]{0,60}?|in (?:english|french|german|spanish)))?,?`+when+`\s+(?:over\s+)?(?:on|in|at|by|for|with|via|through)`,
		"originally ", "first ", "initially ", "previously ", "formerly "),
	{stems: []string{"originally "}, needs: this, infix: -1, re: late(
		`\boriginally\s+(?:reported|written|produced|created|commissioned|covered|aired|released|featured|shared)\s+(?:by|for|on|in)(?:\s+\p{Lu}[\p{L}.’'-]+(?:\s+\p{Lu}[\p{L}.’'-]+){1,3}\s+(?:of|for|at|with))?`)},
	note(`\b(?:appear(?:s|ed)|published|posted|ran|printed)\s+(?:originally|first|initially)`+when+`\s+(?:on|in|at|by|with)`, " originally", " first", " initially").formula(),
	note(`\b(?:re-?published|reprinted|reproduced|re-?posted|syndicated|excerpted|adapted|cross-?posted|used|published)\s+(?:here\s+)?(?:with|by|under|through|courtesy)\s*(?:of\s+)?(?:the\s+)?(?:kind\s+|express\s+|special\s+|full\s+)?(?:permission|licen[cs]e|courtesy|arrangement)\s*(?:of|from|by|with)`, "permission", "licen", "courtesy", "arrangement"),
	note(`\b(?:re-?published|reprinted|reproduced|re-?posted|syndicated|cross-?posted|excerpted|reblogged|translated)\s+(?:here\s+)?(?:with (?:the )?permission\s+|under [^.]{3,60}? )?from`, "publish", "reprint", "reproduced", "posted", "syndicated", "excerpted", "reblogged", "translated"),
	{stems: []string{"republish", "reprint", "posted", "also "}, needs: this, infix: -1, away: true,
		re: late(`(?i)\b(?:re-?published|reprinted|re-?posted|cross-?posted|also (?:published|posted|appeared|available|appears))\s+(?:on|in|at|to|by)`)},
	{stems: []string{"appears in print", "appeared in print"}, needs: this, infix: -1, own: true,
		re: late(`(?i)\bappear(?:s|ed)\s+in\s+print\b`)},
	{stems: []string{"post from"}, needs: other, infix: -1, publisher: true, re: late(`(?:^|\s)(?:[Pp]ost from:|is a post from:?)`)},
	{stems: []string{"print edition", "print issue", "print magazine"}, needs: this, infix: -1, own: true,
		re: late(`(?i)\b(?:appear(?:s|ed)|published|featured|ran)\s+in\s+(?:the|our)\s+[^.]{0,60}?print (?:edition|issue|magazine)`)},
	{stems: []string{"original author", "original source", "original publi", "original site"}, needs: other, infix: -1, publisher: true,
		re: late(`\bOriginal (?:[Aa]uthor|[Ss]ource|[Pp]ublisher|[Pp]ublication|[Ss]ite)\s*[:–-]?`)},
	{stems: []string{"produced by", "reported by", "provided by"}, needs: this, infix: 1, re: late(
		`\b(?:produced|reported|provided)\s+by\s+([^,.;]{2,60}?)(?:,|\s+and\b|\s+as part\b).{0,120}\b(?:re-?published|co-?published|reprinted|distributed|shared)\s+(?:here|with|by|under|through)`)},
	note(`\bread\s+(?:the\s+)?(?:original|full original)(?:\s+(?:content|article|story|post|piece|version|text))?\s*(?:here\s+)?(?:on|at|in|from|by|:)`, "read the original", "read original", "full original"),

	// the standing footer of WordPress SEO, its older wordings and its like
	footerOf("ولا", `أول[اًً]{0,3}\s+(?:على|في)`),
	footerOf("nejdříve", `(?:se\s+)?(?:nejdříve\s+(?:se\s+)?objevil[ao]?|objevil[ao]?\s+(?:se\s+)?nejdříve)\s+na`),
	footerOf("původně", `(?:poprvé|původně)\s+(?:vyšel|vyšla|vyšlo|publikován[ao]?|zveřejněn[ao]?)\s+(?:na|v)`),
	footerOf("poprvé", `(?:poprvé|původně)\s+(?:vyšel|vyšla|vyšlo|publikován[ao]?|zveřejněn[ao]?)\s+(?:na|v)`),
	footerOf("først", `(?:først\s+(?:udgivet|publisert|offentliggjort|bragt|vist)|(?:dukke(?:de|t)|vises)\s+først(?:\s+op[p]?)?|først\s+op[p]?)\s+(?:på|i|hos|af|av)`),
	footerOf("zuerst", `(?:erschien(?:en)?|erscheint|veröffentlicht|publiziert)\s+zuerst`+when+`\s*(?:auf|bei|im|in|unter)(?:\s+(?:der|dem|den))?`),
	footerOf("zuerst", `zuerst`+when+`\s*(?:auf|bei|im|in|unter)(?:\s+(?:der|dem|den))?\s+[^.]{2,50}?\s+(?:erschienen|veröffentlicht|publiziert)`).named(`zuerst` + when + `\s*(?:auf|bei|im|in|unter|von|durch)(?:\s+(?:der|dem|den))?\s+([^.]{2,50}?)\s+(?:erschienen|veröffentlicht|publiziert)`),
	footerOf("ursprünglich", `ursprünglich`+when+`\s*(?:erschienen|veröffentlicht|publiziert)?\s*(?:auf|bei|im|in|von)(?:\s+(?:der|dem|den))?`),
	footerOf("zuerst", `(?:zuerst|erstmals)\s+(?:erschienen|veröffentlicht|publiziert)`+when+`\s*(?:auf|bei|im|in|unter)(?:\s+(?:der|dem|den))?`),
	footerOf("erstveröffentlich", `erstveröffentlich(?:ung|t)`+when+`\s*(?:auf|bei|im|in|durch|:)(?:\s+(?:der|dem|den))?`),
	note(`(?:übernommen|nachgedruckt|veröffentlicht|wiedergegeben)\s+mit\s+(?:freundlicher\s+)?genehmigung\s+(?:von|des|der)`, "genehmigung"),
	footerOf("erstmals", `(?:erschien|erschienen)\s+erstmals`+when+`\s*(?:auf|bei|im|in)(?:\s+(?:der|dem|den))?`),
	footerOf("πρώτα", `(?:πρώτα|αρχικά)\s+(?:στο[νη]?|στην|από)`),
	footerOf("δημοσιεύ", `(?:πρωτο)?δημοσιεύ(?:τηκε|θηκε)\s+(?:πρώτα|αρχικά|για πρώτη φορά)?\s*(?:στο[νη]?|στην|από)`),
	footerOf("primero", `(?:se\s+public[óo]|apareci[óo]|publicad[oa]|aparece)\s+(?:por\s+)?primero\s+en`),
	footerOf("originalmente", `(?:(?:public[oóa][a-zãêé]*|apareci[óo]|apareceu|foi publicad[oa]|fue publicad[oa]|se public[óo]|veiculad[oa])\s+)?originalmente(?:\s+(?:publicad[oa]|veiculad[oa]|em português))?`+when+`\s*(?:en|em|no|na|por|pelo|pela)`),
	footerOf("por primera vez", `(?:public[óo]|apareci[óo]|publicad[oa])\s+por\s+primera\s+vez`+when+`\s*(?:en|por)`),
	footerOf(" ensi", `(?:julkaistiin|ilmestyi|julkaistu)\s+ensi(?:mmäisen\s+kerran|n)?`),
	footerOf("republicad", `republicad[oa]\s+(?:con\s+(?:el\s+)?permiso\s+)?d(?:e|el|o|a)(?:\s+la)?`),
	footerOf("ripubblicat", `ripubblicat[oa]\s+da(?:l|lla|ll['’])?`),
	footerOf("premier sur", `(?:en\s+)?premier\s+(?:sur|dans)`),
	footerOf("origine", `(?:publié|paru|diffusé)[es]*`+when+`\s*(?:à\s+l['’]origine)`+when+`\s*(?:sur|dans|par|en)`),
	footerOf("initialement", `(?:initialement|d['’]abord|originellement)\s+(?:été\s+)?(?:publié|paru|diffusé)[es]*`+when+`\s*(?:sur|dans|par|en|chez)`),
	footerOf("initialement", `(?:publié|paru|diffusé)[es]*\s+(?:initialement|d['’]abord)`+when+`\s*(?:sur|dans|par|en|chez)`),
	footerOf("d’abord", `d['’]abord\s+(?:été\s+)?(?:publié|paru)[es]*`+when+`\s*(?:sur|dans|par|en|chez)`),
	footerOf("d'abord", `d['’]abord\s+(?:été\s+)?(?:publié|paru)[es]*`+when+`\s*(?:sur|dans|par|en|chez)`),
	footerOf("republié", `republié[es]*\s+(?:à\s+partir\s+d[eu]|depuis|avec\s+l['’](?:aimable\s+)?autorisation\s+d[eu])`),
	footerOf("לראשונה", `(?:הופיע[הו]?|פורסמ?[הו]?)\s+לראשונה\s+(?:ב-?|באתר\s+)`),
	footerOf("ראשונה", `הופיע[הו]?\s+ראשונה\s+ב-?`),
	infixed("पहले", `पहले\s+(.{2,60}?)\s+पर\s+(?:दिखाई|प्रकाशित)`),
	footerOf("pertama kali", `pertama\s+kali\s+(?:tampil|muncul|terbit|diterbitkan|dipublikasikan|tayang)\s+(?:pada|di|oleh)`),
	footerOf("telah ", `(?:telah|sudah)\s+(?:tayang|terbit|dimuat|diterbitkan|dipublikasikan)\s+(?:di|pada|oleh)`),
	footerOf("pertama", `(?:muncul|tampil|terbit|tayang)\s+(?:pertama(?:\s+kali)?|lebih dulu)\s+(?:di|pada)`),
	titledOnly("proviene da", `proviene\s+da`),
	footerOf("originariamente", `(?:pubblicat[oa]\s+)?(?:originariamente|originalmente|per\s+la\s+prima\s+volta|inizialmente)\s*(?:pubblicat[oa]\s*)?(?:su|in|da|sul|sulla|nel)`),
	footerOf("pubblicat", `pubblicat[oa]\s+(?:originariamente|in\s+origine|per\s+la\s+prima\s+volta|inizialmente|per\s+primo)\s*(?:su|in|da|sul|sulla)`),
	footerOf("uscit", `uscit[oa]\s+(?:originariamente|in\s+origine|per\s+la\s+prima\s+volta|prima)\s*(?:su|in|sul|sulla)`),
	footerOf("apparso", `appars[oa]\s+(?:prima|per\s+primo|originariamente|per\s+la\s+prima\s+volta|per\s+prima)\s*(?:su|in|sul|sulla)`),
	infixed("最初に", `は\s*(.{2,60}?)\s*に最初に(?:表示|投稿|掲載|公開)`),
	footerOf("元々", `(?:元々|もともと)`),
	footerOf("から転載", `は、?`).named(`は、?\s*(.{2,50}?)\s*(?:から転載|より転載)`),
	footerOf("より転載", `は、?`).named(`は、?\s*(.{2,50}?)\s*(?:から転載|より転載)`),
	footerOf("の転載", `は、?`).named(`は、?\s*(.{2,120}?)\s*(?:から|より)の転載`),
	footerOf("初出", `初出\s*[:：]?`),
	footerOf("verscheen", `verscheen\s+(?:als\s+)?(?:eerst|eerder|oorspronkelijk)`+when+`\s*(?:op|in|bij)`),
	footerOf("eerder", `eerder\s+(?:gepubliceerd|verschenen|geplaatst)`+when+`\s*(?:op|in|bij|door)`),
	footerOf("oorspronkelijk", `oorspronkelijk\s+(?:gepubliceerd|verschenen|geplaatst)`+when+`\s*(?:op|in|bij|door)`),
	titledOnly("pochodzi z", `pochodzi\s+z(?:e)?(?:\s+serwisu)?`),
	footerOf("po raz pierwszy", `(?:ukazał|pojawił|opublikowan)[a-ząęł]*\s*(?:się)?\s+(?:po\s+raz\s+pierwszy|najpierw|pierwotnie)\s+(?:na|w)`),
	footerOf("pierwotnie", `(?:ukazał|pojawił|opublikowan)[a-ząęłoy]*\s+(?:się\s+)?pierwotnie\s+(?:na|w|przez)`),
	footerOf("pierwotnie", `pierwotnie\s+(?:ukazał[ao]?\s+się|opublikowan[yao])\s+(?:na|w|przez)`),
	footerOf("primeiro em", `(?:apareceu|aparece|publicad[oa]|surgiu)\s+(?:por\s+)?primeiro\s+em`),
	footerOf("primeiro no", `(?:apareceu|aparece|publicad[oa]|surgiu)\s+(?:por\s+)?primeiro\s+(?:no|na)`),
	footerOf("сначала", `(?:появил[а-я]*|опубликован[а-я]*)\s+сначала\s+(?:на|в)`),
	footerOf("впервые", `(?:впервые\s+(?:был[аио]?\s+)?(?:появил[а-я]*|опубликован[а-я]*|вышл?[а-я]*|размещен[а-я]*)|(?:появил[а-я]*|опубликован[а-я]*)\s+впервые)`+when+`\s*(?:на|в)(?:\s+(?:сайте|блоге|журнале|издании|газете))?`),
	footerOf("впервые появил", `впервые\s+появил[а-я]*\s`),
	footerOf("первоначально", `первоначально\s+(?:был[аио]?\s+)?(?:опубликован[а-я]*|появил[а-я]*|вышл?[а-я]*)`+when+`\s*(?:на|в)(?:\s+(?:сайте|блоге|журнале|издании|газете))?`),
	footerOf("först", `(?:dök|dyker)\s+först\s+upp\s+på`),
	footerOf("först", `(?:först\s+(?:publicerad|publicerats|publicerades)|(?:publicerades|publicerad)\s+först)`+when+`\s*(?:på|i|av|hos)`),
	footerOf("ursprungligen", `ursprungligen\s+(?:publicerad|publicerades|publicerats)`+when+`\s*(?:på|i|av|hos)`),
	footerOf("opprinnelig", `opprinnelig\s+publisert`+when+`\s*(?:på|i|av|hos)`),
	footerOf("oprindeligt", `oprindelig[t]?\s+(?:udgivet|publiceret|bragt)`+when+`\s*(?:på|i|af|hos)`),
	infixed("ilk önce", `(?:yazısı\s+)?ilk\s+önce\s+(.{2,60}?)\s+üzerinde`),
	infixed("ilk olarak", `ilk\s+olarak\s+(.{2,60}?)(?:\s+(?:(?:internet|web|haber)\s+)?(?:sitesi|adresi|portalı|gazetesi|dergisi)n?)?(?:['’]?(?:de|da|te|ta))?\s+(?:üzerinde\s+)?(?:yayınlan|yayımlan|ortaya|göründü)`),
	footerOf("спершу", `спершу\s+(?:з['’ʼ]явит[а-яі]*|з['’ʼ]явив[а-яі]*|опублікован[а-яі]*)\s+(?:на|в|у)`),
	footerOf("вперше", `(?:вперше\s+(?:опублікован[а-яі]*|з['’ʼ]явил[а-яі]*)|(?:з['’ʼ]явивс?[а-яі]*)\s+вперше)\s+(?:на|в|у)(?:\s+(?:сайті|блозі))?`),
	footerOf("спочатку", `(?:з['’ʼ]яви[а-яі]*\s+)?спочатку\s+(?:з['’ʼ]яви[а-яі]*\s+)?(?:на|в|у)`),
	footerOf("xuất hiện", `xuất\s+hiện\s+(?:đầu\s+tiên|lần\s+đầu)\s+(?:vào\s+ngày|trên|tại|ở)`),
	titledOnly("最先出现在", `最先出现在`),
	titledOnly("最先出現在", `最先出現在`),
	footerOf("最早出現於", `最早出[現现][於于在]`),
	footerOf("最早出现", `最早出现[于在]`),
	footerOf("首发于", `(?:首发|首先发表|首次发表|最早发表|最初发表|最初发布|首次发布|首先发布)[于在][：:]?`),
	footerOf("首發於", `(?:首發|首次發表|首先發表|最初發表)[於在][：:]?`),
	footerOf("发表于", `(?:首先|首次|最早|最初|原文)发表[于在][：:]?`),
	footerOf("发布", `(?:首先|首次|最早|最初)发布[于在][：:]?`),
	footerOf("原载", `原载[于]?[：:]?`),
	footerOf("最初发表", `最初(?:发表|刊登|刊载)[于在][：:]?`),
	footerOf("转载自", `(?:转载|轉載|转)自[：:]?`),
	footerOf("轉載自", `轉載自[：:]?`),
	infixed("처음", `(?:이|가|은|는)\s+(.{2,60}?)에\s+처음\s+(?:등장|게시|나타|게재|공개)`),
	footerOf("jelent meg", ``).named(`(?:először|eredetileg)\s+(?:az?\s+)?(.{2,60}?)(?:-(?:[aáeéoöő]?n|b[ae]n|n[áé]l))?\s+(?:(?:(?:web)?oldalán|honlapján|portálján|hasábjain)\s+)?jelent\s+meg`),
	footerOf("először", `(?:először|eredetileg)\s+(?:a|az)?`),
	footerOf("prima dat", `(?:apare|apărut|publicat)\s+(?:pentru\s+)?prima\s+dat[ăa]\s+(?:în|pe)`),
	footerOf("първо на", `появи\s+първо\s+на`),
	footerOf("prvo na", `(?:pojavio|pojavila|pojavljuje|objavljen[ao]?)\s+(?:se\s+)?prvo\s+na`),
	footerOf("kwanza", `(?:ilichapishwa|imechapishwa|ilitolewa)\s+(?:kwa\s+mara\s+ya\s+)?kwanza\s+(?:na|katika|kwenye|kwa)`),
	footerOf("unang ", `unang\s+(?:inilathala|lumabas|nailathala)\s+(?:sa|ng)`),
	footerOf("prvi put", `(?:prvi\s+puta?\s+(?:se\s+)?(?:pojavljuje|pojavio|objavljen[ao]?)|(?:pojavio|pojavljuje|objavljen[ao]?)\s+(?:se\s+)?prvi\s+puta?)\s+(?:na|u)`),
	footerOf("прво на", `појавило?\s+(?:се\s+)?прво\s+на`),
	footerOf("najskôr", `(?:zobrazen[ýáé]|objavil[ao]?)\s+(?:sa\s+)?najskôr\s+na`),
	infixed("اولین بار", `اولین\s+بار\s+(?:در|توسط)\s+(.{2,60}?)\s+(?:پدیدار|منتشر)`),
	footerOf("primer a", `aparegut\s+primer\s+a`),
	footerOf("نشر لأول مرة", `نشر(?:ت)?\s+(?:لأول\s+مرة|أولا|في الأصل)\s+(?:على|في)`),
}

// named gives a wording an expression whose first group is the name.
func (w wording) named(re string) wording {
	w.re, w.infix = late(`(?i)`+re), 1
	return w
}

func (w wording) formula() wording { w.standing = true; return w }
