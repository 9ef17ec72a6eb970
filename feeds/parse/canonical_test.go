package parse

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonical(t *testing.T) {
	const want = "example.com/2024/05/story?id=7"
	for _, in := range []string{
		"https://example.com/2024/05/story?id=7", "http://example.com/2024/05/story?id=7", "https://www.example.com/2024/05/story?id=7",
		"HTTPS://EXAMPLE.COM/2024/05/story?id=7", "https://m.example.com/2024/05/story?id=7", "https://amp.example.com/2024/05/story?id=7",
		"https://example.com:443/2024/05/story?id=7", "http://example.com:80/2024/05/story?id=7", "//example.com/2024/05/story?id=7",
		"https://example.com/2024/05/story/?id=7", "https://example.com/2024/05/story/amp?id=7", "https://example.com/2024/05/story/amp/?id=7",
		"https://example.com//2024/05//story?id=7", "https://example.com/2024/05/story?id=7#comments", "https://example.com/2024/05/story?id=7&amp;utm_source=rss",
		"https://example.com/2024/05/st%6Fry?id=7", " https://example.com/2024/05/story?id=7\n", "https://example.com/2024/05/story?id=7&",
		"https://example.com./2024/05/story?id=7", "https://example.com/2024/05/story.amp?id=7",
		"https://example.com/2024/05/story/index.html?id=7",
	} {
		if got := Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
	// what makes another article stays
	for _, in := range []string{
		"https://example.com/2024/05/story?id=8", "https://example.com/2024/05/story", "https://example.com/2024/05/Story?id=7", "https://blog.example.com/2024/05/story?id=7",
		"https://example.com:8080/2024/05/story?id=7", "https://example.org/2024/05/story?id=7", "https://example.com/2024/05/story?id=7&page=2",
		"https://example.com/2024/05/story?id=7&ref=abc", "https://example.com/2024/05/story%2Fx?id=7", "https://example.com/2024/05/story?id=7#!/other",
	} {
		if got := Canonical(in); got == want {
			t.Errorf("Canonical(%q) = %q: another article", in, got)
		}
	}
	for in, want := range map[string]string{
		"": "", "tag:example.com,2024:1": "tag:example.com,2024:1", "https://example.com": "example.com", "https://example.com/": "example.com",
		"https://example.com/?b=2&a=1": "example.com?a=1&b=2", "https://m.com/x": "m.com/x", "https://amp.dev/x": "amp.dev/x",
		"https://example.com/100%": "example.com/100%25", "https://example.com/a b": "example.com/a%20b", "https://example.com/amp": "example.com/amp",
		"https://bücher.example/ü": "bücher.example/%C3%BC",
	} {
		if got := Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every tracking parameter, one by one, makes no other article: in front,
// behind, alone, in capitals.
func TestTrackers(t *testing.T) {
	check := func(param string) {
		t.Helper()
		for _, in := range []string{"https://example.com/story?" + param + "&id=7", "https://example.com/story?id=7&" + param} {
			if got := Canonical(in); got != "example.com/story?id=7" {
				t.Errorf("%s: %s", in, got)
			}
		}
		if got := Canonical("https://example.com/story?" + param); got != "example.com/story" {
			t.Errorf("%s alone: %s", param, got)
		}
	}
	for name := range trackers {
		check(name + "=x1")
		check(strings.ToUpper(name) + "=x1")
		check(name)
	}
	for name, values := range valued {
		for _, v := range values {
			check(name + "=" + strings.TrimSuffix(v, "*"))
		}
		if got := Canonical("https://example.com/story?" + name + "=zz9"); got == "example.com/story" {
			t.Errorf("%s is dropped with any value", name)
		}
	}
	for _, name := range []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_anything"} {
		check(name + "=x")
	}
	for _, name := range []string{"id", "p", "page", "article", "story", "v", "q", "lang", "newsid", "cat", "date"} {
		if got := Canonical("https://example.com/story?" + name + "=x"); got == "example.com/story" {
			t.Errorf("%s may choose the page", name)
		}
	}
}

// A canonical link is canonical, and does not depend on the order of parameters.
func TestCanonicalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.SampledFrom([]string{"example.com", "www.example.co.uk", "m.news.example", "EXAMPLE.org:8443"}).Draw(t, "host")
		path := rapid.StringMatching(`(/[a-zA-Z0-9%._~-]{0,8}){0,4}`).Draw(t, "path")
		params := rapid.SliceOfN(rapid.StringMatching(`[a-z_]{1,6}(=[a-zA-Z0-9%]{0,6})?`), 0, 4).Draw(t, "params")
		u := "https://" + host + path + "?" + strings.Join(params, "&")
		c := Canonical(u)
		if again := Canonical("https://" + c); again != c && !strings.HasPrefix(c, "https://") {
			t.Fatalf("%q -> %q -> %q", u, c, again)
		}
		for i, j := 0, len(params)-1; i < j; i, j = i+1, j-1 {
			params[i], params[j] = params[j], params[i]
		}
		if other := Canonical("http://" + host + path + "?" + strings.Join(params, "&")); other != c && !strings.HasPrefix(c, "http") {
			t.Fatalf("%q gives %q, the other order %q", u, c, other)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"https://example.com/a?b=c#d", "http://[::1]:80/", "//x", "https://www.m.amp.x.y/amp/amp/", "http://%zz/", "https://e.com/%41?%41=%41"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := Canonical(s)
		if len(c) > 6*len(s)+8 {
			t.Errorf("%q grows to %q", s, c)
		}
		_ = Canonical("https://" + c)
	})
}

// Anchors tell the items of one page apart; on a link to an article they do not.
func TestFragments(t *testing.T) {
	d := Parse(Input{Body: []byte(rssAround(`<item><link>https://example.com/notes.html#a</link></item><item><link>https://example.com/notes.html#b</link></item>
		<item><link>https://example.com/story#comments</link></item><item><link>https://example.com/x#ref=rss</link></item>`))})
	want := []string{"example.com/notes.html#a", "example.com/notes.html#b", "example.com/story", "example.com/x"}
	for i, it := range d.Items {
		if it.Entry.Canonical != want[i] {
			t.Errorf("%q, want %q", it.Entry.Canonical, want[i])
		}
	}
}
