package reader

import (
	"fmt"
	"strconv"
	"strings"
)

const longID = "tag:google.com,2005:reader/item/"

// itemID is the long form of a story's item id.
func itemID(story uint64) string { return fmt.Sprintf("%s%016x", longID, story) }

// parseItemID reads an item id in each form that readers send: the long one, in
// hexadecimal; the short one, a decimal number, negative for the upper half;
// and the long one's sixteen digits alone.
func parseItemID(text string) (story uint64, err error) {
	id := strings.TrimSpace(text)
	hex, long := strings.CutPrefix(id, longID)
	switch {
	case long || len(id) == 16 && id[0] == '0':
		story, err = strconv.ParseUint(hex, 16, 64)
	case strings.HasPrefix(id, "-"):
		var n int64
		n, err = strconv.ParseInt(id, 10, 64)
		story = uint64(n)
	default:
		story, err = strconv.ParseUint(id, 10, 64)
	}
	if err != nil || len(hex) > 20 {
		return 0, badRequest("%.60q is no item id", text)
	}
	return story, nil
}

func parseItemIDs(texts []string) ([]uint64, error) {
	if len(texts) == 0 || len(texts) > maxIDs {
		return nil, badRequest("give 1 to %d item ids (i=...)", maxIDs)
	}
	ids := make([]uint64, 0, len(texts))
	for _, text := range texts {
		id, err := parseItemID(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
