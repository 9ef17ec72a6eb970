package serve

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"aggregator/feeds"
	"aggregator/feeds/parse"
)

// FuzzShown: whatever an item of a feed holds, the pages that show it have nothing that
// runs, and the merged feeds can be read and carry nothing that runs.
func FuzzShown(f *testing.F) {
	f.Add("<title>A &lt;script&gt;evil()&lt;/script&gt; title \u202eline</title><link>javascript:evil()</link><description>&lt;img src=x onerror=evil()&gt;</description>")
	f.Add(`<title>]]&gt;&#0;&#xFFFF;&#xD800;</title><guid>x</guid><content:encoded><![CDATA[<svg onload=evil()><a href=" java&#9;script:evil()">x</a><p style="position:fixed">]]]]><![CDATA[></p><math><mtext><table><mglyph><style><img src=x onerror=evil()>]]></content:encoded>`)
	f.Add(`<title xml:lang='"><script>evil()</script>'>t</title><author>a@b.example ("&gt;&lt;script&gt;)</author><dc:creator>—By Ann</dc:creator><enclosure url="data:text/html,x" type='"' length="-1"/><category>&lt;b&gt;</category><dc:rights>&quot;</dc:rights>`)
	f.Add(`<title>t</title><link>https://t.example/"onmouseover="evil()</link><description>x (AFP) <![CDATA[<iframe src=//evil.example></iframe><form action=x><input>]]></description><source url="https://wire.example/">W</source>`)
	o := sampleOptions()
	src := newMemory(nil, map[uint64]feeds.Entry{})
	h := New(src, o)
	f.Fuzz(func(t *testing.T, inside string) {
		d := parse.Parse(parse.Input{Body: []byte(`<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title><item>` + inside + `</item></channel></rss>`),
			ContentType: "text/xml; charset=utf-8", URL: "https://t.example/feed", Outlet: sampleOutlets[0]})
		if len(d.Items) == 0 || d.Items[0].Entry == nil {
			return
		}
		e := d.Items[0].Entry
		e.Outlet, e.Feed = sampleOutlets[0].ID, sampleOutlets[0].Home+"feed.xml"
		s, _ := build(1, []draft{{outlet: sampleOutlets[0].ID, title: e.Title, html: e.Content, claimed: 30, at: 20, lang: e.Language, stated: e.Stated}})
		s.Members[0].Link = e.Link
		src.entries[s.Members[0].Entry] = *e
		src.put(s)
		for _, path := range []string{"/", "/stories/1"} {
			doc, err := html.Parse(strings.NewReader(body(t, ask(h, "GET", path))))
			if err != nil {
				t.Fatal(err)
			}
			noHarm(t, path, doc)
		}
		for _, path := range []string{"/feed.atom", "/feed.rss"} {
			dec, in := xml.NewDecoder(strings.NewReader(body(t, ask(h, "GET", path)))), ""
			for {
				token, err := dec.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s cannot be read: %v", path, err)
				}
				switch x := token.(type) {
				case xml.StartElement:
					in = x.Name.Local
				case xml.CharData:
					if in != "content" && in != "summary" && in != "description" && in != "encoded" {
						continue // no HTML
					}
					doc, err := html.Parse(strings.NewReader(string(x)))
					if err != nil {
						t.Fatal(err)
					}
					noHarm(t, path, doc)
				}
			}
		}
		if text := body(t, ask(h, "GET", "/feed.json")); !json.Valid([]byte(text)) {
			t.Errorf("/feed.json is no JSON: %s", text)
		}
	})
}

// noHarm fails when a document has something in it that runs.
func noHarm(t *testing.T, where string, doc *html.Node) {
	t.Helper()
	for _, n := range find(doc, func(*html.Node) bool { return true }) {
		switch n.Data {
		case "iframe", "style", "object", "embed", "svg", "math", "form":
			if n.Data != "form" && n.Data != "svg" || strings.HasPrefix(where, "/feed") {
				t.Errorf("%s: <%s> stands in it", where, n.Data)
			}
		case "script":
			if n.FirstChild != nil || !strings.HasPrefix(attr(n, "src"), "/static/") {
				t.Errorf("%s: a script stands in it", where)
			}
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.Map(func(c rune) rune {
				if c <= ' ' {
					return -1
				}
				return c
			}, a.Val))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "vbscript:") ||
				(a.Key == "href" || a.Key == "src") && strings.HasPrefix(value, "data:") {
				t.Errorf("%s: <%s %s=%q>", where, n.Data, a.Key, a.Val)
			}
		}
	}
}
