package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

func TestFromHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", " \n ", ""},
		{"plain", "Just a line", "Just a line"},
		{"plain with entities", "Fish &amp; chips &#8211; now", "Fish & chips – now"},
		{"paragraphs", "<p>One\n two</p>\n<p>Three <b>bo</b>ld</p>", "One two\nThree bold"},
		{"nested", "<div><div><p>A</p></div>B</div>", "A\nB"},
		{"breaks", "one<br>two<br/>three", "one\ntwo\nthree"},
		{"script, style, comment", "a<script>var x='<p>'</script><style>p{}</style><!-- no -->b", "ab"},
		{"list", "<ul><li>x<li>y</ul>", "x\ny"},
		{"no-break space", "a&nbsp;&nbsp;b", "a b"},
		{"decomposed", "Caf\u0065\u0301", "Café"},
		{"invisible", "so\u00ADft ze\u200Bro", "soft zero"},
		{"turned around", "a \u202Etxt.exe\u202C and \u2067b\u2069", "a txt.exe and b"},
		{"Chinese", "<p>中文。</p><p>日本語 テキスト</p>", "中文。\n日本語 テキスト"},
		{"Chinese over two lines", "<p>中文\n  分行，\n日本 語</p>", "中文分行，日本 語"},
		{"Korean over two lines", "<p>한국\n어</p>", "한국 어"},
		{"Thai", "<p>ภาษาไทย ไม่มี</p>", "ภาษาไทย ไม่มี"},
		{"Hebrew and Arabic", "<p>שלום &amp; عَرَبِيّ</p>", "שלום & عَرَبِيّ"},
		{"Persian keeps its joiner", "<p>می\u200Cخواهم</p>", "می\u200Cخواهم"},
		{"unfinished tag", "text <a href=\"x", "text"},
		{"stray bracket", "1 < 2 and <p>3 > 2", "1 < 2 and\n3 > 2"},
		{"empty hidden", "a<iframe src='x'/> b<object/> c", "a b c"},
		{"unclosed hidden", "a<object>b", "a"},
	} {
		if got := FromHTML(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	got := Blocks(`<h2>Head</h2><blockquote><p>Said <a href="/x" rel="nofollow">he and
		she</a>.</p></blockquote><p><img src="https://pixel.example/1.gif"></p><ul><li>item <i>one</i></ul>`)
	want := []Block{
		{Kind: "h", Text: "Head"},
		{Kind: "blockquote", Text: "Said he and she.", Links: []Link{{Href: "/x", Text: "he and she", Rel: "nofollow", Start: 5, End: 15}}},
		{Kind: "p", Images: []string{"https://pixel.example/1.gif"}},
		{Kind: "li", Text: "item one"},
	}
	if d := cmp.Diff(want, got, cmp.Transformer("none", func(l []Link) int {
		return len(l)
	})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[1].Links, got[1].Links); d != "" {
		t.Error(d)
	}
}

func TestLinkAcrossBlocks(t *testing.T) {
	got := Blocks(`<a href="u"><p>one</p><p>two</p></a> after`)
	var texts []string
	for _, b := range got {
		for _, l := range b.Links {
			texts = append(texts, l.Href+"="+l.Text)
		}
	}
	if d := cmp.Diff([]string{"u=one", "u=two"}, texts); d != "" {
		t.Error(d, got)
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Plain  title\n", "Plain title"},
		{"AT&amp;amp;T", "AT&T"},
		{"AT&T", "AT&T"},
		{"It&amp;#8217;s", "It’s"},
		{"<b>Bold</b> move", "Bold move"},
		{"&lt;i&gt;Times&lt;/i&gt; says", "Times says"},
		{"a < b and c > d", "a < b and c > d"},
		{"The <foo> of it", "The <foo> of it"},
		{"One<br>two", "One two"},
		{"x<script>alert(1)</script>y", "xy"},
		{"I <3 you", "I <3 you"},
		{"Q&A; more", "Q&A; more"},
	} {
		if got := Line(c.in); got != c.want {
			t.Errorf("Line(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func check(t *testing.T, s string) {
	t.Helper()
	for _, b := range Blocks(s) {
		if !norm.NFC.IsNormalString(b.Text) || !utf8.ValidString(b.Text) || strings.Contains(b.Text, "  ") || strings.TrimSpace(b.Text) != b.Text {
			t.Errorf("text is not normal: %q", b.Text)
		}
		for _, l := range b.Links {
			if l.Start < 0 || l.End < l.Start || l.End > len(b.Text) || b.Text[l.Start:l.End] != l.Text {
				t.Errorf("link %+v does not stand in %q", l, b.Text)
			}
		}
	}
	if l := Line(s); strings.ContainsAny(l, "\n\r\t") || !norm.NFC.IsNormalString(l) {
		t.Errorf("title is not one normal line: %q", l)
	}
}

func FuzzBlocks(f *testing.F) {
	for _, s := range []string{"<p>a<a href=x>e\u0301<p>b</a>", "&lt;b&gt;", "<", "\xff<br>\x00", "<a><a></a>x</a>", "e<a href=q>\u0301</a>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

func TestDeepAndWide(t *testing.T) {
	check(t, strings.Repeat("<div>", 1_000_000)+"x")
	check(t, strings.Repeat("<a href=x>", 200_000)+"x")
	if got := len(Blocks(strings.Repeat("<p>x", 200_000))); got > maxBlocks+1 {
		t.Errorf("%d blocks", got)
	}
}

// TestLatin holds the short way for Latin letters against the rules for one
// character after the other.
func TestLatin(t *testing.T) {
	for r := rune(0x80); r < 0x600; r++ {
		for _, form := range []string{"a%cb", "%c", "a %c", "a\n%c b", "%c%c", "a\u0301%c\u0301", "\xc3%c"} {
			s := strings.ReplaceAll(form, "%c", string(r))
			var want strings.Builder
			for _, c := range s {
				switch {
				case unicode.IsSpace(c):
					want.WriteByte(' ')
				case !dropped(c):
					want.WriteRune(c)
				}
			}
			if got, want := Plain(s), norm.NFC.String(strings.Join(strings.Fields(want.String()), " ")); got != want {
				t.Errorf("%q gives %q, want %q", s, got, want)
			}
		}
	}
}
