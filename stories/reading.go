package stories

// ReadState is what a reader of the stories has done with one.
type ReadState uint8

const (
	Read    ReadState = 1 << iota
	Starred           // kept for later
	// Kept: marked as unread by the reader. It differs from never read when two
	// stories become one: then the one that was kept stays unread.
	Kept
)

// ReadStory is the state of one story; a story without any is unread.
type ReadStory struct {
	Story uint64
	State ReadState
}

// Marked is the state after a reader added and took marks; read and kept exclude
// each other, and what is added holds.
func (s ReadState) Marked(add, take ReadState) ReadState {
	s = s&^take | add
	if add&Read != 0 {
		return s &^ Kept
	}
	return s.Joined(0)
}

// Joined is the state of a story that another one became part of.
func (s ReadState) Joined(other ReadState) ReadState {
	if s |= other; s&Kept != 0 {
		s &^= Read
	}
	return s
}
