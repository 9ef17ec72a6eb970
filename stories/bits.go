package stories

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// bitWriter appends bits, the lowest first.
type bitWriter struct {
	b   []byte
	acc uint64
	n   uint // bits in acc, fewer than 8 between calls
}

// put appends the n low bits of v, at most 32.
func (w *bitWriter) put(v uint64, n uint) {
	w.acc |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.b = append(w.b, byte(w.acc))
		w.acc >>= 8
	}
}

// start chooses how many low bits of the differences of n sorted values up to
// last are written as they are, so that few are left to count, and writes it down.
func (w *bitWriter) start(last uint32, n int) uint {
	k := uint(0)
	if n > 0 {
		k = uint(max(bits.Len32(last/uint32(n))-1, 0))
	}
	w.put(uint64(k), 5)
	return k
}

// rice appends a number: v>>k as ones and a zero, then its k low bits.
func (w *bitWriter) rice(v uint32, k uint) {
	for range v >> k {
		w.put(1, 1)
	}
	w.put(0, 1)
	w.put(uint64(v)&(1<<k-1), k)
}

// sorted appends the differences of sorted values.
func (w *bitWriter) sorted(list []uint32) {
	last := uint32(0)
	if n := len(list); n > 0 {
		last = list[n-1]
	}
	k := w.start(last, len(list))
	last = 0
	for _, v := range list {
		w.rice(v-last, k)
		last = v
	}
}

// end fills the last byte and gives all of them.
func (w *bitWriter) end() []byte {
	if w.n > 0 {
		w.put(0, 8-w.n)
	}
	return w.b
}

// bitReader reads what a bitWriter wrote.
type bitReader struct {
	b     []byte
	acc   uint64
	n     uint // bits in acc
	short bool // there were too few
}

// fill makes 56 bits ready, as long as there are so many.
func (r *bitReader) fill() {
	if len(r.b) >= 8 {
		r.acc |= binary.LittleEndian.Uint64(r.b) << r.n
		more := (63 - r.n) >> 3
		r.b = r.b[more:]
		r.n += more * 8
		r.acc &= 1<<r.n - 1
		return
	}
	for r.n <= 56 && len(r.b) > 0 {
		r.acc |= uint64(r.b[0]) << r.n
		r.b = r.b[1:]
		r.n += 8
	}
}

func (r *bitReader) start() uint {
	r.fill()
	k := uint(r.acc & 31)
	r.short = r.short || r.n < 5
	r.acc >>= 5
	r.n -= min(r.n, 5)
	return k
}

// both reads a number that rice wrote, and more bits behind it, at most 16.
func (r *bitReader) both(k, more uint) (v, next uint32) {
	if r.n < 56 {
		r.fill()
	}
	ones := uint(bits.TrailingZeros64(^r.acc))
	if need := ones + 1 + k + more; need <= r.n {
		rest := r.acc >> (ones + 1)
		r.acc >>= need
		r.n -= need
		return uint32(ones)<<k | uint32(rest&(1<<k-1)), uint32(rest >> k & (1<<more - 1))
	}
	return r.long(k, more)
}

// long is both for a number so large that it is not at hand at once.
func (r *bitReader) long(k, more uint) (v, next uint32) {
	take := func(n uint) uint32 {
		if r.fill(); r.n < n {
			r.short = true
			return 0
		}
		v := uint32(r.acc & (1<<n - 1))
		r.acc >>= n
		r.n -= n
		return v
	}
	for take(1) == 1 {
		v += 1 << k
	}
	return v | take(k), take(more)
}

// sorted reads n sorted values into dst.
func (r *bitReader) sorted(dst []uint32, n int) []uint32 {
	dst = slices.Grow(dst[:0], n)[:n]
	r.run(dst, nil)
	return dst
}

// run reads the differences of sorted values, into list the values and into also,
// unless it is nil, the 16 bits behind each. Most of the work on a sketch is done
// here: the loop keeps at least 56 bits at hand, without a branch.
func (r *bitReader) run(list []uint32, also []uint16) {
	k, more, last := r.start(), uint(0), uint32(0)
	if also != nil {
		more = 16
	}
	b, acc, n, i := r.b, r.acc, r.n, 0
	for ; i < len(list) && len(b) >= 8; i++ {
		acc |= binary.LittleEndian.Uint64(b) << n
		b = b[(63-n)>>3:]
		n |= 56
		ones := uint(bits.TrailingZeros64(^acc))
		need := ones + 1 + k + more
		if need > n {
			break
		}
		rest := acc >> ((ones + 1) & 63)
		last += uint32(ones)<<(k&31) + uint32(rest&(1<<(k&31)-1))
		list[i] = last
		if more > 0 {
			also[i] = uint16(rest >> (k & 31))
		}
		acc >>= need & 63
		n -= need
	}
	r.b, r.acc, r.n = b, acc&(1<<n-1), n
	for ; i < len(list); i++ {
		d, v := r.both(k, more)
		last += d
		list[i] = last
		if more > 0 {
			also[i] = uint16(v)
		}
	}
}
