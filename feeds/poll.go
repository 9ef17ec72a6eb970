package feeds

import "time"

// Outcome is what a poll came to. All of them are expected; none is an error.
type Outcome string

const (
	// Changed: a document that differs from the one before, and was read.
	Changed Outcome = "changed"
	// NotModified: the server answered 304.
	NotModified Outcome = "not modified"
	// SameBody: a 200 whose body is byte for byte the one before.
	SameBody Outcome = "same body"
	// Gone: the server answered 410.
	Gone Outcome = "gone"
	// RateLimited: 429, 503, a repeated 403, or a challenge page instead of an
	// answer: the host wants fewer requests.
	RateLimited Outcome = "rate limited"
	// Failed: no usable answer (network, TLS, time-out, 4xx, 5xx, over a limit).
	Failed Outcome = "failed"
	// NotAFeed: a 200 whose body holds no feed (a web page, a login form).
	NotAFeed Outcome = "not a feed"
	// Told: no poll; a hub said something, and only State changed.
	Told Outcome = "told"
)

// Observed reports whether the outcome shows what the feed held at that
// moment, so that an entry it did not hold was not there yet.
func (o Outcome) Observed() bool {
	return o == Changed || o == NotModified || o == SameBody
}

// Poll is what one polling of one feed brought. It holds all that the store
// needs, so that a log of polls can be replayed elsewhere.
type Poll struct {
	Feed    string // the feed's URL, its key
	Outlet  string // the ID of the outlet that owns the feed
	At      time.Time
	Ran     Ran // At by the clock that nobody can set
	Took    time.Duration
	Outcome Outcome
	// State is the feed's state after this poll; it becomes durable together
	// with Items, or not at all.
	State State
	// Items is what stands in the document, in its order. It is nil unless
	// Outcome is Changed.
	Items []Item
}

// Item is one item of a feed document.
type Item struct {
	// Raw is a hash of the item's bytes in the document (xxhash64): an item
	// whose Raw stood in the feed's previous document is the same, unread.
	Raw uint64
	// Entry is nil when Raw was known and the item was not parsed again.
	Entry *Entry
}

// State is what is remembered of a feed between polls.
type State struct {
	URL string // the feed's key
	// Title, Home and Language are what the feed last said of itself.
	Title, Home, Language string

	ETag         string // byte for byte as received; empty when none
	LastModified string // as received, never re-printed
	BodyHash     uint64 // xxhash64 of the last body that was read; 0 when none
	Type         string // "rss 2.0", "atom 1.0", "json 1.1", …
	Damaged      bool   // the last document was read in part or after repair

	LastRequest  time.Time // when the last request started
	LastObserved time.Time // start of the last poll whose outcome is Observed
	LastChange   time.Time // last poll that brought a new or edited entry
	NotBefore    time.Time // no request before: Retry-After, or the pause after a 429; zero when none
	NextDue      time.Time // when the next poll is due, and why
	DueReason    string

	Outcome  Outcome // of the last poll
	Status   int     // HTTP status of the last answer; 0 when there was none
	Failures int     // polls in a row that were not Observed
	Problem  string  // the last failure in words; empty after success

	Polls   int64 // polls so far
	Entries int   // items in the last document
	Wire    int64 // bytes of all bodies so far, as transferred

	// Known holds the Raw hashes of the items of the last document.
	Known []uint64

	// What the publisher asks for, from the last document or its headers.
	FreshFor    time.Duration // max-age or Expires of the last 200; 0 when none
	TTL         time.Duration // RSS ttl or sy:updatePeriod; 0 when none
	SkipHours   []int         // hours of the day, GMT, 0 to 23
	SkipDays    []time.Weekday
	LastFull    time.Time // start of the last request that brought a whole document
	LastHeaders string    // of the last answer, "Name: value" lines; bounded, no cookies

	// Trust in the server's validators.
	ValidatorsOf string // the URL that ETag and LastModified belong to; empty: the feed's own
	Ignored      int    // times in a row that a conditional request brought a whole, unchanged document
	Lies         int    // times that an unchanged ETag came with changed entries

	// Where the feed has moved.
	PollURL    string    // the learned address asked instead of URL; empty: none
	MovedTo    string    // target of a permanent redirect that is not yet trusted
	MovedSince time.Time // first poll that saw MovedTo
	MovedPolls int       // polls in a row that saw MovedTo deliver this feed

	// What the watch for captive portals goes on from after a restart.
	LedTo       string    // the other host that a permanent redirect led to last
	LedAt       time.Time // the poll that saw it
	FrozenUntil time.Time // redirects to LedTo taught nothing then, and do not before

	// Rhythm is what an adaptive schedule has learned; nil otherwise. It is
	// replaced, never changed.
	Rhythm *Rhythm

	// WebSub is the feed's subscription at a hub; nil without one. It is replaced,
	// never changed.
	WebSub *WebSub

	// Recent holds the latest failures, oldest first; at most 5.
	Recent []Failure
}

// Shift moves the moments that decide about the next poll, when the clock that they are
// told by was set. It is not safe for concurrent use.
func (s *State) Shift(d time.Duration) {
	for _, t := range []*time.Time{&s.LastRequest, &s.NotBefore, &s.NextDue} {
		if !t.IsZero() {
			*t = t.Add(d)
		}
	}
}

// Rhythm is how often a feed brings something new, and when. All numbers fade: what
// is a week old counts half.
type Rhythm struct {
	Watched float64     // hours that were observed
	Entries float64     // new entries in them
	Hours   [24]float64 // new entries by hour of the day, UTC
	Days    [7]float64  // new entries by day of the week, from Sunday
}

// Failure is one poll that did not show what the feed holds.
type Failure struct {
	At      time.Time
	Outcome Outcome
	Status  int // HTTP status; 0 when there was no answer
	Problem string
}
