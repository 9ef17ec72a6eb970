// Package fetch makes one conditional GET and says what came of it.
//
// A request carries what a polite reader sends and nothing else: no Referer, no
// cookies, no added query parameters; the validators that the caller stored, byte
// for byte, and only to the address that they came from. Answers are bounded in
// time, in redirects, and in bytes before and after decompression. Addresses that
// are not public are refused when a connection is made, after name resolution and
// for every redirect, so that no feed can reach into the network around the
// daemon.
//
// Whatever happens is a Response with an Outcome; Get returns no error.
package fetch
