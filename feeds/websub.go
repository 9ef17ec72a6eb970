package feeds

import "time"

// WebSub is what is remembered of a feed's hub, which pushes what is new.
type WebSub struct {
	Hub   string // its address, from the feed; empty when the feed names none any more
	Topic string // what the hub calls the feed

	// Token is the last part of the address that the hub pushes to, and Secret signs
	// what it pushes. They are made for the first request and stay until Hub or Topic
	// change. Neither is shown to anybody but the hub.
	Token, Secret string

	Asked    time.Time // when the hub was asked last
	Awaiting bool      // it has not yet verified that this request came from here
	Since    time.Time // subscribed without a gap since
	Until    time.Time // end of the lease; zero when not subscribed
	Next     time.Time // when the hub is asked next: to renew, or to try again
	Failures int       // requests in a row that did not lead to a subscription
	Problem  string    // the last of them in words; empty after success

	Pushes   int64     // documents that were taken
	LastPush time.Time // the last of them
	// Hint is when the hub last pushed something that could not be used: the feed is
	// polled by its schedule then.
	Hint   time.Time
	Bodies []uint64 // hashes of the latest pushes, so that none is taken twice; at most 16
	Seen   []uint64 // hashes of the names of the entries pushed last; at most 256

	// Late counts the entries that a poll saw although the hub had not pushed them; 0
	// again when a poll finds that nothing was missing. LateAt is when the last was seen.
	Late   int
	LateAt time.Time
}
