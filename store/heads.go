package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// A head is kept as its record, or packed with the store's dictionary of heads: packedMark, how
// many sightings there are, the sightings, and the record without them. The sightings
// stand outside, so that noting that an entry left does not change the length, and that
// the record need not be unpacked for it.

// head packs a head. The result is the caller's.
func (p *packer) head(h *head) []byte {
	if p.heads == nil {
		return encode(h)
	}
	rest := *h
	rest.Sightings = nil
	p.record.Reset()
	encodeTo(&p.record, &rest)
	p.frame = p.heads.Encode(p.frame[:cap(p.frame)], p.record.Bytes())
	if len(p.frame) >= p.record.Len() {
		return encode(h)
	}
	seen, _ := h.Sightings.MarshalBinary() // fails never
	out := make([]byte, 0, 1+binary.MaxVarintLen16+len(seen)+len(p.frame))
	out = binary.AppendUvarint(append(out, packedMark), uint64(len(h.Sightings)))
	return append(append(out, seen...), p.frame...)
}

// decodeHead reads what head wrote, or wrote before layout 5: a zstd frame.
func (s *Store) decodeHead(v []byte, h *head) error {
	if !isPacked(v) {
		err := decode(v, h)
		if err == nil && len(h.Sightings) == 0 {
			err = fmt.Errorf("damaged head: nobody saw it")
		}
		return err
	}
	seen, rest, err := partsOfHead(v)
	if err != nil {
		return err
	}
	u := s.unpackers.Load()
	var plain []byte
	if v[0] == packedMark {
		plain, err = unpack(u.heads, rest)
	} else {
		plain, err = u.texts.DecodeAll(append(zstdMagic[:4:4], rest...), nil)
	}
	if err != nil {
		return fmt.Errorf("damaged head: %w", err)
	}
	if err := decode(plain, h); err != nil {
		return err
	}
	return h.Sightings.UnmarshalBinary(seen)
}

func isPacked(v []byte) bool { return len(v) > 0 && (v[0] == packedMark || v[0] == zstdMagic[0]) }

// partsOfHead gives the sightings of a packed head and the record without them, both
// parts of v.
func partsOfHead(v []byte) (seen, rest []byte, err error) {
	n, size := binary.Uvarint(v[1:])
	if size <= 0 || n == 0 || n > uint64(len(v)-1-size)/sightingSize {
		return nil, nil, fmt.Errorf("damaged head")
	}
	v = v[1+size:]
	return v[:n*sightingSize], v[n*sightingSize:], nil
}

// readHead reads an entry's head; nil when the entry is not kept (any more).
func (s *Store) readHead(heads *bbolt.Bucket, id uint64) (*head, error) {
	return s.headOf(heads.Get(key(id)), id)
}

// headOf reads an entry's row of bucketHeads; nil when it has none.
func (s *Store) headOf(v []byte, id uint64) (*head, error) {
	if v == nil {
		return nil, nil
	}
	var h head
	if err := s.decodeHead(v, &h); err != nil {
		return nil, fmt.Errorf("entry %d: %w", id, err)
	}
	return &h, nil
}
