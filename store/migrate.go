package store

import (
	"bytes"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// schema is the version of the file's layout. A file with a greater one was
// written by a newer program and is refused; a smaller one is brought here by
// the migrations.
const schema = 5

// migrations lead from each earlier layout to the next one: migrations[n] makes
// layout n+1 out of n, in one transaction with the number, so that a crash leaves
// the one or the other. testdata/layouts has a file of each earlier layout, made
// by the program of its time, and TestEveryEarlierLayoutOpens wants one.
var migrations = map[uint64]func(*bbolt.Tx) error{
	1: func(tx *bbolt.Tx) error { // editors' corrections; news, and who has read them; users, their tokens and what they read
		for _, name := range []string{"corrections", "news", "marks", "users", "tokens", "reading"} {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	},
	2: func(tx *bbolt.Tx) error { // dictionaries
		_, err := tx.CreateBucketIfNotExists([]byte("dictionaries"))
		return err
	},
	3: func(tx *bbolt.Tx) error { // sketches of many entries in one row; shorter texts and places, beside which the old ones are read
		first, _ := tx.Bucket([]byte("sketches")).Cursor().First()
		first = bytes.Clone(first)
		err := tx.DeleteBucket([]byte("sketches"))
		if err != nil {
			return err
		}
		b, err := tx.CreateBucket([]byte("sketches"))
		if err != nil || first == nil {
			return err
		}
		// Sketches follow from the texts. One of rules that never were has all be placed anew.
		return b.Put(first, []byte{0, 0, 0, 0, 0, 1, 0, 1, 0})
	},
	4: func(*bbolt.Tx) error { return nil }, // heads and records with sentences packed by S2, beside which the old ones are read
}

// migrate brings the file from a layout to the present one, step by step.
func (s *Store) migrate(from uint64) error {
	if s.options.ReadOnly {
		return fmt.Errorf("it has layout %d of an earlier version, and this one (layout %d) may only read it: start the daemon once", from, schema)
	}
	for v := from; v < schema; v++ {
		step, known := migrations[v]
		if !known {
			return fmt.Errorf("it has layout %d, which this version cannot read", v)
		}
		err := s.db.Update(func(tx *bbolt.Tx) error {
			return errors.Join(step(tx), putMetaNumber(tx, metaSchema, v+1), s.at("migrated"))
		})
		if err != nil {
			return fmt.Errorf("bringing it from layout %d to %d: %w", v, v+1, explainWrite(err))
		}
	}
	return nil
}
