package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
)

// writer keeps the entries of one document.
type writer struct {
	b        *batch
	f        feedNumber
	seen     feeds.Seen
	arrivals []arrival
	block    uint64          // the block being filled; 0: none yet
	done     map[uint64]bool // kept entries that an item was taken in for
	imported bool            // another program saw what is kept, see Import
}

// keep writes a new entry and returns its number.
func (w *writer) keep(r *resolver, e *feeds.Entry) (uint64, error) {
	id, err := w.b.heads.NextSequence()
	if err != nil {
		return 0, err
	}
	h := &head{Outlet: w.f.outlet, Published: toDate(e.Published), Updated: toDate(e.Updated), Sightings: sightings{w.sighting(e)}}
	if err := r.register(id, h, e, true); err != nil {
		return 0, err
	}
	if err := w.put(id, h, e); err != nil {
		return 0, err
	}
	w.arrivals = append(w.arrivals, arrival{id: id, entry: e, seen: h.Sightings.seen(), fresh: true, head: h})
	return id, nil
}

func (w *writer) sighting(e *feeds.Entry) sighting {
	if w.imported { // nobody knows what the feed says, nor whether it stands there
		at := toInstant(w.seen.At)
		return sighting{Feed: w.f.number, After: toInstant(w.seen.After), At: at, Left: at}
	}
	return sighting{Feed: w.f.number, After: toInstant(w.seen.After), At: toInstant(w.seen.At), Hash: contentHash(e)}
}

// put writes e as the current version of h.
func (w *writer) put(id uint64, h *head, e *feeds.Entry) error {
	h.Title, h.Link, h.Language, h.Stated, h.Feed, h.Length = e.Title, e.Link, e.Language, toStated(e.Stated), w.f.number, uint64(len(e.Text))
	rest := toBody(e)
	if d := toDate(e.Published); !d.equal(h.Published) {
		rest.Published = orNone(d)
	}
	if d := toDate(e.Updated); !d.equal(h.Updated) {
		rest.Updated = orNone(d)
	}
	if w.block == 0 {
		var err error
		if w.block, err = w.b.blocks.NextSequence(); err != nil {
			return err
		}
	}
	h.Block, h.Slot = w.block, w.b.s.packer.add(id, &rest)
	if w.b.s.packer.full() {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return w.b.putHead(id, h)
}

// orNone writes "no date" down where nothing means "as in the head".
func orNone(d *date) *date {
	if d == nil {
		return &date{}
	}
	return d
}

// flush writes the bodies that are waiting.
func (w *writer) flush() error {
	if w.block == 0 {
		return nil
	}
	block := w.block
	w.block = 0
	return w.b.s.packer.put(w.b.blocks, block)
}

// again takes in an item of an entry that is kept already: an edit, another
// feed of the outlet, a return, or nothing new.
func (w *writer) again(r *resolver, id uint64, e *feeds.Entry) error {
	h, err := w.b.head(id)
	if err != nil || h == nil {
		return err // pruned: it is known, and not new
	}
	if w.done[id] {
		return w.alias(r, id, e) // another item of this document was it already
	}
	w.done[id] = true
	s := h.Sightings.of(w.f.number)
	before := encode(h)
	hash := contentHash(e)
	news := false
	switch {
	case s == nil:
		h.Sightings = append(h.Sightings, w.sighting(e))
		// Another feed's wording is no edit; only a fuller text is worth keeping.
		news = uint64(len(e.Text)) > h.Length+h.Length/4
	case s.Hash == 0 && h.Published != nil && h.Published.Element == imported:
		// The feed's own word for what was imported: no edit, and the same date.
		s.Hash, s.Left = hash, 0
		if d := toDate(e.Published); d != nil && d.Time == h.Published.Time {
			h.Published = d
		}
		news = uint64(len(e.Text)) > h.Length+h.Length/4
	case s.Hash != hash:
		s.Hash, s.Left = hash, 0
		news = h.Feed == w.f.number || uint64(len(e.Text)) >= h.Length
	default:
		s.Left = 0
	}
	if err := r.register(id, h, e, false); err != nil {
		return err
	}
	if err := w.claim(id, h, e); err != nil {
		return err
	}
	if news {
		news = w.mayEdit(h)
	}
	if !news {
		if bytes.Equal(before, encode(h)) {
			return nil
		}
		return w.b.putHead(id, h)
	}
	return w.edit(id, h, e)
}

// alias registers the names of an item that is the same article as another one
// of the document.
func (w *writer) alias(r *resolver, id uint64, e *feeds.Entry) error {
	h, err := w.b.head(id)
	if err != nil || h == nil {
		return err
	}
	aliases := h.Aliases
	if err := r.register(id, h, e, false); err != nil || h.Aliases == aliases {
		return err
	}
	return w.b.putHead(id, h)
}

// claim keeps a publication or update date that differs from what was claimed
// before. The story's verdict is given anew, since its evidence lists the dates,
// but for the last claim that is kept: a feed that dates its entries anew at each
// poll would have that changed each time.
func (w *writer) claim(id uint64, h *head, e *feeds.Entry) error {
	published, updated := toDate(e.Published), toDate(e.Updated)
	last := claim{Published: h.Published, Updated: h.Updated}
	if n := len(h.Claims); n > 0 {
		last = h.Claims[n-1]
	}
	if published.equal(last.Published) && updated.equal(last.Updated) {
		return nil
	}
	for _, c := range h.Claims {
		if published.equal(c.Published) && updated.equal(c.Updated) {
			return nil // one feed of the outlet says so, another says otherwise
		}
	}
	if published.equal(h.Published) && updated.equal(h.Updated) {
		return nil
	}
	c := claim{Seen: toInstant(w.seen.At), Published: published, Updated: updated}
	if len(h.Claims) >= maxClaims {
		h.Claims[maxClaims-1] = c
		return nil
	}
	if !published.equal(last.Published) && len(h.Claims) < maxClaims-1 {
		if err := w.b.touchEntry(id); err != nil {
			return err
		}
	}
	h.Claims = append(h.Claims, c)
	return nil
}

// mayEdit says whether a further version is kept: always until there are
// maxVersions, then only after a calm time. The clock may have been set back meanwhile.
func (w *writer) mayEdit(h *head) bool {
	if stood := toInstant(w.seen.At) - h.Since; h.Version < maxVersions || stood < 0 || stood >= instant(calm.Microseconds()) {
		return true
	}
	h.Dropped++
	return false
}

// edit makes e the current version and keeps the one before it.
func (w *writer) edit(id uint64, h *head, e *feeds.Entry) error {
	if err := w.b.touchEntry(id); err != nil {
		return err
	}
	// When all numbers are used the last earlier version gives way; the first
	// one stays for ever.
	n := min(h.Version, maxVersions-1)
	old := version{Title: h.Title, Link: h.Link, Language: h.Language, Stated: h.Stated, Block: h.Block, Slot: h.Slot, Since: h.Since, Feed: h.Feed}
	if err := w.b.versions.Put(keyPair(id, n), encode(&old)); err != nil {
		return err
	}
	h.Version++
	h.Since = toInstant(w.seen.At)
	if err := w.put(id, h, e); err != nil {
		return err
	}
	w.arrivals = append(w.arrivals, arrival{id: id, entry: e, seen: h.Sightings.seen()})
	return nil
}

// contentHash covers what makes an edit: what a reader sees and what the entry
// says of its origin. Dates are not part of it, nor is markup.
func contentHash(e *feeds.Entry) uint32 {
	d := xxhash.New()
	part := func(s string) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
		_, _ = d.Write(n[:])
		_, _ = d.WriteString(s)
	}
	part(e.Title)
	part(e.Text)
	if e.Text == "" {
		part(e.Summary)
		part(e.Content)
	}
	part(e.Canonical)
	part(e.Source.URL)
	for _, s := range e.Stated {
		part(fmt.Sprint(s.Kind, s.Outlet, s.URL))
	}
	return uint32(d.Sum64())
}
