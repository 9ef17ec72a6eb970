package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sort"
)

// rowReader finds rows as the last commit left them by reading the file instead of its
// mapping. What is looked up of old entries lies anywhere in the file: the kernel maps
// sixteen pages for each one that is touched, all of which have to be let go again, and
// takes twice as long for that as for copying one or three. Only the writing goroutine
// has one, for a transaction: nothing that was committed before is overwritten meanwhile.
type rowReader struct {
	file     io.ReaderAt
	size     int               // of a page
	branches map[uint64][]byte // pages that lead to others
	page     []byte            // the one read last
	id       uint64            // of it
}

// twoRows is how much is read at once for a sketch: what two rows of them fill.
const twoRows = 12 << 10

var errTree = errors.New("a page is not what its place says")

// seek gives the first row from key on in the tree below root; no key when there is
// none. It reads so many bytes at once, a page at least. What it gives holds until the
// next call.
func (r *rowReader) seek(root uint64, key []byte, atOnce int) (k, v []byte, err error) {
	next := uint64(0) // where the row is when the page found has none from key on
	for range maxDepth {
		p, is := r.branches[root]
		if !is {
			if p, err = r.read(root, atOnce); err != nil {
				return nil, nil, err
			}
		}
		n, row := int(order.Uint16(p[10:])), func(i int) []byte { return p[pageHead+i*elementSize:] }
		if order.Uint16(p[8:]) == pageLeaf {
			name := func(i int) []byte { e := row(i); return e[order.Uint32(e[4:]):][:order.Uint32(e[8:])] }
			i := sort.Search(n, func(i int) bool { return bytes.Compare(name(i), key) >= 0 })
			if i < n {
				e := row(i)
				return name(i), e[order.Uint32(e[4:])+order.Uint32(e[8:]):][:order.Uint32(e[12:])], nil
			}
			if root, next = next, 0; root == 0 {
				return nil, nil, nil
			}
			continue
		}
		if !is {
			p = bytes.Clone(p)
			r.branches[root] = p
		}
		i := sort.Search(n, func(i int) bool {
			e := row(i)
			return bytes.Compare(e[order.Uint32(e):][:order.Uint32(e[4:])], key) > 0
		})
		if i < n {
			next = order.Uint64(row(i)[8:])
		}
		root = order.Uint64(row(max(i-1, 0))[8:])
	}
	return nil, nil, errTree
}

// get gives the row of a key; nil when there is none, or it cannot be read.
func (r *rowReader) get(root uint64, key []byte) []byte {
	k, v, err := r.seek(root, key, r.size)
	if err != nil || !bytes.Equal(k, key) {
		return nil
	}
	return v
}

// offset says where in the file a part of what seek gave stands.
func (r *rowReader) offset(part []byte) int64 {
	return int64(r.id)*int64(r.size) + int64(cap(r.page)-cap(part))
}

// read gives a page with those that belong to it.
func (r *rowReader) read(id uint64, atOnce int) ([]byte, error) {
	r.id = id
	for want := max(r.size, atOnce); ; {
		page := r.room(want)
		n, err := r.file.ReadAt(page, int64(id)*int64(r.size))
		if n < r.size {
			return nil, errors.Join(err, io.ErrUnexpectedEOF)
		}
		if order.Uint64(page) != id {
			return nil, errTree
		}
		if want = (int(order.Uint32(page[12:])) + 1) * r.size; n >= want {
			return page[:want], nil
		}
		if err != nil {
			return nil, errors.Join(err, io.ErrUnexpectedEOF)
		}
	}
}

// room gives so many bytes to read into.
func (r *rowReader) room(n int) []byte {
	if len(r.page) < n {
		r.page = make([]byte, n)
	}
	return r.page[:n]
}

// openKept opens the store's file, and keeps it for a rowReader.
func (s *Store) openKept(path string, flag int, mode os.FileMode) (f *os.File, err error) {
	f, err = os.OpenFile(path, flag, mode)
	s.file = f
	return f, err
}
