package store

import (
	"testing"
	"time"
)

func TestReasonsComeBack(t *testing.T) {
	for reason, size := range map[string]int{
		"nothing in the window resembles it":                                                                               1,
		"began a story of its own: nearest was entry 4711, 12.05 points short":                                             5,
		"began a story of its own: nearest was entry 10; telling words in common: 0, too few":                              3,
		"began a story of its own: nearest was entry 1; no name or number in common tells of one event":                    2,
		"began a story of its own: nearest was entry 18446744073709551615, 0.10 points short":                              0,
		"began a story of its own: nearest was entry #, 0.10 points short":                                                 0,
		"its headline is that of entry 7: 85.0 % alike, 85.0 % are needed; 0.0 % of the text's word runs stand there, too": 0,
		"": 0,
	} {
		b := packReason(reason)
		if len(b) != size {
			t.Errorf("%q is packed to %d bytes, want %d", reason, len(b), size)
		}
		if size == 0 {
			continue
		}
		if got, err := unpackReason(b); err != nil || got != reason {
			t.Errorf("%q came back as %q, %v", reason, got, err)
		}
		if _, err := unpackReason(b[:len(b)-1]); err == nil {
			t.Errorf("%q, cut short, is read", reason)
		}
	}
}

// What the index says of entries that begin a story is in sayings: said otherwise, it
// would take a sentence for each.
func TestSayingsAreWhatTheIndexSays(t *testing.T) {
	s, _ := openTemp(t)
	for n := range 30 {
		// Half of them have words in common with the one before, and too few to be one story.
		e := article("herald", n)
		e.Text = prose(uint64(n), 40) + " " + prose(uint64(n/2)+100, 1+n%16)
		e.Summary = e.Text
		add(t, s, poll("https://herald.example/feed", "herald", noon.Add(time.Duration(n)*time.Minute), e))
	}
	said := map[byte]int{}
	err := s.view(func(r *reader) error {
		return r.places.ForEach(func(k, v []byte) error {
			var p placeRow
			if err := decodeWords(v, &p); err != nil {
				return err
			}
			if len(p.Reasons) > 1 {
				return nil // it joined another's
			}
			if len(p.Said) == 0 {
				t.Errorf("entry %d: %q", number(k), p.Reasons)
				return nil
			}
			said[p.Said[0]]++
			return nil
		})
	})
	if err != nil || len(said) < 2 {
		t.Errorf("%v: the sayings %v", err, said)
	}
}
