// Package text turns the HTML of feeds into plain text: for comparing entries,
// for finding what they say of their origin, and for people.
//
// All its functions are pure, safe for concurrent use, never panic, and take
// time and memory in proportion to their input.
package text
