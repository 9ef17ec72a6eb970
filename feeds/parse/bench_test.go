package parse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"
)

// benchFeed writes a feed like those of news sites: 50 items with a summary
// and 2.6 KB of content.
func benchFeed(atom bool) []byte {
	var b bytes.Buffer
	para := func(i, j int) string {
		return fmt.Sprintf(`<p>The council voted %d to %d on Tuesday to close the bridge &#8211; a <a href="https://news.example/topic/%d">decision</a> that engineers had asked for since %d, after the <em>third</em> inspection found cracks in two of its piers &amp; the road deck.</p>`, i+3, j, i, 1990+j)
	}
	if atom {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>News</title><id>https://news.example/feed</id><link href="https://news.example/"/><link rel="self" href="https://news.example/feed"/><updated>2024-03-05T14:30:00Z</updated>`)
	} else {
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>News</title><link>https://news.example/</link><description>All of it</description><atom:link href="https://news.example/feed" rel="self" type="application/rss+xml"/><language>en-GB</language>`)
	}
	for i := range 50 {
		var c strings.Builder
		for j := range 9 {
			c.WriteString(para(i, j))
		}
		link := fmt.Sprintf("https://news.example/2024/03/05/the-bridge-is-closed-%d/?utm_source=rss&amp;utm_medium=feed", i)
		if atom {
			fmt.Fprintf(&b, `<entry><title>The bridge is closed for the %dth time</title><id>tag:news.example,2024:%d</id><link href="%s"/><published>2024-03-05T14:%02d:00Z</published><updated>2024-03-05T15:%02d:00Z</updated><author><name>Jane Doe</name></author><category term="City"/><summary type="html">The council voted to close the bridge.</summary><content type="html">%s</content></entry>`,
				i, i, link, i, i, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(c.String()))
		} else {
			fmt.Fprintf(&b, `<item><title>The bridge is closed for the %dth time</title><link>%s</link><guid isPermaLink="false">https://news.example/?p=%d</guid><pubDate>Tue, 05 Mar 2024 14:%02d:00 +0000</pubDate><dc:creator><![CDATA[Jane Doe]]></dc:creator><category><![CDATA[City]]></category><category>Bridges</category><media:thumbnail url="https://news.example/%d.jpg" width="100" height="60"/><description><![CDATA[The council voted to close the bridge.]]></description><content:encoded><![CDATA[%s]]></content:encoded></item>`,
				i, link, i, i, i, c.String())
		}
	}
	if atom {
		b.WriteString("</feed>")
	} else {
		b.WriteString("</channel></rss>")
	}
	return b.Bytes()
}

// BenchmarkParse prints gofeed alone and all that we do, on the same bytes:
// cold, with 48 of 50 items known, and with all of them known.
func BenchmarkParse(b *testing.B) {
	for _, kind := range []string{"rss", "atom"} {
		body := benchFeed(kind == "atom")
		d := Parse(Input{Body: body, URL: "https://news.example/feed"})
		if len(d.Items) != 50 || d.Items[49].Entry.Text == "" {
			b.Fatal("the document is not read whole: ", d.Problem)
		}
		known := map[uint64]bool{}
		for _, it := range d.Items {
			known[it.Raw] = true
		}
		run := func(name string, f func()) {
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				start := cpu(b)
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64((cpu(b)-start).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
			})
		}
		run("gofeed alone", func() {
			if f, err := gofeed.NewParser().Parse(bytes.NewReader(body)); err != nil || len(f.Items) != 50 {
				b.Fatal(err)
			}
		})
		run("cold", func() { Parse(Input{Body: body, URL: "https://news.example/feed"}) })
		n := 0
		run("two new", func() {
			n = 0
			Parse(Input{Body: body, URL: "https://news.example/feed", Known: func(h uint64) bool { n++; return n > 2 }})
		})
		run("all known", func() {
			Parse(Input{Body: body, URL: "https://news.example/feed", Known: func(h uint64) bool { return known[h] }})
		})
	}
}
