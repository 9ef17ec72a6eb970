package store

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"aggregator/stories"
)

const (
	// searchChunk is how many sketches are read in one transaction.
	searchChunk = 5000
	// maxMeasured is how many entries are compared with a given text in full.
	maxMeasured = 32
	// minGlance is how much an entry must have to do with a given text, per
	// mille, to be compared in full.
	minGlance = 100
)

// errMore ends a transaction after searchChunk sketches.
var errMore = errors.New("there is more")

// Find returns the entries that an article's link names, by number: those with
// that canonical link, in whatever outlet, and those whose guid is the link as
// it was given. Either may be empty.
func (s *Store) Find(link, canonical string) (entries []uint64, err error) {
	err = s.view(func(r *reader) error {
		names := r.tx.Bucket(bucketNames).Cursor()
		outlets, _ := s.counts()
		for o := uint32(1); o <= uint32(outlets); o++ {
			var wanted []name
			if canonical != "" && !bareHost(canonical) {
				wanted = append(wanted, nameOf(o, byLink, canonical))
			}
			if link != "" {
				wanted = append(wanted, nameOf(o, byGUID, link))
			}
			for _, n := range wanted {
				if id, _ := lookUp(names, n); id != 0 && r.heads.Get(key(id)) != nil {
					entries = append(entries, id)
				}
			}
		}
		return nil
	})
	slices.Sort(entries)
	return slices.Compact(entries), err
}

// Alike returns the entries of the window that a given text belongs to, those
// with most of it first, at most limit. It reads every sketch of the window, in
// short transactions: about three microseconds each for a long text. When the
// text stands in no entry, its first line is looked for, as the headline that it
// usually is. It does not ask the writing goroutine, and works for a store that is
// only read.
func (s *Store) Alike(text string, limit int) ([]stories.Likeness, error) {
	p := stories.NewProbe(text)
	found, err := s.alike(p, p)
	if err != nil {
		return nil, err
	}
	if line, rest, _ := strings.Cut(strings.TrimSpace(text), "\n"); len(found) == 0 && strings.TrimSpace(rest) != "" {
		if found, err = s.alike(stories.NewProbe(line), p); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, func(a, b stories.Likeness) int {
		return cmp.Or(b.Share-a.Share, b.Words-a.Words, b.OfEntry-a.OfEntry, b.Headline-a.Headline, cmp.Compare(a.Entry, b.Entry))
	})
	return found[:min(len(found), limit)], nil
}

// alike returns the entries to which the text of p belongs, compared with the
// whole text.
func (s *Store) alike(p, whole *stories.Probe) ([]stories.Likeness, error) {
	type glance struct {
		entry uint64
		score int
	}
	var best []glance
	for from, more := uint64(0), true; more; {
		err := s.view(func(r *reader) error {
			n := 0
			return eachSketch(r.tx.Bucket(bucketSketches), from, func(entry uint64, _ uint32, sketch []byte) error {
				if n++; n > searchChunk {
					from = entry
					return errMore
				}
				if score := p.Glance(sketch); score >= minGlance {
					best = append(best, glance{entry, score})
				}
				return nil
			})
		})
		if more = errors.Is(err, errMore); err != nil && !more {
			return nil, err
		}
		slices.SortFunc(best, func(a, b glance) int { return cmp.Or(b.score-a.score, cmp.Compare(a.entry, b.entry)) })
		best = best[:min(len(best), maxMeasured)]
	}
	var found []stories.Likeness
	for _, g := range best {
		e, ok, err := s.Entry(g.entry)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue // pruned meanwhile
		}
		l := p.Measure(g.entry, e.Title, e.Text)
		if !p.Alike(l) {
			continue
		}
		if p != whole {
			l = whole.Measure(g.entry, e.Title, e.Text)
		}
		found = append(found, l)
	}
	return found, nil
}
