package store

import (
	"strings"
	"time"
	"unicode"

	"aggregator/feeds"
)

// maxAliases bounds how many further names one entry collects: a feed whose
// guids or links are new on each fetch must not make the file grow for ever.
const maxAliases = 8

// farApart is how much two claimed dates differ when a name that comes with
// another headline is taken to have been given to another article.
const farApart = 36 * time.Hour

// resolver says which entry each item of one document is.
type resolver struct {
	b      *batch
	outlet uint32
	feed   uint32
	items  []feeds.Item
	// same says which items are byte for byte what the feed held before, and
	// claimed which entries these are.
	same    []bool
	claimed map[uint64]bool
	// vague are names that stand on two different articles of this document.
	vague map[name]bool
}

// resolve returns the entry number of each item; 0 for a new entry, or for an
// item that was neither parsed nor known. Two items that are one article get
// the same number, or for a new article the index of the first in twin.
func (r *resolver) resolve(known map[uint64]uint64) (ids []uint64, twin []int, err error) {
	ids, twin = make([]uint64, len(r.items)), make([]int, len(r.items))
	r.same, r.claimed, r.vague = make([]bool, len(r.items)), map[uint64]bool{}, map[name]bool{}
	all := make([]names, len(r.items))
	first := map[name]int{}
	for i := range r.items {
		twin[i] = i
		it := &r.items[i]
		if id := known[it.Raw]; id != 0 && it.Raw != 0 {
			ids[i], r.same[i], r.claimed[id] = id, true, true
		}
		if it.Entry == nil {
			continue
		}
		all[i] = namesOf(r.outlet, it.Entry)
		for _, n := range []name{all[i].guid, all[i].link} {
			if n == (name{}) {
				continue
			}
			if j, seen := first[n]; !seen {
				first[n] = i
			} else if distinct(r.items[j].Entry, it.Entry) {
				r.vague[n] = true
			}
		}
	}
	for n := range r.vague {
		if err := putName(r.b.names, n, 0); err != nil {
			return nil, nil, err
		}
	}
	// The items of this document that are new so far, by name.
	fresh := map[name]int{}
	for i := range r.items {
		e := r.items[i].Entry
		if e == nil || ids[i] != 0 {
			continue
		}
		id, err := r.find(e, &all[i])
		if err != nil {
			return nil, nil, err
		}
		n := all[i]
		if id == 0 {
			for _, n := range []name{n.guid, n.link, r.lastResort(&n)} {
				if j, ok := fresh[n]; ok && n != (name{}) && !r.vague[n] {
					twin[i] = j
					break
				}
			}
			for _, n := range []name{n.guid, n.link, r.lastResort(&n)} {
				if n != (name{}) && !r.vague[n] {
					fresh[n] = twin[i]
				}
			}
			continue
		}
		ids[i] = id
	}
	return ids, twin, nil
}

// lastResort is the name by content, for an entry that has no other that tells
// anything.
func (r *resolver) lastResort(n *names) name {
	if r.usable(n.link) || r.usable(n.guid) && n.link != (name{}) {
		return name{}
	}
	return n.content
}

func (r *resolver) usable(n name) bool {
	if n == (name{}) || r.vague[n] {
		return false
	}
	id, known := lookUp(r.b.named, n)
	return !known || id != 0
}

// find returns the entry that an item is, or 0 when it is a new one.
func (r *resolver) find(e *feeds.Entry, n *names) (uint64, error) {
	candidate := func(n name, kind nameKind) (uint64, error) {
		if r.vague[n] {
			return 0, nil
		}
		id, _ := lookUp(r.b.named, n)
		if id == 0 {
			return 0, nil
		}
		ok, err := r.plausible(e, id, n, kind)
		if err != nil || !ok {
			return 0, err
		}
		return id, nil
	}
	guid, err := candidate(n.guid, byGUID)
	if err != nil {
		return 0, err
	}
	link, err := candidate(n.link, byLink)
	if err != nil {
		return 0, err
	}
	switch {
	case guid != 0 && link != 0 && guid != link:
		// Two names, two entries: the one that says the same.
		h, err := r.b.head(link)
		if err != nil {
			return 0, err
		}
		if h != nil && h.Title == e.Title {
			return link, nil
		}
		return guid, nil
	case guid != 0:
		return guid, nil
	case link != 0:
		return link, nil
	}
	if last := r.lastResort(n); last != (name{}) {
		return candidate(last, byContent)
	}
	if r.taken(n.guid) || r.taken(n.link) {
		return candidate(n.content, byContent)
	}
	return 0, nil
}

// taken reports whether a name stands for some entry.
func (r *resolver) taken(n name) bool {
	id, _ := lookUp(r.b.named, n)
	return id != 0
}

// plausible reports whether the name by which entry id was found may be
// believed.
func (r *resolver) plausible(e *feeds.Entry, id uint64, n name, kind nameKind) (bool, error) {
	h, err := r.b.head(id)
	if err != nil {
		return false, err
	}
	if h == nil {
		return r.b.returned(id, e)
	}
	if r.claimed[id] {
		// Another item of this document is that entry, unchanged. Two items with
		// one name are two articles unless they say the same.
		if h.Title == e.Title && (kind == byLink || sameLink(h.Link, e.Link)) {
			return true, nil
		}
		r.vague[n] = true
		return false, putName(r.b.names, n, 0)
	}
	if kind == byContent {
		return true, nil
	}
	if reused(h, e) {
		return false, nil
	}
	if kind == byGUID && h.Sightings.of(r.feed) == nil && !worldwide(e.GUID) {
		// "17" in two feeds of one outlet need not be one article.
		return similar(h.Title, e.Title) || sameLink(h.Link, e.Link), nil
	}
	return true, nil
}

// distinct reports whether two items of one document that share a guid or a
// link are two articles.
func distinct(a, b *feeds.Entry) bool {
	if a.Title != b.Title || a.Title == "" && a.Text != b.Text {
		return true
	}
	return a.GUID == b.GUID && a.Canonical != b.Canonical && a.Canonical != "" && b.Canonical != ""
}

// reused reports whether a name that belonged to h now stands on another
// article: nothing of the headline is left, and the claimed date is another day.
func reused(h *head, e *feeds.Entry) bool {
	if h.Published == nil || h.Published.Time == 0 || e.Published.Time.IsZero() || h.Title == "" || e.Title == "" {
		return false
	}
	apart := e.Published.Time.Sub(h.Published.Time.time())
	return (apart > farApart || apart < -farApart) && sharedWords(h.Title, e.Title) == 0
}

// similar reports whether at least half of the shorter title's words stand in
// the other one.
func similar(a, b string) bool {
	n := min(len(words(a)), len(words(b)))
	return n > 0 && 2*sharedWords(a, b) >= n
}

func sharedWords(a, b string) int {
	in := map[string]bool{}
	for _, w := range words(a) {
		in[w] = true
	}
	n := 0
	for _, w := range words(b) {
		if in[w] {
			n++
			delete(in, w)
		}
	}
	return n
}

// words splits a title for comparing names only: runs of letters and digits,
// and each character of a script that writes without spaces.
func words(s string) []string {
	var out []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, strings.ToLower(s[start:end]))
			start = -1
		}
	}
	for i, c := range s {
		switch {
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			flush(i)
			out = append(out, string(c))
		case unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
		}
	}
	flush(len(s))
	return out
}

func sameLink(a, b string) bool { return a == b && a != "" }

// worldwide reports whether a guid looks as if nobody else would use it: an
// address, a tag, a UUID.
func worldwide(guid string) bool { return len(guid) >= 16 || strings.Contains(guid, ":") }

// register gives an entry the names of an item that is it.
func (r *resolver) register(id uint64, h *head, e *feeds.Entry, fresh bool) error {
	n := namesOf(r.outlet, e)
	for _, n := range []name{n.guid, n.link, r.lastResort(&n)} {
		if n == (name{}) || r.vague[n] {
			continue
		}
		have, known := lookUp(r.b.named, n)
		if known && (have == id || have == 0) {
			continue
		}
		if known {
			other, err := r.b.head(have)
			if err != nil {
				return err
			}
			// The name moves on only when it was given to another article.
			if other != nil && !reused(other, e) {
				continue
			}
			if err := r.keepContentName(have, other); err != nil {
				return err
			}
		}
		if !fresh {
			if h.Aliases >= maxAliases {
				continue
			}
			h.Aliases++
		}
		if err := putName(r.b.names, n, id); err != nil {
			return err
		}
	}
	return nil
}

// keepContentName gives an entry that loses a name to another article the name
// by its content, so that it is known when it comes back.
func (r *resolver) keepContentName(id uint64, h *head) error {
	if h == nil || h.Title == "" || h.Published == nil || h.Published.Raw == "" {
		return nil
	}
	n := nameOf(r.outlet, byContent, h.Title+"\x00"+h.Published.Raw)
	if _, known := lookUp(r.b.named, n); known {
		return nil
	}
	return putName(r.b.names, n, id)
}
