package parse

import (
	"crypto/sha1"
	"html"
	"os"
	"strconv"
	"strings"
	"testing"

	"aggregator/feeds"
)

// creditLine is one line of testdata/credits.txt.
type creditLine struct {
	line                     string
	kind, outlet, lang, html string
	fields                   map[string]string
	part                     int // 0 and 1: the halves of credits.txt; 2 and 3: credits-later.txt
}

func readCredits(t *testing.T) []creditLine {
	t.Helper()
	early, err := os.ReadFile("testdata/credits.txt")
	if err != nil {
		t.Fatal(err)
	}
	rest, err := os.ReadFile("testdata/credits-later.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []creditLine
	later := 0
	for line := range strings.Lines(string(early) + string(rest)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "# As credits.txt") {
			later = max(later, 1) + 1
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "¦")
		if len(f) != 5 {
			t.Fatalf("not five columns: %s", line)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		c := creditLine{line: line, kind: f[0], outlet: f[1], lang: f[2], html: f[4], fields: map[string]string{}}
		for _, kv := range strings.Split(f[3], ";;") {
			if k, v, ok := strings.Cut(kv, "="); ok {
				c.fields[k] = v
			}
		}
		sum := sha1.Sum([]byte(line))
		if c.part = int(sum[0] % 2); later > 0 {
			c.part = later
		}
		out = append(out, c)
	}
	return out
}

// document makes a feed of the one entry.
func (c creditLine) document() (body, url string) {
	field := func(name, or string) string {
		if v, ok := c.fields[name]; ok {
			return v
		}
		return or
	}
	title, link := field("title", "Ferry Resumes After Storm"), field("link", "https://harbour-gazette.net/ferry-resumes/")
	content := strings.NewReplacer("{T}", title, "{L}", link,
		"{B}", "<p>The ferry between Holm Point and the islands is running again after a storm that lasted three days, the line said on Tuesday.</p>"+
			"<p>Passengers queued from dawn. Fares stay as they were.</p><p>The line carries two million people a year.</p>").Replace(c.html)
	url = field("feed", "https://harbour-gazette.net/feed")
	home := url[:strings.Index(url[8:], "/")+9]
	var b strings.Builder
	b.WriteString(`<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" ` +
		`xmlns:media="http://search.yahoo.com/mrss/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel>` +
		`<title>` + html.EscapeString(field("site", "Harbour Gazette")) + `</title><link>` + home + `</link><item><title>` +
		html.EscapeString(title) + `</title><link>` + html.EscapeString(link) + `</link>`)
	if by := c.fields["by"]; by != "" {
		b.WriteString(`<dc:creator>` + html.EscapeString(by) + `</dc:creator>`)
	}
	if guid := c.fields["guid"]; guid != "" {
		b.WriteString(`<guid isPermaLink="false">` + html.EscapeString(guid) + `</guid>`)
	}
	b.WriteString(c.fields["xml"] + `<description><![CDATA[` + content + `]]></description></item></channel></rss>`)
	return b.String(), url
}

func (c creditLine) stated() []feeds.Stated {
	body, url := c.document()
	var out []feeds.Stated
	for _, it := range Parse(Input{Body: []byte(body), URL: url}).Items {
		if it.Entry != nil {
			out = append(out, it.Entry.Stated...)
		}
	}
	return out
}

// hit says whether the kind and the outlet are right: silence where nothing is credited.
func (c creditLine) hit(got []feeds.Stated) bool {
	if c.kind == "none" {
		return len(got) == 0
	}
	for _, s := range got {
		if string(s.Kind) == c.kind && anyOutlet(s.Outlet, c.outlet) {
			return true
		}
	}
	return false
}

// TestMeasureCredits counts what the rules make of entries that were written
// down before the rules were tried on them, in two halves: misses of the first
// one were read, then the rules widened; the second one is the check.
func TestMeasureCredits(t *testing.T) {
	type count struct{ right, wrong, missed, silent, negatives int }
	var parts [4]count
	for _, l := range readCredits(t) {
		c := &parts[l.part]
		got := l.stated()
		hit := l.hit(got)
		switch {
		case l.kind == "none":
			c.negatives++
			if hit {
				c.silent++
			}
		case hit:
			c.right++
		case len(got) == 0:
			c.missed++
		default:
			c.wrong++
		}
		if show := os.Getenv("CREDITS_SHOW"); !hit && (show != "" && strings.Contains(show, strconv.Itoa(l.part+1))) {
			t.Logf("%s\n    got %+v", l.line, got)
		}
	}
	for i, c := range parts {
		stated := c.right + c.wrong + c.missed
		spoke := c.right + c.wrong + c.negatives - c.silent
		t.Logf("part %d: precision %.3f (of those that state a source %.3f), recall %.3f (%d of %d), mentions silent %.3f (%d of %d)", i+1,
			float64(c.right)/float64(spoke), float64(c.right)/float64(c.right+c.wrong), float64(c.right)/float64(stated), c.right, stated,
			float64(c.silent)/float64(c.negatives), c.silent, c.negatives)
		if p, r, n := float64(c.right)/float64(c.right+c.wrong), float64(c.right)/float64(stated), float64(c.silent)/float64(c.negatives); p < .97 || r < .93 || n < .98 {
			t.Errorf("part %d is below precision .97, recall .93 or silence .98", i+1)
		}
	}
}
