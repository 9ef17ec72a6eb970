package store

import (
	"fmt"
	"os"
	"syscall"

	"go.etcd.io/bbolt"
)

// maxMapped is by how much the mapped pages of files may grow in this process
// before the store's are let go. A page that is read again is found in the page
// cache, which the kernel keeps as long as nobody needs the room.
const maxMapped = 16 << 20

// letGo takes the file's pages out of this process, once many were read: the
// kernel maps sixteen for each one that is touched, so that after a while the whole
// file would count as this process's memory. Only the goroutine that writes may
// call it, with its transaction or one that it has just begun: no other one moves
// the mapping. Who reads meanwhile finds the pages again. Where there is no proc(5)
// nothing is let go.
func (s *Store) letGo(tx *bbolt.Tx) {
	if s.mapped == 0 {
		s.mapped = mappedPages() // the program's own
	}
	if mappedPages() < s.mapped+maxMapped/int64(os.Getpagesize()) {
		return
	}
	// What the transaction found when it began is mapped, all of it; the file may be longer.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, tx.DB().Info().Data, uintptr(tx.Size()), syscall.MADV_DONTNEED)
	s.mapped = mappedPages()
}

// mappedPages counts the pages of files in this process's memory (proc(5), statm).
func mappedPages() (n int64) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	_, _ = fmt.Sscan(string(b), &size, &resident, &n)
	return n
}
