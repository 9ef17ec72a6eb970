package store

import (
	"encoding/binary"
	"fmt"

	"aggregator/feeds"
)

// head is what lists, members and verdicts need of an entry: bucketHeads. The
// rest stands in a body, so that a story is read without unpacking texts.
type head struct {
	Outlet    uint32    `cbor:"1,keyasint"`
	Title     string    `cbor:"2,keyasint,omitempty"`
	Link      string    `cbor:"3,keyasint,omitempty"`
	Language  string    `cbor:"4,keyasint,omitempty"`
	Published *date     `cbor:"5,keyasint,omitempty"`
	Updated   *date     `cbor:"6,keyasint,omitempty"`
	Stated    []stated  `cbor:"7,keyasint,omitempty"`
	Sightings sightings `cbor:"8,keyasint"`
	// Version counts the versions before this one.
	Version uint64 `cbor:"9,keyasint,omitempty"`
	Block   uint64 `cbor:"10,keyasint"`
	Slot    uint64 `cbor:"11,keyasint,omitempty"`
	// Since is when this version was first seen; 0 for the first one.
	Since instant `cbor:"12,keyasint,omitempty"`
	// Feed is the number of the feed that this version was read in.
	Feed uint32 `cbor:"13,keyasint"`
	// Length is how long the text is, in bytes.
	Length uint64 `cbor:"14,keyasint,omitempty"`
	// Aliases counts the names that were added after the first.
	Aliases uint64 `cbor:"15,keyasint,omitempty"`
	// Claims are publication dates that were claimed after the first sight;
	// Published is and stays the first.
	Claims []claim `cbor:"16,keyasint,omitempty"`
	// Dropped counts edits that were not kept because there were too many.
	Dropped uint64 `cbor:"17,keyasint,omitempty"`
}

// claim is a date that a feed claimed at a later poll.
type claim struct {
	Seen      instant `cbor:"1,keyasint"`
	Published *date   `cbor:"2,keyasint,omitempty"`
	Updated   *date   `cbor:"3,keyasint,omitempty"`
}

// version is an earlier version of an entry: bucketVersions.
type version struct {
	Title     string   `cbor:"2,keyasint,omitempty"`
	Link      string   `cbor:"3,keyasint,omitempty"`
	Language  string   `cbor:"4,keyasint,omitempty"`
	Published *date    `cbor:"5,keyasint,omitempty"`
	Updated   *date    `cbor:"6,keyasint,omitempty"`
	Stated    []stated `cbor:"7,keyasint,omitempty"`
	Block     uint64   `cbor:"10,keyasint"`
	Slot      uint64   `cbor:"11,keyasint,omitempty"`
	Since     instant  `cbor:"12,keyasint,omitempty"`
	Feed      uint32   `cbor:"13,keyasint"`
}

// body is the rest of an entry; it stands packed in bucketBlocks.
type body struct {
	GUID      string `cbor:"1,keyasint,omitempty"`
	Canonical string `cbor:"2,keyasint,omitempty"`
	Summary   string `cbor:"3,keyasint,omitempty"`
	Content   string `cbor:"4,keyasint,omitempty"`
	// Text is the plain text itself (TextOf 0), or the recipe that derives it from
	// Summary (1) or Content (2); none when these without their tags are it (3, 4).
	Text       []byte      `cbor:"5,keyasint,omitempty"`
	TextOf     uint8       `cbor:"6,keyasint,omitempty"`
	Authors    []string    `cbor:"7,keyasint,omitempty"`
	Categories []string    `cbor:"8,keyasint,omitempty"`
	Rights     string      `cbor:"9,keyasint,omitempty"`
	Source     *source     `cbor:"10,keyasint,omitempty"`
	Links      []link      `cbor:"11,keyasint,omitempty"`
	Enclosures []enclosure `cbor:"12,keyasint,omitempty"`
	Image      string      `cbor:"13,keyasint,omitempty"`
	Published  *date       `cbor:"14,keyasint,omitempty"` // as this version claims it
	Updated    *date       `cbor:"15,keyasint,omitempty"`
	// LinkFrom is where in the link the canonical link begins, plus one, when it is a part
	// of it, and LinkLeft what is left of the link behind it. Canonical is empty then.
	LinkFrom uint64 `cbor:"16,keyasint,omitempty"`
	LinkLeft uint64 `cbor:"17,keyasint,omitempty"`
}

type date struct {
	Time    instant `cbor:"1,keyasint,omitempty"`
	Raw     string  `cbor:"2,keyasint,omitempty"`
	Element string  `cbor:"3,keyasint,omitempty"`
}

type stated struct {
	Kind   string `cbor:"1,keyasint"`
	Outlet string `cbor:"2,keyasint,omitempty"`
	URL    string `cbor:"3,keyasint,omitempty"`
	Phrase string `cbor:"4,keyasint,omitempty"`
	Where  string `cbor:"5,keyasint,omitempty"`
}

type source struct {
	Name string `cbor:"1,keyasint,omitempty"`
	URL  string `cbor:"2,keyasint,omitempty"`
}

type link struct {
	Rel   string `cbor:"1,keyasint,omitempty"`
	Href  string `cbor:"2,keyasint,omitempty"`
	Type  string `cbor:"3,keyasint,omitempty"`
	Title string `cbor:"4,keyasint,omitempty"`
}

type enclosure struct {
	URL    string `cbor:"1,keyasint,omitempty"`
	Type   string `cbor:"2,keyasint,omitempty"`
	Length int64  `cbor:"3,keyasint,omitempty"`
}

// sighting is one feed's view of an entry.
type sighting struct {
	Feed      uint32
	After, At instant // the interval in which it appeared in that feed
	Left      instant // the last poll that had it; 0 while it stands in the feed
	Hash      uint32  // of what that feed says in it, to notice an edit
}

// sightings are written with a fixed width each, so that noting that an entry
// left its feed does not make the record longer and split its page. The first
// one is the entry's Seen.
type sightings []sighting

const sightingSize = 4 + 8 + 8 + 8 + 4

func (s sightings) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, len(s)*sightingSize)
	for _, v := range s {
		b = binary.BigEndian.AppendUint32(b, v.Feed)
		b = binary.BigEndian.AppendUint64(b, uint64(v.After))
		b = binary.BigEndian.AppendUint64(b, uint64(v.At))
		b = binary.BigEndian.AppendUint64(b, uint64(v.Left))
		b = binary.BigEndian.AppendUint32(b, v.Hash)
	}
	return b, nil
}

func (s *sightings) UnmarshalBinary(b []byte) error {
	if len(b)%sightingSize != 0 {
		return fmt.Errorf("sightings of %d bytes", len(b))
	}
	*s = make(sightings, 0, len(b)/sightingSize)
	for ; len(b) > 0; b = b[sightingSize:] {
		*s = append(*s, sighting{
			Feed:  binary.BigEndian.Uint32(b),
			After: instant(binary.BigEndian.Uint64(b[4:])),
			At:    instant(binary.BigEndian.Uint64(b[12:])),
			Left:  instant(binary.BigEndian.Uint64(b[20:])),
			Hash:  binary.BigEndian.Uint32(b[28:]),
		})
	}
	return nil
}

func (s sightings) seen() feeds.Seen { return feeds.Seen{After: s[0].After.time(), At: s[0].At.time()} }

func (s sightings) of(feed uint32) *sighting {
	for i := range s {
		if s[i].Feed == feed {
			return &s[i]
		}
	}
	return nil
}
