package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"go.etcd.io/bbolt"

	"aggregator/feeds"
)

// A name is one way to recognise an entry: its guid, its canonical link or, when
// it has neither, a hash of what it says. Names hold within one outlet, and
// outlive the entry, so that an old item that comes back is not new.
//
// The key is the outlet's number and 12 bytes of SHA-256: an outlet's names
// stand together, so that a poll touches few pages, and nobody can craft two
// names that fall together. The value is the entry's number, or 0 for a name
// that was seen on two different articles of one document and so tells nothing.
type name [16]byte

type nameKind byte

const (
	byGUID    nameKind = 'g'
	byLink    nameKind = 'l'
	byContent nameKind = 'c'
)

func nameOf(outlet uint32, kind nameKind, text string) (n name) {
	h := sha256.New()
	h.Write([]byte{byte(kind)})
	h.Write([]byte(text))
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	binary.BigEndian.PutUint32(n[:4], outlet)
	copy(n[4:], sum[:12])
	return n
}

// names are the names of one entry; those that it does not have are zero.
type names struct {
	guid, link, content name
}

func namesOf(outlet uint32, e *feeds.Entry) (n names) {
	if e.GUID != "" {
		n.guid = nameOf(outlet, byGUID, e.GUID)
	}
	if e.Canonical != "" && !bareHost(e.Canonical) {
		n.link = nameOf(outlet, byLink, e.Canonical)
	}
	// The date keeps apart what recurs under one title without any other name.
	when := e.Published.Raw
	if e.Title == "" || when == "" {
		when += "\x00" + e.Text
	}
	n.content = nameOf(outlet, byContent, e.Title+"\x00"+when)
	return n
}

// bareHost reports whether a canonical link is the front page of a site, which
// names no article.
func bareHost(canonical string) bool {
	rest := canonical
	for i := 0; i+2 < len(rest); i++ {
		if rest[i:i+3] == "://" {
			rest = rest[i+3:]
			break
		}
	}
	for i := 0; i < len(rest); i++ {
		if c := rest[i]; c == '/' || c == '?' || c == '#' {
			return i == len(rest)-1
		}
	}
	return true
}

// lookUp returns the entry that a name stands for; known is false for a name
// that was never seen. It takes a cursor in bucketNames: to make one for each name was an
// eighth of all allocations of a poll.
func lookUp(c *bbolt.Cursor, n name) (id uint64, known bool) {
	if n == (name{}) {
		return 0, false
	}
	k, v := c.Seek(n[:])
	if !bytes.Equal(k, n[:]) {
		return 0, false
	}
	id, size := binary.Uvarint(v)
	return id, size == len(v)
}

func putName(b *bbolt.Bucket, n name, id uint64) error {
	return b.Put(n[:], binary.AppendUvarint(nil, id))
}
