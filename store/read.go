package store

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"aggregator/feeds"
	"aggregator/stories"
)

// reader reads entries and stories within one transaction.
type reader struct {
	s                                          *Store
	tx                                         *bbolt.Tx
	heads, places, stories, history, redirects *bbolt.Bucket
	b                                          *batch // nil outside of one
}

func (s *Store) reader(tx *bbolt.Tx) *reader {
	return &reader{s: s, tx: tx, heads: tx.Bucket(bucketHeads), places: tx.Bucket(bucketPlaces), stories: tx.Bucket(bucketStories),
		history: tx.Bucket(bucketHistory), redirects: tx.Bucket(bucketRedirects)}
}

func (b *batch) reader() *reader {
	return &reader{s: b.s, tx: b.tx, heads: b.heads, places: b.places, stories: b.stories, history: b.history, redirects: b.redirects, b: b}
}

// follow gives the story that an ID stands for now.
func follow(redirects *bbolt.Bucket, id uint64) uint64 {
	// Each redirect leads to a story that was alive when it was written, so that
	// there is no circle; the bound is for a damaged file.
	for range 1 << 20 {
		v := redirects.Get(key(id))
		if v == nil {
			break
		}
		id = number(v)
	}
	return id
}

func readPlace(places, redirects *bbolt.Bucket, entry uint64) (*placeRow, error) {
	return decodePlace(places.Get(key(entry)), redirects, entry)
}

// decodePlace reads an entry's row of bucketPlaces; nil when it has none.
func decodePlace(v []byte, redirects *bbolt.Bucket, entry uint64) (*placeRow, error) {
	if v == nil {
		return nil, nil
	}
	var p placeRow
	if err := decodeWords(v, &p); err != nil {
		return nil, fmt.Errorf("place of entry %d: %w", entry, err)
	}
	if p.Said != nil {
		reason, err := unpackReason(p.Said)
		if err != nil {
			return nil, fmt.Errorf("place of entry %d: %w", entry, err)
		}
		p.Reasons, p.Said = []string{reason}, nil
	}
	p.Story = follow(redirects, p.Story)
	return &p, nil
}

// members reads the members of a story in order of arrival.
func (r *reader) members(ids []uint64) ([]stories.Member, error) {
	out := make([]stories.Member, 0, len(ids))
	for _, id := range ids {
		if r.b == nil {
			m, err := r.readMember(id, r.heads.Get, r.places.Get)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
			continue
		}
		m, ok := r.b.read[id]
		if !ok {
			var err error
			if m, err = r.readMember(id, r.b.before(r.heads, id), r.b.before(r.places, id)); err != nil {
				return nil, err
			}
			remember(r.b.read, &m)
		}
		out = append(out, m)
	}
	return out, nil
}

// readMember reads a member by what gives its head and its place. What the one gives need
// hold only until the other is called.
func (r *reader) readMember(id uint64, head, place func(key []byte) []byte) (m stories.Member, err error) {
	h, err := r.s.headOf(head(key(id)), id)
	if err != nil {
		return m, err
	}
	p, err := decodePlace(place(key(id)), r.redirects, id)
	if err != nil {
		return m, err
	}
	if h == nil || p == nil {
		return m, fmt.Errorf("entry %d is missing: run verify", id)
	}
	return r.member(id, h, p)
}

// member makes a member of a story of an entry's head and place.
func (r *reader) member(id uint64, h *head, p *placeRow) (stories.Member, error) {
	o := r.s.outletByNumber(h.Outlet)
	m := stories.Member{Entry: id, Outlet: o.ID, Title: h.Title, Link: h.Link, Language: language(h.Language, o.Language),
		Category: o.Category, Seen: h.Sightings.seen(), Published: h.Published.date(), Updated: h.Updated.date(),
		Stated: fromStated(h.Stated), Redated: redated(h), CopyOf: p.CopyOf, Share: p.Share, Reasons: p.Reasons}
	c, err := r.s.clock(r.tx)
	if err == nil {
		m.Clock, m.ClockAfter = c.OfEntry(id, m.Seen)
	}
	return m, err
}

// remember keeps a member for the stories that are read next.
func remember(read map[uint64]stories.Member, m *stories.Member) {
	if len(read) >= maxRead {
		clear(read)
	}
	read[m.Entry] = *m
}

// redated lists the publication dates that were claimed after the first one, but
// for the last claim that is kept, which may change without a new verdict.
func redated(h *head) []stories.Redating {
	var out []stories.Redating
	last := h.Published
	for _, c := range h.Claims[:min(len(h.Claims), maxClaims-1)] {
		if !c.Published.equal(last) {
			out = append(out, stories.Redating{Seen: c.Seen.time(), Published: c.Published.date()})
			last = c.Published
		}
	}
	return out
}

func language(own, outlets string) string {
	if own != "" {
		return own
	}
	return outlets
}

// story reads a story from its record.
func (r *reader) story(id uint64, row *storyRow) (*stories.Story, error) {
	members, err := r.members(row.Members)
	if err != nil {
		return nil, fmt.Errorf("story %d: %w", id, err)
	}
	s := r.current(id, row, members)
	var past []stories.Change
	for n := uint64(0); n < row.Past; n++ {
		var c changeRow
		if err := decodeWords(r.history.Get(keyPair(id, n)), &c); err != nil {
			return nil, fmt.Errorf("story %d, verdict %d: %w", id, n, err)
		}
		past = append(past, stories.Change{At: c.At.time(), Verdict: c.Verdict.verdict(), Because: c.Because})
	}
	s.History, s.Corrections = append(past, s.History...), r.s.corrections().ofStory(row.Members)
	return s, nil
}

// current makes a story of its record and its members, with its last verdict for
// all its history.
func (r *reader) current(id uint64, row *storyRow, members []stories.Member) *stories.Story {
	s := &stories.Story{ID: id, Members: members, Created: row.Created.time(), Changed: row.Changed.time()}
	at, because := row.At.time(), row.Because
	if row.Verdict != nil {
		s.Verdict, s.Groups = row.Verdict.verdict(), fromGroups(row.Groups)
	} else {
		s.Verdict, s.Groups = stories.Attribute(members, r.s.outletDirectory())
		s.Created, s.Changed = members[0].Seen.At, members[0].Seen.At
		at, because = s.Created, "the story began"
	}
	s.History = []stories.Change{{At: at, Verdict: s.Verdict, Because: because}}
	return s
}

// rightly gives the members of a story, and the verdict when it is about one entry, the times
// that a right clock would have shown, as far as that is known by now. Where the story
// stands in the list stays as it was told.
func (r *reader) rightly(s *stories.Story) {
	last := &s.History[len(s.History)-1]
	for i := range s.Members {
		m := &s.Members[i]
		seen := m.Seen.Rightly(m.Clock, m.ClockAfter)
		if seen == m.Seen {
			continue
		}
		for _, at := range []*time.Time{&s.Created, &s.Changed, &last.At} {
			if at.Equal(m.Seen.At) {
				*at = seen.At
			}
		}
		m.Seen, m.Clock.Ahead, m.ClockAfter.Ahead = seen, -m.Clock.Behind, -m.ClockAfter.Behind
		if len(s.Members) == 1 {
			s.Verdict, s.Groups = stories.Attribute(s.Members, r.s.outletDirectory())
			last.Verdict = s.Verdict
		}
	}
}

// find reads a story by an ID that may have been merged into another one.
func (r *reader) find(id uint64) (*stories.Story, error) {
	id = follow(r.redirects, id)
	v := r.stories.Get(key(id))
	if v == nil {
		return nil, nil
	}
	var row storyRow
	if err := decodeStory(v, &row); err != nil {
		return nil, fmt.Errorf("story %d: %w", id, err)
	}
	return r.story(id, &row)
}

// entry reads the current version of an entry.
func (r *reader) entry(id uint64) (feeds.Entry, bool, error) {
	h, err := r.s.readHead(r.heads, id)
	if err != nil || h == nil {
		return feeds.Entry{}, false, err
	}
	texts := r.s.unpacked()
	e, err := r.entryOf(id, h, &texts)
	return e, err == nil, err
}

// entryOf reads the current version of an entry whose head is at hand.
func (r *reader) entryOf(id uint64, h *head, texts *blockCache) (feeds.Entry, error) {
	e := feeds.Entry{Outlet: r.s.outletByNumber(h.Outlet).ID, Feed: r.s.feedByNumber(h.Feed), Title: h.Title, Link: h.Link,
		Language: h.Language, Published: h.Published.date(), Updated: h.Updated.date(), Stated: fromStated(h.Stated)}
	packed, err := texts.body(r.tx.Bucket(bucketBlocks), h.Block, id, h.Slot)
	if err != nil {
		return e, err
	}
	var b body
	if err := decode(packed, &b); err != nil {
		return e, fmt.Errorf("text of entry %d: %w", id, err)
	}
	if err := b.fill(&e); err != nil {
		return e, fmt.Errorf("text of entry %d: %w", id, err)
	}
	return e, nil
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
