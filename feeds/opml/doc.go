// Package opml writes outlets as OPML 2.0 and reads them from it, in the form of this
// program and in that of other feed readers.
//
// An outlet is an outline that holds those of its feeds. What OPML has no word for
// stands in attributes of the namespace Namespace: on an outlet's outline id, home,
// language, category and aliases (one a line), on a feed's outline schedule and floor.
// docs/formats.md is the contract. In a file of another reader outlines that hold
// others are folders; feeds of one site become one outlet.
package opml

// Namespace is that of the attributes that OPML does not have.
const Namespace = "urn:aggregator:opml:1"
