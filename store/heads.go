package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// A head is kept as its record, or packed with the store's dictionary of heads: packedMark, how
// many sightings there are, the sightings, and the record without them. The sightings
// stand outside, so that noting that an entry left does not change the length.

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
	if len(v) == 0 || v[0] != packedMark && v[0] != zstdMagic[0] {
		err := decode(v, h)
		if err == nil && len(h.Sightings) == 0 {
			err = fmt.Errorf("damaged head: nobody saw it")
		}
		return err
	}
	n, size := binary.Uvarint(v[1:])
	if size <= 0 || n == 0 || n > uint64(len(v)-1-size)/sightingSize {
		return fmt.Errorf("damaged head")
	}
	mark, seen := v[0], v[1+size:][:n*sightingSize]
	u, rest := s.unpackers.Load(), v[1+size+len(seen):]
	var plain []byte
	var err error
	if mark == packedMark {
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

// readHead reads an entry's head; nil when the entry is not kept (any more).
func (s *Store) readHead(heads *bbolt.Bucket, id uint64) (*head, error) {
	v := heads.Get(key(id))
	if v == nil {
		return nil, nil
	}
	var h head
	if err := s.decodeHead(v, &h); err != nil {
		return nil, fmt.Errorf("entry %d: %w", id, err)
	}
	return &h, nil
}
