package serve

import (
	"slices"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

func TestFeedTellsWhatDecidesItsNextPoll(t *testing.T) {
	const url = "https://harbourpost.example/feed.xml"
	o := sampleOptions()
	o.Feeds = append(o.Feeds, feeds.Feed{URL: "https://new.example/feed", Outlet: "meridian"})
	o.States = func() (map[string]feeds.State, error) {
		states, err := sampleStates()
		st := states[url]
		st.ETag, st.TTL, st.LastHeaders, st.Lies, st.MovedTo, st.MovedSince = `"a"`, time.Hour, "Age: 3\nEtag: \"a\"", 2, "https://new.example/", ago(90)
		st.WebSub = &feeds.WebSub{Hub: "https://hub.example/", Topic: url, Token: "t0ken", Secret: "s3cret", Since: ago(2), Until: ago(-2), Pushes: 3}
		st.SkipDays = []time.Weekday{time.Sunday}
		states[url] = st
		return states, err
	}
	o.Why = func(s feeds.State, _ feeds.Around, now time.Time) []string {
		if !now.Equal(sampleNow) {
			t.Errorf("asked at %s", now)
		}
		return []string{"about " + s.URL}
	}
	o.Around = func(s feeds.State) feeds.Around {
		if s.URL != url {
			return feeds.Around{Paused: ago(1), PauseWhy: "over"}
		}
		return feeds.Around{Host: "harbourpost.example", Paused: ago(-1), PauseWhy: "the host wants a pause", Present: 9, Renamed: 2,
			Frozen: []feeds.Freeze{{Target: "hotel.example", Until: ago(-1), Hosts: []string{"a.example"}}, {Target: "over.example", Until: ago(1)}}}
	}
	h := New(sample(), o)
	ids := map[string]string{}
	for _, f := range get[feedsOut](t, h, "/api/v1/feeds").Feeds {
		ids[f.URL] = f.ID
	}
	d := get[feedDetail](t, h, "/api/v1/feeds/"+ids[url])
	if d.URL != url || d.Outlet != "harbour-post" || d.ETag != `"a"` || d.TTL != 3600 || !slices.Equal(d.LastHeaders, []string{"Age: 3", `Etag: "a"`}) ||
		d.Trust.Lies != 2 || d.Trust.MovedTo == "" || !d.Trust.MovedSince.Equal(ago(90)) || !slices.Equal(d.Why, []string{"about " + url}) || !slices.Equal(d.SkipDays, []string{"Sunday"}) {
		t.Errorf("%+v", d)
	}
	if tr := d.Trust; tr.Host.Why == "" || !tr.Host.Paused.Equal(ago(-1)) || tr.Identities != (identities{9, 2}) || len(tr.Frozen) != 1 || tr.Frozen[0].Hosts[0] != "a.example" {
		t.Errorf("trust: %+v", tr)
	}
	if w := d.WebSub; w == nil || !w.Subscribed || w.Pushes != 3 || !w.Until.Equal(ago(-2)) {
		t.Errorf("websub: %+v", w)
	}
	if text := body(t, ask(h, "GET", "/api/v1/feeds/"+ids[url])); strings.Contains(text, "s3cret") || strings.Contains(text, "t0ken") {
		t.Error("a secret is shown")
	}
	fresh := get[feedDetail](t, h, "/api/v1/feeds/"+ids["https://new.example/feed"])
	if fresh.WebSub != nil || fresh.Trust.Host.Paused != nil {
		t.Errorf("a pause that is over, or a hub from nowhere: %+v", fresh)
	}
	if fresh.LastRequest != nil || fresh.Name != "Meridian Wire" || !strings.Contains(fresh.Why[0], "new.example") {
		t.Errorf("a feed that was not polled yet: %+v", fresh)
	}
	if resp := ask(h, "GET", "/api/v1/feeds/nothing"); resp.StatusCode != 404 {
		t.Errorf("%d", resp.StatusCode)
	}
}
