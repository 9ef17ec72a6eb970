// Package discover finds the feeds of a site whose home page is known.
//
// It asks for the page, and then for as few further addresses as will do, in
// three steps that end with the first that gives a feed with entries: what the
// page declares (<link rel="alternate">, the convention of the RSS Advisory
// Board's autodiscovery and of HTML, section 4.6.7.1), links on it that look
// like feeds, and, as a last resort, the usual addresses. Every request goes
// through feeds/fetch, one at a time, with the host's gap between two. Nothing
// else is fetched, and a server that wants fewer requests is asked for nothing
// more.
package discover
