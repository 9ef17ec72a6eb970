package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"aggregator/stories"
)

// bucketReading: the user's number and the story lead to one byte, a
// stories.ReadState. A story without a row is unread.
func readingKey(user uint32, story uint64) []byte {
	return binary.BigEndian.AppendUint64(key32(user), story)
}

// Reading lists what a user has done with stories, by the story's number.
func (s *Store) Reading(user string) (list []stories.ReadStory, err error) {
	err = s.view(func(r *reader) error {
		row, err := readUser(r.tx.Bucket(bucketUsers), user)
		if err != nil || row == nil {
			return err
		}
		prefix := key32(row.Number)
		c := r.tx.Bucket(bucketReading).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			list = append(list, stories.ReadStory{Story: number(k[min(4, len(k)):]), State: readState(v)})
		}
		return nil
	})
	return list, err
}

func readState(v []byte) stories.ReadState {
	if len(v) != 1 {
		return 0
	}
	return stories.ReadState(v[0])
}

// MarkRead adds to and takes from what a user has done with stories, all of them
// in one transaction. The number of a story that was merged into another one
// means that one; numbers of stories that are not kept (any more) are passed
// over. It fails with ErrNoUser.
func (s *Store) MarkRead(ctx context.Context, user string, ids []uint64, add, take stories.ReadState) error {
	return s.changeUser(ctx, user, func(b *batch, row *userRow) error {
		for _, id := range ids {
			id = follow(b.redirects, id)
			if b.stories.Get(key(id)) == nil {
				continue
			}
			k := readingKey(row.Number, id)
			before := readState(b.tx.Bucket(bucketReading).Get(k))
			if err := putReading(b.tx, k, before, before.Marked(add, take)); err != nil {
				return err
			}
		}
		return nil
	})
}

func putReading(tx *bbolt.Tx, k []byte, before, after stories.ReadState) error {
	reading := tx.Bucket(bucketReading)
	switch after {
	case before:
		return nil
	case 0:
		return reading.Delete(k)
	}
	return reading.Put(k, []byte{byte(after)})
}

// redirect makes the ID of a story lead to another one for ever, and what users
// did with it too.
func (b *batch) redirect(id, into uint64) error {
	err := b.eachUser(func(user uint32) error {
		reading := b.tx.Bucket(bucketReading)
		from, to := readingKey(user, id), readingKey(user, follow(b.redirects, into))
		had, has := readState(reading.Get(from)), readState(reading.Get(to))
		if had == 0 {
			return nil
		}
		if err := reading.Delete(from); err != nil {
			return err
		}
		return putReading(b.tx, to, has, has.Joined(had))
	})
	if err != nil {
		return err
	}
	return b.redirects.Put(key(id), key(into))
}

// forget removes what users did with a story.
func (b *batch) forget(story uint64) error {
	return b.eachUser(func(user uint32) error { return b.tx.Bucket(bucketReading).Delete(readingKey(user, story)) })
}

// forgetUser removes all that a user did.
func (b *batch) forgetUser(user uint32) error {
	prefix := key32(user)
	var old [][]byte
	c := b.tx.Bucket(bucketReading).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := b.tx.Bucket(bucketReading).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) eachUser(f func(number uint32) error) error {
	return b.tx.Bucket(bucketUsers).ForEach(func(k, v []byte) error {
		var row userRow
		if err := decode(v, &row); err != nil {
			return fmt.Errorf("user %s: %w", k, err)
		}
		return f(row.Number)
	})
}
