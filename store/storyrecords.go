package store

import (
	"errors"

	"aggregator/stories"
)

// placeRow says where an entry stands: bucketPlaces. Story may have been merged
// into another one since: redirects say where it is now.
type placeRow struct {
	Story   uint64   `cbor:"1,keyasint"`
	CopyOf  uint64   `cbor:"2,keyasint,omitempty"`
	Share   int      `cbor:"3,keyasint,omitempty"`
	Reasons []string `cbor:"4,keyasint,omitempty"`
	Said    []byte   `cbor:"5,keyasint,omitempty"` // the only reason, see packReason
}

// storyRow is a story: bucketStories. The verdict of a story that has had only
// one entry, and only one verdict, is not kept: it follows from the entry.
type storyRow struct {
	Members []uint64 `cbor:"1,keyasint"`
	Verdict *verdict `cbor:"2,keyasint,omitempty"`
	Groups  []group  `cbor:"3,keyasint,omitempty"`
	Created instant  `cbor:"4,keyasint,omitempty"`
	Changed instant  `cbor:"5,keyasint,omitempty"`
	At      instant  `cbor:"6,keyasint,omitempty"` // when Verdict was reached
	Because string   `cbor:"7,keyasint,omitempty"`
	Past    uint64   `cbor:"8,keyasint,omitempty"` // records in bucketHistory
}

var errNoEntries = errors.New("damaged story: it has no entries")

// decodeStory decodes a story, which has an entry at least.
func decodeStory(b []byte, r *storyRow) error {
	err := decodeWords(b, r)
	if err == nil && len(r.Members) == 0 {
		err = errNoEntries
	}
	return err
}

// briefRow is what a poll needs of the row of a story that it concerns: neither the
// evidence of its verdict nor its groups, which are most of it, since all is written anew.
type briefRow struct {
	Members []uint64     `cbor:"1,keyasint"`
	Verdict *verdictCore `cbor:"2,keyasint,omitempty"`
	Created instant      `cbor:"4,keyasint,omitempty"`
	Changed instant      `cbor:"5,keyasint,omitempty"`
	At      instant      `cbor:"6,keyasint,omitempty"`
	Because string       `cbor:"7,keyasint,omitempty"`
	Past    uint64       `cbor:"8,keyasint,omitempty"`
}

// decodeBrief is decodeStory as far as a briefRow goes.
func decodeBrief(b []byte, r *storyRow) error {
	var brief briefRow
	err := decodeWords(b, &brief)
	*r = storyRow{Members: brief.Members, Created: brief.Created, Changed: brief.Changed, At: brief.At, Because: brief.Because, Past: brief.Past}
	if brief.Verdict != nil {
		r.Verdict = &verdict{verdictCore: *brief.Verdict}
	}
	if err == nil && len(r.Members) == 0 {
		err = errNoEntries
	}
	return err
}

// changeRow is an earlier verdict: bucketHistory.
type changeRow struct {
	At      instant `cbor:"1,keyasint"`
	Because string  `cbor:"2,keyasint,omitempty"`
	Verdict verdict `cbor:"3,keyasint"`
}

type group struct {
	Original uint64   `cbor:"1,keyasint"`
	Members  []uint64 `cbor:"2,keyasint"`
	Verdict  verdict  `cbor:"3,keyasint"`
}

type verdict struct {
	verdictCore
	Evidence []evidence `cbor:"11,keyasint,omitempty"`
}

// verdictCore is a verdict without what it rests on.
type verdictCore struct {
	Outlet     string  `cbor:"1,keyasint,omitempty"`
	Name       string  `cbor:"2,keyasint,omitempty"`
	URL        string  `cbor:"3,keyasint,omitempty"`
	Entry      uint64  `cbor:"4,keyasint,omitempty"`
	After      instant `cbor:"5,keyasint,omitempty"`
	At         instant `cbor:"6,keyasint,omitempty"`
	Basis      string  `cbor:"7,keyasint,omitempty"`
	Confidence string  `cbor:"8,keyasint,omitempty"`
	Reason     string  `cbor:"9,keyasint,omitempty"`
	SeenHere   uint64  `cbor:"10,keyasint,omitempty"`
}

type evidence struct {
	Entry uint64 `cbor:"1,keyasint,omitempty"`
	Kind  string `cbor:"2,keyasint"`
	Text  string `cbor:"3,keyasint,omitempty"`
	For   bool   `cbor:"4,keyasint,omitempty"`
}

func toVerdict(v *stories.Verdict) *verdict {
	out := &verdict{verdictCore: verdictCore{Outlet: v.Outlet, Name: v.Name, URL: v.URL, Entry: v.Entry, After: toInstant(v.After), At: toInstant(v.At),
		Basis: string(v.Basis), Confidence: string(v.Confidence), Reason: v.Reason, SeenHere: v.SeenHere}}
	for _, e := range v.Evidence {
		out.Evidence = append(out.Evidence, evidence{e.Entry, e.Kind, e.Text, e.For})
	}
	return out
}

func (v *verdict) verdict() stories.Verdict {
	out := stories.Verdict{Outlet: v.Outlet, Name: v.Name, URL: v.URL, Entry: v.Entry, After: v.After.time(), At: v.At.time(),
		Basis: stories.Basis(v.Basis), Confidence: stories.Confidence(v.Confidence), Reason: v.Reason, SeenHere: v.SeenHere}
	for _, e := range v.Evidence {
		out.Evidence = append(out.Evidence, stories.Evidence{Entry: e.Entry, Kind: e.Kind, Text: e.Text, For: e.For})
	}
	return out
}

func toGroups(in []stories.Group) []group {
	var out []group
	for i := range in {
		out = append(out, group{in[i].Original, in[i].Members, *toVerdict(&in[i].Verdict)})
	}
	return out
}

func fromGroups(in []group) []stories.Group {
	var out []stories.Group
	for i := range in {
		out = append(out, stories.Group{Original: in[i].Original, Members: in[i].Members, Verdict: in[i].Verdict.verdict()})
	}
	return out
}

// goneRow is what stays of a pruned entry beside its names: bucketGone.
type goneRow struct {
	Title uint32  `cbor:"1,keyasint"` // a hash
	Left  instant `cbor:"2,keyasint"` // when it was last seen
}
