package reader

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestItemIDs(t *testing.T) {
	for text, want := range map[string]uint64{
		"12": 12, longID + "000000000000000c": 12, longID + "c": 12, "000000000000000c": 12, "0000000000000010": 16, " 7 ": 7,
		"-1": math.MaxUint64, "1234567890123456": 1234567890123456, itemID(math.MaxUint64): math.MaxUint64, "0": 0,
	} {
		if got, err := parseItemID(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1.5", "-", "tag:google.com,2005:reader/item/", longID + "g", longID + strings.Repeat("0", 30) + "1", "0x10", "18446744073709551616"} {
		if got, err := parseItemID(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestStamps(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"1772452800", "1772452800000", "1772452800000000", "1772452800000000000"} {
		if got, err := readStamp(text); err != nil || !got.Equal(at) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// FuzzRequests: what is read of a request is within its bounds, reads the same
// again, and never panics.
func FuzzRequests(f *testing.F) {
	for _, query := range []string{
		"s=user/-/state/com.google/reading-list&xt=user/-/state/com.google/read&n=1000&ot=1772452800&output=json",
		"s=feed/harbour&c=abc.1&r=o&nt=1772452800000000", "i=12&i=tag:google.com,2005:reader/item/000000000000000c&i=-1",
		"s=user/1/label/a%2Fb&it=user/-/state/com.google/starred", "n=-5&c=.&s=%ff", "i=&s=&xt=", "i=0000000000000010;i=1",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, text := range v["i"] {
			if id, err := parseItemID(text); err == nil {
				if again, err := parseItemID(itemID(id)); err != nil || again != id {
					t.Errorf("%q is %d, whose long form is %d (%v)", text, id, again, err)
				}
			}
		}
		if list, err := parseItemIDs(v["i"]); err == nil && (len(list) == 0 || len(list) > maxIDs) {
			t.Errorf("%d ids", len(list))
		}
		q, err := readSelection(v, 20, maxItems)
		if err != nil {
			if _, ok := err.(refusal); !ok {
				t.Errorf("%v is not for the one who asks", err)
			}
			return
		}
		if q.n < 1 || q.n > maxItems || len(q.streams) > 20 || q.after.String() != v.Get("c") {
			t.Errorf("%+v", q)
		}
		if _, err := marks(v["s"]); err != nil && len(q.streams) == 0 {
			t.Error(err)
		}
	})
}
