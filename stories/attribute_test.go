package stories

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// at is noon and so many minutes; between makes the interval of two such.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
func between(after, seen int) feeds.Seen {
	return feeds.Seen{After: at(after), At: at(seen)}
}
func dated(minutes int) feeds.Date {
	return feeds.Date{Time: at(minutes), Raw: at(minutes).Format(time.RFC1123Z), Element: "pubDate"}
}

func fewOutlets() *Directory {
	return NewDirectory([]feeds.Outlet{
		{ID: "thewhistler", Name: "The Whistler", Home: "https://thewhistler.ng/", Aliases: []string{"The Whistler Newspaper"}},
		{ID: "scoop", Name: "Daily Scoop", Home: "https://dailyscoop.example/"},
		{ID: "brief", Name: "Naija Brief", Home: "https://brief.example/"},
		{ID: "times", Name: "Premium Times", Home: "https://www.premiumtimesng.com/"},
		{ID: "reuters", Name: "Reuters", Home: "https://www.reuters.com/"},
		{ID: "gnews", Name: "Google News", Home: "https://news.google.com/"},
	})
}

const whistlerFooter = "Syria Names New Governor is first published on The Whistler Newspaper"

func TestAttributeDecidesByKindsOfEvidence(t *testing.T) {
	footer := func(kind feeds.StatedKind) []feeds.Stated {
		return []feeds.Stated{{Kind: kind, Outlet: "The Whistler Newspaper", URL: "https://thewhistler.ng/story/syria/", Phrase: whistlerFooter, Where: "footer"}}
	}
	reuters := []feeds.Stated{{Kind: feeds.Wire, Outlet: "Reuters", Phrase: "LAGOS (Reuters) -", Where: "dateline"}}
	cases := []struct {
		name       string
		members    []Member
		outlet     string
		called     string
		entry      uint64
		seenHere   uint64
		basis      Basis
		confidence Confidence
		reason     string // a part of it
	}{
		{"the footer of a scraper's copy, the original seen before it",
			[]Member{
				{Entry: 1, Outlet: "thewhistler", Link: "https://thewhistler.ng/story/syria/", Seen: between(-10, 0), Stated: footer(feeds.SelfClaim)},
				{Entry: 2, Outlet: "scoop", Seen: between(2, 12), CopyOf: 1, Share: 950, Stated: footer(feeds.Reprint)},
				{Entry: 3, Outlet: "brief", Seen: between(5, 15), CopyOf: 1, Share: 1000},
			}, "thewhistler", "The Whistler", 1, 0, Stated, Certain,
			"First published on The Whistler: Daily Scoop's copy says so in its footer (“" + whistlerFooter + "”), and the polls saw it there 12 minutes earlier."},
		{"the copy arrived first, the footer still names the original",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-30, 0), Stated: footer(feeds.Reprint)},
				{Entry: 2, Outlet: "thewhistler", Link: "https://thewhistler.ng/story/syria/", Seen: between(1, 12), CopyOf: 1, Share: 950},
			}, "thewhistler", "The Whistler", 2, 0, Stated, Likely, "although the polls saw it on Daily Scoop before"},
		{"the original's feed lags, its date agrees with the footer",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Stated: footer(feeds.Reprint)},
				{Entry: 2, Outlet: "thewhistler", Link: "https://thewhistler.ng/story/syria/", Seen: between(1, 12), Published: dated(-25), CopyOf: 1, Share: 950},
			}, "thewhistler", "The Whistler", 2, 0, Stated, Likely, "and The Whistler's own date, 25 minutes before it was seen on Daily Scoop, agrees"},
		{"the footer names one that was seen much later",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-30, 0), Stated: footer(feeds.Reprint), Published: dated(-5)},
				{Entry: 2, Outlet: "thewhistler", Link: "https://thewhistler.ng/story/syria/", Seen: between(200, 210), Published: dated(205), CopyOf: 1},
			}, "thewhistler", "The Whistler", 2, 0, Stated, Unknown, "The evidence contradicts itself"},
		{"two copies name different originals",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-30, 0), Stated: footer(feeds.Reprint)},
				{Entry: 2, Outlet: "brief", Seen: between(-20, 10), CopyOf: 1, Stated: []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Grist", Where: "note"}}},
			}, "thewhistler", "The Whistler", 0, 1, Stated, Unknown, "The entries disagree"},
		{"the original is not here, only the copy that names it",
			[]Member{{Entry: 1, Outlet: "scoop", Seen: between(-30, 0), Stated: footer(feeds.Reprint)}},
			"thewhistler", "The Whistler", 0, 1, Stated, Likely, "first seen here on Daily Scoop"},
		{"an outlet that nobody follows",
			[]Member{{Entry: 1, Outlet: "scoop", Seen: between(-30, 0), Stated: []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Grist", URL: "https://grist.org/a/", Phrase: "This post originally appeared on Grist.", Where: "note"}}}},
			"", "Grist", 0, 1, Stated, Likely, "Grist, which is not followed here"},
		{"a footer of one's own proves nothing",
			[]Member{
				{Entry: 1, Outlet: "times", Seen: between(-90, -80), Published: dated(-85)},
				{Entry: 2, Outlet: "thewhistler", Seen: between(0, 10), Stated: footer(feeds.SelfClaim), Published: dated(5), CopyOf: 1},
			}, "times", "Premium Times", 1, 0, Observed, Likely, "absent from The Whistler (seen there 90 minutes later); neither says"},
		{"three carry an agency's text",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Stated: []feeds.Stated{{Kind: feeds.Wire, Outlet: "AFP", Phrase: "PARIS (AFP) -", Where: "dateline"}}},
				{Entry: 2, Outlet: "brief", Seen: between(-5, 5), CopyOf: 1, Stated: []feeds.Stated{{Kind: feeds.Wire, Outlet: "Agence France-Presse", Where: "byline"}}},
				{Entry: 3, Outlet: "times", Seen: between(0, 9), CopyOf: 1},
			}, "", "Agence France-Presse", 0, 1, Stated, Certain, "first seen here on Daily Scoop"},
		{"an agency that is followed, and a chain of statements",
			[]Member{
				{Entry: 1, Outlet: "times", Seen: between(-10, 0), Stated: reuters},
				{Entry: 2, Outlet: "scoop", Seen: between(0, 9), CopyOf: 1, Stated: []feeds.Stated{{Kind: feeds.Reprint, Outlet: "Premium Times", Where: "footer"}}},
				{Entry: 3, Outlet: "reuters", Seen: between(-4, 6), CopyOf: 1},
			}, "reuters", "Reuters", 3, 0, Stated, Certain, "Reuters is the origin"},
		{"the same text on an agency's feed, without a credit",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0)},
				{Entry: 2, Outlet: "reuters", Seen: between(20, 30), CopyOf: 1},
			}, "reuters", "Reuters", 2, 1, Stated, Likely, "first seen here on Daily Scoop"},
		{"the polls decide",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Published: dated(-3)},
				{Entry: 2, Outlet: "times", Seen: between(75, 85), Published: dated(81)},
			}, "scoop", "Daily Scoop", 1, 0, Observed, Certain, "still absent from Premium Times"},
		{"the polls decide, but only just",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Published: dated(-3)},
				{Entry: 2, Outlet: "times", Seen: between(5, 15), Published: dated(9)},
			}, "scoop", "Daily Scoop", 1, 0, Observed, Likely, "on Premium Times 15 minutes later, which is close enough for a lagging feed"},
		{"a back-dated entry weakens what the polls saw",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Published: dated(-3)},
				{Entry: 2, Outlet: "times", Seen: between(150, 160), Published: dated(-600)},
			}, "scoop", "Daily Scoop", 1, 0, Observed, Likely, "whose own date, 9 hours earlier, looks back-dated"},
		{"a date shortly before the polls may be a feed that lags",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 0), Published: dated(-3)},
				{Entry: 2, Outlet: "times", Seen: between(5, 15), Published: dated(-40)},
			}, "scoop", "Daily Scoop", 1, 0, Observed, Unknown, "its feed may lag"},
		{"overlapping polls, dates within them",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 10), Published: dated(8)},
				{Entry: 2, Outlet: "times", Seen: between(-8, 12), Published: dated(-2)},
			}, "times", "Premium Times", 2, 0, Claimed, Likely, "10 minutes earlier"},
		{"a future date is no evidence",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 10), Published: dated(300)},
				{Entry: 2, Outlet: "times", Seen: between(-8, 12), Published: dated(600)},
			}, "scoop", "Daily Scoop", 1, 0, Observed, Unknown, "Nobody can be called first"},
		{"the same date",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: between(-10, 10), Published: dated(1)},
				{Entry: 2, Outlet: "times", Seen: between(-8, 12), Published: dated(1)},
			}, "scoop", "Daily Scoop", 1, 0, Claimed, Tie, "neither can be called first"},
		{"an archive has dates only",
			[]Member{
				{Entry: 1, Outlet: "scoop", Seen: feeds.Seen{At: at(0)}, Published: dated(-500)},
				{Entry: 2, Outlet: "times", Seen: feeds.Seen{At: at(0)}, Published: dated(-400)},
			}, "scoop", "Daily Scoop", 1, 0, Claimed, Likely, "100 minutes earlier"},
		{"a portal is never first",
			[]Member{
				{Entry: 1, Outlet: "gnews", Seen: between(-90, -80)},
				{Entry: 2, Outlet: "times", Seen: between(0, 10), CopyOf: 1},
			}, "times", "Premium Times", 2, 0, Observed, Likely, "Only Premium Times carries it so far, besides the portal Google News"},
		{"a portal alone is not first either",
			[]Member{{Entry: 1, Outlet: "gnews", Seen: between(-90, -80)}}, "gnews", "Google News", 1, 0, Observed, Unknown, "Google News shows what others published"},
		{"nobody else",
			[]Member{{Entry: 7, Outlet: "times", Seen: between(0, 10)}}, "times", "Premium Times", 7, 0, Observed, Likely, "Only Premium Times"},
	}
	d := fewOutlets()
	for _, c := range cases {
		v, _ := Attribute(c.members, d)
		if v.Outlet != c.outlet || v.Name != c.called || v.Entry != c.entry || v.SeenHere != c.seenHere || v.Basis != c.basis || v.Confidence != c.confidence {
			t.Errorf("%s: got %q %q entry %d seen %d %s %s\n  %s", c.name, v.Outlet, v.Name, v.Entry, v.SeenHere, v.Basis, v.Confidence, v.Reason)
		}
		if problem := tooFirm(v); problem != "" {
			t.Errorf("%s: %s: %s, %q", c.name, problem, v.Confidence, v.Reason)
		}
		if !strings.Contains(v.Reason, c.reason) {
			t.Errorf("%s: the reason is %q, want in it %q", c.name, v.Reason, c.reason)
		}
	}
}

func TestAttributeComparesTexts(t *testing.T) {
	// Two newsrooms report one event; the first one's report is copied.
	members := []Member{
		{Entry: 1, Outlet: "thewhistler", Seen: between(-10, 0), Published: dated(-5)},
		{Entry: 2, Outlet: "scoop", Seen: between(2, 12), CopyOf: 1, Share: 950,
			Stated: []feeds.Stated{{Kind: feeds.Reprint, Outlet: "The Whistler", Phrase: whistlerFooter, Where: "footer"}}},
		{Entry: 3, Outlet: "times", Seen: between(80, 90), Published: dated(85)},
	}
	v, groups := Attribute(members, fewOutlets())
	if v.Outlet != "thewhistler" || v.Basis != Stated || v.Confidence != Certain || !strings.Contains(v.Reason, "Premium Times reported the same event 90 minutes later") {
		t.Errorf("got %+v", v)
	}
	if len(groups) != 1 || groups[0].Original != 1 || len(groups[0].Members) != 2 || groups[0].Verdict.Outlet != "thewhistler" {
		t.Errorf("groups: %+v", groups)
	}
	// The other newsroom was earlier: the story is its, the text is not.
	members[2].Seen, members[2].Published = between(-100, -90), dated(-95)
	v, groups = Attribute(members, fewOutlets())
	if v.Outlet != "times" || v.Confidence != Certain || v.Basis != Observed || groups[0].Verdict.Outlet != "thewhistler" {
		t.Errorf("got %+v\n%+v", v, groups)
	}
}

func TestDirectoryFind(t *testing.T) {
	d := NewDirectory([]feeds.Outlet{
		{ID: "thewhistler", Name: "The Whistler", Home: "https://thewhistler.ng/"},
		{ID: "guardian-ng", Name: "The Guardian", Home: "https://guardian.ng/"},
		{ID: "bbc", Name: "BBC News", Home: "https://www.bbc.co.uk/news"},
		{ID: "ap", Name: "AP News", Home: "https://apnews.com/"},
		{ID: "bloomberg-1", Name: "Bloomberg Markets", Home: "https://www.bloomberg.com/markets"},
		{ID: "bloomberg-2", Name: "Bloomberg Politics", Home: "https://www.bloomberg.com/politics"},
		{ID: "sahara", Name: "Sahara Reporters", Home: "https://saharareporters.com/", Aliases: []string{"sahara.example"}},
		{ID: "post-a", Name: "Daily Post", Home: "https://dailypost.ng/"},
		{ID: "post-b", Name: "Daily Post", Home: "https://dailypost.example/"},
	})
	for _, c := range []struct{ name, address, want string }{
		{"The Whistler Newspaper", "", "thewhistler"},
		{"whistler", "", "thewhistler"},
		{"thewhistler.ng", "", "thewhistler"},
		{"", "http://www.thewhistler.ng/x?y=1", "thewhistler"},
		{"", "https://africa.thewhistler.ng/", "thewhistler"},
		{"The Guardian", "", "guardian-ng"},
		{"The Guardian", "https://www.theguardian.com/world", ""},
		{"BBC News", "https://www.bbc.com/news/1", "bbc"},
		{"Associated Press", "", "ap"}, {"AP", "", "ap"},
		{"SaharaReporters", "", "sahara"}, {"", "https://sahara.example/1", "sahara"},
		{"Daily Post", "", ""}, {"Daily Post", "https://dailypost.ng/2", "post-a"},
		{"Bloomberg", "", ""}, {"Bloomberg Politics", "", "bloomberg-2"}, // two of one agency
		{"", "", ""}, {"Nobody", "https://nobody.example/", ""},
	} {
		o, ok := d.Find(c.name, c.address)
		if o.ID != c.want || ok != (c.want != "") {
			t.Errorf("Find(%q, %q) = %q, want %q", c.name, c.address, o.ID, c.want)
		}
	}
}

// One agency with several feeds: its credit in one of them is its own, and a
// credit elsewhere means the one that has the story.
func TestAgencyWithSeveralFeeds(t *testing.T) {
	d := NewDirectory([]feeds.Outlet{
		{ID: "markets", Name: "Bloomberg Markets", Home: "https://www.bloomberg.com/"},
		{ID: "politics", Name: "Bloomberg Politics", Home: "https://www.bloomberg.com/"},
		{ID: "times", Name: "Premium Times", Home: "https://www.premiumtimesng.com/"},
	})
	credit := []feeds.Stated{{Kind: feeds.SelfClaim, Outlet: "Bloomberg", Phrase: "(Source: Bloomberg)", Where: "closing"}}
	v, _ := Attribute([]Member{{Entry: 1, Outlet: "politics", Seen: between(-10, 0), Stated: credit}}, d)
	if v.Outlet != "politics" || v.Basis != Observed {
		t.Errorf("its own credit: %+v", v)
	}
	wire := []feeds.Stated{{Kind: feeds.Wire, Outlet: "Bloomberg", Phrase: "(Bloomberg) --", Where: "dateline"}}
	v, _ = Attribute([]Member{{Entry: 1, Outlet: "times", Seen: between(-10, 0), Stated: wire}, {Entry: 2, Outlet: "politics", Seen: between(-5, 5), CopyOf: 1}}, d)
	if v.Outlet != "politics" || v.Entry != 2 || v.Basis != Stated || v.Confidence != Certain {
		t.Errorf("a credit elsewhere: %+v", v)
	}
	v, _ = Attribute([]Member{{Entry: 1, Outlet: "times", Seen: between(-10, 0), Stated: wire}}, d)
	if v.Outlet != "" || v.Name != "Bloomberg" {
		t.Errorf("a credit without the agency's entry: %+v", v)
	}
}

func TestAttributeOfNothing(t *testing.T) {
	if v, g := Attribute(nil, nil); v.Confidence != Unknown || v.Reason == "" || g != nil {
		t.Errorf("got %+v, %+v", v, g)
	}
	if v, _ := Attribute([]Member{{Entry: 1, Outlet: "a"}, {Entry: 2, Outlet: "b"}}, nil); v.Confidence != Unknown {
		t.Errorf("without any times: %+v", v)
	}
}

// A story of one entry has the time at which the entry appeared, whatever the entry
// states and claims: the list can tell its place without the verdict.
func TestAloneItStandsWhereItAppeared(t *testing.T) {
	kinds := []feeds.StatedKind{feeds.SelfClaim, feeds.Reprint, feeds.Wire, feeds.SourceElement}
	rapid.Check(t, func(t *rapid.T) {
		m := Member{Entry: 1, Outlet: rapid.SampledFrom([]string{"times", "reuters", "gnews", "politics"}).Draw(t, "outlet"), Link: "https://www.premiumtimesng.com/1"}
		m.Seen.At = noon.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "at")) * time.Minute)
		if rapid.Bool().Draw(t, "bounded") {
			m.Seen.After = m.Seen.At.Add(-time.Duration(rapid.IntRange(1, 3000).Draw(t, "after")) * time.Minute)
		}
		switch rapid.IntRange(0, 2).Draw(t, "claim") {
		case 1:
			m.Published.Time = noon.Add(time.Duration(rapid.IntRange(-6000, 6000).Draw(t, "published")) * time.Minute)
		case 2:
			m.Published.Time = noon.AddDate(0, 0, rapid.IntRange(-3, 3).Draw(t, "day")).Truncate(24 * time.Hour)
		}
		for range rapid.IntRange(0, 2).Draw(t, "stated") {
			m.Stated = append(m.Stated, feeds.Stated{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
				Outlet: rapid.SampledFrom([]string{"Premium Times", "The Whistler Newspaper", "Politics", "Reuters", ""}).Draw(t, "name"),
				URL:    rapid.SampledFrom([]string{"", "https://www.premiumtimesng.com/1", "https://politics.example/x"}).Draw(t, "url"), Where: "footer", Phrase: "first published"})
		}
		v, groups := Attribute([]Member{m}, fewOutlets())
		if !v.At.Equal(m.Appeared()) || groups != nil {
			t.Fatalf("its verdict has %v, and it appeared at %v: %+v", v.At, m.Appeared(), v)
		}
		s := Story{ID: 1, Members: []Member{m}, Verdict: v, Created: m.Seen.At}
		if n, news := NewsOf(nil, &s); news {
			t.Fatalf("a story of one entry is news: %+v", n)
		}
	})
}
