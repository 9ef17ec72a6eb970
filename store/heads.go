package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// A head is kept as its record, or packed with the store's dictionary of heads: the first
// byte of zstd's magic number, which no CBOR map begins with, how many sightings
// there are, the sightings, and the frame of the record without them. The sightings
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
	p.frame = p.heads.EncodeAll(p.record.Bytes(), p.frame[:0])
	if len(p.frame) >= p.record.Len() || !bytes.HasPrefix(p.frame, zstdMagic) {
		return encode(h)
	}
	seen, _ := h.Sightings.MarshalBinary() // fails never
	out := make([]byte, 0, 1+binary.MaxVarintLen16+len(seen)+len(p.frame))
	out = binary.AppendUvarint(append(out, zstdMagic[0]), uint64(len(h.Sightings)))
	return append(append(out, seen...), p.frame[len(zstdMagic):]...)
}

// decodeHead reads what head wrote.
func (s *Store) decodeHead(v []byte, h *head) error {
	if len(v) == 0 || v[0] != zstdMagic[0] {
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
	v = v[1+size:]
	seen := v[:n*sightingSize]
	plain, err := s.unpacker.Load().DecodeAll(append(zstdMagic[:4:4], v[n*sightingSize:]...), nil)
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
