package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt reads the pages of a file when it opens it, and a page that is not what
// its place says is a panic in a goroutine of its own, which nobody can catch:
// a backup that was cut short would end the program. So a file that comes from
// elsewhere is looked through first. The layout is that of bbolt's
// internal/common (page.go, meta.go), in the byte order of the machine.
const (
	pageBranch = 1 << 0
	pageLeaf   = 1 << 1
	pageFree   = 1 << 4
	noFreeList = ^uint64(0) // the pages that are free are not written down
	boltMagic  = 0xED0CDAED

	pageHead    = 16 // id u64, flags u16, count u16, overflow u32
	elementSize = 16
	bucketHead  = 16 // root u64, sequence u64
	rowOfBucket = 1
	maxDepth    = 64
)

var order = binary.NativeEndian

// pageReader walks the tree of a file's pages.
type pageReader struct {
	file io.ReaderAt
	size int64 // of a page
	top  uint64
	free uint64 // the page that lists the free ones, or noFreeList
	// taken has a bit for each page that is listed as free, or stands in the tree.
	taken []uint64
}

// CheckFile reports what is wrong with the pages of a store that nobody writes to,
// reading all of them; nil for a file that can be opened.
func CheckFile(path string) error { return checkFile(path, checkPagesOf) }

// checkLength reports whether a file is cut short, from its first pages alone. A
// file that has nothing yet, or is no store, is for bbolt to judge.
func checkLength(path string) error {
	return checkFile(path, func(f io.ReaderAt, length int64) error {
		if _, p, err := newestMeta(f, length); err == nil {
			return p.fits(length)
		}
		return nil
	})
}

func checkFile(path string, check func(f io.ReaderAt, length int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return check(f, info.Size())
}

func checkPagesOf(f io.ReaderAt, length int64) error {
	root, p, err := newestMeta(f, length)
	if err == nil {
		err = p.fits(length)
	}
	if err != nil {
		return err
	}
	return p.walk(root, 0)
}

func (p *pageReader) fits(length int64) error {
	if need := int64(p.top) * p.size; p.top > 1<<40 || need > length {
		return fmt.Errorf("it is cut short: %d bytes of %d", length, need)
	}
	p.taken = make([]uint64, p.top/64+1)
	return p.freePages()
}

// take notes that a page and those that follow it are in use; false when one was.
func (p *pageReader) take(id, more uint64) bool {
	for end := id + more; id <= end; id++ {
		if p.taken[id/64]&(1<<(id%64)) != 0 {
			return false
		}
		p.taken[id/64] |= 1 << (id % 64)
	}
	return true
}

// freePages checks the list of free pages, which Close writes down.
func (p *pageReader) freePages() error {
	if p.free == noFreeList {
		return nil
	}
	bad := fmt.Errorf("page %d: it is no list of free pages", p.free)
	head := make([]byte, pageHead)
	if p.free < 2 || p.free >= p.top {
		return bad
	}
	if _, err := p.file.ReadAt(head, int64(p.free)*p.size); err != nil {
		return fmt.Errorf("page %d: %w", p.free, err)
	}
	count, overflow := int64(order.Uint16(head[10:])), uint64(order.Uint32(head[12:]))
	if order.Uint64(head) != p.free || order.Uint16(head[8:]) != pageFree || p.free+overflow >= p.top || !p.take(p.free, overflow) {
		return bad
	}
	list := make([]byte, int64(overflow+1)*p.size-pageHead)
	if _, err := p.file.ReadAt(list, int64(p.free)*p.size+pageHead); err != nil {
		return fmt.Errorf("page %d: %w", p.free, err)
	}
	if count == 0xFFFF { // more than that: the number comes first
		count, list = int64(order.Uint64(list)), list[8:]
	}
	if count < 0 || count > int64(len(list)/8) {
		return bad
	}
	for last := uint64(1); count > 0; count, list = count-1, list[8:] {
		id := order.Uint64(list)
		if id <= last || id >= p.top || !p.take(id, 0) {
			return bad
		}
		last = id
	}
	return nil
}

// newestMeta finds the newer of the two meta pages that is whole, and with it the
// root of the tree.
func newestMeta(f io.ReaderAt, length int64) (root uint64, p pageReader, err error) {
	found, newest := false, uint64(0)
	for size := int64(1024); size <= 64<<10; size *= 2 {
		for _, at := range []int64{0, size} {
			var m [pageHead + 64]byte
			if at+int64(len(m)) > length {
				continue
			}
			if _, err := f.ReadAt(m[:], at); err != nil {
				return 0, p, err
			}
			meta := m[pageHead:]
			sum := fnv.New64a()
			sum.Write(meta[:56])
			if order.Uint32(meta) != boltMagic || int64(order.Uint32(meta[8:])) != size || order.Uint64(meta[56:]) != sum.Sum64() {
				continue
			}
			if tx := order.Uint64(meta[48:]); !found || tx > newest {
				found, newest = true, tx
				root = order.Uint64(meta[16:])
				p = pageReader{f, size, order.Uint64(meta[40:]), order.Uint64(meta[32:]), nil}
			}
		}
	}
	if !found {
		return 0, p, errors.New("its first pages are not those of a store; see first that [store] path names the right file")
	}
	return root, p, nil
}

// walk checks a page and all below it, each once.
func (p *pageReader) walk(id uint64, depth int) error {
	bad := func(format string, a ...any) error {
		return damage{fmt.Errorf("page %d: %w", id, fmt.Errorf(format, a...))}
	}
	if id < 2 || id >= p.top || depth > maxDepth {
		return bad("it lies outside of the tree")
	}
	page := make([]byte, p.size)
	if _, err := p.file.ReadAt(page, int64(id)*p.size); err != nil {
		return bad("%v", err)
	}
	flags, count, overflow := order.Uint16(page[8:]), int(order.Uint16(page[10:])), uint64(order.Uint32(page[12:]))
	if order.Uint64(page) != id || flags != pageBranch && flags != pageLeaf || id+overflow >= p.top {
		return bad("it is not what its place says")
	}
	if !p.take(id, overflow) {
		return bad("it stands in the tree twice, or is listed as free")
	}
	if overflow > 0 {
		page = make([]byte, (int64(overflow)+1)*p.size)
		if _, err := p.file.ReadAt(page, int64(id)*p.size); err != nil {
			return bad("%v", err)
		}
	}
	if count == 0 && flags == pageBranch {
		return bad("it has no rows")
	}
	if err := p.rows(page, flags, count, depth); err != nil {
		var below damage
		if errors.As(err, &below) {
			return err
		}
		return bad("%w", err)
	}
	return nil
}

// damage is an error that names its page.
type damage struct{ error }

// rows checks the rows of a page, or of the page of a small bucket, which stands in
// a row itself, and the pages that they lead to.
func (p *pageReader) rows(page []byte, flags uint16, count, depth int) error {
	if pageHead+count*elementSize > len(page) {
		return fmt.Errorf("%d rows do not fit", count)
	}
	var last []byte
	for i := range count {
		at := pageHead + i*elementSize
		e := page[at:]
		kind, start, keySize, valueSize := uint32(0), int64(order.Uint32(e)), int64(order.Uint32(e[4:])), int64(0)
		if flags == pageLeaf {
			kind, start, keySize, valueSize = order.Uint32(e), int64(order.Uint32(e[4:])), int64(order.Uint32(e[8:])), int64(order.Uint32(e[12:]))
		}
		value := int64(at) + start + keySize
		if value+valueSize > int64(len(page)) {
			return fmt.Errorf("row %d lies outside", i)
		}
		key := page[value-keySize : value]
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return fmt.Errorf("row %d is not in order", i)
		}
		last = key
		var err error
		switch {
		case flags == pageBranch:
			err = p.walk(order.Uint64(e[8:]), depth+1)
		case kind == rowOfBucket:
			err = p.bucket(page[value:value+valueSize], depth)
		case kind != 0 || keySize == 0:
			err = fmt.Errorf("row %d is none", i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket checks what a row says of a bucket: where its root is, or, when it is
// small, its only page.
func (p *pageReader) bucket(value []byte, depth int) error {
	if len(value) < bucketHead {
		return errors.New("a bucket is cut short")
	}
	if root := order.Uint64(value); root != 0 {
		return p.walk(root, depth+1)
	}
	page := value[bucketHead:]
	if len(page) < pageHead || order.Uint16(page[8:]) != pageLeaf || depth > maxDepth {
		return errors.New("a small bucket has no page")
	}
	return p.rows(page, pageLeaf, int(order.Uint16(page[10:])), depth+1)
}
