package store

import (
	"fmt"
	"io"
)

// Backup writes a copy of the file, as it is at this moment, while polls go on.
// The copy is a store that Open reads.
func (s *Store) Backup(w io.Writer) error {
	return s.view(func(r *reader) error {
		if _, err := r.tx.WriteTo(w); err != nil {
			return fmt.Errorf("writing a backup of %s: %w", s.path, err)
		}
		return nil
	})
}
