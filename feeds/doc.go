// Package feeds holds the words that every other package speaks: outlets,
// feeds, entries, what one poll of a feed brought, and when an entry was seen.
//
// It holds values only. It imports nothing but the standard library, reads no
// clock and does no I/O; all of its types are safe to share once nobody writes
// to them any more.
package feeds
