package store

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Records are CBOR (RFC 8949) in its core deterministic encoding, with whole
// numbers as map keys, so that equal values are equal bytes.
var (
	encoding cbor.UserBufferEncMode
	decoding cbor.DecMode
)

func init() {
	var err error
	if encoding, err = cbor.CoreDetEncOptions().UserBufferEncMode(); err != nil {
		panic(err)
	}
	if decoding, err = (cbor.DecOptions{MaxArrayElements: math.MaxInt32, MaxMapPairs: math.MaxInt32, UTF8: cbor.UTF8DecodeInvalid}).DecMode(); err != nil {
		panic(err)
	}
}

func encode(v any) []byte {
	b, err := encoding.Marshal(v)
	if err != nil {
		panic(cannotEncode(v, err))
	}
	return b
}

// encodeTo appends a record to a buffer.
func encodeTo(b *bytes.Buffer, v any) {
	if err := encoding.MarshalToBuffer(v, b); err != nil {
		panic(cannotEncode(v, err))
	}
}

// cannotEncode is about one of our own types: a programming error.
func cannotEncode(v any, err error) string { return fmt.Sprintf("store: cannot encode %T: %v", v, err) }

func decode(b []byte, v any) error {
	if err := decoding.Unmarshal(b, v); err != nil {
		return fmt.Errorf("damaged record (%T): %w", v, err)
	}
	return nil
}

// instant is a time as it is kept: microseconds since 1970, UTC; 0 is the zero
// time. A feed that claims midnight of 1 January 1970 says that it does not know.
type instant int64

func toInstant(t time.Time) instant {
	if t.IsZero() {
		return 0
	}
	return instant(t.UnixMicro())
}

func (i instant) time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}
