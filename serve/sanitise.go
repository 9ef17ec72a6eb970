package serve

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"

	"aggregator/feeds"
	"aggregator/feeds/text"
)

// policy is what may remain of a publisher's HTML: text, links, pictures and
// tables of the web; no scripts, styles, forms, frames or tracking hints.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AllowAttrs("lang", "dir").Globally()
	return p
})

// contentHTML is the fuller HTML of an entry, sanitised, and without characters that
// turn around how a line is read.
func contentHTML(e feeds.Entry) string {
	body := e.Content
	if strings.TrimSpace(body) == "" {
		body = e.Summary
	}
	return strings.Map(func(r rune) rune {
		if text.Turns(r) {
			return -1
		}
		return r
	}, policy().Sanitize(body))
}

// excerpt is the start of an entry's text: whole words, one line, at most n
// bytes and an ellipsis.
func excerpt(e feeds.Entry, n int) string {
	s := e.Text
	if e.Summary != "" {
		s = text.FromHTML(e.Summary)
	}
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= n {
		return s
	}
	cut := strings.TrimSuffix(clip(s, n), "…")
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–-") + "…"
}
