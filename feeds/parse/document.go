package parse

import (
	"time"

	"aggregator/feeds"
)

// Input is a document as it was fetched.
type Input struct {
	Body        []byte // after decompression; it is not changed
	ContentType string // of the HTTP answer; empty when unknown
	URL         string // where it came from, the base of its relative links; may be empty
	Outlet      feeds.Outlet
	// Known says whether an item with this hash of its bytes is known already,
	// so that it need not be parsed: its Item then has no Entry. nil knows none.
	Known func(raw uint64) bool
}

// Status says how well a document could be read.
type Status string

const (
	Read    Status = "read"
	Damaged Status = "damaged" // read in part, or after repair
	Refused Status = "refused" // not a feed, or nothing could be read
)

// Document is what a feed document says.
type Document struct {
	Status  Status
	Problem string // what is damaged, or why it was refused, for people
	Type    string // "rss 2.0", "rss 1.0", "atom 1.0", "json 1.1", …

	Title, Description string // plain text
	Home               string // absolute URL of the site; may be empty
	Language           string // BCP 47 tag; may be empty
	Self               string // the feed's own address as it states it; may be empty
	Hubs               []string

	TTL         time.Duration // RSS ttl; 0 when absent
	UpdateEvery time.Duration // sy:updatePeriod over sy:updateFrequency; 0 when absent
	SkipHours   []int         // 0 to 23, UTC
	SkipDays    []time.Weekday

	// Items stand in the document's order.
	Items []feeds.Item
}
