package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/store"
	"aggregator/stories"
)

// published is one document, as a feed of an outlet had it at a moment.
type published struct {
	outlet feeds.Outlet
	feed   string
	hour   int
	body   string
}

// told keeps documents in the order of their polls and gives the stories.
func told(t *testing.T, docs ...published) []stories.Story {
	t.Helper()
	var outlets []feeds.Outlet
	have := map[string]bool{}
	for _, d := range docs {
		if !have[d.outlet.ID] {
			have[d.outlet.ID] = true
			outlets = append(outlets, d.outlet)
		}
	}
	st, err := store.Open(filepath.Join(t.TempDir(), "store.db"), store.Options{Window: 7 * 24 * time.Hour, Outlets: outlets})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, d := range docs {
		doc := parse.Parse(parse.Input{Body: []byte(d.body), URL: d.feed, Outlet: d.outlet})
		if doc.Status != parse.Read {
			t.Fatalf("%s: %s %s", d.feed, doc.Status, doc.Problem)
		}
		at := noon.Add(time.Duration(d.hour) * time.Hour)
		p := feeds.Poll{Feed: d.feed, Outlet: d.outlet.ID, At: at, Outcome: feeds.Changed, Items: doc.Items}
		p.State = feeds.State{URL: d.feed, LastObserved: at, Outcome: p.Outcome}
		if err := st.Append(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := st.Stories(stories.Query{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

const (
	rssHead  = `<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>%s</title><link>%s</link><description>d</description>`
	rssTail  = `</channel></rss>`
	bollards = `The harbour office has finished replacing the forty cast iron bollards along the northern quay, three weeks ahead of the date that the council had set in autumn.
The new ones carry a lamp each and were poured in the foundry at Lower Ferring, which had closed in 1998 and reopened for this one order, said the harbour master, Ines Okafor.
Ferries tie up there again from Thursday morning; the fish market stays on the southern quay until the paving is done.`
)

func rssFeed(title, home, items string) string {
	return strings.Replace(strings.Replace(rssHead, "%s", title, 1), "%s", home, 1) + items + rssTail
}

// What a planet, a portal or a feed reader's shared list carries belongs to the
// publication that each entry states, not to the carrier: whether that one is
// followed or not, and whoever was polled first.
func TestFeedsOfManyPublishersGiveTheSource(t *testing.T) {
	planet := feeds.Outlet{ID: "planet", Name: "Planet Quayside", Home: "https://planet.example/"}
	gnews := feeds.Outlet{ID: "gnews", Name: "Google News", Home: "https://news.google.com/"}
	mail := feeds.Outlet{ID: "mail", Name: "The Ferring Mail", Home: "https://ferringmail.example/"}
	body := "<p>" + strings.ReplaceAll(bollards, "\n", "</p><p>") + "</p>"
	escaped := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(body)
	const headline = "Forty new bollards stand along Ferring’s northern quay"

	own := published{mail, "https://ferringmail.example/feed", 3, rssFeed(mail.Name, mail.Home,
		`<item><title>`+headline+`</title><link>https://ferringmail.example/bollards</link><guid>https://ferringmail.example/?p=40</guid><pubDate>Sun, 01 Mar 2026 11:00:00 GMT</pubDate><description>`+escaped+`</description></item>`)}
	before := published{mail, own.feed, -5, rssFeed(mail.Name, mail.Home, "")}
	byElement := func(hour int) published {
		return published{planet, "https://planet.example/rss", hour, rssFeed(planet.Name, planet.Home,
			`<item><title>`+headline+`</title><link>https://ferringmail.example/bollards</link><guid>https://ferringmail.example/?p=40</guid><pubDate>Sun, 01 Mar 2026 11:00:00 GMT</pubDate><source url="https://ferringmail.example/feed">The Ferring Mail</source><description>`+escaped+`</description></item>`)}
	}
	byAtom := func(hour int) published {
		return published{planet, "https://planet.example/atom", hour, `<feed xmlns="http://www.w3.org/2005/Atom"><title>Planet Quayside</title><id>https://planet.example/</id><link href="https://planet.example/"/><updated>2026-03-01T12:00:00Z</updated>
<entry><title>` + headline + `</title><id>https://ferringmail.example/?p=40</id><link href="https://ferringmail.example/bollards"/><published>2026-03-01T11:00:00Z</published><updated>2026-03-01T11:00:00Z</updated>
<source><id>https://ferringmail.example/feed</id><title>The Ferring Mail</title><link href="https://ferringmail.example/"/></source><content type="html">` + escaped + `</content></entry></feed>`}
	}
	redirector := func(hour int) published {
		return published{gnews, "https://news.google.com/rss", hour, rssFeed("Top stories - Google News", "https://news.google.com/",
			`<item><title>`+headline+` - The Ferring Mail</title><link>https://news.google.com/rss/articles/CBMiXw?oc=5</link><guid isPermaLink="false">CBMiXw</guid><pubDate>Sun, 01 Mar 2026 11:00:00 GMT</pubDate><description>&lt;a href="https://news.google.com/rss/articles/CBMiXw?oc=5"&gt;`+headline+`&lt;/a&gt; &lt;font color="#6f6f6f"&gt;The Ferring Mail&lt;/font&gt;</description><source url="https://ferringmail.example">The Ferring Mail</source></item>`)}
	}
	for _, c := range []struct {
		name     string
		docs     []published
		outlet   string // of the verdict; empty: not followed
		carriers int
	}{
		{"a planet's <source>, polled before the source itself", []published{before, byElement(0), own}, "mail", 2},
		{"a planet's atom:source, polled before the source itself", []published{before, byAtom(0), own}, "mail", 2},
		{"a planet's <source>, the source polled first", []published{before, own, byElement(6)}, "mail", 2},
		{"a planet's <source>, the source not followed", []published{byElement(0)}, "", 1},
		{"a planet's atom:source, the source not followed", []published{byAtom(0)}, "", 1},
		{"a redirector alone", []published{redirector(0)}, "", 1},
		{"a redirector polled before the source", []published{before, redirector(0), own}, "mail", 2},
		{"a redirector, the source and a planet", []published{before, redirector(-1), byElement(0), own}, "mail", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := told(t, c.docs...)
			if len(list) != 1 {
				t.Fatalf("%d stories, want 1", len(list))
			}
			v := list[0].Verdict
			if v.Outlet != c.outlet || v.Name != mail.Name || len(list[0].Members) != c.carriers {
				t.Errorf("first is %q (%s) of %d entries, want %q of %d: %s", v.Name, v.Outlet, len(list[0].Members), mail.Name, c.carriers, v.Reason)
			}
			if v.Confidence != stories.Certain && v.Confidence != stories.Likely {
				t.Errorf("confidence %s: %s", v.Confidence, v.Reason)
			}
			t.Log(v.Confidence, v.Reason)
		})
	}
}

// A portal that names nobody is not first either: nothing is known.
func TestRedirectorsAreNeverFirst(t *testing.T) {
	gnews := feeds.Outlet{ID: "gnews", Name: "Google News", Home: "https://news.google.com/"}
	item := `<item><title>Forty new bollards stand along the quay</title><link>https://news.google.com/rss/articles/CBMiXw?oc=5</link><guid isPermaLink="false">CBMiXw</guid><pubDate>Sun, 01 Mar 2026 11:00:00 GMT</pubDate></item>`
	list := told(t, published{gnews, "https://news.google.com/rss", -1, rssFeed("Google News", gnews.Home, "")},
		published{gnews, "https://news.google.com/rss", 0, rssFeed("Google News", gnews.Home, item)})
	if len(list) != 1 {
		t.Fatalf("%d stories", len(list))
	}
	if v := list[0].Verdict; v.Confidence == stories.Certain || v.Confidence == stories.Likely {
		t.Errorf("%s %q: %s", v.Confidence, v.Name, v.Reason)
	}
}
