package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// inUse is the error for a store that another process has open.
type inUse struct{ path, by string }

func (e *inUse) Error() string {
	return fmt.Sprintf("the store %s is in use by %s: stop that first. Commands ask a daemon that runs, over the socket beside its store, as long as that is there", e.path, e.by)
}

func (e *inUse) Unwrap() error { return errInUse }

// holder says which process has locked a file (proc(5), locks).
func holder(path string) string {
	const unknown = "another process"
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		return unknown
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return unknown
	}
	file := fmt.Sprintf("%02x:%02x:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev)), st.Ino)
	for line := range strings.Lines(string(locks)) {
		f := strings.Fields(line) // 4: FLOCK ADVISORY WRITE 812 08:01:5243 0 EOF
		if len(f) < 6 || f[1] != "FLOCK" || f[5] != file {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", f[4], "comm"))
		if err != nil { // of another container
			return unknown
		}
		return fmt.Sprintf("process %s (%s)", f[4], strings.TrimSpace(string(name)))
	}
	return unknown
}
