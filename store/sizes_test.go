package store

import (
	"os"
	"testing"

	"go.etcd.io/bbolt"
)

// TestSizes prints what takes the room in a store's file, which nobody writes to:
// AGGREGATOR_FILE is its path.
func TestSizes(t *testing.T) {
	path := os.Getenv("AGGREGATOR_FILE")
	if path == "" {
		t.Skip("set AGGREGATOR_FILE to a store's path to see what takes the room in it")
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_ = db.View(func(tx *bbolt.Tx) error {
		logSizes(t, tx)
		return nil
	})
}

// logSizes prints a line for each bucket.
func logSizes(t *testing.T, tx *bbolt.Tx) {
	t.Helper()
	pages := 0
	for _, name := range buckets {
		b := tx.Bucket(name)
		if b == nil {
			continue
		}
		st := b.Stats()
		keys, values := 0, 0
		_ = b.ForEach(func(k, v []byte) error {
			keys += len(k)
			values += len(v)
			return nil
		})
		held := st.LeafAlloc + st.BranchAlloc
		pages += held
		t.Logf("%-11s %8d rows %8.2f MB keys %8.2f MB values %8.2f MB in pages, %3d %% used, %6d leaves, %6d overflow, depth %d", name, st.KeyN, float64(keys)/1e6,
			float64(values)/1e6, float64(held)/1e6, (st.LeafInuse+st.BranchInuse)*100/max(held, 1), st.LeafPageN, st.LeafOverflowN, st.Depth)
	}
	t.Logf("%-11s %8.2f MB, %.2f MB of it in buckets", "file", float64(tx.Size())/1e6, float64(pages)/1e6)
}
