package demo

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/store"
	"aggregator/stories"
)

// watcher polls the outlets every two seconds of the clock, as the demo does.
type watcher struct {
	*testing.T
	*Outlets
	clock  *clock
	store  *store.Store
	polled int // seconds
}

func watch(t *testing.T) *watcher {
	t.Helper()
	d, c := start(t)
	s, err := store.Open(filepath.Join(t.TempDir(), "demo.db"), store.Options{Outlets: d.Outlets()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &watcher{T: t, Outlets: d, clock: c, store: s}
}

// until polls up to the given second.
func (w *watcher) until(second int) {
	w.Helper()
	owner := w.owners()
	for ; w.polled <= second; w.polled += 2 {
		after(w.clock, seconds(w.polled))
		for _, f := range w.Feeds() {
			w.poll(f, owner[f.Outlet])
		}
	}
}

func (w *watcher) owners() map[string]feeds.Outlet {
	owner := map[string]feeds.Outlet{}
	for _, o := range w.Outlets.Outlets() {
		owner[o.ID] = o
	}
	return owner
}

// poll reads a feed as it stands and keeps what it brings.
func (w *watcher) poll(f feeds.Feed, o feeds.Outlet) {
	w.Helper()
	resp, body := get(w.T, f.URL)
	doc := parse.Parse(parse.Input{Body: body, ContentType: resp.Header.Get("Content-Type"), URL: f.URL, Outlet: o})
	if doc.Status != parse.Read {
		w.Errorf("%s is %s: %s", f.URL, doc.Status, doc.Problem)
	}
	now := w.clock.now()
	p := feeds.Poll{Feed: f.URL, Outlet: f.Outlet, At: now, Took: time.Millisecond, Outcome: feeds.Changed,
		State: feeds.State{URL: f.URL, LastRequest: now, LastObserved: now, Outcome: feeds.Changed}}
	for _, it := range doc.Items {
		it.Entry.Feed, it.Entry.Outlet = f.URL, f.Outlet
		p.Items = append(p.Items, it)
		p.State.Known = append(p.State.Known, it.Raw)
	}
	if err := w.store.Append(context.Background(), p); err != nil {
		w.Fatal(err)
	}
}

// story finds the story of an outlet's entry by its headline.
func (w *watcher) story(outlet, title string) stories.Story {
	w.Helper()
	list, _, err := w.store.Stories(stories.Query{Limit: 1000})
	if err != nil {
		w.Fatal(err)
	}
	for _, st := range list {
		for _, m := range st.Members {
			e, _, err := w.store.Entry(m.Entry)
			if err != nil {
				w.Fatal(err)
			}
			if m.Outlet == outlet && e.Title == title {
				return st
			}
		}
	}
	w.Fatalf("there is no story with %q of %s", title, outlet)
	return stories.Story{}
}

// expect checks who is first, on what basis, and who carries a story.
func (w *watcher) expect(st stories.Story, outlet string, basis stories.Basis, carriers ...string) {
	w.Helper()
	if st.Verdict.Outlet != outlet || st.Verdict.Basis != basis {
		w.Errorf("at %d s: first is %q by %s: %s", w.polled-2, st.Verdict.Outlet, st.Verdict.Basis, st.Verdict.Reason)
	}
	if got := carriedBy(st); !slices.Equal(got, carriers) {
		w.Errorf("at %d s: carried by %v, want %v", w.polled-2, got, carriers)
	}
}

func carriedBy(st stories.Story) (list []string) {
	for _, m := range st.Members {
		list = append(list, m.Outlet)
	}
	slices.Sort(list)
	return list
}

const (
	syria    = "One Thousand Syrian Soldiers Flee To Iraq After Fall Of Assad’s Regime"
	scholars = "One Thousand Syrian Students Move To Iraq After Launch Of Scholarship Scheme"
)

// TestWhatThePersonWatchingSees: the outlets give the stories and verdicts that
// the package's documentation promises.
func TestWhatThePersonWatchingSees(t *testing.T) {
	w := watch(t)
	w.until(6) // only the truncated copy
	w.expect(w.story("naijadigest", syria), "naijadigest", stories.Claimed, "naijadigest")
	w.until(26) // the copy whose footer names an outlet that has not published it yet
	w.expect(w.story("naijadigest", syria), "thewhistler", stories.Stated, "dailyrelay", "naijadigest")
	w.until(34) // the original
	st := w.story("naijadigest", syria)
	w.expect(st, "thewhistler", stories.Stated, "dailyrelay", "naijadigest", "thewhistler")
	if st.Verdict.Entry == 0 || !strings.HasPrefix(st.Verdict.URL, "https://thewhistler.ng/one-thousand-syrian-soldiers") {
		t.Errorf("the verdict leads to entry %d at %s", st.Verdict.Entry, st.Verdict.URL)
	}
	if v := st.Verdict; !v.At.Before(st.Members[0].Appeared()) || !v.After.IsZero() {
		t.Errorf("the original is dated (%v, %v], its copy %v", v.After, v.At, st.Members[0].Appeared())
	}
	if len(st.History) < 3 {
		t.Errorf("the verdict was corrected %d times", len(st.History)-1)
	}
	w.until(60) // two outlets in their own words
	w.expect(w.story("naijadigest", syria), "thewhistler", stories.Stated, "dailyrelay", "gulfmeridian", "levanttribune", "naijadigest", "thewhistler")
	w.expect(w.story("gulfmeridian", scholars), "gulfmeridian", stories.Claimed, "gulfmeridian") // a headline of the same build

	copper := w.story("capitalledger", "Copper climbs to four-month high as Chilean port strike enters second week")
	w.expect(copper, "", stories.Stated, "capitalledger", "gulfmeridian", "prairiestandard")
	if copper.Verdict.Name != "Reuters" {
		t.Errorf("the wire story is %q's: %s", copper.Verdict.Name, copper.Verdict.Reason)
	}
	w.expect(w.story("coastalherald", "Harbour ferry runs aground in fog, 46 passengers taken off"), "coastalherald", stories.Stated, "coastalherald", "dailyrelay")
	if st := w.story("capitalledger", "Ministry puts off railway sale again as bids fall short"); len(st.Members) != 1 {
		t.Errorf("one article in two section feeds is %d entries", len(st.Members))
	}
	if st := w.story("prairiestandard", "Blizzard closes the lake road; school buses turn back at Miller's Corner"); st.Verdict.At.After(w.clock.now()) {
		t.Errorf("a date in the future is believed: %v", st.Verdict.At)
	}
	for _, alone := range []string{"Lagos Traders Count Losses As Fire Guts 60 Shops At Timber Market", "Enugu Opens 80-Kilometre Water Line, Ends Two Decades Of Tanker Queues"} {
		w.expect(w.story("thewhistler", alone), "thewhistler", stories.Claimed, "thewhistler")
	}
}
