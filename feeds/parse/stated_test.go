package parse

import (
	"strings"
	"testing"

	"aggregator/feeds"
	"aggregator/feeds/text"

	"pgregory.net/rapid"
)

// footers are the standing footers of content systems: %1 is the headline, %2
// the site.
var footers = map[string][]string{
	"ar": {"ظهرت المقالة %1 أولاً على %2.", "ظهرت التدوينة %1 أولا على %2."},
	"bg": {"Публикацията %1 се появи първо на %2."},
	"ca": {"L'entrada %1 ha aparegut primer a %2."},
	"cs": {"Článek %1 se nejdříve objevil na %2.", "Příspěvek %1 se objevil nejdříve na %2."},
	"da": {"Indlægget %1 blev først udgivet på %2.", "Indlægget %1 dukkede først op på %2.", "Indlægget %1 vises først på %2."},
	"de": {"Der Beitrag %1 erschien zuerst auf %2.", "Der Artikel %1 erscheint zuerst bei %2."},
	"el": {"Το άρθρο %1 εμφανίστηκε πρώτα στο %2.", "Το άρθρο %1 εμφανίστηκε πρώτα στην %2."},
	"en": {"The post %1 appeared first on %2.", "The post %1 first appeared on %2.", "%1 is first published on %2", "The article %1 was originally published at %2."},
	"es": {"La entrada %1 se publicó primero en %2.", "La entrada %1 aparece primero en %2.", "El cargo %1 apareció primero en %2."},
	"fa": {"نوشته %1 اولین بار در %2 پدیدار شد."},
	"fi": {"Artikkeli %1 julkaistiin ensimmäisen kerran %2.", "Artikkeli %1 ilmestyi ensin %2."},
	"fr": {"L’article %1 est apparu en premier sur %2.", "L'article %1 a été publié en premier sur %2."},
	"he": {"הפוסט %1 הופיע לראשונה ב-%2.", "הפוסט %1 הופיע ראשונה ב%2."},
	"hi": {"पोस्ट %1 पहले %2 पर दिखाई दिया।"},
	"hr": {"Objava %1 pojavila se prvo na %2."},
	"hu": {"A bejegyzés %1 először %2-n jelent meg."},
	"id": {"Artikel %1 pertama kali tampil pada %2.", "Artikel %1 muncul pertama kali di %2."},
	"it": {"L'articolo %1 proviene da %2.", "L'articolo %1 sembra essere il primo su %2."},
	"ja": {"投稿 %1 は %2 に最初に表示されました。"},
	"ko": {"게시물 %1이 %2에 처음 등장했습니다."},
	"nb": {"Innlegget %1 dukket først opp på %2."},
	"nl": {"Het bericht %1 verscheen eerst op %2."},
	"pl": {"Artykuł %1 pochodzi z serwisu %2.", "Wpis %1 pojawił się po raz pierwszy na %2."},
	"pt": {"O post %1 apareceu primeiro em %2.", "O conteúdo %1 aparece primeiro em %2."},
	"ro": {"Articolul %1 apare prima dată în %2."},
	"ru": {"Сообщение %1 появились сначала на %2.", "Запись %1 впервые появилась %2."},
	"sk": {"Príspevok %1 zobrazený najskôr na %2."},
	"sr": {"Чланак %1 се појавило прво на %2."},
	"sv": {"Inlägget %1 dök först upp på %2."},
	"tr": {"%1 yazısı ilk önce %2 üzerinde ortaya çıktı."},
	"uk": {"Запис %1 спершу з'явиться на %2.", "Запис %1 спочатку з’явився на %2."},
	"vi": {"Bài viết %1 đã xuất hiện đầu tiên vào ngày %2.", "Bài viết %1 xuất hiện đầu tiên trên %2."},
	"zh": {"%1最先出现在%2。", "這篇文章 %1 最早出現於 %2。"},
}

const (
	ownTitle = "Harbour Gazette"
	ownFeed  = "https://harbour-gazette.net/feed"
)

func harbour() publication {
	return publication{Title: ownTitle, Home: "https://harbour-gazette.net/", FeedURL: ownFeed}
}

func stated(title, link, html string, authors ...string) []feeds.Stated {
	e := &feeds.Entry{Title: title, Link: link, Content: html, Authors: authors}
	return findStated(e, harbour(), cutText{})
}

func TestFootersInEveryLanguage(t *testing.T) {
	const headline = "Ferry to Northmole Island Resumes After Storm"
	for lang, templates := range footers {
		for _, template := range templates {
			for _, c := range []struct {
				name, post, site, siteURL string
				linked                    bool
				kind                      feeds.StatedKind
			}{
				{"own, linked", "https://harbour-gazette.net/2026/03/ferry-resumes/", ownTitle, "https://harbour-gazette.net", true, feeds.SelfClaim},
				{"foreign, linked", "https://island-post.org/ferry-resumes/", "Island Post", "https://island-post.org", true, feeds.Reprint},
				{"foreign, plain", "", "Island Post", "", false, feeds.Reprint},
			} {
				one, two := headline, c.site
				if c.linked {
					one = `<a rel="nofollow" href="` + c.post + `">` + headline + `</a>`
					two = `<a rel="nofollow" href="` + c.siteURL + `">` + c.site + `</a>`
				}
				html := "<p>The ferry is back.</p>\n<p>" + strings.NewReplacer("%1", one, "%2", two).Replace(template) + "</p>"
				link := "https://harbour-gazette.net/2026/03/ferry-resumes/"
				got := stated(headline, link, html)
				if len(got) != 1 || got[0].Kind != c.kind || foldName(got[0].Outlet) != foldName(c.site) {
					// The site's preposition grows onto its name in Hungarian and Hebrew without links.
					if !c.linked && (lang == "hu" || lang == "he" || lang == "it" && strings.Contains(template, "sembra")) {
						continue
					}
					t.Errorf("%s, %s: %q: got %+v", lang, c.name, template, got)
				}
			}
		}
	}
}

func TestStatementsOfOrigin(t *testing.T) {
	for _, c := range []struct {
		html, outlet string
		kind         feeds.StatedKind
	}{
		// notes
		{"<p><em>This story was originally published by <a href='https://tidewater-report.org/a/1'>Tidewater Report</a> and is reproduced here with permission.</em></p><p>Text.</p>", "Tidewater Report", feeds.Reprint},
		{"<p>Text.</p><p>Originally published at <a href='https://tidewater-report.org/a/dredging-stops/'>tidewater-report.org</a> on May 3, 2024.</p>", "tidewater-report.org", feeds.Reprint},
		{"<p>Text.</p><p>Republished with permission of Tidewater Report.</p>", "Tidewater Report", feeds.Reprint},
		{"<p>Text.</p><p>Reprinted from the Tidewater Report under a Creative Commons licence.</p>", "Tidewater Report", feeds.Reprint},
		{"<p>Editor's note: A version of this article first appeared in Tidewater Report on Monday.</p><p>Text.</p>", "Tidewater Report", feeds.Reprint},
		{"<p>Text.</p><p>This article is republished from <a href='https://theconversation.com'>The Conversation</a> under a Creative Commons license. Read the <a href='https://theconversation.com/why-ferries-stop-1234'>original article</a>.</p>", "The Conversation", feeds.Reprint},
		{"<p>Dieser Artikel wurde ursprünglich auf <a href='https://kuestenblick-online.de/a'>Küstenblick</a> veröffentlicht.</p>", "Küstenblick", feeds.Reprint},
		{"<p>Dieser Text ist zuerst bei Küstenblick erschienen.</p>", "Küstenblick", feeds.Reprint},
		{"<p>Cet article a été initialement publié sur <a href='https://la-littorale.fr/x'>La Littorale</a>.</p>", "La Littorale", feeds.Reprint},
		{"<p>Este artículo fue publicado originalmente en <a href='https://el-muelle.es/x'>El Muelle</a>.</p>", "El Muelle", feeds.Reprint},
		{"<p>Este texto foi publicado originalmente no Jornal do Cais.</p>", "Jornal do Cais", feeds.Reprint},
		{"<p>Questo articolo è stato pubblicato originariamente su <a href='https://ilmolo-news.it/a'>Il Molo</a>.</p>", "Il Molo", feeds.Reprint},
		{"<p>Dit artikel verscheen eerder op <a href='https://dekade-krant.nl/x'>De Kade</a>.</p>", "De Kade", feeds.Reprint},
		{"<p>Эта статья была впервые опубликована на сайте <a href='https://prichal-gazeta.ru/1'>Причал</a>.</p>", "Причал", feeds.Reprint},
		{"<p>本文首发于公众号 <a href='https://matou-ribao.cn/'>码头日报</a></p>", "码头日报", feeds.Reprint},
		{"<p>Text.</p><p>Source: <a href='https://tidewater-report.org/a/dredging-stops/'>Tidewater Report</a></p>", "Tidewater Report", feeds.Reprint},
		{"<p>Text.</p><img src='https://counter.theconversation.com/content/1234/count.gif?distributor=republish-lightbox-basic'>", "The Conversation", feeds.Reprint},
		{"<p>Text.</p><img src=\"https://tidewater-report.org/?republication-pixel=true&post=4\">", "tidewater-report.org", feeds.Reprint},
		{"<p>Text.</p><p>Cross-posted from Tidewater Report.</p>", "Tidewater Report", feeds.Reprint},
		{"<p>This story originally appeared on Tidewater.com and is part of the Coast Desk collaboration.</p>", "Tidewater.com", feeds.Reprint},
		{"<p>Text.</p><p>Post from: <a href='https://tidewater-report.org'>Tidewater Report</a></p>", "Tidewater Report", feeds.Reprint},
		{"<p>Text.</p><p>Original article: https://tidewater-report.org/a/dredging-stops-now/</p>", "tidewater-report.org", feeds.Reprint},
		{"<p>Zuerst erschienen bei Küstenblick</p>", "Küstenblick", feeds.Reprint},
		{"<p>Publicado originalmente en <a href='https://el-muelle.es/x'>El Muelle</a></p>", "El Muelle", feeds.Reprint},
		{"<p>Article initialement publié sur La Littorale.</p>", "La Littorale", feeds.Reprint},
		{"<p>Tekst.</p><p>Dit artikel is eerder gepubliceerd op De Kade.</p>", "De Kade", feeds.Reprint},
		{"<p>渡轮恢复运行。</p><p>来源：码头日报</p>", "码头日报", feeds.Reprint},
		{"<p>渡轮恢复运行。</p><p>（来源：新华社）</p>", "Xinhua", feeds.Wire},
		{"<p>Text.</p><p>A version of this article appears in print on March 4, 2026, Section A, Page 1 with the headline: Ferry.</p>", ownTitle, feeds.SelfClaim},
		{"<p>The ferry is back.</p><p>— With files from The Canadian Press</p>", "Canadian Press", feeds.Wire},
		{"<p>A balsa voltou.</p><p>*Com informações da Reuters</p>", "Reuters", feeds.Wire},
		{"<p>Le bac est revenu. (avec AFP)</p>", "Agence France-Presse", feeds.Wire},
		{"<p>The ferry is back. — Bernama</p>", "Bernama", feeds.Wire},
		{"<p>The ferry is back.</p><p>© 2026 AFP</p>", "Agence France-Presse", feeds.Wire},
		{"<p>Ann Quay / Reuters: Ferry to return next week</p>", "Reuters", feeds.Wire},
		{"<p>Ann Quay / Tidewater News: Ferry to return next week</p>", "Tidewater News", feeds.Reprint},
		// the other way round: it went from here to there
		{"<p>This article was reprinted on <a href='https://tidewater-report.org/z'>Tidewater Report</a>.</p>", ownTitle, feeds.SelfClaim},
		{"<p>Text.</p><p>This article appears in the March 2026 print edition.</p>", ownTitle, feeds.SelfClaim},
		// agencies
		{"<p>PORT MALLOW (AP) — The ferry is back.</p>", "Associated Press", feeds.Wire},
		{"<p>PORT MALLOW, March 3 (Reuters) - The ferry is back.</p>", "Reuters", feeds.Wire},
		{"<p>MANILA, Philippines (AP) _ The ferry is back.</p>", "Associated Press", feeds.Wire},
		{"<p>New Delhi, Mar 3 (PTI) The ferry is back, officials said.</p>", "PTI", feeds.Wire},
		{"<p>Port Mallow (AFP) – The ferry is back.</p>", "Agence France-Presse", feeds.Wire},
		{"<p>Hafenstadt (dpa/lno) - Die Fähre fährt wieder.</p>", "dpa", feeds.Wire},
		{"<p>Madrid, 3 mar (EFE).- El transbordador ha vuelto.</p>", "EFE", feeds.Wire},
		{"<p>(ANSA) - ROMA, 03 MAR - Il traghetto è tornato.</p>", "ANSA", feeds.Wire},
		{"<p>МОСКВА, 3 марта. /ТАСС/. Паром снова ходит.</p>", "TASS", feeds.Wire},
		{"<p>МОСКВА, 3 мар — РИА Новости. Паром снова ходит.</p>", "RIA Novosti", feeds.Wire},
		{"<p>新华社北京3月3日电（记者某某）渡轮恢复运行。</p>", "Xinhua", feeds.Wire},
		{"<p>(서울=연합뉴스) 홍길동 기자 = 여객선이 다시 운항한다.</p>", "Yonhap", feeds.Wire},
		{"<p>PORT MALLOW, March 3, 2026 /PRNewswire/ -- The ferry is back.</p>", "PR Newswire", feeds.Wire},
		{"<p>ANKARA (AA) - Feribot yeniden çalışıyor.</p>", "Anadolu Agency", feeds.Wire},
		{"<p>القاهرة (رويترز) - عادت العبارة.</p>", "Reuters", feeds.Wire},
		{"<p>By The Associated Press</p><p>The ferry is back.</p>", "Associated Press", feeds.Wire},
		{"<p>The ferry is back.</p><p>(AFP)</p>", "Agence France-Presse", feeds.Wire},
		{"<p>The ferry is back, he said. (NAN)</p>", "News Agency of Nigeria", feeds.Wire},
		{"<p>The ferry is back.</p><p>(With inputs from ANI)</p>", "ANI", feeds.Wire},
		{"<p>Die Fähre fährt wieder.</p><p>Quelle: dpa</p>", "dpa", feeds.Wire},
		{"<p>Die Fähre fährt wieder.</p><p>© dpa-infocom, dpa:260303-99-123456/1</p>", "dpa", feeds.Wire},
		{"<p>The ferry is back.</p><p>Copyright 2026 The Associated Press. All rights reserved.</p>", "Associated Press", feeds.Wire},
		{"<p>The ferry is back.</p><p>(This story has not been edited by our staff and is auto-generated from a syndicated feed.)</p>", "", feeds.Wire},
		{"<p>The ferry is back.</p><p>This report is auto-generated from PTI news service.</p>", "PTI", feeds.Wire},
	} {
		got := stated("Ferry Resumes After Storm", "https://harbour-gazette.net/ferry-resumes/", c.html)
		if len(got) != 1 || got[0].Kind != c.kind || foldName(got[0].Outlet) != foldName(c.outlet) {
			t.Errorf("%s:\n  got %+v, want %s %q", c.html, got, c.kind, c.outlet)
		}
	}
}

func TestBylinesOfAgenciesAndOthers(t *testing.T) {
	for author, want := range map[string]feeds.Stated{
		"The Associated Press":          {Kind: feeds.Wire, Outlet: "Associated Press"},
		"AP":                            {Kind: feeds.Wire, Outlet: "Associated Press"},
		"Reuters in Port Mallow":        {Kind: feeds.Wire, Outlet: "Reuters"},
		"Ann Quay, Associated Press":    {Kind: feeds.Wire, Outlet: "Associated Press"},
		"Ann Quay | AFP":                {Kind: feeds.Wire, Outlet: "Agence France-Presse"},
		"Ann Quay with AFP":             {Kind: feeds.Wire, Outlet: "Agence France-Presse"},
		"Von Ann Quay, dpa":             {Kind: feeds.Wire, Outlet: "dpa"},
		"Le Littoral avec AFP":          {Kind: feeds.Wire, Outlet: "Agence France-Presse"},
		"Press Trust of India":          {Kind: feeds.Wire, Outlet: "PTI"},
		"News Agency of Nigeria (NAN)":  {Kind: feeds.Wire, Outlet: "News Agency of Nigeria"},
		"Staff and agencies":            {Kind: feeds.Wire},
		"Ann Quay Associated Press":     {Kind: feeds.Wire, Outlet: "Associated Press"},
		"Redacción / EFE":               {Kind: feeds.Wire, Outlet: "EFE"},
		"Redacción y agencias":          {Kind: feeds.Wire},
		"CNN":                           {Kind: feeds.Reprint, Outlet: "CNN"},
		"The Conversation":              {Kind: feeds.Reprint, Outlet: "The Conversation"},
		"Tidewater News":                {Kind: feeds.Reprint, Outlet: "Tidewater News"},
		"tidewater.org":                 {Kind: feeds.Reprint, Outlet: "tidewater.org"},
		"Harbour Gazette":               {},
		"Harbour Gazette News Desk":     {},
		"Gazette Reporters":             {},
		"HG News Service":               {},
		"Ann Quay":                      {},
		"Ann Quay, quay@tidewater.org":  {},
		"Ann Press":                     {},
		"Web Desk":                      {},
		"Ann Quay in New York":          {},
		"admin":                         {},
		"Ann Quay, Political Reporter":  {},
		"Times News Network Web Desk":   {},
		"our special correspondent":     {},
		"quay@harbourgazette.example":   {},
		"Dr. A. P. Quay":                {},
		"Uni Karlsson":                  {},
		"Ann Sid":                       {},
		"By Ann Quay and Anna Belga-Ek": {},
	} {
		got := stated("Ferry Resumes After Storm", "https://harbour-gazette.net/ferry-resumes/", "<p>The ferry is back.</p>", author)
		if want.Kind == "" {
			if len(got) != 0 {
				t.Errorf("%q: got %+v, want nothing", author, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Kind != want.Kind || got[0].Outlet != want.Outlet || got[0].Where != "byline" {
			t.Errorf("%q: got %+v, want %s %q", author, got, want.Kind, want.Outlet)
		}
	}
}

// A mention is not a credit.
func TestMentionsAreSilent(t *testing.T) {
	for _, html := range []string{
		"<p>The minister told Reuters that the ferry would return.</p>",
		"<p>The ferry will return, according to the Associated Press.</p>",
		"<p>The Associated Press first reported the closure.</p>",
		"<p>The novel, first published in 1954 by Quay Press, is set on a ferry.</p>",
		"<p>The poem was originally published in The Tidewater Review in 1931.</p>",
		"<p>In a statement first published by Tidewater Report, the line apologised.</p>",
		"<p>The figures, originally published on the line's website, were wrong.</p>",
		"<p>Her work has been published in Tidewater Report and The Quay.</p>",
		"<p>The species first appeared on the island in 1987.</p>",
		"<p>The Armed Forces of the Philippines (AFP) - which runs the port - said no.</p>",
		"<p>The Port Authority (PA) said the ferry was late.</p>",
		"<p>The ferry is back, said the Palestinian Authority (PA)</p>",
		"<figure><img src='a.jpg'><figcaption>The ferry. Source: Reuters</figcaption></figure><p>It is back.</p>",
		"<p>Photo: AFP</p><p>The ferry is back.</p>",
		"<p>Bild: dpa</p><p>Die Fähre fährt wieder.</p>",
		"<p>The ferry in port (AP Photo/Ann Quay)</p><p>It is back.</p>",
		"<p>The app appears in the print dialog and was first published on GitHub.</p>",
		"<p>Source: OECD</p>",
		"<p>The ferry is back.</p><p>First published on 3 March 2026.</p>",
		"<p>First published: 3 March 2026, 10:41</p>",
		"<p>Associated Press articles: Copyright © 2026 The Associated Press. All rights reserved.</p>",
		"<p>Articles originally published on other editions remain the property of their owners.</p>",
		"<p>Il metodo proviene da <a href='https://library-tool.org/'>Library</a>.</p>",
		"<p>错误最先出现在哪里，没有人知道。</p>",
		"<p>Read more: <a href='https://harbour-gazette.net/other-story/'>Other story</a></p>",
		"<p>See <a href='https://one-ferry.org/a-b-c/'>one</a> and <a href='https://two-ferry.org/'>Two</a> for more on ferries.</p>",
		"<p>This article was featured in the Morning Tide newsletter. Sign up for it here.</p>",
		"<p>This article first appeared on 19 July 2009.</p>",
		"<p>Follow us on <a href='https://x.com/harbour'>X</a> and <a href='https://facebook.com/harbour'>Facebook</a>.</p>",
		"<p>Tidewater Report says the ferry is back, Reuters reports.</p>",
		"<p>AFP said it would arrest the smugglers.</p>",
		"<p>Beta: what to know about the new release</p>",
		"<p>First published in Great Britain in 2015 by Quay Books.</p>",
		"<p>Reuters: ferry to return next week</p>",
		"<p>The ferry is back.</p><p>Source: <a href='https://statistics-bureau.gov'>Bureau of Statistics</a></p>",
		"<p>This video was originally published on YouTube.</p>",
		"<p>The Associated Press contributed to this report.</p>",
		"<p>Photo used with permission of Tidewater Report.</p>",
		"<p>Sources: BBC News, Bloomberg</p>",
		"<p>I am writing this post from my iPad.</p>",
		"<p>UNI - the student union - is on strike.</p>",
		"",
	} {
		if got := stated("Ferry Resumes After Storm", "https://harbour-gazette.net/ferry-resumes/", html); len(got) != 0 {
			t.Errorf("%s:\n  got %+v", html, got)
		}
	}
}

func TestElementsAndAddresses(t *testing.T) {
	own := harbour()
	for _, c := range []struct {
		name  string
		entry feeds.Entry
		want  string // outlet; empty: nothing
		where string
	}{
		{"rss source", feeds.Entry{Link: "https://news.google.com/rss/articles/x", Source: feeds.Source{Name: "Tidewater Report", URL: "https://tidewater-report.org"}}, "Tidewater Report", "source"},
		{"link elsewhere", feeds.Entry{Link: "https://tidewater-report.org/a/ferry-is-back"}, "tidewater-report.org", "link"},
		{"link on the own host under another name", feeds.Entry{Link: "https://www.harbour-gazette.net/a"}, "", ""},
		{"link through a proxy", feeds.Entry{Link: "https://feedproxy.google.com/~r/h/~3/x"}, "", ""},
		{"canonical elsewhere", feeds.Entry{Link: "https://harbour-gazette.net/a", Links: []feeds.Link{{Rel: "canonical", Href: "https://tidewater-report.org/a"}}}, "tidewater-report.org", "link rel=canonical"},
		{"canonical at home", feeds.Entry{Link: "https://harbour-gazette.net/a", Links: []feeds.Link{{Rel: "canonical", Href: "https://harbour-gazette.net/b"}}}, "", ""},
		{"via", feeds.Entry{Link: "https://harbour-gazette.net/a", Links: []feeds.Link{{Rel: "via", Href: "https://tidewater-report.org/a", Title: "Tidewater Report"}}}, "Tidewater Report", "link rel=via"},
		{"guid elsewhere", feeds.Entry{Link: "https://harbour-gazette.net/a", GUID: "https://tidewater-report.org/2026/ferry-is-back-again/"}, "tidewater-report.org", "guid"},
		{"guid of a staging host", feeds.Entry{Link: "https://harbour-gazette.net/a", GUID: "http://stage.gazette-cms.org/?p=12"}, "", ""},
		{"guid is no address", feeds.Entry{Link: "https://harbour-gazette.net/a", GUID: "tag:1,2:3"}, "", ""},
		{"a related link says nothing", feeds.Entry{Link: "https://harbour-gazette.net/a", Links: []feeds.Link{{Rel: "related", Href: "https://tidewater-report.org/a"}}}, "", ""},
	} {
		got := findStated(&c.entry, own, cutText{})
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: got %+v", c.name, got)
		case c.want != "" && (len(got) != 1 || got[0].Kind != feeds.SourceElement || got[0].Outlet != c.want || got[0].Where != c.where):
			t.Errorf("%s: got %+v, want %q in %q", c.name, got, c.want, c.where)
		}
	}
}

// The Syria story: the footer decides; agencies named in the text and under the
// picture do not.
func TestFooterBesideAgenciesInTheText(t *testing.T) {
	body := `<p><img src="a.jpg"></p><p>Source: Reuters</p><p>Syria's new authorities named a governor on Sunday, the Iraqi news agency INA reported.</p>` +
		`<p>A source told Reuters that he would start at once.</p><p>Residents welcomed the news.</p>` +
		`<p>Syria Names New Governor is first published on The Whistler Newspaper</p>`
	e := &feeds.Entry{Title: "Syria Names New Governor", Link: "https://daily-scoop.org/syria-names-new-governor", Content: body}
	got := findStated(e, publication{Title: "Daily Scoop", Home: "https://daily-scoop.org/", FeedURL: "https://daily-scoop.org/feed"}, cutText{})
	if len(got) != 1 || got[0].Kind != feeds.Reprint || got[0].Outlet != "The Whistler Newspaper" || got[0].Where != "footer" {
		t.Errorf("in the scraper's feed: %+v", got)
	}
	got = findStated(e, publication{Title: "The Whistler Newspaper", Home: "https://thewhistler.ng/", FeedURL: "https://thewhistler.ng/feed/"}, cutText{})
	self := 0
	for _, s := range got {
		switch s.Kind {
		case feeds.SelfClaim:
			self++
		case feeds.Wire:
			t.Errorf("in its own feed: %+v", s)
		}
	}
	if self != 1 {
		t.Errorf("in its own feed: %+v", got)
	}
}

// Whatever stands in an entry: no panic, bounded phrases, valid kinds, and the
// same answer again, also when the text has been cut into blocks before.
func TestFindStatedIsTotal(t *testing.T) {
	piece := rapid.SampledFrom([]string{"<p>", "</p>", "<a href=\"https://a.example.org/\">", "</a>", "originally published on ", "This article ", "(AP) — ", "Source: ", "본문", "本文首发于", "é", "\xff", "Reuters", "https://bit.ly/x", " ", ".", "The Whistler", "<", "\"", "|", "ظهرت المقالة", "أولاً على", "[x](https://b.example.org/a)", "-- PTI", strings.Repeat("word ", 400)})
	rapid.Check(t, func(t *rapid.T) {
		html := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), "")
		e := &feeds.Entry{Title: rapid.StringN(0, 20, 60).Draw(t, "title"), Link: "https://harbour-gazette.net/x", Content: html, Authors: []string{rapid.StringN(0, 20, 60).Draw(t, "author")}}
		got := findStated(e, harbour(), cutText{})
		again := findStated(e, harbour(), cutText{e.Content, text.Blocks(e.Content)})
		if len(got) != len(again) || len(got) > maxStated {
			t.Fatalf("%d statements, then %d", len(got), len(again))
		}
		for i, s := range got {
			if s != again[i] || len(s.Phrase) > maxPhrase {
				t.Fatalf("%+v, then %+v", s, again[i])
			}
		}
	})
}

func FuzzFindStated(f *testing.F) {
	f.Add("Ferry", "<p>The post <a href='https://a.example/x'>Ferry</a> appeared first on <a href='https://a.example'>A</a>.</p>", "AP")
	f.Add("", "LONDON (Reuters) - x", "")
	f.Fuzz(func(t *testing.T, title, html, author string) {
		findStated(&feeds.Entry{Title: title, Content: html, Summary: html + "x", Authors: []string{author}, Link: "https://b.example/1"}, harbour(), cutText{})
	})
}

func BenchmarkFindStatedSilent(b *testing.B) {
	html := "<p>" + strings.Repeat("The ferry between the mole and the island is back after the storm, the harbour master said. ", 3) + "</p>"
	e := &feeds.Entry{Title: "Ferry Resumes", Link: "https://harbour-gazette.net/x", Content: strings.Repeat(html, 12), Summary: html, Authors: []string{"Ann Quay"}, GUID: "https://harbour-gazette.net/?p=1"}
	own := harbour()
	b.ReportAllocs()
	for b.Loop() {
		findStated(e, own, cutText{})
	}
}

func BenchmarkBlocksAlone(b *testing.B) {
	html := "<p>" + strings.Repeat("The ferry between the mole and the island is back after the storm, the harbour master said. ", 3) + "</p>"
	whole := strings.Repeat(html, 12)
	b.ReportAllocs()
	for b.Loop() {
		text.Blocks(whole)
	}
}

func TestUsualHost(t *testing.T) {
	feed := func(links ...string) string {
		var b strings.Builder
		b.WriteString(`<rss version="2.0"><channel><title>Tidewater</title><link>https://tidewater-report.org/</link>`)
		for _, l := range links {
			b.WriteString("<item><title>" + l + "</title><link>" + l + "</link></item>")
		}
		return b.String() + "</channel></rss>"
	}
	for _, c := range []struct {
		links  []string
		stated int
	}{
		// all of them on the host of its articles: its own
		{[]string{"https://twreport-media.com/a-1", "https://twreport-media.com/b-2", "https://twreport-media.com/c-3"}, 0},
		// one of them elsewhere: that one is another's
		{[]string{"https://twreport-media.com/a-1", "https://twreport-media.com/b-2", "https://twreport-media.com/c-3", "https://twreport-media.com/d-4", "https://other-news.org/e"}, 1},
		// a list of links
		{[]string{"https://one-ferry.org/a", "https://two-ferry.org/b", "https://tidewater-report.org/c"}, 2},
	} {
		got := 0
		for _, it := range Parse(Input{Body: []byte(feed(c.links...)), URL: "https://tidewater-report.org/feed"}).Items {
			got += len(it.Entry.Stated)
		}
		if got != c.stated {
			t.Errorf("%v: %d statements, want %d", c.links, got, c.stated)
		}
	}
}
