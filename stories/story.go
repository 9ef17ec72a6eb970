package stories

import (
	"time"

	"aggregator/feeds"
)

// Story is the entries, across outlets, that report one event.
type Story struct {
	// ID never changes and is never given to another story. When two stories
	// turn out to be one, the lower ID survives and the other redirects to it
	// for ever.
	ID uint64
	// Members are in order of arrival (by Entry).
	Members []Member
	// Verdict says who published the story first.
	Verdict Verdict
	// Groups holds a verdict for each group of copies with two members or more,
	// ordered by Original.
	Groups []Group
	// History is every verdict the story has had, oldest first; the last one is
	// Verdict.
	History []Change
	// Corrections are those of editors that speak of its entries, oldest first, what
	// was undone too.
	Corrections []Correction
	// Created is when its first entry was kept; Changed moves when a reader
	// would want to see the story again: another outlet is first, two stories
	// became one, the first entry's headline or text was edited. A further
	// carrier does not move it.
	Created, Changed time.Time
}

// Member is an entry in its place in a story.
type Member struct {
	Entry    uint64 // the entry's number in the store
	Outlet   string // outlet ID
	Title    string
	Link     string
	Language string
	Category string // the outlet's
	Seen     feeds.Seen
	// Clock and ClockAfter say how our clock stood at Seen.At and Seen.After, which
	// compare with other members' times only by that.
	Clock, ClockAfter feeds.Standing
	Published         feeds.Date
	Updated           feeds.Date
	Stated            []feeds.Stated
	// Redated are publication dates that its feeds claimed at later polls;
	// Published is the first one, which the verdict goes by.
	Redated []Redating

	// CopyOf is the entry whose text this one copies; 0 when it copies none. It
	// is always the group's original, never a copy itself.
	CopyOf uint64
	// Share is how much of the shorter text stands in the other one, per mille.
	Share int
	// Reasons say in words why it stands here, strongest first.
	Reasons []string
}

// Redating is a publication date that a feed gave an entry which had another one
// before.
type Redating struct {
	Seen      time.Time  // the poll that found it
	Published feeds.Date // zero when the date was taken away
}

// Group is one text and its copies.
type Group struct {
	Original uint64   // the entry that the others copy
	Members  []uint64 // all of them, the original too, by number
	Verdict  Verdict
}

// Placement is where an entry belongs, and why.
type Placement struct {
	Entry   uint64
	Story   uint64
	CopyOf  uint64 // 0: copies nothing
	Share   int    // per mille, see Member.Share
	Reasons []string
	// Merged are stories that this entry showed to be one with Story. All their
	// members now belong to Story.
	Merged []uint64
	// Moved are earlier entries whose CopyOf changed with this placement (the
	// original arrived late), with their new place.
	Moved []Placement
	// Sketch is what the index needs to know of this entry in order to go on
	// after a restart. It is opaque, starts with the version of the rules, and
	// is kept by the store beside the entry.
	Sketch []byte
}

// View is what placing may look up of entries placed before. It must show the
// entries of the transaction under way too.
type View interface {
	// Sketch returns the entry's last Placement.Sketch, or nil when it is not
	// kept any more. The bytes are valid until the next call.
	Sketch(entry uint64) []byte
}
