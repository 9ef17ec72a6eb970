package cluster

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/cespare/xxhash/v2"
	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"

	"aggregator/feeds"
)

// Messages are CBOR (RFC 8949) in a zstd frame. Their form is named in a header
// field, so that machines of two versions notice it.
const (
	headerForm = "Aggregator-Form"
	headerPoll = "Aggregator-Poll" // the number of the feed's poll
	headerAt   = "Aggregator-Large"
	form       = "1"
)

// maxMessage is the largest document that is accepted from a message, in bytes
// after decompression.
const maxMessage = 256 << 20

var (
	encoding cbor.EncMode
	decoding cbor.DecMode
	packer   *zstd.Encoder // safe for concurrent use by EncodeAll
	unpacker *zstd.Decoder // safe for concurrent use by DecodeAll
)

func init() {
	options := cbor.CoreDetEncOptions()
	options.Time = cbor.TimeRFC3339NanoUTC
	var err error
	if encoding, err = options.EncMode(); err != nil {
		panic(err)
	}
	if decoding, err = (cbor.DecOptions{MaxArrayElements: 10_000_000, UTF8: cbor.UTF8DecodeInvalid}).DecMode(); err != nil {
		panic(err)
	}
	if packer, err = zstd.NewWriter(nil); err != nil {
		panic(err)
	}
	if unpacker, err = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxMessage), zstd.WithDecoderConcurrency(0)); err != nil {
		panic(err)
	}
}

func pack(v any) ([]byte, error) {
	b, err := encoding.Marshal(v)
	if err != nil {
		return nil, err
	}
	return packer.EncodeAll(b, nil), nil
}

func unpack(b []byte, v any) error {
	plain, err := unpacker.DecodeAll(b, nil)
	if err != nil {
		return fmt.Errorf("damaged message: %w", err)
	}
	if err := decoding.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("damaged message: %w", err)
	}
	return nil
}

// turn is the number of the poll that follows a state.
func turn(s *feeds.State) int64 { return s.Polls + 1 }

// token names a feed or a host in subjects and object names, where URLs cannot
// stand.
func token(s string) string {
	var b [8]byte
	sum := xxhash.Sum64String(s)
	for i := range b {
		b[i] = byte(sum >> (56 - 8*i))
	}
	return hex.EncodeToString(b[:])
}

// messageID is the same for every attempt at one poll of one feed.
func messageID(url string, turn int64) string { return token(url) + "@" + strconv.FormatInt(turn, 10) }
