package poll

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// What is not believed, or not asked, because of a host or of the network, is shown
// with its evidence, and the next poll is said to be when it will be.
func TestWhatHoldsForAHostIsShownWithEachOfItsFeeds(t *testing.T) {
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			rw.Header().Set("Retry-After", "7200")
			rw.WriteHeader(429)
			return
		}
		ok(document(1), "ETag", `"a"`)(rw, r)
	})
	hotel := serve(t, ok(document(1)))
	subs := []Subscription{subscription(w.URL+"/fine", normal()), subscription(w.URL+"/refused", normal())}
	for range 6 {
		subs = append(subs, subscription(serve(t, http.RedirectHandler(hotel+"/login", http.StatusMovedPermanently).ServeHTTP)+"/feed", normal()))
	}
	p := must(New(subs, nil, &w.memory, Options{Parallel: 1}))
	if err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	fine := w.states[w.URL+"/fine"]
	a, plan := p.Around(fine), p.Plan(fine)
	if left := a.Paused.Sub(now); left < time.Hour || left > 2*time.Hour || !strings.Contains(a.PauseWhy, "/refused") {
		t.Errorf("paused for %s: %s", left, a.PauseWhy)
	}
	if !plan.NextDue.Equal(a.Paused) || plan.DueReason != a.PauseWhy {
		t.Errorf("due at %s because of %s", plan.NextDue, plan.DueReason)
	}
	if text := strings.Join(Why(plan, normal(), a, now), "\n"); !strings.Contains(text, "wants no request before") {
		t.Error(text)
	}
	led := p.Around(w.states[subs[7].Feed.URL])
	target, _ := hostName(hotel)
	if len(led.Frozen) != 1 || led.Frozen[0].Target != target || len(led.Frozen[0].Hosts) != 6 || len(a.Frozen) != 0 {
		t.Errorf("frozen: %+v; for the others: %+v", led.Frozen, a.Frozen)
	}
	if text := strings.Join(Why(plan, normal(), led, now), "\n"); !strings.Contains(text, "is not taken for a move") || !strings.Contains(text, led.Frozen[0].Hosts[0]) {
		t.Error(text)
	}
	for _, c := range []struct {
		a    feeds.Around
		want string
	}{{feeds.Around{Offline: true}, "offline"}, {feeds.Around{Present: 9, Renamed: 2}, "2 of its 9 entries"}} {
		if text := strings.Join(Why(fine, normal(), c.a, now), "\n"); !strings.Contains(text, c.want) {
			t.Errorf("no %q in\n%s", c.want, text)
		}
	}
}
