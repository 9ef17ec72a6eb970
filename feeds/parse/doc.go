// Package parse turns the bytes of a feed document into entries, through
// gofeed: RSS 0.9 to 2.0, Atom 0.3 and 1.0, JSON Feed, with whatever damage
// they come with.
//
// One scan over the document finds where things stand: it forgives what XML
// does not (stray ampersands and brackets, tags that never close, undeclared
// prefixes, text in front of the document, a missing end), counts depth and
// size, hashes each item's bytes and leaves out the items that are known. What
// it hands to gofeed is a skeleton: the same elements in their usual spelling,
// in plain ASCII and well-formed, with a number in place of each text. gofeed
// says what the elements mean; the numbers lead back to the texts, with their
// xml:base, language and type, which gofeed would have lost. So no byte of a
// publisher's text reaches a recursive parser, long texts are copied once, and of
// the items that have the same elements gofeed reads one.
//
// Everything here is pure and safe for concurrent use.
package parse
