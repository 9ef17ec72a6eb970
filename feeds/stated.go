package feeds

// StatedKind says what sort of statement about its origin an entry makes.
type StatedKind string

const (
	// SelfClaim: the outlet's own footer in its own feed ("is first published
	// on The Whistler Newspaper"). It says nothing by itself, and names the
	// outlet when a copy carries it elsewhere.
	SelfClaim StatedKind = "self"
	// Reprint: the entry says that another outlet had it ("originally published by …").
	Reprint StatedKind = "reprint"
	// Wire: the entry credits a news agency ("(Reuters) -", "By Associated Press").
	Wire StatedKind = "wire"
	// SourceElement: a <source>, atom:source, canonical link or the like names
	// another publication.
	SourceElement StatedKind = "source-element"
)

// Stated is one thing that an entry itself says of its origin.
type Stated struct {
	Kind StatedKind
	// Outlet is the name as stated ("Reuters", "The Whistler Newspaper"), or
	// the host of URL when only that is known.
	Outlet string
	// URL is the address that the statement gives; empty when it gives none.
	URL string
	// Phrase is the exact text that was taken as the statement, at most 300
	// bytes.
	Phrase string
	// Where says where it stood: "footer", "dateline", "byline", "closing",
	// "source", "atom:source", "link rel=canonical", "pixel", "guid" and so on.
	Where string
}
