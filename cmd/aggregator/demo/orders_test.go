package demo

import (
	"math/rand/v2"
	"testing"

	"aggregator/stories"
)

// TestFirstRoundInAnyOrder: feeds are polled side by side, so that the entries of the
// first round arrive in any order. In none does the headline of the same build
// join the story that it looks like.
func TestFirstRoundInAnyOrder(t *testing.T) {
	for seed := range 12 {
		w := watch(t)
		after(w.clock, seconds(0))
		list, owner := w.Feeds(), w.owners()
		rand.New(rand.NewPCG(uint64(seed), 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, f := range list {
			w.poll(f, owner[f.Outlet])
		}
		w.expect(w.story("naijadigest", syria), "naijadigest", stories.Claimed, "naijadigest")
		w.expect(w.story("gulfmeridian", scholars), "gulfmeridian", stories.Claimed, "gulfmeridian")
		w.expect(w.story("prairiestandard", "Copper at four-month high on Chile port strike"), "", stories.Stated, "capitalledger", "prairiestandard")
	}
}
