package stories

import "time"

// Basis is the kind of evidence that decided a verdict.
type Basis string

const (
	Stated   Basis = "stated"   // an entry says who had it first
	Observed Basis = "observed" // the polls saw it there before it was anywhere else
	Claimed  Basis = "claimed"  // the feeds' own dates say so
)

// Confidence says how firmly a verdict stands.
type Confidence string

const (
	Certain Confidence = "certain"
	Likely  Confidence = "likely"
	Tie     Confidence = "tie"
	Unknown Confidence = "unknown"
)

// Verdict is the attribution: "first published on X at T".
type Verdict struct {
	// Outlet is the outlet's ID; empty when the origin is not followed here
	// (an agency, an outlet without a feed).
	Outlet string
	// Name is how people know it.
	Name string
	// URL is the article there; the outlet's site when the article is unknown.
	URL string
	// Entry is its entry; 0 when the origin is not followed here.
	Entry uint64
	// At is the best known time of publication, After the time at which it was
	// surely not there yet (zero when unknown): the true time is in (After, At].
	After, At time.Time

	Basis      Basis
	Confidence Confidence
	// Reason is one sentence that a person reads.
	Reason string
	// SeenHere is the first entry that was seen here, when that is not Entry
	// ("Reuters has it first; first seen here on Premium Times").
	SeenHere uint64
	Evidence []Evidence
}

// Evidence is one thing that speaks for or against a verdict. A carrier that was
// seen or is dated later than the outlet that the verdict names speaks for it.
type Evidence struct {
	Entry uint64 // where it was found
	Kind  string // "stated", "wire", "self-claim", "seen", "claimed", "text", "correction"
	Text  string // in words, with the exact phrase where there is one
	For   bool   // false: it speaks against
}

// Change is one verdict in the history of a story.
type Change struct {
	At      time.Time // when it was reached
	Verdict Verdict
	Because string // what changed it
}
