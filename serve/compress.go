package serve

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// encoding chooses the content coding for an Accept-Encoding header: the one
// that the client weighs most, zstd before gzip when it does not mind, "" for
// neither (RFC 9110, 12.5.3).
func encoding(accept string) string {
	best, weight := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "gzip" && name != "zstd" {
			continue
		}
		w := 1.0
		if _, q, ok := strings.Cut(params, "q="); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			if err != nil || v < 0 || v > 1 {
				continue
			}
			w = v
		}
		if w > weight || w == weight && w > 0 && name == "zstd" {
			best, weight = name, w
		}
	}
	return best
}

// Both compressors keep no time and no name: the same bytes give the same bytes.

func compressGzip(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, 6)
	if err == nil {
		if _, err = w.Write(body); err == nil {
			err = w.Close()
		}
	}
	if err != nil { // writing to memory at a valid level cannot fail
		panic(err)
	}
	return b.Bytes()
}

var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	// The options are constants that the library accepts.
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return w
})

func compressZstd(body []byte) []byte { return zstdEncoder().EncodeAll(body, nil) }
