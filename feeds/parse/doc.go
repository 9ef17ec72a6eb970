// Package parse turns the bytes of a feed document into entries, through
// gofeed: RSS 0.9 to 2.0, Atom, JSON Feed, whatever their damage.
package parse
