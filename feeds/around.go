package feeds

import "time"

// Around is what is known around one feed that is no part of its own state: of the
// host that it is asked at, of the network, and of how its entries are told apart.
type Around struct {
	Host     string    // name, and port where it is not a usual one, that is asked
	Paused   time.Time // nobody asks the host before; zero or past when it does not mind
	PauseWhy string

	// Frozen are targets of redirects from Host that teach nothing.
	Frozen []Freeze
	// Offline: no publisher was heard of late, so that failures count against nobody.
	Offline bool
	// Unkept: of late nothing that feeds brought could be stored.
	Unkept bool

	// Renamed are those of the feed's Present entries that have borne another guid or
	// another address before.
	Present, Renamed int
}

// Freeze is a host that so many others led to at once, as a captive portal has them do,
// that redirects to it are not learned.
type Freeze struct {
	Target string
	Until  time.Time
	Hosts  []string // that led to it, sorted
}
