// Package store keeps everything that the polls bring in one bbolt file:
// entries and their versions, what each feed's last document held, where each
// entry stands, the stories with their verdicts, and the state of each feed.
//
// There is one write path. Append hands a poll to the one goroutine that
// writes; it applies the polls that are waiting in one transaction, each poll
// whole, and answers when they are on the disk. A poll that was answered with
// nil is never lost, and a poll that was not answered may be sent again: what
// is known already is not kept twice.
//
// docs/store.md describes every bucket, key and record.
package store
