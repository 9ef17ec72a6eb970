package store

import (
	"context"
	"errors"
	"fmt"

	"aggregator/stories"
)

// maxNews is how many news are kept: whoever has not read them by then has
// missed the oldest.
const maxNews = 10000

// newsRow is a stories.News: bucketNews.
type newsRow struct {
	Story  uint64   `cbor:"1,keyasint"`
	At     instant  `cbor:"2,keyasint,omitempty"`
	Before int      `cbor:"3,keyasint,omitempty"`
	Now    int      `cbor:"4,keyasint,omitempty"`
	Copies []uint64 `cbor:"5,keyasint,omitempty"`
	Was    claimRow `cbor:"6,keyasint"`
	Is     claimRow `cbor:"7,keyasint"`
}

type claimRow struct {
	Outlet     string `cbor:"1,keyasint,omitempty"`
	Name       string `cbor:"2,keyasint,omitempty"`
	Confidence string `cbor:"3,keyasint,omitempty"`
}

func (c claimRow) claim() stories.Claim {
	return stories.Claim{Outlet: c.Outlet, Name: c.Name, Confidence: stories.Confidence(c.Confidence)}
}

// tell keeps what came about in a story, in the transaction that changes it.
func (b *batch) tell(t *touched, now *stories.Story, at instant) error {
	n, ok := stories.NewsOf(t.before, now)
	if !ok || b.live != nil { // old entries placed anew are no news
		return nil
	}
	news := growing(b.tx.Bucket(bucketNews))
	seq, err := news.NextSequence()
	if err != nil {
		return err
	}
	row := newsRow{Story: n.Story, At: at, Before: n.Before, Now: n.Now, Copies: n.Copies,
		Was: claimRow{n.Was.Outlet, n.Was.Name, string(n.Was.Confidence)}, Is: claimRow{n.Is.Outlet, n.Is.Name, string(n.Is.Confidence)}}
	if err := news.Put(key(seq), encode(&row)); err != nil || seq <= maxNews {
		return err
	}
	return news.Delete(key(seq - maxNews))
}

// News lists what came about in stories after a number, oldest first, at most
// limit. The numbers leave no gaps but where the oldest are not kept any more.
// latest is the last number that was given.
func (s *Store) News(after uint64, limit int) (list []stories.News, latest uint64, err error) {
	err = s.view(func(r *reader) error {
		news := r.tx.Bucket(bucketNews)
		latest = news.Sequence()
		c := news.Cursor()
		for k, v := c.Seek(key(after + 1)); k != nil && len(list) < limit; k, v = c.Next() {
			var n newsRow
			if err := decode(v, &n); err != nil {
				return fmt.Errorf("news %d: %w", number(k), err)
			}
			list = append(list, stories.News{Seq: number(k), Story: n.Story, At: n.At.time(), Before: n.Before, Now: n.Now, Copies: n.Copies,
				Was: n.Was.claim(), Is: n.Is.claim()})
		}
		return nil
	})
	return list, latest, err
}

// Mark gives the number up to which a reader of the news has read them; ok is
// false when it never said so.
func (s *Store) Mark(name string) (seq uint64, ok bool, err error) {
	err = s.view(func(r *reader) error {
		v := r.tx.Bucket(bucketMarks).Get([]byte(name))
		seq, ok = number(v), v != nil
		return nil
	})
	return seq, ok, err
}

// SetMark keeps the number up to which a reader of the news, whose name is at
// most 255 bytes, has read them. It returns after the commit.
func (s *Store) SetMark(ctx context.Context, name string, seq uint64) error {
	if name == "" || len(name) > 255 {
		return errors.New("the name of a mark must have 1 to 255 bytes")
	}
	return s.do(ctx, func(b *batch) error { return b.tx.Bucket(bucketMarks).Put([]byte(name), key(seq)) })
}
