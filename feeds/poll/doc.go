// Package poll decides which feed to ask when, asks it, and hands what came of it
// to a Sink.
//
// A cron schedule gives the windows in which a feed is polled; the feed's own phase,
// a hash of its address, gives the moment within the window, so that a thousand
// feeds on one schedule are a thousand moments. What a publisher asks for
// (Retry-After, cache times, ttl, skipHours) only ever moves a poll later. decide,
// the rule that turns the state before a poll and its answer into the state after
// it, is a pure function; Poller is the loop around it.
package poll
