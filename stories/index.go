package stories

import "time"

// Options say how an Index works.
type Options struct {
	// Window is how long an entry can still be joined by others, by the time at
	// which entries came (Place); 0 is 7 days.
	Window time.Duration
	// Salt, chosen by chance, keeps outsiders from knowing where in memory the index
	// keeps a word: who knew could write words that all lie in one place, and to find
	// one would take a walk past all of them. It decides nothing; 0 is a fixed one.
	Salt uint32
}

// Index holds what is needed to place entries: a few dozen words of memory for
// each entry in the window. All else it reads back through the View. It is not
// safe for concurrent use.
//
// Its state is a function of the entries in the window alone, in order of id:
// an index that Restore built from them places as the one that placed them.
type Index struct {
	window   int64 // seconds
	rarity   *rarity
	model    *model
	slots    slots
	shapes   keys   // how often a shape stands in the window
	next     uint64 // the next story
	scratch  scratch
	self     features // of the entry being placed
	words    table    // finds its words
	sketches sketchReader
	others   []*features // of the entries it is compared with
	used     int         // of others
	judged   []judged
	read     []byte // their sketches
	found    finder
	rulings  rulings                                            // of editors
	barred   map[uint64]bool                                    // stories that the entry being placed must not join
	watch    func(story uint64, best int, r *regard, score int) // for measuring; nil otherwise
}

// NewIndex returns an empty index.
func NewIndex(o Options) *Index {
	if o.Window <= 0 {
		o.Window = 7 * 24 * time.Hour
	}
	return &Index{
		window: int64(o.Window / time.Second),
		rarity: newRarity(),
		model:  loadModel(),
		slots:  slots{families: map[uint64]family{}, found: postings{keys: keys{salt: spread(o.Salt)}}},
		shapes: keys{salt: spread(o.Salt)},
		next:   1,
	}
}

// NextStory is the ID that the next new story will get; IDs start at 1.
func (x *Index) NextStory() uint64 { return x.next }

// SetNextStory says which ID the next new story gets. The store calls it once,
// after Restore: stories that left the window keep their IDs for ever.
func (x *Index) SetNextStory(id uint64) { x.next = max(id, 1) }

// Holds reports whether an entry is in the window. An entry that was edited
// after it left the window keeps the place it had; there is no need to Place it.
func (x *Index) Holds(id uint64) bool {
	_, ok := x.slots.find(id)
	return ok
}

// Restore puts an entry of the window back as it was placed. Call it in order
// of id, before the first Place, with the entry's latest story (redirects
// followed) and sketch. It returns ErrRules for a sketch of other rules.
func (x *Index) Restore(id, story, copyOf uint64, sketch []byte) error {
	f := &x.self
	indexed, err := x.sketches.outline(sketch, f)
	if err != nil {
		return err
	}
	x.add(id, story, copyOf, f, indexed)
	x.next = max(x.next, story+1)
	return nil
}

// add makes a decoded or freshly read entry the newest of the window.
func (x *Index) add(id, story, copyOf uint64, f *features, indexed int) {
	pos := x.slots.add(slot{id: id, story: story, copyOf: copyOf, at: f.at, outlet: f.outlet, took: f.took}, f.lang)
	x.slots.index(pos, f, indexed)
	x.count(f, 1)
}

// count adds an entry's words and headline shapes to what was learned, or takes
// them away.
func (x *Index) count(f *features, by int32) {
	x.rarity.count(f.lang, f.terms, by)
	for _, s := range f.shapes {
		if n := int32(x.shapes.get(s)) + by; n > 0 {
			*x.shapes.at(s) = uint32(n)
		} else {
			x.shapes.drop(s)
		}
	}
}

// expire drops the entries that were seen longer before now than the window.
func (x *Index) expire(v View, now int64) {
	s := &x.slots
	for s.size() > 0 && s.at(s.first).at < now-x.window {
		f := &x.self
		if indexed, ok := x.sketch(v, s.at(s.first).id, f); ok {
			x.count(f, -1)
			s.unindex(s.first, f, indexed)
		}
		s.drop()
	}
}

// sketch reads an entry's features without its runs, and by how many of its terms it is
// found; false when the view has none of these rules.
func (x *Index) sketch(v View, id uint64, f *features) (indexed int, ok bool) {
	indexed, err := x.sketches.outline(v.Sketch(id), f)
	return indexed, err == nil
}
