package parse

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"mime"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decode gives the document as valid UTF-8, and what had to be repaired.
//
// A byte order mark and the pattern of the first bytes decide (XML 1.0,
// appendix F), then the bytes themselves: text that is valid UTF-8 and not
// plain ASCII is UTF-8 whatever it is labelled, because no other encoding looks
// like it by chance. Only then the labels count: HTTP's before the document's
// (RFC 7303, section 3), and a label under which the bytes make no sense is passed over.
func decode(body []byte, contentType string) (text, problem string) {
	if enc, skip := byMark(body); enc != nil {
		return transcode(body[skip:], enc), ""
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	labels := []string{headerLabel(contentType), declaredLabel(body)}
	valid := utf8.Valid(body)
	if valid && (!escaping(labels) || nextWide(body, 0) < len(body)) {
		if twice, ok := encodedTwice(body); ok {
			return twice, "the text was encoded as UTF-8 twice"
		}
		return asText(body), ""
	}
	for _, label := range labels {
		enc := byLabel(label)
		if enc == nil || enc == encoding.Nop || enc == unicode.UTF8 {
			continue
		}
		if s := transcode(body, enc); strings.Count(s, "\uFFFD") <= len(s)/2000 {
			return s, ""
		}
	}
	if valid {
		return asText(body), ""
	}
	return repairUTF8(body)
}

// asText takes bytes for a text without copying them. What Parse gives shares no
// memory with the document, which nobody changes meanwhile.
func asText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unpack gives what a gzip file holds: some servers send one and call it XML.
func unpack(body []byte) []byte {
	if !bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	out, _ := io.ReadAll(io.LimitReader(z, maxUnpacked)) // what came before the damage is kept
	return out
}

// encodedTwice undoes a publisher's mistake: UTF-8 that was taken for
// Windows-1252 and encoded again ("FrÃ¼her"). It is one when every character
// beyond ASCII goes back and gives UTF-8, at least three times: any "é" by
// itself shows that it is not.
func encodedTwice(b []byte) (string, bool) {
	var out []byte
	done, found := 0, 0
	for i := nextWide(b, 0); i < len(b); i = nextWide(b, i) {
		// a run beyond ASCII: back to bytes
		from := i
		var run []byte
		for i < len(b) && b[i] >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(b[i:])
			c, ok := charmap.Windows1252.EncodeRune(r)
			if !ok {
				if r < 0x80 || r > 0x9F { // the five bytes that Windows-1252 leaves open stay as they are
					return "", false
				}
				c = byte(r)
			}
			run = append(run, c)
			i += n
		}
		if !utf8.Valid(run) {
			return "", false
		}
		found++
		out = append(append(out, b[done:from]...), run...)
		done = i
	}
	if found < 3 {
		return "", false
	}
	return string(append(out, b[done:]...)), true
}

// byMark recognises UTF-16 and UTF-32 by their mark or by how "<" looks in them.
func byMark(b []byte) (enc encoding.Encoding, skip int) {
	has := func(p string) bool { return bytes.HasPrefix(b, []byte(p)) }
	switch {
	case has("\x00\x00\xFE\xFF"):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 4
	case has("\xFF\xFE\x00\x00"):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 4
	case has("\x00\x00\x00<"):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 0
	case has("<\x00\x00\x00"):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 0
	case has("\xFE\xFF"):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	case has("\xFF\xFE"):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case has("\x00<\x00"):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 0
	case has("<\x00") && len(b) > 3 && b[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 0
	case has("\x4C\x6F\xA7\x94"): // "<?xm" in EBCDIC
		return charmap.CodePage037, 0
	}
	return nil, 0
}

// headerLabel is the charset of a Content-Type.
func headerLabel(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		_, after, _ := strings.Cut(strings.ToLower(contentType), "charset=")
		return strings.Trim(after, "\"' ;")
	}
	return strings.Trim(params["charset"], "\"' ")
}

// declaredLabel is the encoding of the XML declaration.
func declaredLabel(b []byte) string {
	head := b[:min(len(b), 1024)]
	i := bytes.Index(head, []byte("<?xml"))
	if i < 0 {
		return ""
	}
	head = head[i:]
	if end := bytes.IndexByte(head, '>'); end >= 0 {
		head = head[:end]
	}
	_, after, ok := bytes.Cut(head, []byte("encoding"))
	if !ok {
		return ""
	}
	after = bytes.TrimLeft(after, " \t\r\n=")
	if len(after) < 2 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	end := bytes.IndexByte(after[1:], after[0])
	if end < 0 {
		return ""
	}
	return string(after[1 : 1+end])
}

// byLabel finds an encoding by the names that the web gives it.
func byLabel(label string) encoding.Encoding {
	label = strings.ToLower(strings.TrimSpace(label))
	if label == "" {
		return nil
	}
	switch label {
	case "cp037", "ebcdic-cp-us", "ibm037":
		return charmap.CodePage037
	case "utf-16", "utf16", "u16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be":
		return nil // the bytes would have shown it
	}
	enc, _ := charset.Lookup(label)
	return enc
}

// escaping reports whether a label names an encoding that hides other
// characters in ASCII bytes.
func escaping(labels []string) bool {
	for _, l := range labels {
		switch strings.ToLower(l) {
		case "iso-2022-jp", "iso-2022-kr", "hz-gb-2312":
			return true
		}
	}
	return false
}

func transcode(b []byte, enc encoding.Encoding) string {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil && len(out) == 0 {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	}
	return strings.TrimPrefix(string(out), "\uFEFF")
}

// nextWide is the offset of the first byte from i on that is not ASCII; len(b) when
// there is none.
func nextWide(b []byte, i int) int {
	for i+8 <= len(b) && binary.LittleEndian.Uint64(b[i:])&0x8080808080808080 == 0 {
		i += 8
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// detect guesses an encoding by the frequency of letters; Windows-1252 when
// nothing fits well.
func detect(b []byte) (encoding.Encoding, string) {
	// only what is not plain tells encodings apart, and some of it is enough
	var sample []byte
	for i := 0; i < len(b) && len(sample) < 16<<10; i++ {
		if b[i] >= 0x80 || i > 0 && b[i-1] >= 0x80 || b[i] == ' ' && len(sample) > 0 && sample[len(sample)-1] != ' ' {
			sample = append(sample, b[i])
		}
	}
	if r, ok := likeliest(sample); ok && r.Confidence >= 30 && !strings.HasPrefix(r.Charset, "UTF") && r.Charset != "ISO-8859-1" {
		if enc := byLabel(r.Charset); enc != nil {
			if s := transcode(b, enc); strings.Count(s, "\uFFFD") <= len(s)/200 {
				return enc, r.Charset
			}
		}
	}
	return charmap.Windows1252, "Windows-1252"
}

// likeliest is chardet's DetectBest, which takes that one of those equally likely that
// its goroutines find first; this one takes Windows-1252, or the first by name.
func likeliest(sample []byte) (best chardet.Result, ok bool) {
	all, err := chardet.NewTextDetector().DetectAll(sample)
	if err != nil {
		return best, false
	}
	for _, r := range all {
		if r.Confidence > best.Confidence || r.Confidence == best.Confidence && best.Charset != "windows-1252" && (r.Charset == "windows-1252" || r.Charset < best.Charset) {
			best = r
		}
	}
	return best, true
}

// repairUTF8 reads bytes that are no UTF-8 and have no label that fits: as
// UTF-8 with single bytes of Windows-1252 in between when most of it is UTF-8,
// as Windows-1252 otherwise.
func repairUTF8(b []byte) (string, string) {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	if good < bad {
		enc, name := detect(b)
		return transcode(b, enc), "the text is in no encoding that it names; it was read as " + name
	}
	out := make([]byte, 0, len(b)+bad*2)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(b[i])
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return string(out), "some bytes are not UTF-8; they were read as Windows-1252"
}
