package stories

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Sorted values are written in the way of Elias and Fano: a byte that says how many
// low bits of each stand by themselves, those low bits, and then a bit for each
// value as far along as its high bits and the values before it. That takes two bits
// more a value than the low ones, and is read without waiting for the value before.

// appendSorted appends sorted values.
func appendSorted(b []byte, list []uint32) []byte {
	n := len(list)
	if n == 0 {
		return b
	}
	last := list[n-1]
	k := max(bits.Len32(last/uint32(n))-1, 0)
	b = append(b, byte(k))
	low, high := len(b), len(b)+(n*k+7)/8
	b = append(b, make([]byte, high-low+(int(last>>k)+n-1)/8+1)...)
	for i, v := range list {
		at := int(v>>k) + i
		b[high+at/8] |= 1 << (at & 7)
		for bit, v := i*k, uint64(v&(1<<k-1))<<(i*k&7); v > 0; v >>= 8 {
			b[low+bit/8] |= byte(v)
			bit += 8
		}
	}
	return b
}

// unpacker reads what stands in a sketch, one thing after the other.
type unpacker struct {
	b     []byte // with room for eight more bytes, all zero
	at    int
	short bool // there was too little
}

// padding is what an unpacker must find behind what it reads.
const padding = 8

func (u *unpacker) left() int { return len(u.b) - padding - u.at }

// bytes gives the next n bytes; nil when there are fewer.
func (u *unpacker) bytes(n int) []byte {
	if u.short = u.short || u.left() < n; u.short {
		return nil
	}
	u.at += n
	return u.b[u.at-n : u.at]
}

// whole reads n values of 32 bits into dst.
func (u *unpacker) whole(dst []uint32, n int) []uint32 {
	dst = dst[:0]
	for b := u.bytes(4 * n); len(b) > 0; b = b[4:] {
		dst = append(dst, binary.LittleEndian.Uint32(b))
	}
	return dst
}

// skip passes over n values that appendSorted wrote.
func (u *unpacker) skip(n int) {
	if n == 0 {
		return
	}
	head := u.bytes(1)
	if u.short || head[0] > 31 {
		u.short = true
		return
	}
	u.bytes((n*int(head[0]) + 7) / 8)
	for n > 0 && !u.short { // there is a bit for each value
		if b := u.bytes(1); len(b) == 1 {
			n -= bits.OnesCount8(b[0])
		}
	}
	u.short = u.short || n < 0
}

// sorted reads n values that appendSorted wrote into dst.
func (u *unpacker) sorted(dst []uint32, n int) []uint32 {
	dst = slices.Grow(dst[:0], n)[:n]
	if n == 0 {
		return dst
	}
	head := u.bytes(1)
	if u.short || head[0] > 31 {
		u.short = true
		return dst[:0]
	}
	k := int(head[0])
	low := u.bytes((n*k + 7) / 8)
	if u.short {
		return dst[:0]
	}
	low = low[:len(low)+padding] // what is read beyond them is cut off
	mask, i, base := uint32(1)<<(k&31)-1, 0, 0
	for at, bit := u.at, 0; i < n; at, base = at+8, base+64 {
		if at+8 > len(u.b) {
			u.short = true
			return dst[:0]
		}
		for w := binary.LittleEndian.Uint64(u.b[at:]); w != 0 && i < n; w &= w - 1 {
			high := base + bits.TrailingZeros64(w)
			dst[i] = uint32(high-i)<<(k&31) | uint32(binary.LittleEndian.Uint64(low[bit>>3:])>>(bit&7))&mask
			bit += k
			if i++; i == n {
				u.bytes(high/8 + 1)
			}
		}
	}
	return dst
}
