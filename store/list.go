package store

import (
	"bytes"
	"fmt"

	"aggregator/feeds"
	"aggregator/stories"
)

const (
	defaultLimit = 50
	// chunk is how many stories are looked at in one reading transaction: a long
	// one would keep the file from reusing its pages.
	chunk = 500
)

// Stories lists stories that match q, newest first, at most q.Limit (50 when it
// is 0), and says where to go on; the zero Cursor means that there are no more.
// A story that moves in the list between two pages may be missed or seen twice.
func (s *Store) Stories(q stories.Query) ([]stories.Story, stories.Cursor, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	var found []stories.Story
	after, more := q.After, true
	var last stories.Cursor
	if !q.Until.IsZero() {
		// Until is exclusive, but cuts within a second: start one second above it.
		if top := (stories.Cursor{At: q.Until.Unix() + 1}); top.Past(after) {
			after = top
		}
	}
	for more && len(found) <= limit {
		var err error
		if found, after, more, err = s.scan(q, found, after, &last, limit); err != nil {
			return nil, stories.Cursor{}, err
		}
	}
	if len(found) <= limit {
		return found, stories.Cursor{}, nil
	}
	return found[:limit], last, nil
}

// scan looks at up to chunk stories behind after, until one more than limit
// is found. It notes where the one before that stands.
func (s *Store) scan(q stories.Query, found []stories.Story, after stories.Cursor, last *stories.Cursor, limit int) ([]stories.Story, stories.Cursor, bool, error) {
	more := false
	err := s.view(func(r *reader) error {
		c := r.tx.Bucket(bucketTimeline).Cursor()
		var k []byte
		if after.IsZero() {
			k, _ = c.First()
		} else {
			from := timelineKey(after.At, after.Story)
			if k, _ = c.Seek(from); bytes.Equal(k, from) {
				k, _ = c.Next()
			}
		}
		for n := 0; k != nil; k, _ = c.Next() {
			at, id := timelinePlace(k)
			if !q.Since.IsZero() && at < q.Since.Unix() {
				more = false
				return nil
			}
			if n++; n > chunk {
				more = true
				return nil
			}
			after = stories.Cursor{At: at, Story: id}
			story, err := r.find(id)
			if err != nil {
				return err
			}
			if story == nil {
				return fmt.Errorf("story %d is in the list and not in the store: run verify", id)
			}
			if q.Match(story) {
				r.rightly(story)
				if found = append(found, *story); len(found) > limit {
					return nil
				}
				*last = after
			}
		}
		return nil
	})
	return found, after, more, err
}

// Story returns the story with an ID, or the one that it was merged into; false
// when there is none (any more).
func (s *Store) Story(id uint64) (story stories.Story, ok bool, err error) {
	err = s.view(func(r *reader) error {
		found, err := r.find(id)
		if found != nil {
			r.rightly(found)
			story, ok = *found, true
		}
		return err
	})
	return story, ok, err
}

// Entry returns the current version of an entry; false when it is not kept.
func (s *Store) Entry(id uint64) (e feeds.Entry, ok bool, err error) {
	err = s.view(func(r *reader) error {
		e, ok, err = r.entry(id)
		return err
	})
	return e, ok, err
}

// StoryOf returns the ID of the story that an entry belongs to.
func (s *Store) StoryOf(entry uint64) (story uint64, ok bool, err error) {
	err = s.view(func(r *reader) error {
		p, err := readPlace(r.places, r.redirects, entry)
		if p != nil {
			story, ok = p.Story, true
		}
		return err
	})
	return story, ok, err
}

// Count returns how many stories there are.
func (s *Store) Count() (n int, err error) {
	err = s.view(func(r *reader) error { n = r.stories.Stats().KeyN; return nil })
	return n, err
}
