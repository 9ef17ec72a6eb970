package parse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"

	"github.com/google/go-cmp/cmp"
)

// one reads a document with one item.
func one(t *testing.T, body string) (Document, *feeds.Entry) {
	t.Helper()
	d := Parse(Input{Body: []byte(body), URL: "https://example.com/news/feed.xml", Outlet: feeds.Outlet{ID: "ex", Language: "en"}})
	if len(d.Items) != 1 || d.Items[0].Entry == nil {
		t.Fatalf("%d items: %s %s", len(d.Items), d.Status, d.Problem)
	}
	return d, d.Items[0].Entry
}

func TestRSS(t *testing.T) {
	d, e := one(t, `<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:m="http://search.yahoo.com/mrss/">
<channel><title>News &amp;amp; more</title><link>https://example.com/</link><description>All &lt;b&gt;of&lt;/b&gt; it</description>
<language>pt-br</language><ttl>45</ttl><skipHours><hour>0</hour><hour>24</hour><hour>x</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<atom:link rel="self" href="feed.xml"/><atom:link rel="hub" href="https://hub.example/"/>
<image><url>x.png</url><title>not the title</title><link>https://wrong.example/</link></image>
<item><title>One &amp; two</title><link> /one?utm_source=rss </link><guid isPermaLink="false">id-1</guid>
<pubDate>Tue, 05 Mar 2024 14:30:00 +0100</pubDate><atom:updated>2024-03-05T15:00:00Z</atom:updated>
<description>Short</description><content:encoded><![CDATA[<p>Long <a href="../x">text</a></p><p><img src='/i.png'></p>]]></content:encoded>
<author>jane@example.com (Jane Doe)</author><dc:creator>Joe</dc:creator><category>A</category><category>B</category><category>A</category>
<comments>/one#c</comments><source url="https://wire.example/feed">The Wire</source>
<enclosure url="/a.mp3" type="audio/mpeg" length="12"/><m:thumbnail url="/t.jpg"/><atom:link rel="canonical" href="https://wire.example/one"/></item>
</channel></rss>`)
	wantDoc := Document{Status: Read, Type: "rss 2.0", Title: "News & more", Description: "All of it", Home: "https://example.com/", Language: "pt-BR",
		Self: "https://example.com/news/feed.xml", Hubs: []string{"https://hub.example/"}, TTL: 45 * time.Minute, UpdateEvery: 30 * time.Minute,
		SkipHours: []int{0}, SkipDays: []time.Weekday{time.Sunday}, Items: d.Items}
	if diff := cmp.Diff(wantDoc, d); diff != "" {
		t.Error(diff)
	}
	e.Stated = nil // has tests of its own
	want := &feeds.Entry{Outlet: "ex", Feed: "https://example.com/news/feed.xml", GUID: "id-1", Link: "https://example.com/one?utm_source=rss",
		Canonical: "example.com/one", Title: "One & two", Summary: "Short",
		Content: `<p>Long <a href="https://example.com/x">text</a></p><p><img src='https://example.com/i.png'></p>`, Text: "Long text",
		Language: "pt-BR", Authors: []string{"Jane Doe", "Joe"}, Categories: []string{"A", "B"},
		Published:  feeds.Date{Time: time.Date(2024, 3, 5, 13, 30, 0, 0, time.UTC), Raw: "Tue, 05 Mar 2024 14:30:00 +0100", Element: "pubDate"},
		Updated:    feeds.Date{Time: time.Date(2024, 3, 5, 15, 0, 0, 0, time.UTC), Raw: "2024-03-05T15:00:00Z", Element: "updated"},
		Source:     feeds.Source{Name: "The Wire", URL: "https://wire.example/feed"},
		Links:      []feeds.Link{{Rel: "canonical", Href: "https://wire.example/one"}, {Rel: "replies", Href: "https://example.com/one#c"}},
		Enclosures: []feeds.Enclosure{{URL: "https://example.com/a.mp3", Type: "audio/mpeg", Length: 12}}, Image: "https://example.com/t.jpg"}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

func TestAtom(t *testing.T) {
	d, e := one(t, `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-gb" xml:base="https://planet.example/"><title type="html">Planet &amp;lt;b&amp;gt;X&amp;lt;/b&amp;gt;</title>
<link href="/"/><link rel="self" href="/atom.xml"/><author><name>Feed Author</name></author><updated>2024-03-06T00:00:00Z</updated>
<entry xml:base="posts/"><title type="text">Using the &lt;b> tag</title><id>tag:x,2024:1</id>
<link rel="edit" href="e"/><link href="one" type="text/html"/><link rel="via" href="https://origin.example/1"/><link rel="enclosure" href="a.ogg" length="7" type="audio/ogg"/>
<updated>2024-03-05T15:00:00Z</updated><content type="xhtml" xml:lang="fr"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un &amp; <a href="two">deux</a></p></div></content>
<summary type="text">1 &lt; 2</summary>
<source><id>https://blog.example/</id><title>Her Blog</title><link rel="self" href="https://blog.example/feed"/><link href="https://blog.example/"/><author><name>Source Author</name></author></source>
</entry></feed>`)
	if d.Type != "atom 1.0" || d.Title != "Planet X" || d.Language != "en-GB" || d.Home != "https://planet.example/" || d.Self != "https://planet.example/atom.xml" {
		t.Errorf("%+v", d)
	}
	e.Stated = nil
	want := &feeds.Entry{Outlet: "ex", Feed: "https://example.com/news/feed.xml", GUID: "tag:x,2024:1", Link: "https://planet.example/posts/one",
		Canonical: "planet.example/posts/one", Title: "Using the <b> tag", Summary: "1 &lt; 2",
		Content: `<p>Un &amp; <a href="https://planet.example/posts/two">deux</a></p>`, Text: "Un & deux", Language: "fr", Authors: []string{"Source Author"},
		Updated: feeds.Date{Time: time.Date(2024, 3, 5, 15, 0, 0, 0, time.UTC), Raw: "2024-03-05T15:00:00Z", Element: "updated"},
		Source:  feeds.Source{Name: "Her Blog", URL: "https://blog.example/"},
		Links: []feeds.Link{{Rel: "edit", Href: "https://planet.example/posts/e"}, {Rel: "via", Href: "https://origin.example/1"},
			{Rel: "enclosure", Href: "https://planet.example/posts/a.ogg", Type: "audio/ogg"}},
		Enclosures: []feeds.Enclosure{{URL: "https://planet.example/posts/a.ogg", Type: "audio/ogg", Length: 7}}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

func TestRDF(t *testing.T) {
	d, e := one(t, `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://example.com/"><title>News</title><link>https://example.com/</link><dc:language>de</dc:language>
<items><rdf:Seq><rdf:li resource="https://example.com/1"/></rdf:Seq></items></channel>
<item rdf:about="https://example.com/1"><title>Eins</title><dc:date>2024-03-05T14:30+01:00</dc:date><dc:creator>Jo</dc:creator><dc:source>https://o.example/</dc:source></item></rdf:RDF>`)
	if d.Type != "rss 1.0" || d.Language != "de" || e.GUID != "https://example.com/1" || e.Link != "https://example.com/1" || e.Published.Element != "dc:date" ||
		e.Published.Time.IsZero() || len(e.Links) != 1 || e.Links[0].Rel != "dc:source" {
		t.Errorf("%+v\n%+v", d, e)
	}
}

func TestJSONFeed(t *testing.T) {
	d, e := one(t, `{"version":"https://jsonfeed.org/version/1.1","title":"News","home_page_url":"https://example.com/","language":"en",
"hubs":[{"type":"WebSub","url":"https://hub.example/"}],"authors":[{"name":"Desk"}],
"items":[{"id":7,"url":"/seven","external_url":"https://o.example/7","title":"A < B &amp; C","content_html":"<p>x <a href='/y'>y</a></p>","summary":"s",
"date_published":"2024-03-05T14:30:00Z","tags":["a"],"attachments":[{"url":"/a.mp3","mime_type":"audio/mpeg","size_in_bytes":9}]}]}`)
	if d.Type != "json 1.1" || d.Home != "https://example.com/" || len(d.Hubs) != 1 {
		t.Errorf("%+v", d)
	}
	e.Stated = nil
	want := &feeds.Entry{Outlet: "ex", Feed: "https://example.com/news/feed.xml", GUID: "7", Link: "https://example.com/seven", Canonical: "example.com/seven",
		Title: "A < B & C", Summary: "s", Content: "<p>x <a href='https://example.com/y'>y</a></p>", Text: "x y", Language: "en", Authors: []string{"Desk"},
		Categories: []string{"a"}, Published: feeds.Date{Time: time.Date(2024, 3, 5, 14, 30, 0, 0, time.UTC), Raw: "2024-03-05T14:30:00Z", Element: "date_published"},
		Links:      []feeds.Link{{Rel: "related", Href: "https://o.example/7"}},
		Enclosures: []feeds.Enclosure{{URL: "https://example.com/a.mp3", Type: "audio/mpeg", Length: 9}}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

// Relative links are relative to xml:base, the document's address, or the home
// page where the document comes from elsewhere or nobody knows where.
func TestBase(t *testing.T) {
	doc := func(attr, home string) string {
		return `<rss version="2.0"><channel` + attr + `><link>` + home + `</link><item><link>a/b</link><description>&lt;img src="/c"></description></item></channel></rss>`
	}
	for _, c := range []struct{ url, attr, home, link, image string }{
		{"https://example.com/x/feed", "", "https://example.com/", "https://example.com/x/a/b", "https://example.com/c"},
		{"https://proxy.example/feeds/1", "", "https://example.com/news/", "https://example.com/news/a/b", "https://example.com/c"},
		{"https://proxy.example/feeds/1", ` xml:base="https://base.example/y/"`, "https://example.com/news/", "https://base.example/y/a/b", "https://base.example/c"},
		{"", "", "https://example.com/news/", "https://example.com/news/a/b", "https://example.com/c"},
		{"", "", "", "a/b", "/c"},
	} {
		e := Parse(Input{URL: c.url, Body: []byte(doc(c.attr, c.home))}).Items[0].Entry
		if e.Link != c.link || e.Summary != `<img src="`+c.image+`">` {
			t.Errorf("%+v: %q %q", c, e.Link, e.Summary)
		}
	}
}

// Identifiers that identify nothing are taken away, also when the items that
// show it are known and not parsed.
func TestRepeatedGUIDs(t *testing.T) {
	item := func(n, guid string) string {
		return `<item><title>` + n + `</title><link>https://example.com/` + n + `</link><guid isPermaLink="false">` + guid + `</guid></item>`
	}
	body := []byte(rssAround(item("a", "same") + item("b", "same") + item("c", "own")))
	d := Parse(Input{Body: body})
	if d.Items[0].Entry.GUID != "" || d.Items[1].Entry.GUID != "" || d.Items[2].Entry.GUID != "own" {
		t.Errorf("%+v", d.Items)
	}
	known := d.Items[0].Raw
	d = Parse(Input{Body: body, Known: func(h uint64) bool { return h == known }})
	if d.Items[0].Entry != nil || d.Items[1].Entry.GUID != "" {
		t.Errorf("%+v", d.Items[1].Entry)
	}
}

// An item that is known is left out, and changes nothing about the others.
func TestKnown(t *testing.T) {
	jsonBody := []byte(`{"version":"https://jsonfeed.org/version/1.1","title":"N","items":[{"id":"1","content_text":"a"},{"id":"2","content_text":"b"},{"id":"3","content_text":"c"}]}`)
	for _, body := range [][]byte{benchFeed(false), benchFeed(true), jsonBody, []byte(rssAround(`<item><description><![CDATA[</item>]]></description></item><item><title>2</title></item><item/>`))} {
		all := Parse(Input{Body: body})
		for skip := range all.Items[:3] {
			d := Parse(Input{Body: body, Known: func(h uint64) bool { return h == all.Items[skip].Raw }})
			if len(d.Items) != len(all.Items) {
				t.Fatalf("%d items, want %d", len(d.Items), len(all.Items))
			}
			for i := range d.Items {
				if d.Items[i].Raw != all.Items[i].Raw || (d.Items[i].Entry == nil) != (i == skip) {
					t.Fatalf("item %d, when %d is known: %+v", i, skip, d.Items[i])
				}
				if i != skip {
					if diff := cmp.Diff(all.Items[i].Entry, d.Items[i].Entry); diff != "" {
						t.Fatal(diff)
					}
				}
			}
		}
	}
}

// gofeed reads one of the items that have the same elements: each keeps its own texts.
func TestLikeItems(t *testing.T) {
	item := func(n string) string {
		return `<item><title>t` + n + `</title><link>https://example.com/` + n + `</link><enclosure url="/` + n + `.mp3" type="audio/mpeg" length="` + n + `"/></item>`
	}
	short := func(n string) string {
		return `<item><link>https://example.com/` + n + `</link><category>c` + n + `</category></item>`
	}
	d := Parse(Input{URL: "https://example.com/feed", Body: []byte(rssAround(item("1") + short("2") + item("3") + `<item/>` + short("5") + item("6")))})
	var got []string
	for _, it := range d.Items {
		e := it.Entry
		got = append(got, e.Title+" "+e.Link+" "+strings.Join(e.Categories, ","))
		for _, x := range e.Enclosures {
			got[len(got)-1] += fmt.Sprint(x)
		}
	}
	want := []string{"t1 https://example.com/1 {https://example.com/1.mp3 audio/mpeg 1}", " https://example.com/2 c2", "t3 https://example.com/3 {https://example.com/3.mp3 audio/mpeg 3}",
		"  ", " https://example.com/5 c5", "t6 https://example.com/6 {https://example.com/6.mp3 audio/mpeg 6}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An item in an element that is never closed is read, and so are those behind it.
func TestItemInUnclosedParent(t *testing.T) {
	for _, body := range []string{
		`<feed xmlns="http://www.w3.org/2005/Atom"><author><name>Desk</name><author><entry><title>a</title></entry><entry><id>2</id><title>b</title></entry></feed>`,
		rssAround(`<skipHours><hour>1</hour><item><title>a</title></item><item><guid>2</guid><title>b</title></item>`),
	} {
		d := Parse(Input{Body: []byte(body)})
		if len(d.Items) != 2 || d.Status != Damaged {
			t.Fatalf("%d items, %s", len(d.Items), d.Status)
		}
		for i, title := range []string{"a", "b"} {
			if e := d.Items[i].Entry; e == nil || e.Title != title {
				t.Errorf("item %d: %+v", i, e)
			}
		}
	}
}

// The texts of a document are parts of its bytes while it is read, but not of what is
// given.
func TestParseSharesNothing(t *testing.T) {
	for _, body := range [][]byte{
		benchFeed(false), benchFeed(true),
		[]byte(rssAround(goodItem + `<item rdf:about="https://news.example/a"><title xml:lang="de"><![CDATA[ Fähre ]]></title><dc:date>2024-03-05</dc:date><author>a@b.example (Ann Quay)</author><description>Plain, (AFP)</description></item>`)),
		[]byte(`{"version":"https://jsonfeed.org/version/1","title":"News","items":[{"id":"1","url":"https://news.example/1","content_html":"<p>Source: Reuters</p>"}]}`),
	} {
		want := Parse(Input{Body: bytes.Clone(body), ContentType: "text/xml"})
		got := Parse(Input{Body: body, ContentType: "text/xml"})
		for i := range body {
			body[i] = '#'
		}
		if len(got.Items) == 0 {
			t.Fatal(got.Problem)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rssAround(goodItem)), "text/xml")
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml"><div>x</div></title><link href="y"/><content type="html">&lt;p></content></entry></feed>`), "")
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"content_html":"<a href=x>"}]}`), "application/json")
	f.Add([]byte("<rdf:RDF><item rdf:about='x'><title>t</item>"), "text/xml; charset=iso-8859-1")
	f.Add([]byte(rssAround(`<item><title>a<description><![CDATA[x]]>&#0;&amp;lt;<guid>1</guid><pubDate>now</pubDate><author><name>n</name>`)), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		d := Parse(Input{Body: body, ContentType: contentType, URL: "https://example.com/a/b"})
		if d.Status == Refused && (d.Problem == "" || len(d.Items) > 0) || d.Status == Damaged && d.Problem == "" || d.Status == "" {
			t.Errorf("%s, %q, %d items", d.Status, d.Problem, len(d.Items))
		}
		if strings.Contains(d.Problem, "could not be read:") {
			t.Errorf("gofeed does not read the skeleton: %s", d.Problem)
		}
		hashes := map[uint64]bool{}
		for i, it := range d.Items {
			hashes[it.Raw] = true
			if it.Entry == nil {
				t.Errorf("item %d has no entry", i)
			}
		}
		again := Parse(Input{Body: body, ContentType: contentType, URL: "https://example.com/a/b", Known: func(h uint64) bool { return hashes[h] }})
		if len(again.Items) != len(d.Items) && d.Status == Read {
			t.Errorf("%d items, then %d", len(d.Items), len(again.Items))
		}
	})
}
