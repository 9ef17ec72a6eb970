package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

func TestDerivedTextComesBack(t *testing.T) {
	for _, c := range []struct{ html, text string }{
		{"<p>One &amp; two.</p>\n<p>Three <b>four</b> five.</p>", "One & two.\nThree four five."},
		{"plain words, no markup at all, nothing else", "plain words, no markup at all, nothing else"},
		{"<ul><li>a</li><li>b</li></ul> <p>and a longer paragraph stands here</p>", "a\nb\nand a longer paragraph stands here"},
		{"<p>Caf&eacute; \n  open  now, after the long winter it had</p>", "Café open now, after the long winter it had"},
	} {
		recipe, ok := derive(c.html, c.text)
		if !ok || len(recipe) > len(c.text)/2+16 {
			t.Errorf("%q: recipe of %d bytes, %v", c.text, len(recipe), ok)
		}
		if got, err := rederive(c.html, recipe); err != nil || got != c.text {
			t.Errorf("%q came back as %q, %v", c.text, got, err)
		}
	}
	if t.Failed() {
		return
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"<p>", "</p>", "word ", "&amp;", "&", "<", ">", " ", "\n", "é", "ab", "<br/>", ";", "x"})
		html, text := "", ""
		for range rapid.IntRange(0, 40).Draw(t, "parts") {
			p := part.Draw(t, "part")
			html += p
			if rapid.Bool().Draw(t, "kept") {
				text += p
			}
		}
		recipe, ok := derive(html, text)
		if !ok {
			return
		}
		if got, err := rederive(html, recipe); err != nil || got != text {
			t.Fatalf("%q out of %q came back as %q, %v", text, html, got, err)
		}
	})
}

func TestTextIsItsContentWithoutTags(t *testing.T) {
	for _, c := range []struct {
		html, text string
		is         bool
	}{
		{"<p>One &lt;b&gt;.</p>\n<p>Three <b>four</b>.</p>", "One &lt;b&gt;.\nThree four.", true},
		{"<p class='a'>One.</p><div><p>Two</div> three.", "One.\nTwo\n three.", true},
		{"One <b>two</b>", "One two", true},
		{"<p>One.</p><p>Two.</p>", "One.Two.", false},
		{"<p>One.</p><p>Two.</p>", "One.\nTwo.\n", false},
		{"", "", true},
	} {
		if isUntagged(c.text, c.html) != c.is {
			t.Errorf("%q without tags is %q, not %q", c.html, slices.Collect(untagged(c.html)), c.text)
		}
	}
}

// What toBody leaves out because the head or another field has it comes back.
func TestBodyComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"<p>", "</p>", "a word ", "another", "&amp;", "<", ">", "\n"})
		html := strings.Join(rapid.SliceOfN(part, 0, 20).Draw(t, "html"), "")
		link := rapid.SampledFrom([]string{"", "https://a.example/b/c?utm=d", "https://www.a.example/b", "http://a.example/b/"}).Draw(t, "link")
		plain := strings.Join(slices.Collect(untagged(html)), "")
		e := &feeds.Entry{Link: link, Canonical: rapid.SampledFrom([]string{"", "a.example/b", "a.example/b/c", "c.example", link}).Draw(t, "canonical"),
			Text: rapid.SampledFrom([]string{"", plain, plain + "!", html, "else"}).Draw(t, "text")}
		if rapid.Bool().Draw(t, "in the summary") {
			e.Summary = html
		} else {
			e.Content = html
		}
		packed := toBody(e)
		var b body
		if err := decode(encode(&packed), &b); err != nil {
			t.Fatal(err)
		}
		got := &feeds.Entry{Link: link}
		if err := b.fill(got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(e, got); d != "" {
			t.Error(d)
		}
		if b.Canonical != "" && strings.Contains(link, b.Canonical) || len(b.Text) > 0 && e.Text == plain {
			t.Errorf("%+v is kept as %+v", e, b)
		}
		if b.fill(&feeds.Entry{}) == nil && b.LinkFrom > 0 && e.Canonical != "" {
			t.Errorf("a canonical link stands in no link: %+v", b)
		}
	})
}

func FuzzRederive(f *testing.F) {
	f.Add("<p>a</p>", []byte{3, 1, 0})
	f.Fuzz(func(t *testing.T, html string, recipe []byte) {
		if text, err := rederive(html, recipe); err == nil && len(text) > len(html)+len(recipe) {
			t.Fatalf("%d bytes of text out of %d", len(text), len(html)+len(recipe))
		}
	})
}
