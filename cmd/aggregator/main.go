// Command aggregator polls news feeds, groups the entries that are copies of
// one text or report one event, and says who published each story first.
package main

func main() {}
