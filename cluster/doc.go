// Package cluster lets several machines work as one, over NATS JetStream: index
// nodes decide what is asked, when, and keep what comes of it; pollers ask. It is
// the only importer of the NATS client, and nothing of it runs on a single machine.
//
// Two streams hold all that the machines share:
//
//   - NAME_polls is the log: every poll that was made, in one order, which each
//     index node applies to its own store. The position in it is kept in the
//     transaction of the polls, so that a delivery that is repeated changes nothing,
//     and replicas that reached the same position are equal.
//   - NAME_jobs is a queue of polls to be made. All index nodes come to the same
//     decisions and put them there; the message id is the feed and the number of
//     its poll, so that one job stays. A job stands under its host, and a host's
//     subject takes no second job before the first one is acknowledged. So two
//     pollers never ask one host at once, and nobody needs a lease: a poller
//     acknowledges when the poll is in the log and the host's gap is over.
//
// There is no election and no membership. What a poller needs to know of a feed
// travels in the job; what it must never say in public (passwords, keys) stands in
// its own configuration.
package cluster
