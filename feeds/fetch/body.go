package fetch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxCodings bounds how many content codings one answer may be wrapped in.
const maxCodings = 3

var (
	gzipReaders sync.Pool // of *gzip.Reader
	zstdReaders sync.Pool // of *zstd.Decoder
	wireBuffers sync.Pool // of *bytes.Buffer
)

// readBody reads and decodes the answer's body, at most limit bytes on the wire
// and as many after each decoding. problem is empty when all of it was read.
func readBody(ctx context.Context, res *http.Response, limit int64) (body []byte, wire int64, problem string) {
	if res.ContentLength > limit {
		return nil, 0, tooLarge(limit)
	}
	buf, _ := wireBuffers.Get().(*bytes.Buffer)
	if buf == nil {
		buf = new(bytes.Buffer)
	}
	buf.Reset()
	defer wireBuffers.Put(buf)
	wire, err := buf.ReadFrom(io.LimitReader(res.Body, limit+1))
	switch {
	case wire > limit:
		return nil, wire, tooLarge(limit)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, wire, fmt.Sprintf("the answer ended early, after %d bytes", wire)
	case err != nil:
		return nil, wire, "while reading the answer: " + explain(ctx, err)
	}
	body, err = decode(buf.Bytes(), codings(res.Header), limit)
	switch {
	case errors.Is(err, errLarge):
		return nil, wire, "unpacked, " + tooLarge(limit)
	case err != nil:
		return nil, wire, "the answer cannot be unpacked: " + err.Error()
	}
	return body, wire, ""
}

func tooLarge(limit int64) string {
	return fmt.Sprintf("the answer is larger than the limit of %d bytes", limit)
}

// codings lists the answer's content codings in the order in which to undo them.
func codings(h http.Header) []string {
	values := h["Content-Encoding"]
	if len(values) == 0 {
		return nil
	}
	var out []string
	for _, c := range strings.Split(strings.Join(values, ","), ",") {
		c = strings.ToLower(strings.TrimSpace(c))
		if c != "" && c != "identity" {
			out = append([]string{c}, out...)
		}
	}
	return out
}

var errLarge = errors.New("too large")

// decode undoes the codings and returns a copy that does not share raw's memory.
// Servers lie about codings: a body that is plainly not in the stated one is taken
// as it is, and one that is gzip or zstd by its first bytes is unpacked though
// nobody said so.
func decode(raw []byte, stated []string, limit int64) ([]byte, error) {
	if len(stated) > maxCodings {
		return nil, fmt.Errorf("it is wrapped in %d codings", len(stated))
	}
	out, own := raw, false
	for i := 0; i < maxCodings; i++ {
		coding := sniff(out)
		if i < len(stated) && coding == "" && (stated[i] == "br" || stated[i] == "deflate") {
			coding = stated[i] // these two have no mark at their beginning
		}
		if coding == "" {
			continue
		}
		next, err := unpack(out, coding, limit)
		if err != nil {
			if looksPlain(out) && !errors.Is(err, errLarge) {
				break
			}
			return nil, err
		}
		out, own = next, true
	}
	if !own {
		out = bytes.Clone(out)
	}
	return out, nil
}

func sniff(b []byte) string {
	switch {
	case len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8:
		return "gzip"
	case len(b) > 3 && b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd:
		return "zstd"
	}
	return ""
}

// looksPlain reports whether b begins like an XML or JSON document.
func looksPlain(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(b) > 0 && (b[0] == '<' || b[0] == '{')
}

func unpack(raw []byte, coding string, limit int64) ([]byte, error) {
	in := bytes.NewReader(raw)
	switch coding {
	case "gzip":
		z, _ := gzipReaders.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		defer gzipReaders.Put(z)
		if err := z.Reset(in); err != nil {
			return nil, err
		}
		return readAll(z, limit, gzipSize(raw))
	case "zstd":
		z, _ := zstdReaders.Get().(*zstd.Decoder)
		if z == nil {
			var err error
			// One step at a time: a decoder without goroutines needs no Close.
			z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
			if err != nil {
				return nil, err
			}
		}
		defer zstdReaders.Put(z)
		if err := z.Reset(in); err != nil {
			return nil, err
		}
		return readAll(z, limit, guessedSize(raw))
	case "br":
		return readAll(brotli.NewReader(in), limit, guessedSize(raw))
	}
	// deflate: RFC 9110 means the zlib format; some servers send it bare.
	if z, err := zlib.NewReader(in); err == nil {
		return readAll(z, limit, guessedSize(raw))
	}
	return readAll(flate.NewReader(bytes.NewReader(raw)), limit, guessedSize(raw))
}

// guessedSize is how long what is packed in raw may be.
func guessedSize(raw []byte) int64 { return int64(len(raw)) * 6 }

// gzipSize is what gzip says at its end of its length (RFC 1952), as far as a feed
// may be packed so well: it is no more than a hint.
func gzipSize(raw []byte) int64 {
	return min(int64(binary.LittleEndian.Uint32(raw[len(raw)-4:])), 4*guessedSize(raw))
}

// readAll reads at most limit bytes; it makes room for the size that is expected.
func readAll(r io.Reader, limit, size int64) ([]byte, error) {
	buf := bytes.NewBuffer(make([]byte, 0, min(size+bytes.MinRead, limit+1)))
	n, err := buf.ReadFrom(io.LimitReader(r, limit+1))
	if n > limit {
		return nil, errLarge
	}
	// Whole gzip members followed by something else: padding that some servers add.
	if err != nil && !(errors.Is(err, gzip.ErrHeader) && n > 0) {
		return nil, err
	}
	return buf.Bytes(), nil
}
