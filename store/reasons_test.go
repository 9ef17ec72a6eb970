package store

import "testing"

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
