package store

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Verdicts are sentences that say much the same of each story. Records with them
// are compressed against a dictionary of such sentences, which is part of the
// layout: another dictionary needs another schema.
//
//go:embed verdicts.dict
var verdictWords []byte

const verdictDict = 1 // the dictionary's number in a frame

// zstdMagic starts every frame; it is left out, but for its first byte, which no
// CBOR map begins with.
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

var rowPacker = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(32<<10),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false), zstd.WithEncoderDictRaw(verdictDict, verdictWords))
})

var rowUnpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderDictRaw(verdictDict, verdictWords))
})

// encodeWords encodes a record, compressed when that makes it shorter.
func encodeWords(v any) ([]byte, error) {
	plain := encode(v)
	if len(plain) < 150 {
		return plain, nil
	}
	enc, err := rowPacker()
	if err != nil {
		return nil, err
	}
	if packed := enc.EncodeAll(plain, nil); len(packed) < len(plain) && bytes.HasPrefix(packed, zstdMagic) {
		return append(packed[:1], packed[4:]...), nil
	}
	return plain, nil
}

// decodeWords decodes what encodeWords wrote.
func decodeWords(b []byte, v any) error {
	if len(b) == 0 || b[0] != zstdMagic[0] {
		return decode(b, v)
	}
	dec, err := rowUnpacker()
	if err != nil {
		return err
	}
	plain, err := dec.DecodeAll(append(zstdMagic[:4:4], b[1:]...), nil)
	if err != nil {
		return fmt.Errorf("damaged record (%T): %w", v, err)
	}
	return decode(plain, v)
}
