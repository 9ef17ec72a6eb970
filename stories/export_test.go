package stories

const (
	Regards = nRegards
	InSum   = byLocalBits // regards before it are summed
)

var (
	RegardNames = regardNames
	Learn       = learn
)

// Watch has fn told every story that an entry is weighed against, with the
// number of the member most like it.
func (x *Index) Watch(fn func(story, best uint64, r []int32, score int)) {
	x.watch = func(story uint64, best int, r *regard, score int) {
		fn(story, x.slots.at(best).id, r[:], score)
	}
}

// Use has an index decide by another model.
func (x *Index) Use(m *Model) { x.model = (*model)(m) }

// WithoutBackground has an index know no word but those of its window.
func (x *Index) WithoutBackground() { x.rarity.known = decodeBackground(nil, nil) }

// WithoutLists has it know no words but those of the background's entries.
func (x *Index) WithoutLists() { x.rarity.known = decodeBackground(backgroundFile, nil) }

// Forget has an index unlearn which words its window has.
func (x *Index) Forget() {
	clear(x.rarity.window)
	clear(x.rarity.entries)
	x.rarity.total = 0
}

type Model model

func NewModel(constant int, weights []int32) *Model {
	m := &Model{constant: constant}
	copy(m.weights[:], weights)
	return m
}

func (m *Model) Add(which [8]uint8, above, points [8]int32) {
	m.trees = append(m.trees, tree{which, above, points})
}

func (m *Model) String() string { return (*model)(m).String() }
func ShippedModel() *Model      { return (*Model)(loadModel()) }

// Known gives in how many entries of the background a word stands, of how many,
// and whether it is usually a name.
func Known(w string) (df, total uint32, name bool) {
	var r reader
	b := loadBackground()
	if ws := r.read(nil, w, 0); len(ws) > 0 {
		df, name = b.find(0, ws[0].hash)
	}
	return df, b.total, name
}
