package stories

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLogarithmByTable(t *testing.T) {
	for e := range 32 {
		for at := range uint32(256) { // where one eighth bit ends, and where the next begins
			from := (1<<31 | at<<23) >> e
			for _, n := range []uint32{from - 1, from, from + 1} {
				if n > 0 && log2(n) != slowLog2(n) {
					t.Fatalf("log2(%d) = %d, want %d", n, log2(n), slowLog2(n))
				}
			}
		}
	}
	for _, next := range nextSixteenth {
		for _, n := range []uint64{next - 1, next} {
			if n < 1<<32 && log2(uint32(n)) != slowLog2(uint32(n)) {
				t.Fatalf("log2(%d) = %d, want %d", n, log2(uint32(n)), slowLog2(uint32(n)))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if n := rapid.Uint32Min(1).Draw(t, "n"); log2(n) != slowLog2(n) {
			t.Fatalf("log2(%d) = %d, want %d", n, log2(n), slowLog2(n))
		}
	})
}
