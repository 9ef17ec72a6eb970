// Package demo runs sample outlets on loopback ports for `aggregator demo` and
// for tests: feeds in four formats and three languages that show every case
// the program exists for, and that change over the first minute.
//
// The outlets and their news are made up, their addresses lie in the reserved
// domain .example; only The Whistler, of Nigeria, is a real newspaper, and its
// feed here is written in the form of its real one.
//
// What there is to see: a report that an outlet publishes with its "is first
// published on" footer, while its feed lags; a copy that keeps the footer and a
// truncated one that does not; two outlets that report the same event in their
// own words, and an unrelated story with nearly its headline; a wire story in
// three outlets; an article that is corrected, and then reprinted with a credit;
// one article in two section feeds; a date in the future.
package demo
