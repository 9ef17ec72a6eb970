package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"
)

// What the texts of one store have in common (the words of its languages, the markup
// and phrases of its outlets) is kept once, in a dictionary: most polls bring one text
// or two, which alone hardly repeat anything. There is one of texts and one of heads,
// made of the store's own and never changed, because what was packed with them is
// unpacked with them.

// The numbers of dictionaries in the file and in frames.
const (
	textDict = 2
	headDict = 3
)

// learnBlocks is of how many blocks a text and two heads each go into the dictionaries, and
// learnedTexts how many bytes of all texts.
const (
	learnBlocks  = 64
	learnedTexts = 96 << 10
)

// learn makes the store's dictionaries of the newest blocks, once there are enough.
func (b *batch) learn() error {
	if b.s.packer.learned || b.blocks.Sequence() < learnBlocks {
		return nil
	}
	var numbers []uint64
	c := b.blocks.Cursor()
	for k, _ := c.Last(); k != nil && len(numbers) < learnBlocks; k, _ = c.Prev() {
		numbers = append(numbers, number(k))
	}
	if len(numbers) < learnBlocks {
		return nil // they were pruned
	}
	var texts, heads []byte
	cache := b.s.unpacked()
	for _, block := range numbers {
		entries, _, _, err := blockEntries(b.blocks.Get(key(block)))
		if err != nil || len(entries) == 0 {
			return fmt.Errorf("block %d: %w", block, err)
		}
		text, err := cache.body(b.blocks, block, entries[0], 0)
		if err != nil {
			return err
		}
		texts = append(texts, text[:min(len(text), learnedTexts/learnBlocks)]...)
		for _, entry := range slices.Compact([]uint64{entries[0], entries[len(entries)/2]}) {
			h, err := b.s.readHead(b.heads, entry)
			if err != nil {
				return err
			}
			if h != nil {
				h.Sightings = nil
				heads = append(heads, encode(h)...)
			}
		}
	}
	for id, content := range map[uint32][]byte{textDict: texts, headDict: heads} {
		// With its hash: damaged, it would make other words of every text.
		row := append(key(xxhash.Sum64(content)), content...)
		if err := b.tx.Bucket(bucketDictionaries).Put(key32(id), row); err != nil {
			return err
		}
	}
	return b.s.loadDictionaries(b.tx)
}

// loadDictionaries makes the packer, and what unpacks, of the dictionaries that the
// file holds.
func (s *Store) loadDictionaries(tx *bbolt.Tx) error {
	found := map[uint32][]byte{}
	err := tx.Bucket(bucketDictionaries).ForEach(func(k, v []byte) error {
		if len(k) != 4 || len(v) < 8 || xxhash.Sum64(v[8:]) != number(v) {
			return fmt.Errorf("a dictionary is damaged: restore a backup with aggregator restore FILE")
		}
		found[binary.BigEndian.Uint32(k)] = bytes.Clone(v[8:]) // beyond this transaction
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.packer.learn(found[textDict], found[headDict]); err != nil {
		return err
	}
	options := []zstd.DOption{zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxPlain)}
	for id, content := range found {
		options = append(options, zstd.WithDecoderDictRaw(id, content))
	}
	dec, err := zstd.NewReader(nil, options...)
	if err != nil {
		return err
	}
	s.unpackers.Store(&unpackers{dec, s.packer.heads}) // before any reader can see what was packed with them
	return nil
}

// unpackers know the dictionaries of the file. They may be used by many at a time.
type unpackers struct {
	texts *zstd.Decoder
	heads *s2.Dict // nil while there is none
}

// unpacked reads texts within one transaction.
func (s *Store) unpacked() blockCache { return blockCache{unpacker: s.unpackers.Load().texts} }
