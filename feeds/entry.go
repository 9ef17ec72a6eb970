package feeds

import "time"

// Entry is one article as one outlet carried it. The same article in three
// section feeds of one outlet is one entry seen in three feeds; an edited
// article is a new version of the same entry.
//
// Title is plain text. Summary and Content are HTML as the feed delivered
// them, with links made absolute, and NOT sanitised: whoever shows them
// sanitises them.
type Entry struct {
	// Outlet is the ID of the outlet that carried it.
	Outlet string
	// Feed is the URL of the feed in which this version was read.
	Feed string

	// GUID is the entry's own identifier as delivered (RSS guid, Atom id, JSON
	// Feed id, rdf:about); empty when it has none.
	GUID string
	// Link is the absolute address of the article as delivered; empty when the
	// entry has none.
	Link string
	// Canonical is Link without what does not make another article (tracking
	// parameters, scheme, "www.", fragment, trailing slash). It is for
	// comparing, never for visiting.
	Canonical string

	Title   string
	Summary string
	Content string
	// Text is the plain text of the fuller of Summary and Content: paragraphs
	// separated by "\n", entities decoded, Unicode NFC, no markup. It is derived
	// from the two by feeds/text.
	Text string

	// Language is a BCP 47 tag in its usual case ("en", "pt-BR"); empty when
	// nobody said.
	Language   string
	Authors    []string
	Categories []string
	Rights     string

	Published Date
	Updated   Date

	// Source is the publication that the entry itself names as its source
	// (RSS <source>, atom:source); zero when it names none.
	Source Source
	// Stated is everything the entry says of its origin, in document order.
	Stated []Stated
	// Links are the entry's links that have a rel other than plain "alternate".
	Links      []Link
	Enclosures []Enclosure
	// Image is the absolute URL of the entry's picture; may be empty.
	Image string
}

// Date is a moment that a feed claims. A claim that could not be read keeps
// its Raw text and a zero Time: never a guess.
type Date struct {
	Time time.Time // UTC; zero when absent or unreadable
	Raw  string    // as it stood in the document
	// Element is where it stood: "pubDate", "published", "updated", "dc:date",
	// "date_published" and so on.
	Element string
}

// Source names another publication.
type Source struct {
	Name string
	URL  string
}

// Link is a typed link of an entry (Atom's link element).
type Link struct {
	Rel, Href, Type, Title string
}

// Enclosure is a media file that comes with an entry.
type Enclosure struct {
	URL, Type string
	Length    int64 // bytes; 0 when unknown
}
