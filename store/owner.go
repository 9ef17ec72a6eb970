package store

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// giveToOwner gives a file that root made to whom its directory belongs: what an
// operator's command makes beside a stopped service is the service's to open.
// Whoever is not root has nothing to give.
func giveToOwner(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	of, ok := dir.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	// Not through a link, which the owner of the directory could lay elsewhere.
	if err := os.Lchown(path, int(of.Uid), int(of.Gid)); err != nil {
		return fmt.Errorf("giving %s to the owner of its directory: %w", path, err)
	}
	return nil
}
