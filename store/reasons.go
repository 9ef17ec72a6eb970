package store

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// sayings are the reasons of most entries, which begin stories of their own, cut where
// each number stands. They are part of the layout: new ones may be added at the end.
var sayings = [][]string{
	{"nothing in the window resembles it"},
	{"began a story of its own: nearest was entry ", ", ", ".", " points short"},
	{"began a story of its own: nearest was entry ", "; telling words in common: ", ", too few"},
	{"began a story of its own: nearest was entry ", "; no name or number in common tells of one event"},
}

// packReason gives the place of a reason in sayings, a byte, and its numbers, each a
// uvarint with a 1 before its first digit so that no zero is lost; nil for other reasons.
func packReason(reason string) []byte {
	for at, parts := range sayings {
		if b := packNumbers([]byte{byte(at)}, reason, parts); b != nil {
			return b
		}
	}
	return nil
}

// packNumbers appends the numbers of a reason that has these parts; else it is nil.
func packNumbers(b []byte, reason string, parts []string) []byte {
	rest, is := strings.CutPrefix(reason, parts[0])
	for _, part := range parts[1:] {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseUint("1"+rest[:digits], 10, 64)
		if err != nil || digits == 0 || !is {
			return nil
		}
		b = binary.AppendUvarint(b, n)
		rest, is = strings.CutPrefix(rest[digits:], part)
	}
	if !is || rest != "" {
		return nil
	}
	return b
}

// unpackReason gives the reason again.
func unpackReason(b []byte) (string, error) {
	if len(b) == 0 || int(b[0]) >= len(sayings) {
		return "", errReason
	}
	parts := sayings[b[0]]
	b = b[1:]
	reason := parts[0]
	for _, part := range parts[1:] {
		n, size := binary.Uvarint(b)
		d := strconv.FormatUint(n, 10)
		if size <= 0 || d[0] != '1' {
			return "", errReason
		}
		reason, b = reason+d[1:]+part, b[size:]
	}
	if len(b) > 0 {
		return "", errReason
	}
	return reason, nil
}

var errReason = errors.New("damaged reason")
