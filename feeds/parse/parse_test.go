package parse

import (
	"strings"
	"testing"
)

func TestFirst(t *testing.T) {
	d := Parse(Input{URL: "https://example.com/feed", Body: []byte(`<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
	<title>News &amp; more</title><link>https://example.com/</link><ttl>60</ttl>
	<item><title>One</title><link>/one?utm_source=rss</link><guid isPermaLink="false">1</guid><pubDate>Mon, 02 Jan 2006 15:04:05 GMT</pubDate>
	<description><![CDATA[<p>Hello <a href="/x">there</a></p>]]></description><dc:creator>Jane</dc:creator></item>
	<item><title>Two</title><link>https://example.com/two</link></item></channel></rss>`)})

	if d.Status != Read || len(d.Items) != 2 || !strings.Contains(d.Items[0].Entry.Content+d.Items[0].Entry.Summary, "https://example.com/x") {
		t.Error("wrong")
	}
}
