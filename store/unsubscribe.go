package store

import (
	"context"
	"fmt"
)

// Unsubscribed forgets a feed's subscription at its hub. It is for feeds that nobody
// polls any more: whoever polls one owns its state.
func (s *Store) Unsubscribed(ctx context.Context, url string) error {
	return s.do(ctx, func(b *batch) error {
		f, ok := b.s.registry.feeds[url]
		if !ok {
			return nil
		}
		k, shelf := key32(f.number), b.tx.Bucket(bucketFeeds)
		var row feedRow
		if err := decode(shelf.Get(k), &row); err != nil {
			return fmt.Errorf("feed %s: %w", url, err)
		}
		row.WebSub = nil
		return shelf.Put(k, encode(&row))
	})
}
