package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aggregator/config"
	"aggregator/feeds"
	"aggregator/feeds/opml"
)

// Whatever is configured, exported and imported again, the outlets, their feeds and
// their schedules are the same.
func TestExportThenImport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOf(rapid.RuneFrom([]rune("ab <>&\"'\t\r\u00a0éع漢😀-|")))
		cfg := config.Default()
		for i := range rapid.IntRange(1, 5).Draw(t, "outlets") {
			o := config.Outlet{Outlet: feeds.Outlet{
				ID: fmt.Sprintf("o%d", i), Name: fmt.Sprintf("%d%s", i, word.Draw(t, "name")), Home: fmt.Sprintf("https://o%d.example/?a=1&b=<2>", i),
				Language: rapid.SampledFrom([]string{"", "ar", "pt-BR"}).Draw(t, "language"), Category: word.Draw(t, "category"),
			}}
			for j := range rapid.IntRange(0, 2).Draw(t, "aliases") {
				o.Aliases = append(o.Aliases, fmt.Sprintf("alias %d %d %s", i, j, word.Draw(t, "alias")))
			}
			standard := feeds.DefaultSettings()
			o.Schedule = rapid.SampledFrom([]string{standard.Schedule, "@hourly", "adaptive"}).Draw(t, "own schedule")
			o.Floor = rapid.SampledFrom([]time.Duration{standard.Floor, 30 * time.Minute}).Draw(t, "own floor")
			for j := range rapid.IntRange(1, 3).Draw(t, "feeds") {
				f := config.Feed{URL: fmt.Sprintf("https://o%d.example/%d?x=1&y=2", i, j), Settings: feeds.DefaultSettings()}
				f.Settings.Schedule = rapid.SampledFrom([]string{f.Settings.Schedule, "@hourly", "adaptive", "CRON_TZ=Africa/Lagos 0 7 * * *"}).Draw(t, "schedule")
				f.Settings.Floor = rapid.SampledFrom([]time.Duration{f.Settings.Floor, time.Minute, 20 * time.Minute}).Draw(t, "floor")
				o.Feeds = append(o.Feeds, f)
			}
			cfg.Outlets = append(cfg.Outlets, o)
		}
		var b bytes.Buffer
		if err := opml.Write(&b, "mine & theirs", exported(cfg)); err != nil {
			t.Fatal(err)
		}
		text, left, err := imported("x.opml", b.Bytes())
		if err != nil || len(left) > 0 {
			t.Fatalf("%v %v\n%s", err, left, b.String())
		}
		got, err := config.Parse("x.toml", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(paces(cfg), paces(got)); d != "" {
			t.Errorf("%s\n%s\n%s", d, b.String(), text)
		}
	})
}

type paceOf struct {
	Outlet feeds.Outlet
	Own    string
	Feeds  []string
}

func paces(c *config.Config) (list []paceOf) {
	for _, o := range c.Outlets {
		p := paceOf{Outlet: o.Outlet, Own: o.Schedule + " " + o.Floor.String()}
		for _, f := range o.Feeds {
			p.Feeds = append(p.Feeds, f.URL+" "+f.Settings.Schedule+" "+f.Settings.Floor.String())
		}
		list = append(list, p)
	}
	return list
}

// What the configuration does not accept is named by the line of the OPML.
func TestImportNamesLines(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`<outline text="A" a:id="a" a:home="https://a.example/">
<outline text="A" xmlUrl="https://a.example/f" a:schedule="every minute"/>
</outline>`, "x.opml:4: outlet.feed.schedule: "},
		{`<outline text="A" xmlUrl="https://a.example/f"/>
<outline text="B" xmlUrl="http://a.example/f/"/>`, `x.opml:4: outlet.feed.url: "http://a.example/f/" differs from line 3 (`},
		{`<outline text="A" xmlUrl="https://a.example/f" a:floor="soon"/>`, `x.opml:3: "soon" is not a duration; write a floor`},
		{`<outline text="A" xmlUrl="https://a.example/f" a:schedule="* * * * *"/>`, "x.opml:3: outlet.feed.schedule: \"* * * * *\" asks again after 1m"},
		{`<outline text="A" xmlUrl="a.example/f"/>`, `x.opml:3: outlet.feed.url: "a.example/f" has no scheme; write "https://a.example/f"`},
		{`<outline text="A" type="rss"/>`, `x.opml:3: the feed "A" has no address; write xmlUrl`},
	} {
		file := "<opml version=\"2.0\" xmlns:a=\"" + opml.Namespace + "\">\n<body>\n" + c.body + "\n</body></opml>"
		text, _, err := imported("x.opml", []byte(file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s\n%s", c.body, err, c.want, text)
		}
	}
}

// The feeds of another reader's file become outlets by site.
func TestImportOfAnotherReadersFile(t *testing.T) {
	const file = `<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>Subscriptions</title></head><body>
<outline text="News" title="News">
  <outline type="rss" text="Le Journal - Monde" title="Le Journal - Monde" xmlUrl="https://feeds.lejournal.example/monde" htmlUrl="https://www.lejournal.example/monde"/>
  <outline type="rss" text="Le Journal - ` + "\xc9" + `t` + "\xe9" + `" xmlUrl="https://feeds.lejournal.example/ete" htmlUrl="https://lejournal.example/"/>
  <outline type="rss" text="Le Journal" xmlurl="https://other.example/feed" htmlUrl=""/>
</outline>
<outline text="A" xmlUrl="https://people.example/~a/feed" htmlUrl="https://people.example/~a/"/>
<outline text="&#x628;&#x64A;&#x62A;" xmlUrl="https://people.example/~b/feed" htmlUrl="https://people.example/~b/"/>
<outline text="again" xmlUrl="https://other.example/feed"/>
<outline text="a page" type="link" url="https://x.example/"/>
</body></opml>`
	text, left, err := imported("x.opml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 || left[0].Line != 10 || left[1].Line != 11 {
		t.Errorf("left out: %v", left)
	}
	c, err := config.Parse("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range c.Outlets {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%d", o.ID, o.Name, o.Home, o.Category, len(o.Feeds)))
	}
	want := []string{
		"le-journal|Le Journal|https://www.lejournal.example/monde|News|2",
		"le-journal-other-example|Le Journal (other.example)|https://other.example/|News|1",
		"a|A|https://people.example/~a/||1",
		"people-example|بيت|https://people.example/~b/||1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s\n%s", d, text)
	}
}
