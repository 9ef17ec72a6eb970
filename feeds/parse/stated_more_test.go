package parse

import (
	"strings"
	"testing"

	"aggregator/feeds"
)

// TestCreditsAsOutletsWordThem holds wordings that were written down after the
// rules, each as some desk words it. want is the outlet; empty for silence.
func TestCreditsAsOutletsWordThem(t *testing.T) {
	const title, link = "Ferry Resumes After Storm", "https://harbour-gazette.net/ferry-resumes/"
	body := "<p>The ferry between Holm Point and the islands is running again after a storm that lasted three days, the line said on Tuesday.</p>" +
		"<p>Passengers queued from dawn.</p>"
	right := 0
	cases := []struct {
		kind feeds.StatedKind
		want string
		html string
	}{
		// datelines
		{feeds.Wire, "Reuters", "<p>LONDON/ANTOFAGASTA (Reuters) - Copper rose on Tuesday.</p>"},
		{feeds.Wire, "Reuters", "<p>WASHINGTON/SAN FRANCISCO, March 3 (Reuters) - The line is sold.</p>"},
		{feeds.Wire, "Reuters", "<p>LONDON, March 3 (Reuters) – The line is sold.</p>"},
		{feeds.Wire, "Associated Press", "<p>HOLM POINT, Maine (AP) — The ferry is running again.</p>"},
		{feeds.Wire, "Associated Press", "<p><strong>PORTLAND, Ore. (AP)</strong> — The ferry is running again.</p>"},
		{feeds.Wire, "Agence France-Presse", "<p>Beirut, Lebanon | AFP | The ferry is running again.</p>"},
		{feeds.Wire, "Agence France-Presse", "<p>PARIS (AFP) - Le bac fonctionne.</p>"},
		{feeds.Wire, "Press Trust of India", "<p>New Delhi, Mar 3 (PTI) The ferry is running again, officials said.</p>"},
		{feeds.Wire, "ANI", "<p>Mumbai (Maharashtra) [India], March 3 (ANI): The ferry is running again.</p>"},
		{feeds.Wire, "IANS", "<p>Chennai, March 3 (IANS) The ferry is running again.</p>"},
		{feeds.Wire, "Xinhua", "<p>NAIROBI, March 3 (Xinhua) -- The ferry is running again.</p>"},
		{feeds.Wire, "dpa", "<p>Hamburg (dpa) - Die Fähre fährt wieder.</p>"},
		{feeds.Wire, "dpa", "<p>Kiel (dpa/lno) - Die Fähre fährt wieder.</p>"},
		{feeds.Wire, "EFE", "<p>Madrid, 3 mar (EFE).- El transbordador vuelve a navegar.</p>"},
		{feeds.Wire, "Europa Press", "<p>MADRID, 3 Mar. (EUROPA PRESS) -</p><p>El transbordador vuelve a navegar.</p>"},
		{feeds.Wire, "ANSA", "<p>(ANSA) - ROMA, 03 MAR - Il traghetto riparte.</p>"},
		{feeds.Wire, "Lusa", "<p>Lisboa, 03 mar 2026 (Lusa) – O barco voltou a navegar.</p>"},
		{feeds.Wire, "Bloomberg", "<p>(Bloomberg) -- The ferry line is for sale.</p>"},
		{feeds.Wire, "Canadian Press", "<p>TORONTO — The ferry is running again.</p><p>This report by The Canadian Press was first published March 3, 2026.</p>"},
		{feeds.Wire, "TASS", "<p>МОСКВА, 3 марта. /ТАСС/. Паром снова ходит.</p>"},
		{feeds.Wire, "Anadolu", "<p>ANKARA (AA) - Feribot seferleri yeniden başladı.</p>"},
		{feeds.Wire, "Yonhap", "<p>(서울=연합뉴스) 김철수 기자 = 여객선 운항이 재개됐다.</p>"},
		{feeds.Wire, "Xinhua", "<p>新华社北京3月3日电（记者王明）渡轮恢复通航。</p>"},
		{feeds.Wire, "Kyodo", "<p>【ロンドン共同】フェリーが再開した。</p>"},
		{feeds.Wire, "PAP", "<p>Gdańsk (PAP) - Prom znowu kursuje.</p>"},
		{feeds.Wire, "NAN", "<p>Lagos, March 3, 2026 (NAN) The ferry is running again.</p>"},
		// bylines
		{feeds.Wire, "Reuters", "<p>By Ann Quay and Tom Reed, Reuters</p>" + body},
		{feeds.Wire, "Associated Press", "<p>By ANN QUAY, Associated Press</p>" + body},
		{feeds.Wire, "Agence France-Presse", "<p>Par AFP</p>" + body},
		{feeds.Wire, "dpa", "<p>Von Anna Kai, dpa</p>" + body},
		{feeds.Wire, "Press Trust of India", "<p>By PTI</p>" + body},
		// endings
		{feeds.Wire, "Reuters", body + "<p>(Reporting by Ann Quay in London; Editing by Tom Reed)</p>"},
		{feeds.Wire, "Press Trust of India", body + "<p>(This story has not been edited by our staff and is auto-generated from a syndicated feed - PTI)</p>"},
		{feeds.Wire, "Agence France-Presse", body + "<p>© Agence France-Presse</p>"},
		{feeds.Wire, "Associated Press", body + "<p>Copyright 2026 The Associated Press. All rights reserved. This material may not be published, broadcast, rewritten or redistributed without permission.</p>"},
		{feeds.Wire, "dpa", body + "<p>© dpa-infocom, dpa:260303-930-1234/1</p>"},
		{feeds.Wire, "Deutsche Welle", body + "<p>ab/cd (AFP, Reuters, dpa)</p>"},
		{feeds.Wire, "EFE", body + "<p>Con información de EFE</p>"},
		{feeds.Wire, "Agence France-Presse", body + "<p>(avec AFP)</p>"},
		{feeds.Wire, "Agence France-Presse", body + "<p>Avec AFP</p>"},
		{feeds.Wire, "ANSA", body + "<p>Riproduzione riservata © Copyright ANSA</p>"},
		{feeds.Wire, "Agência Brasil", body + "<p>*Com informações da Agência Brasil</p>"},
		// notes in words
		{feeds.Reprint, "Tidewater Report", body + "<p>This article was originally published by Tidewater Report.</p>"},
		{feeds.Reprint, "Tidewater Report", body + `<p><em>This story was originally published in <a href="https://tidewater-report.org/a/ferry">Tidewater Report</a>.</em></p>`},
		{feeds.Reprint, "Tidewater Report", `<p><em>This piece first appeared in Tidewater Report.</em></p>` + body},
		{feeds.Reprint, "Tidewater Report", body + "<p>Republished with permission from Tidewater Report.</p>"},
		{feeds.Reprint, "Tidewater Report", body + `<p>This article is republished from <a href="https://tidewater-report.org">Tidewater Report</a> under a Creative Commons license. Read the <a href="https://tidewater-report.org/a/ferry">original article</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>This story was produced by Tidewater Report, a nonprofit newsroom, and is republished here under a Creative Commons licence.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Reprinted by permission of Tidewater Report.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Cross-posted from <a href="https://tidewater-report.org/">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>A version of this article was first published in <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Dieser Artikel erschien zuerst bei <a href="https://tidewater-report.org/">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Dieser Text ist zuerst im Tidewater Report erschienen.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Cet article a été initialement publié par <a href="https://tidewater-report.org/">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Cet article est republié à partir de <a href="https://tidewater-report.org/">Tidewater Report</a> sous licence Creative Commons. Lire l’<a href="https://tidewater-report.org/a">article original</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Este artículo fue publicado originalmente en <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Este artigo foi publicado originalmente em <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Questo articolo è stato pubblicato originariamente su <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Dit artikel verscheen eerder op <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Artykuł ukazał się pierwotnie w <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Bu yazı ilk olarak <a href="https://tidewater-report.org/a">Tidewater Report</a> sitesinde yayımlanmıştır.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Статья впервые опубликована на сайте <a href="https://tidewater-report.org/a">Tidewater Report</a>.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>本文首发于 <a href="https://tidewater-report.org/a">Tidewater Report</a>。</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>本文转载自Tidewater Report</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>Source: <a href="https://tidewater-report.org/a/ferry">Tidewater Report</a></p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>A bejegyzés Ferry Resumes After Storm először a Tidewater Report-on jelent meg.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>A Ferry Resumes After Storm bejegyzés először Tidewater Report-én jelent meg.</p>`},
		{feeds.Reprint, "Tidewater Report", body + `<p>הפוסט Ferry Resumes After Storm הופיע לראשונה ב-Tidewater Report.</p>`},
		{feeds.SelfClaim, "Harbour Gazette", body + `<p>The post <a href="` + link + `">` + title + `</a> appeared first on <a href="https://harbour-gazette.net">Harbour Gazette</a>.</p>`},
		{feeds.SelfClaim, "Harbour Gazette", body + `<p>Ez a cikk először a Harbour Gazette oldalán jelent meg.</p>`},
		{feeds.Reprint, "Tidewater", body + `<p>A bejegyzés Ferry Resumes After Storm először Tidewater-n jelent meg.</p>`},
		// no credits
		{"", "", body + "<p>A könyv először Budapesten jelent meg.</p>"},
		{"", "", body + "<p>This series was produced by the Quay Theatre and shared a prize.</p>"},
		{"", "", body + "<p>A könyv eredetileg a Kikötő Kiadónál jelent meg.</p>"},
		{"", "", "<p>Ferries | AFP photos | The week in pictures</p>"},
		{"", "", "<p>The minister told Reuters/Ipsos pollsters that the ferry would return.</p>"},
		{"", "", "<p>(Reuters is owned by a foundation.) The ferry is back.</p>"},
		{"", "", "<p>A Reuters/Ipsos poll (1,000 adults) - the third this year - shows that people like ferries.</p>"},
		{"", "", "<p>The Automobile Association (AA) - a motoring club - said roads were wet.</p>"},
		{"", "", body + "<p>The line's shares, first listed in London, fell 3 per cent.</p>"},
		{"", "", body + "<p>The photograph first appeared in Tidewater Report last year.</p>"},
		{"", "", body + "<p>His first column was published in Tidewater Report in 1998.</p>"},
		{"", "", body + "<p>Her essay, originally published in Tidewater Report, won a prize.</p>"},
		{"", "", body + "<p>Tidewater Report first published the leaked letter on Monday.</p>"},
		{"", "", body + `<p>This article was first published on 3 March and updated with a reply.</p>`},
		{"", "", body + `<p>Source: ferry line's annual accounts</p>`},
		{"", "", body + `<p>Image: Getty Images/AFP</p>`},
		{"", "", body + `<p>Foto: Anna Kai / dpa</p>`},
		{"", "", body + `<p>Photograph: Ann Quay/Reuters</p>`},
		{"", "", body + `<p>Crédit photo : AFP</p>`},
		{"", "", body + `<p>Do you have a story? Write to <a href="mailto:desk@harbour-gazette.net">the desk</a>.</p>`},
		{"", "", body + `<p>Listen to the whole interview on <a href="https://podcasts.example.org/">our podcast</a>.</p>`},
		{"", "", body + `<p>Republication of this article without our permission is forbidden.</p>`},
		{"", "", body + `<p>Cet article vous a plu ? Lisez aussi <a href="https://tidewater-report.org/">Tidewater Report</a>.</p>`},
		{"", "", body + `<p>El libro fue publicado originalmente en 1954 por Quay.</p>`},
		{"", "", body + `<p>Das Buch ist zuerst im Verlag Quay erschienen.</p>`},
		{"", "", body + `<p>The letter was sent to the AP and to AFP (both declined to comment).</p>`},
		{"", "", body + `<p>The study appeared in Nature on Wednesday.</p>`},
		{"", "", body + `<p>— with files from the archive</p>`},
		{"", "", body + `<p>By the time the ferry came, Reuters had left.</p>`},
		{"", "", body + `<p>Follow Tidewater Report on Facebook for more.</p>`},
		{"", "", body + `<p>Sign up for First Edition, our daily email.</p>`},
	}
	for _, c := range cases {
		got := stated(title, link, c.html)
		ok := len(got) == 0 && c.want == ""
		for _, s := range got {
			if c.want == "Deutsche Welle" { // of several agencies, any
				ok = ok || s.Kind == c.kind
				continue
			}
			a, isAgency := feeds.AgencyNamed(c.want)
			name := s.Outlet
			if b, is := feeds.AgencyNamed(name); is && isAgency {
				name, c.want = b.Name, a.Name
			}
			ok = ok || c.want != "" && s.Kind == c.kind && strings.EqualFold(strings.TrimPrefix(name, "The "), strings.TrimPrefix(c.want, "The "))
		}
		if ok {
			right++
		} else {
			t.Errorf("want %s %q of %s\n  got %+v", c.kind, c.want, c.html[max(0, len(c.html)-220):], got)
		}
	}
	t.Logf("%d of %d", right, len(cases))
}

// prism:publicationName names the publication that an article is from; the
// feed's own name there says nothing.
func TestPublicationName(t *testing.T) {
	for name, want := range map[string]string{"Tidewater Report": "Tidewater Report", "Harbour Gazette": ""} {
		body := `<rss version="2.0" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel><title>Harbour Gazette</title>` +
			`<link>https://harbour-gazette.net/</link><item><title>Ferry Resumes</title><link>https://harbour-gazette.net/a</link>` +
			`<prism:publicationName>` + name + `</prism:publicationName></item></channel></rss>`
		doc := Parse(Input{Body: []byte(body), ContentType: "application/rss+xml", URL: ownFeed, Outlet: feeds.Outlet{Name: ownTitle, Home: "https://harbour-gazette.net/"}})
		if len(doc.Items) != 1 || doc.Items[0].Entry == nil {
			t.Fatalf("%s: %+v", name, doc)
		}
		got := doc.Items[0].Entry.Stated
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Outlet != want || got[0].Kind != feeds.SourceElement) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// Expressions are made when they are asked for, so that a wrong one would show only then.
func TestEveryWordingIsAnExpression(t *testing.T) {
	for i := range wordings {
		if w := &wordings[i]; w.infix > w.re().NumSubexp() {
			t.Errorf("%s has no group %d, which is to hold the name", w.re(), w.infix)
		}
	}
}
