package discover

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"aggregator/feeds"
	"aggregator/feeds/parse"
)

// Kind is what a feed holds, as far as it can be told.
type Kind string

const (
	Whole    Kind = "site"     // the site as a whole
	Section  Kind = "section"  // a category, tag, author or topic
	Audio    Kind = "podcast"  // every entry is a recording
	Comments Kind = "comments" // of readers
)

var (
	commentWords = regexp.MustCompile(`(?i)\b(comments|kommentare|commentaires|comentarios|comentários|commenti)\b`)
	sectionPath  = regexp.MustCompile(`(?i)/(tags?|categor(y|ies)|authors?|topics?|sections?|search|c|t)/`)
)

func kindOf(f *Feed, l link, doc parse.Document, page string) Kind {
	u, err := url.Parse(f.URL)
	if err != nil {
		return Section
	}
	home := parse.Canonical(doc.Home)
	switch {
	case commentWords.MatchString(f.Title) || commentWords.MatchString(l.title) || commentWords.MatchString(u.Path):
		return Comments
	case recordings(doc.Items):
		return Audio
	case doc.Home != "" && (home == parse.Canonical(page) || home == parse.Canonical(rootOf(page))):
		return Whole
	case sectionPath.MatchString(u.Path), strings.Contains(home, "/"):
		return Section
	}
	return Whole
}

// recordings reports whether every item comes with a recording.
func recordings(items []feeds.Item) bool {
	return len(items) > 0 && !slices.ContainsFunc(items, func(it feeds.Item) bool {
		return !slices.ContainsFunc(it.Entry.Enclosures, func(e feeds.Enclosure) bool {
			return strings.HasPrefix(e.Type, "audio/") || strings.HasPrefix(e.Type, "video/")
		})
	})
}

// articles are what a feed's entries point to.
func articles(doc parse.Document) map[string]bool {
	set := map[string]bool{}
	for _, it := range doc.Items {
		set[cmp.Or(it.Entry.Canonical, it.Entry.GUID, it.Entry.Title)] = true
	}
	return set
}

var order = []Kind{Whole, Section, Audio, Comments}

// rank puts feeds that hold entries before empty ones, the whole site before its parts,
// and readers' comments last. Otherwise the publisher's own order holds.
func rank(a, b Feed) int {
	return cmp.Or(
		cmp.Compare(min(1, b.Entries), min(1, a.Entries)),
		cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)),
	)
}

// likely puts links that speak of comments or sections last, since not all may be asked.
func likely(links []link) []link {
	weight := func(l link) int {
		switch {
		case commentWords.MatchString(l.title) || commentWords.MatchString(l.url):
			return 2
		case sectionPath.MatchString(l.url):
			return 1
		}
		return 0
	}
	list := slices.Clone(links)
	slices.SortStableFunc(list, func(a, b link) int { return cmp.Compare(weight(a), weight(b)) })
	return list
}
