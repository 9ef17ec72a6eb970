package store

// Identities counts the entries that stand in a feed, and those of them that have
// borne another guid or another address before, which is what shows that a feed's
// guids change. Pruned entries are left out; a feed that was never polled has none.
func (s *Store) Identities(url string) (present, renamed int, err error) {
	s.mu.RLock()
	f, ok := s.registry.feeds[url]
	s.mu.RUnlock()
	if !ok {
		return 0, 0, nil
	}
	err = s.view(func(r *reader) error {
		rows, err := unpackPresent(r.tx.Bucket(bucketPresent).Get(key32(f.number)))
		if err != nil {
			return err
		}
		heads := r.tx.Bucket(bucketHeads)
		seen := make(map[uint64]bool, len(rows))
		for _, row := range rows {
			if seen[row.entry] {
				continue
			}
			seen[row.entry] = true
			h, err := r.s.readHead(heads, row.entry)
			if err != nil {
				return err
			}
			if h == nil {
				continue
			}
			if present++; h.Aliases > 0 {
				renamed++
			}
		}
		return nil
	})
	return present, renamed, err
}
