package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"go.etcd.io/bbolt"
)

// maxMapped is by how much the mapped pages of files may grow in this process
// before the store's are let go. A page that is read again is found in the page
// cache, which the kernel keeps as long as nobody needs the room.
const maxMapped = 4 << 20

// mappable is maxMapped, and of a large file a 64th: what is read of it lies further
// apart, and each page that is read again costs as much as reading three rows.
func mappable(file int64) int64 { return max(maxMapped, file/64) }

// letGo takes the file's pages out of this process, once many were read: the
// kernel maps sixteen for each one that is touched, so that after a while the whole
// file would count as this process's memory. So it does with the program, of which
// much only runs once, at the start: the first time its pages go, too. Only the
// goroutine that writes may call it, with its transaction or one that it has just
// begun: no other one moves the mapping. Who reads meanwhile finds the pages again.
// Where there is no proc(5) nothing is let go.
func (s *Store) letGo(tx *bbolt.Tx) {
	switch {
	case s.mapped == 0: // after a crash the whole file was read when it was opened
		for _, part := range program() {
			drop(part)
		}
	case mappedPages() < s.mapped+mappable(tx.Size())/int64(os.Getpagesize()):
		return
	}
	// What the transaction found when it began is mapped, all of it; the file may be longer.
	drop(stretch{tx.DB().Info().Data, uintptr(tx.Size())})
	s.mapped = mappedPages()
}

// stretch is part of this process's memory.
type stretch struct{ start, length uintptr }

// drop unmaps pages that hold what a file holds, where they are read again.
func drop(s stretch) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, s.start, s.length, syscall.MADV_DONTNEED)
}

// program lists the code and constants of this program that memory holds as its
// file does: not what the loader wrote into, as into a program that may be loaded
// anywhere (proc(5), smaps).
func program() (parts []stretch) {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer f.Close()
	var part stretch // none unless it is the program's and nobody may write into it
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var start, end uintptr
		var mode string
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &start, &end, &mode); n == 3 {
			part = stretch{}
			if mode[1] == '-' && strings.HasSuffix(lines.Text(), " "+self) {
				part = stretch{start, end - start}
			}
		}
		if written, is := strings.CutPrefix(lines.Text(), "Anonymous:"); is && part.length > 0 && strings.TrimSpace(written) == "0 kB" {
			parts = append(parts, part)
		}
	}
	return parts
}

// mappedPages counts the pages of files in this process's memory (proc(5), statm).
func mappedPages() (n int64) {
	f := statm()
	if f == nil {
		return 0
	}
	var b [80]byte
	read, _ := f.ReadAt(b[:], 0)
	if fields := bytes.Fields(b[:read]); len(fields) > 2 {
		n, _ = strconv.ParseInt(string(fields[2]), 10, 64)
	}
	return n
}

// statm is asked so often that it stays open; nil where there is none.
var statm = sync.OnceValue(func() *os.File {
	f, _ := os.Open("/proc/self/statm")
	return f
})
