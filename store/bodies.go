package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"
)

// blockSize is about how many bytes of bodies are packed together: all that most feeds hold, which
// have much in common and leave half a page empty only once, and few enough to unpack one entry
// in half a millisecond.
const blockSize = 160 << 10

// maxPlain bounds what a block may unpack to: one body may be a whole document.
const maxPlain = 256 << 20

// packer compresses the bodies of one poll into blocks (bucketBlocks). A block
// is the number of its bodies, the entry and the length of each (all uvarint),
// and one zstd frame of the bodies one after the other.
type packer struct {
	texts   *zstd.Encoder
	plain   bytes.Buffer
	entries []uint64
	lengths []int
	packed  []byte // reused

	learned bool // there are dictionaries

	heads  *s2.Dict // nil while there is no dictionary
	record bytes.Buffer
	frame  []byte // reused
}

// learn takes dictionaries of texts and heads; there may be none yet.
func (p *packer) learn(texts, heads []byte) (err error) {
	p.learned = len(texts) > 0
	if p.texts, err = newEncoder(texts); err != nil {
		return err
	}
	p.heads = dictionary(heads)
	return nil
}

// newEncoder makes one of texts, which looks back 256 KiB, and into their dictionary if there is
// one. With a dictionary the fastest level packs better than the next one without.
func newEncoder(dictionary []byte) (*zstd.Encoder, error) {
	options := []zstd.EOption{zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(256 << 10), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false)}
	if len(dictionary) > 0 {
		options = append(options, zstd.WithEncoderDictRaw(textDict, dictionary))
	}
	return zstd.NewWriter(nil, options...)
}

// add packs b into block next and says in which slot it stands.
func (p *packer) add(entry uint64, b *body) (slot uint64) {
	before := p.plain.Len()
	encodeTo(&p.plain, b)
	p.entries = append(p.entries, entry)
	p.lengths = append(p.lengths, p.plain.Len()-before)
	return uint64(len(p.lengths) - 1)
}

func (p *packer) full() bool { return p.plain.Len() >= blockSize }

func (p *packer) reset() {
	p.plain.Reset()
	p.entries, p.lengths = p.entries[:0], p.lengths[:0]
}

// put writes the block under its number.
func (p *packer) put(b *bbolt.Bucket, block uint64) error {
	out := binary.AppendUvarint(p.packed[:0], uint64(len(p.lengths)))
	for i := range p.lengths {
		out = binary.AppendUvarint(out, p.entries[i])
		out = binary.AppendUvarint(out, uint64(p.lengths[i]))
	}
	p.packed = p.texts.EncodeAll(p.plain.Bytes(), out)
	p.reset()
	return b.Put(key(block), bytes.Clone(p.packed)) // bbolt keeps the value until the commit
}

// blockEntries lists the entries whose bodies stand in a block.
func blockEntries(v []byte) (entries []uint64, lengths []int, frame []byte, err error) {
	next := func() uint64 {
		n, size := binary.Uvarint(v)
		if size <= 0 {
			err = fmt.Errorf("damaged block")
			return 0
		}
		v = v[size:]
		return n
	}
	count := next()
	if err == nil && count > uint64(len(v)) {
		err = fmt.Errorf("damaged block")
	}
	for ; count > 0 && err == nil; count-- {
		entries = append(entries, next())
		n := next()
		if err == nil && n > maxPlain {
			err = fmt.Errorf("damaged block")
		}
		lengths = append(lengths, int(n))
	}
	return entries, lengths, v, err
}

// blockCache reads bodies and keeps the block unpacked that it read last, for
// callers that read many entries in order. Store.unpacked makes one; it belongs to
// one transaction.
type blockCache struct {
	unpacker *zstd.Decoder
	block    uint64
	entries  []uint64
	lengths  []int
	plain    []byte
}

// body returns the encoded body in a slot of a block, which must be entry's.
func (c *blockCache) body(blocks *bbolt.Bucket, block, entry, slot uint64) ([]byte, error) {
	if c.block != block || c.plain == nil {
		entries, lengths, frame, err := blockEntries(blocks.Get(key(block)))
		if err != nil {
			return nil, fmt.Errorf("text of entry %d: %w", entry, err)
		}
		plain, err := c.unpacker.DecodeAll(frame, c.plain[:0])
		if err != nil {
			return nil, fmt.Errorf("text of entry %d: %w", entry, err)
		}
		*c = blockCache{c.unpacker, block, entries, lengths, plain}
	}
	if slot >= uint64(len(c.entries)) || c.entries[slot] != entry {
		return nil, fmt.Errorf("block %d does not hold the text of entry %d", block, entry)
	}
	start := 0
	for _, n := range c.lengths[:slot] {
		start += n
	}
	if end := start + c.lengths[slot]; end <= len(c.plain) {
		return c.plain[start:end], nil
	}
	return nil, fmt.Errorf("block %d is too short for the text of entry %d", block, entry)
}
