package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"go.etcd.io/bbolt"
)

// Digest returns a hash over all that the store says: entries with every
// version, what each feed holds, names, places, stories, their history and the
// feeds' states. Two stores that applied the same polls in the same order have
// the same digest, however the polls were grouped into transactions, the texts
// packed into blocks and the sketches into rows.
func (s *Store) Digest() (string, error) {
	sum := sha256.New()
	err := s.view(func(r *reader) error {
		for _, name := range [][]byte{bucketOutlets, bucketFeeds, bucketPolled, bucketPresent, bucketNames, bucketGone, bucketCorrections, bucketPlaces,
			bucketStories, bucketHistory, bucketTimeline, bucketRedirects} {
			sum.Write(name)
			if err := r.tx.Bucket(name).ForEach(func(k, v []byte) error {
				row(sum, k, v)
				return nil
			}); err != nil {
				return err
			}
		}
		err := eachSketch(r.tx.Bucket(bucketSketches), 0, func(entry uint64, at uint32, sketch []byte) error {
			row(sum, key(entry), binary.BigEndian.AppendUint32(nil, at))
			row(sum, key(entry), sketch)
			return nil
		})
		return errors.Join(err, s.digestEntries(sum, r.tx))
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

func row(sum hash.Hash, k, v []byte) {
	sum.Write(key(uint64(len(k))))
	sum.Write(k)
	sum.Write(key(uint64(len(v))))
	sum.Write(v)
}

// digestEntries adds entries and versions with their bodies, without the
// numbers of the blocks in which these happen to stand.
func (s *Store) digestEntries(sum hash.Hash, tx *bbolt.Tx) error {
	blocks := tx.Bucket(bucketBlocks)
	last := s.unpacked()
	err := tx.Bucket(bucketHeads).ForEach(func(k, v []byte) error {
		var h head
		if err := s.decodeHead(v, &h); err != nil {
			return fmt.Errorf("entry %d: %w", number(k), err)
		}
		plain, err := last.body(blocks, h.Block, number(k), h.Slot)
		if err != nil {
			return err
		}
		h.Block, h.Slot = 0, 0
		row(sum, k, encode(&h))
		row(sum, k, plain)
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Bucket(bucketVersions).ForEach(func(k, v []byte) error {
		var old version
		if err := decode(v, &old); err != nil {
			return fmt.Errorf("version %d of entry %d: %w", second(k), number(k), err)
		}
		plain, err := last.body(blocks, old.Block, number(k), old.Slot)
		if err != nil {
			return err
		}
		old.Block, old.Slot = 0, 0
		row(sum, k, encode(&old))
		row(sum, k, plain)
		return nil
	})
}
