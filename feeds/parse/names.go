package parse

import "strings"

// spaces gives the usual prefix of each namespace that is read. URIs are
// compared without case, scheme, "www." and trailing "/" or "#". "" is the
// feed's own vocabulary.
var spaces = map[string]string{
	"backend.userland.com/rss":                      "",
	"backend.userland.com/rss2":                     "",
	"backend.userland.com/rss091":                   "",
	"backend.userland.com/blogchannelmodule":        "blogChannel",
	"blogs.law.harvard.edu/tech/rss":                "",
	"cyber.law.harvard.edu/rss/rss.html":            "",
	"purl.org/rss/1.0":                              "",
	"purl.org/rss/0.9":                              "",
	"purl.org/net/rss1.1":                           "",
	"my.netscape.com/rdf/simple/0.9":                "",
	"channel.netscape.com/rdf/simple/0.9":           "",
	"example.com/newformat":                         "",
	"example.com/necho":                             "atom",
	"purl.org/echo":                                 "atom",
	"uri/of/echo/namespace":                         "atom",
	"purl.org/pie":                                  "atom",
	"purl.org/atom/ns":                              "atom",
	"purl.org/atom":                                 "atom",
	"w3.org/2005/atom":                              "atom",
	"purl.org/rss/1.0/modules/rss091":               "",
	"w3.org/1999/02/22-rdf-syntax-ns":               "rdf",
	"purl.org/dc/elements/1.1":                      "dc",
	"purl.org/dc/elements/1.0":                      "dc",
	"purl.org/dc/terms":                             "dcterms",
	"purl.org/rss/1.0/modules/content":              "content",
	"purl.org/rss/1.0/modules/syndication":          "sy",
	"purl.org/rss/1.0/modules/slash":                "slash",
	"purl.org/syndication/thread/1.0":               "thr",
	"purl.org/rss/1.0/modules/threading":            "thr",
	"search.yahoo.com/mrss":                         "media",
	"search.yahoo.com/mrss/rss":                     "media",
	"video.search.yahoo.com/mrss":                   "media",
	"tools.search.yahoo.com/mrss":                   "media",
	"itunes.com/dtds/podcast-1.0.dtd":               "itunes",
	"itunes.com/dtds/podcast-1.0":                   "itunes",
	"example.com/dtds/podcast-1.0.dtd":              "itunes",
	"rssnamespace.org/feedburner/ext/1.0":           "feedburner",
	"w3.org/1999/xhtml":                             "xhtml",
	"w3.org/xml/1998/namespace":                     "xml",
	"web.resource.org/cc":                           "cc",
	"backend.userland.com/creativecommonsrssmodule": "creativeCommons",
	"wellformedweb.org/commentapi":                  "wfw",
	"prismstandard.org/namespaces/1.2/basic":        "prism",
	"prismstandard.org/namespaces/basic/2.0":        "prism",
	"pheedo.com/namespace/pheedo":                   "pheedo",
}

// conventional are the prefixes that are understood by their name when they
// are not declared, or declared with an unknown URI.
var conventional = map[string]string{
	"rss": "", "rdf": "rdf", "atom": "atom", "atom10": "atom", "atom03": "atom", "a10": "atom", "dc": "dc", "dcterms": "dcterms",
	"content": "content", "sy": "sy", "slash": "slash", "thr": "thr", "media": "media", "itunes": "itunes",
	"feedburner": "feedburner", "xhtml": "xhtml", "xml": "xml", "prism": "prism",
}

// unknownSpace is the prefix of everything that is not read.
const unknownSpace = "?"

// spaceOf gives the usual prefix of a namespace, and whether it is known.
func spaceOf(uri string) (string, bool) {
	uri = strings.ToLower(strings.TrimSpace(uri))
	uri = strings.TrimPrefix(uri, "http://")
	uri = strings.TrimPrefix(uri, "https://")
	uri = strings.TrimPrefix(uri, "www.")
	uri = strings.TrimRight(uri, "/#")
	p, ok := spaces[uri]
	return p, ok
}

// rule says what the scan does with an element.
type rule struct {
	as    string // the name under which gofeed gets it; "" drops it
	kind  content
	attrs []string // the attributes that go with it
}

// content is what an element holds.
type content uint8

const (
	textual content = iota // text, whatever markup stands in it
	parent                 // elements of its own
	dated                  // a date
)

// itemRules are the children of an RSS item, by usual prefix and lower-case name.
var itemRules = map[string]rule{
	"title": {as: "title"}, "link": {as: "link", attrs: []string{"href"}},
	"description": {as: "description"}, "content:encoded": {as: "content:encoded"}, "encoded": {as: "content:encoded"},
	"xhtml:body": {as: "xhtml:body"}, "body": {as: "xhtml:body"}, "xhtml:div": {as: "xhtml:body"}, "fullitem": {as: "content:encoded"},
	"author": {as: "author"}, "comments": {as: "comments"},
	"pubdate": {as: "pubDate", kind: dated}, "date": {as: "dc:date"}, "guid": {as: "guid", attrs: []string{"ispermalink"}},
	"source": {as: "source", attrs: []string{"url"}}, "category": {as: "category", attrs: []string{"domain"}},
	"enclosure": {as: "enclosure", attrs: []string{"url", "length", "type"}},
	// Atom's words without their namespace
	"published": {as: "atom:published"}, "updated": {as: "atom:updated"}, "issued": {as: "atom:published"},
	"modified": {as: "atom:updated"}, "created": {as: "atom:created"}, "lastbuilddate": {as: "atom:updated"},
	"id": {as: "atom:id"}, "summary": {as: "atom:summary"}, "content": {as: "atom:content", attrs: []string{"src"}},
	"copyright": {as: "atom:rights"}, "rights": {as: "atom:rights"}, "image": {as: "rssimage", kind: parent}, "language": {as: "dc:language"},

	"atom:title": {as: "atom:title"}, "atom:id": {as: "atom:id"}, "atom:link": {as: "atom:link", attrs: linkAttrs},
	"atom:published": {as: "atom:published"}, "atom:issued": {as: "atom:published"}, "atom:created": {as: "atom:created"},
	"atom:updated": {as: "atom:updated"}, "atom:modified": {as: "atom:updated"},
	"atom:summary": {as: "atom:summary"}, "atom:content": {as: "atom:content", attrs: []string{"src"}},
	"atom:author": {as: "atom:author", kind: parent}, "atom:source": {as: "atom:source", kind: parent}, "atom:rights": {as: "atom:rights"},
	"atom:category": {as: "atom:category", attrs: categoryAttrs},
}

// entryRules are the children of an Atom entry. A name without a prefix is
// Atom's own.
var entryRules = map[string]rule{
	"title": {as: "title"}, "id": {as: "id"}, "link": {as: "link", attrs: linkAttrs}, "rights": {as: "rights"}, "copyright": {as: "rights"},
	"summary": {as: "summary"}, "description": {as: "summary"}, "content": {as: "content", attrs: []string{"src"}},
	"published": {as: "published", kind: dated}, "issued": {as: "published", kind: dated}, "pubdate": {as: "published", kind: dated},
	"updated": {as: "updated", kind: dated}, "modified": {as: "updated", kind: dated}, "created": {as: "x:created"},
	"author": {as: "author", kind: parent}, "contributor": {as: "contributor", kind: parent},
	"category": {as: "category", attrs: categoryAttrs}, "source": {as: "source", kind: parent},
	"guid": {as: "id"}, "content:encoded": {as: "content:encoded"}, "encoded": {as: "content:encoded"}, "xhtml:body": {as: "xhtml:body"}, "xhtml:div": {as: "xhtml:body"},
}

// sharedRules are the children of items and entries from other vocabularies.
var sharedRules = map[string]rule{
	"dc:title": {as: "dc:title"}, "dc:creator": {as: "dc:creator"}, "dc:author": {as: "dc:creator"}, "dc:date": {as: "dc:date"}, "dc:source": {as: "dc:source"},
	"dc:language": {as: "dc:language"}, "dc:rights": {as: "dc:rights"}, "dc:subject": {as: "dc:subject"},
	"dc:description": {as: "dc:description"}, "dc:identifier": {as: "dc:identifier"}, "dc:publisher": {as: "dc:publisher"},
	"dcterms:created": {as: "dcterms:created"}, "dcterms:issued": {as: "dcterms:issued"}, "dcterms:modified": {as: "dcterms:modified"},
	"dcterms:date":        {as: "dc:date"},
	"feedburner:origlink": {as: "feedburner:origlink"}, "pheedo:origlink": {as: "feedburner:origlink"},
	"media:content":   {as: "media:content", kind: parent, attrs: mediaAttrs},
	"media:group":     {as: "media:group", kind: parent},
	"media:thumbnail": {as: "media:thumbnail", attrs: []string{"url"}},
	"media:title":     {as: "media:title"}, "media:description": {as: "media:description"},
	"media:credit":  {as: "media:credit", attrs: []string{"role"}},
	"itunes:author": {as: "itunes:author"}, "itunes:summary": {as: "itunes:summary"}, "itunes:subtitle": {as: "itunes:subtitle"},
	"itunes:image": {as: "itunes:image", attrs: []string{"href", "url"}}, "itunes:title": {as: "itunes:title"},
	"thr:in-reply-to":       {as: "thr:in-reply-to", attrs: []string{"ref", "href"}},
	"prism:publicationdate": {as: "dc:date"}, "prism:publicationname": {as: "prism:publicationName"},
}

// personRules, sourceRules, mediaRules and imageRules are the children of the
// parents above. In a parent, prefixes do not matter.
var (
	personRules = map[string]rule{"name": {as: "name"}, "email": {as: "email"}, "uri": {as: "uri"}, "url": {as: "uri"}, "homepage": {as: "uri"}}
	sourceRules = map[string]rule{"title": {as: "title"}, "id": {as: "id"}, "link": {as: "link", attrs: linkAttrs}, "rights": {as: "rights"},
		"author": {as: "author", kind: parent}}
	mediaRules = map[string]rule{"content": {as: "media:content", kind: parent, attrs: mediaAttrs}, "thumbnail": {as: "media:thumbnail", attrs: []string{"url"}},
		"title": {as: "media:title"}, "description": {as: "media:description"}, "credit": {as: "media:credit", attrs: []string{"role"}}}
	imageRules = map[string]rule{"url": {as: "url"}, "link": {as: "link"}, "title": {as: "title"}}
	skipRules  = map[string]rule{"hour": {as: "hour"}, "day": {as: "day"}}
)

// channelRules are the children of an RSS channel, feedRules those of an Atom feed.
var channelRules = map[string]rule{
	"title": {as: "title"}, "link": {as: "link", attrs: []string{"href"}}, "description": {as: "description"}, "language": {as: "language"},
	"copyright": {as: "copyright"}, "ttl": {as: "ttl"}, "managingeditor": {as: "managingEditor"},
	"skiphours": {as: "skipHours", kind: parent}, "skipdays": {as: "skipDays", kind: parent},
	"tagline": {as: "description"}, "subtitle": {as: "atom:subtitle"}, "author": {as: "managingEditor"},
	"dc:title": {as: "dc:title"}, "dc:description": {as: "dc:description"}, "dc:language": {as: "dc:language"}, "dc:creator": {as: "dc:creator"},
	"dc:publisher": {as: "dc:publisher"}, "dc:rights": {as: "dc:rights"},
	"sy:updateperiod": {as: "sy:updatePeriod"}, "sy:updatefrequency": {as: "sy:updateFrequency"},
	"atom:link": {as: "atom:link", attrs: linkAttrs}, "atom:author": {as: "atom:author", kind: parent}, "atom:title": {as: "atom:title"}, "atom:id": {as: "atom:id"},
	"itunes:author": {as: "itunes:author"}, "itunes:summary": {as: "itunes:summary"}, "itunes:subtitle": {as: "itunes:subtitle"},
}

var feedRules = map[string]rule{
	"title": {as: "title"}, "id": {as: "id"}, "link": {as: "link", attrs: linkAttrs}, "subtitle": {as: "subtitle"}, "tagline": {as: "subtitle"},
	"rights": {as: "rights"}, "copyright": {as: "rights"}, "author": {as: "author", kind: parent}, "info": {as: "x:info"},
	"dc:language": {as: "dc:language"}, "dc:creator": {as: "dc:creator"}, "language": {as: "dc:language"}, "dc:title": {as: "dc:title"},
	"sy:updateperiod": {as: "sy:updatePeriod"}, "sy:updatefrequency": {as: "sy:updateFrequency"},
}

var (
	linkAttrs     = []string{"href", "rel", "type", "title", "hreflang", "length"}
	categoryAttrs = []string{"term", "label", "scheme"}
	mediaAttrs    = []string{"url", "type", "medium", "filesize"}
)
