// Package websub subscribes to the hubs that feeds name, so that what is new is
// pushed and need not be asked for (W3C WebSub, 23 January 2018).
//
// Discover and Verify are the protocol; Subscriber is the loop that asks hubs and
// renews, the handler that they call back, and the queue between a push and its
// reading. What is remembered of a subscription is part of the feed's state and
// belongs to the poller: the Subscriber changes it through Feeds only, so that it
// survives restarts and never disagrees with a poll. Whatever a hub does or fails to
// do, the poller goes on.
package websub
