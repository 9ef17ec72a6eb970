package parse

import (
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// footer recognises the standing footer of content systems without regard to
// its language: a paragraph with exactly two links, the first to an article
// (this one: by its address or by its headline), the second to the front page
// of a site, which is the publication that had it first.
func (f *finder) footer(b *paragraph) bool {
	if len(b.Links) != 2 || len(b.Text) > 700 {
		return false
	}
	post, site := b.Links[0], b.Links[1]
	if isRoot(post.Href) && !isRoot(site.Href) || f.isThis(site) && !f.isThis(post) {
		post, site = site, post // Turkish, Hindi and others may name the site first
	}
	if !isRoot(site.Href) || site.Text == "" || hostOf(post.Href) == "" || isRoot(post.Href) && !f.isThis(post) {
		return false
	}
	if !f.isThis(post) && !(sameSite(hostOf(post.Href), hostOf(site.Href)) && b.words.appears() && oneSentence(b.Text, post, site)) {
		return false
	}
	// What stands around the links is a short formula, not prose.
	if around := len(b.Text) - len(post.Text) - len(site.Text); around > 160 && !b.words.appears() || around < 6 && !sameHeadline(post.Text, f.entry.Title) {
		return false
	}
	name := cleanName(site.Text)
	if !isName(name) {
		name = ""
	}
	f.add(feeds.Reprint, name, f.articleAddress(post.Href, site.Href), b.Text, "footer")
	return true
}

// oneSentence reports whether two links stand in one sentence: "… by Grist. Sign
// up for Grist's newsletter here" are two.
func oneSentence(s string, a, b text.Link) bool {
	if a.Start > b.Start {
		a, b = b, a
	}
	from, to := min(a.End, len(s)), min(b.Start, len(s))
	return from > to || !strings.Contains(s[from:to], ". ")
}

// articleAddress is the address that a footer gives: the article's, or the
// site's where the article's link leads elsewhere.
func (f *finder) articleAddress(post, site string) string {
	if sameSite(hostOf(post), hostOf(site)) {
		return post
	}
	return site
}

// isThis reports whether a link leads to the entry itself, or carries its
// headline.
func (f *finder) isThis(l text.Link) bool {
	if l.Href != "" && sameArticle(l.Href, f.entry.Link) || sameArticle(l.Href, f.entry.GUID) {
		return true
	}
	return sameHeadline(l.Text, f.entry.Title)
}

// sameArticle compares two addresses without scheme, "www.", query and
// fragment.
func sameArticle(a, b string) bool {
	return a != "" && b != "" && bareAddress(a) == bareAddress(b)
}

func bareAddress(a string) string {
	host := hostOf(a)
	if host == "" {
		return a
	}
	_, rest, _ := strings.Cut(a, "//")
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	_, path, _ := strings.Cut(rest, "/")
	return host + "/" + strings.Trim(path, "/")
}

// sameHeadline reports whether two headlines are the same but for case,
// punctuation and a cut end. Short ones must be equal.
func sameHeadline(a, b string) bool {
	a, b = foldName(a), foldName(b)
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= 16 && strings.HasPrefix(b, a) || len(a) >= 32 && strings.Contains(b, a)
}
