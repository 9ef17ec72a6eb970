package store

import (
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sayings are the reasons of most entries, which begin stories of their own, with # for
// each number. They are part of the layout: new ones may be added at the end.
var sayings = []string{
	"nothing in the window resembles it",
	"began a story of its own: nearest was entry #, #.# points short",
	"began a story of its own: nearest was entry #; telling words in common: #, too few",
	"began a story of its own: nearest was entry #; no name or number in common tells of one event",
}

var digits = regexp.MustCompile(`[0-9]+`)

// packReason gives the place of a reason in sayings, a byte, and its numbers, each a
// uvarint with a 1 before its first digit so that no zero is lost; nil for other reasons.
func packReason(reason string) []byte {
	at := slices.Index(sayings, digits.ReplaceAllLiteralString(reason, "#"))
	if at < 0 || strings.Contains(reason, "#") {
		return nil
	}
	b := []byte{byte(at)}
	for _, d := range digits.FindAllString(reason, -1) {
		n, err := strconv.ParseUint("1"+d, 10, 64)
		if err != nil {
			return nil
		}
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// unpackReason gives the reason again.
func unpackReason(b []byte) (string, error) {
	if len(b) == 0 || int(b[0]) >= len(sayings) {
		return "", errReason
	}
	parts := strings.Split(sayings[b[0]], "#")
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
