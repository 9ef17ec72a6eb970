package parse

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"
)

func rssAround(s string) string {
	return `<rss version="2.0"><channel><title>T</title>` + s + `</channel></rss>`
}

const goodItem = `<item><title>Good</title><link>https://example.com/good</link></item>`

// Nothing that a server may send takes more than a second of processor time or 256 MiB, or
// is more than refused. On a machine that is slow, at the moment or ever, it takes no more than
// twice what as many ordinary entries take as a feed may have.
func TestHostile(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	ordinary := rssAround(many(strings.Replace(goodItem, "</item>", "<description>"+many("&lt;p>The first boat left the harbour at six.&lt;/p>", 10)+"</description></item>", 1), 10_000))
	begun := cpu(t)
	if d := Parse(Input{Body: []byte(ordinary), URL: "https://example.com/feed"}); len(d.Items) != 10_000 {
		t.Fatalf("%d of 10,000 ordinary items: %s", len(d.Items), d.Problem)
	}
	usual := cpu(t) - begun
	t.Logf("ordinary entries take %v", usual)
	for name, c := range map[string]struct {
		body  string
		items int // at least
	}{
		"two million nested elements": {rssAround(goodItem + many("<a>", 2_000_000)), 1},
		"nested inside an item":       {rssAround(`<item><title>x</title><description>` + many("<div>", 1_000_000) + `</description></item>` + goodItem), 1},
		"nested media groups":         {rssAround(`<item>` + many("<media:group>", 500_000) + `</item>` + goodItem), 1},
		"nested sources":              {`<feed xmlns="http://www.w3.org/2005/Atom"><entry>` + many("<source>", 500_000) + `</entry></feed>`, 1},
		"nested unknown elements":     {rssAround(`<item>` + many("<x><y>", 500_000) + `</item>` + goodItem), 1},
		"unknown elements, all apart": {rssAround(`<item>` + many("<xa><xb><xc><xd><xe>", 100_000) + `</item>`), 1},
		"8,000 namespaces": {func() string {
			var b strings.Builder
			for i := range 8000 {
				b.WriteString(`<n xmlns:p` + strings.Repeat("x", i%50) + `="u">`)
			}
			return rssAround(b.String() + goodItem)
		}(), 0},
		"8,000 namespaces in one tag": {func() string {
			var b strings.Builder
			b.WriteString("<rss version='2.0'")
			for i := range 8000 {
				b.WriteString(` xmlns:p` + strings.Repeat("x", i%50) + `="u"`)
			}
			return b.String() + "><channel>" + goodItem + "</channel></rss>"
		}(), 1},
		"an entity bomb": {`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">` + func() string {
			var b strings.Builder
			for c := 'b'; c < 'z'; c++ {
				b.WriteString("<!ENTITY " + string(c) + ` "` + many("&"+string(c-1)+";", 20) + `">`)
			}
			return b.String()
		}() + `]>` + rssAround(`<item><title>&y;</title></item>`), 1},
		"a million items":         {rssAround(many("<item/>", 1_000_000)), 10_000},
		"a million open items":    {rssAround(many("<item>", 1_000_000)), 10_000},
		"comments that never end": {rssAround(goodItem + many("<!--", 1_000_000)), 1},
		"sections that never end": {rssAround(goodItem + many("<![CDATA[", 1_000_000)), 1},
		"doctypes":                {many("<!DOCTYPE [", 1_000_000) + rssAround(goodItem), 0},
		"instructions":            {many("<?", 1_000_000) + rssAround(goodItem), 0},
		"brackets":                {rssAround(goodItem + many("<", 5_000_000)), 1},
		"end tags":                {rssAround(goodItem + many("</item>", 1_000_000)), 1},
		"quotes":                  {rssAround(goodItem + many(`<a b="`, 500_000) + many(`<a b='`, 500_000)), 1},
		"attributes":              {rssAround(`<item><link ` + many(`a="b" `, 1_000_000) + `>https://example.com/</link></item>`), 1},
		"ampersands":              {rssAround(`<item><description>` + many("&amp;", 1_000_000) + many("&", 1_000_000) + `</description></item>`), 1},
		"links":                   {rssAround(`<item><description><![CDATA[` + many(`<a href="/x">y</a>`, 200_000) + `]]></description></item>`), 1},
		"blocks":                  {rssAround(`<item><description><![CDATA[` + many(`<p>y`, 1_000_000) + `]]></description></item>`), 1},
		"nested HTML":             {rssAround(`<item><description><![CDATA[` + many(`<blockquote>`, 500_000) + `]]></description></item>`), 1},
		"one long word":           {rssAround(`<item><title>` + many("x", 10_000_000) + `</title></item>`), 1},
		"titles in an item":       {rssAround(`<item>` + many("<title>x</title>", 300_000) + `</item>`), 1},
		"unclosed titles":         {rssAround(`<item>` + many("<title>x", 300_000) + `</item>`), 1},
		"atom links":              {`<feed xmlns="http://www.w3.org/2005/Atom"><entry>` + many(`<link rel="x" href="y"/>`, 200_000) + `</entry></feed>`, 1},
		"bases":                   {rssAround(many(`<x xml:base="a/">`, 300_000) + goodItem), 0},
		"NUL bytes":               {"\x00\x00" + strings.ReplaceAll(rssAround(goodItem), ">", ">\x00"), 1},
		"only NUL bytes":          {many("\x00", 5_000_000), 0},
		"JSON, nested":            {`{"items":` + many("[", 2_000_000), 0},
		"JSON, nested item":       {`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"x","a":` + many("[", 5_000) + many("]", 5_000) + `}]}`, 1},
		"JSON, many keys":         {`{"items":[` + `{` + many(`"a":1,`, 500_000) + `"id":"x"}]}`, 1},
		"JSON, many items":        {`{"items":[` + many(`{},`, 500_000) + `{}]}`, 10_000},
		"random bytes":            {noise(3_000_000), 0},
		"spaces":                  {many(" ", 20_000_000), 0},
		"UTF-16 cut in half":      {"\xFF\xFE<\x00r\x00s\x00s\x00>", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpu(t)
			d := Parse(Input{Body: []byte(c.body), URL: "https://example.com/feed"})
			took := cpu(t) - start
			runtime.ReadMemStats(&after)
			if took > max(time.Second, 2*usual) && !underRace {
				t.Errorf("takes %v", took)
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 256 {
				t.Errorf("allocates %d MiB", mb)
			}
			if len(d.Items) < c.items {
				t.Errorf("%d items, want %d at least: %s %s", len(d.Items), c.items, d.Status, d.Problem)
			}
			t.Logf("%v %s %q %d items", took, d.Status, d.Problem, len(d.Items))
		})
	}
}

// cpu is the processor time of the process: other programs on the machine do
// not count.
func cpu(t testing.TB) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// noise is the same bytes each time.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return "<" + string(b)
}

// What came before the damage is kept.
func TestDamaged(t *testing.T) {
	whole := `<?xml version="1.0" encoding="utf-8"?>` + rssAround(
		`<item><title>One</title><link>https://example.com/1</link><description>First</description></item>`+
			`<item><title>Two</title><link>https://example.com/2</link><description>Second &amp; last</description></item>`)
	for cut := 0; cut < len(whole); cut++ {
		d := Parse(Input{Body: []byte(whole[:cut])})
		wantItems := strings.Count(whole[:cut], "</item>")
		if len(d.Items) < wantItems {
			t.Fatalf("cut at %d: %d items of %d", cut, len(d.Items), wantItems)
		}
		if d.Status == Read {
			t.Fatalf("cut at %d is not marked damaged", cut)
		}
		for i := range wantItems {
			if e := d.Items[i].Entry; e.Title != []string{"One", "Two"}[i] || e.Text == "" {
				t.Fatalf("cut at %d: item %d is %+v", cut, i, e)
			}
		}
	}
	for name, c := range map[string]struct {
		body, title, text string
		status            Status
	}{
		"plain":                   {rssAround(`<item><title>A</title><description>B</description></item>`), "A", "B", Read},
		"text in front":           {"Warning: something in /a.php on line 3\n" + rssAround(`<item><title>A</title><description>B</description></item>`), "A", "B", Read},
		"markup in front":         {"<br />\n<b>Warning</b>: x<br />\n<?xml version='1.0'?>" + rssAround(`<item><title>A</title><description>B</description></item>`), "A", "B", Read},
		"stray ampersand":         {rssAround(`<item><title>A & B</title><description>C &D; &nbsp;&eacute;</description></item>`), "A & B", "C &D; é", Read},
		"stray bracket":           {rssAround(`<item><title>A < B</title><description>C</description></item>`), "A < B", "C", Read},
		"unclosed title":          {rssAround(`<item><title>A<description>B</description></item>`), "A", "B", Damaged},
		"unclosed item":           {`<rss><channel><item><title>A</title><description>B</description><item><title>Z</title></item></channel></rss>`, "A", "B", Damaged},
		"unclosed title and item": {`<rss><channel><item><title>A<item><title>Z</title></item></channel></rss>`, "A", "", Damaged},
		"item inside an item":     {rssAround(`<item><title>A</title><sx:conflicts xmlns:sx="urn:x"><item><title>Z</title></item></sx:conflicts><description>B</description></item>`), "A", "B", Read},
		"wrong end":               {`<rss><channel><item><title>A</title><description>B</description></channel></rss>`, "A", "B", Damaged},
		"undeclared prefix":       {rssAround(`<item><title>A</title><content:encoded>B</content:encoded></item>`), "A", "B", Read},
		"upper case":              {`<RSS VERSION="2.0"><CHANNEL><ITEM><TITLE>A</TITLE><DESCRIPTION>B</DESCRIPTION></ITEM></CHANNEL></RSS>`, "A", "B", Read},
		"control characters":      {rssAround("<item><title>A\x0b\x00</title><description>B\x01</description></item>"), "A", "B", Read},
		"unclosed CDATA":          {rssAround(`<item><title>A</title><description><![CDATA[B</description></item>`), "A", "B", Damaged},
		"own entity":              {`<!DOCTYPE rss [<!ENTITY who "the council">]>` + rssAround(`<item><title>A</title><description>&who;</description></item>`), "A", "the council", Read},
		"Latin 1 that says UTF-8": {`<?xml version="1.0" encoding="utf-8"?>` + rssAround("<item><title>A</title><description>Caf\xe9</description></item>"), "A", "Café", Damaged},
		"UTF-8 that says Latin 1": {`<?xml version="1.0" encoding="iso-8859-1"?>` + rssAround("<item><title>A</title><description>Café</description></item>"), "A", "Café", Read},
		"Windows-1251":            {`<?xml version="1.0" encoding="windows-1251"?>` + rssAround("<item><title>A</title><description>\xcc\xe8\xf0</description></item>"), "A", "Мир", Read},
		"UTF-16":                  {utf16le(rssAround("<item><title>A</title><description>Café</description></item>")), "A", "Café", Read},
		"wrong Atom namespace":    {`<feed xmlns="http://www.w3.org/2005/atom/oops"><entry><title>A</title><content>B</content></entry></feed>`, "A", "B", Read},
		"prefixed Atom":           {`<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>A</a:title><a:content>B</a:content></a:entry></a:feed>`, "A", "B", Read},
		"an entry alone":          {`<entry xmlns="http://www.w3.org/2005/Atom"><title>A</title><content>B</content></entry>`, "A", "B", Read},
		"JSON with wrong types":   {`{"version":"https://jsonfeed.org/version/1","title":7,"items":[{"id":5,"title":"A","tags":"x","content_text":"B"}]}`, "A", "B", Damaged},
		"JSON cut":                {`{"version":"https://jsonfeed.org/version/1","items":[{"id":"5","title":"A","content_html":"B"},{"id":"6","ti`, "A", "B", Damaged},
	} {
		d := Parse(Input{Body: []byte(c.body)})
		if len(d.Items) == 0 {
			t.Errorf("%s: nothing is read: %s", name, d.Problem)
			continue
		}
		if e := d.Items[0].Entry; e.Title != c.title || e.Text != c.text {
			t.Errorf("%s: title %q, text %q", name, e.Title, e.Text)
		}
		if c.status == Damaged && d.Status != Damaged || d.Status == Damaged && d.Problem == "" {
			t.Errorf("%s: %s (%s)", name, d.Status, d.Problem)
		}
	}
}

func utf16le(s string) string {
	b := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// What is no feed is refused, with a reason that says what it is.
func TestRefused(t *testing.T) {
	for in, says := range map[string]string{
		"": "empty", "  \n": "empty", "hello": "not a feed", "<!DOCTYPE html><html><head><title>x</title></head><body><p>y</body></html>": "web page",
		"<opml><body><outline/></body></opml>": "OPML", `{"error":"no"}`: "no JSON Feed", "[1]": "list", "{": "JSON", "<urlset><url/></urlset>": "sitemap",
		"\x89PNG\r\n\x1a\n": "not a feed", "<svg><title>x</title></svg>": "<svg>",
	} {
		d := Parse(Input{Body: []byte(in)})
		if d.Status != Refused || !strings.Contains(d.Problem, says) || len(d.Items) > 0 {
			t.Errorf("%q: %s, %q", in, d.Status, d.Problem)
		}
	}
}
