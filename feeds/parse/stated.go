package parse

import "aggregator/feeds"

// publication is the feed in which an entry was read.
type publication struct {
	Title, Home, FeedURL string
	Outlet               feeds.Outlet
}

// findStated returns what an entry says of its own origin.
func findStated(e *feeds.Entry, own publication) []feeds.Stated { return nil }
