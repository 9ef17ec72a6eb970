package store

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// Short records are packed by S2 with a dictionary: it takes a tenth of zstd's time, which
// prepares its tables for each record anew, and the dictionary is most of what is gained.

// packedMark starts a packed record; no CBOR map begins with it.
const packedMark = 'S'

// Verdicts and reasons are sentences that say much the same of each story and entry.
// Records with them are packed with a dictionary of such sentences, which is part of the
// layout: another dictionary needs another schema.
var (
	//go:embed verdicts.dict
	verdictText []byte
	//go:embed reasons.dict
	reasonText []byte

	sentences = sync.OnceValue(func() *s2.Dict { return dictionary(slices.Concat(verdictText, reasonText)) })
)

// shortest is the length in bytes from which a record with sentences is packed.
const shortest = 40

// maxRecord bounds what a record may unpack to.
const maxRecord = 64 << 20

// dictionary makes one of the last 64 KiB of what records have in common; nil when
// that is next to nothing.
func dictionary(content []byte) *s2.Dict {
	return s2.MakeDictManual(content[max(0, len(content)-s2.MaxDictSize):], 0)
}

// unpack is the inverse of a dictionary's Encode.
func unpack(d *s2.Dict, b []byte) ([]byte, error) {
	n, err := s2.DecodedLen(b)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, fmt.Errorf("the dictionary that it was packed with is not in the file")
	}
	if n > maxRecord {
		return nil, fmt.Errorf("it would unpack to %d bytes", n)
	}
	return d.Decode(nil, b)
}

// words encodes a record with sentences, packed when that makes it shorter. The result is
// the caller's.
func (p *packer) words(v any) []byte {
	p.record.Reset()
	encodeTo(&p.record, v)
	plain := p.record.Bytes()
	if len(plain) >= shortest {
		p.frame = sentences().Encode(p.frame[:cap(p.frame)], plain)
		if 1+len(p.frame) < len(plain) {
			return append(append(make([]byte, 0, 1+len(p.frame)), packedMark), p.frame...)
		}
	}
	return bytes.Clone(plain)
}

// decodeWords decodes what words wrote, or wrote before layout 5: a zstd frame.
func decodeWords(b []byte, v any) (err error) {
	switch {
	case len(b) > 0 && b[0] == packedMark:
		b, err = unpack(sentences(), b[1:])
	case len(b) > 0 && b[0] == zstdMagic[0]:
		b, err = formerWords().DecodeAll(append(zstdMagic[:4:4], b[1:]...), nil)
	}
	if err != nil {
		return fmt.Errorf("damaged record (%T): %w", v, err)
	}
	return decode(b, v)
}

// zstdMagic starts every frame of zstd. Records that were packed before layout 5 begin
// with its first byte; the others are left out.
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

const formerDict = 1 // the number of verdictText in a frame

var formerWords = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxRecord), zstd.WithDecoderDictRaw(formerDict, verdictText))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
})
