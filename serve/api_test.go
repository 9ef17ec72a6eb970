package serve

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"aggregator/stories"
)

func get[T any](t *testing.T, h http.Handler, target string) T {
	t.Helper()
	resp := ask(h, "GET", target)
	var v T
	if b := body(t, resp); resp.StatusCode != 200 {
		t.Fatalf("%s: %d %s", target, resp.StatusCode, b)
	} else if err := json.Unmarshal([]byte(b), &v); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return v
}

type listed struct {
	Stories []storyOut `json:"stories"`
	nextOut
}

func TestStoriesFilterAndPage(t *testing.T) {
	src := sample()
	h := New(src, sampleOptions())
	for query, q := range map[string]stories.Query{
		"":                         {},
		"copied_from=harbour-post": {CopiedFrom: "harbour-post"},
		"copied_from=harbour-post&copied_by=daily-scoop": {CopiedFrom: "harbour-post", CopiedBy: "daily-scoop"},
		"min_share=95":                         {MinShare: 95},
		"first=reuters":                        {First: "reuters"},
		"first=meridian&copies=1":              {First: "meridian", CopiesOnly: true},
		"min_outlets=3":                        {MinOutlets: 3},
		"lang=pt":                              {Lang: "pt"},
		"category=africa&outlet=kano-courier":  {Category: "africa", Outlet: "kano-courier"},
		"q=Rate+bank":                          {Q: "rate bank"},
		"since=2026-03-04T12:00:00Z":           {Since: ago(157)},
		"until=2026-03-04T12:00:00%2B00:00&q=": {Until: ago(157)},
	} {
		want := map[uint64]bool{}
		for i := range src.list {
			if q.Match(&src.list[i]) {
				want[src.list[i].ID] = true
			}
		}
		if len(want) == 0 || query != "" && len(want) == len(src.list) {
			t.Fatalf("%s: the sample does not tell: %d", query, len(want))
		}
		target := "/api/v1/stories?limit=2&" + query
		for n := len(want); ; {
			page := get[listed](t, h, target)
			for _, s := range page.Stories {
				if !want[s.ID] {
					t.Errorf("%s: story %d does not belong there, or is there twice", query, s.ID)
				}
				delete(want, s.ID)
			}
			if page.NextURL == nil {
				break
			}
			u, err := url.Parse(*page.NextURL)
			if err != nil || n < 0 {
				t.Fatalf("%s: %v, or the pages do not end", query, err)
			}
			target = u.RequestURI()
			n--
		}
		if len(want) > 0 {
			t.Errorf("%s: not listed: %v", query, want)
		}
	}
}

func TestStoryShowsEvidenceAndFollowsMerges(t *testing.T) {
	src := sample()
	src.merged[77] = 1
	h := New(src, sampleOptions())
	s := get[fullStory](t, h, "/api/v1/stories/77")
	if s.ID != 1 || len(s.Entries) != 5 || len(s.First.Evidence) == 0 || len(s.History) == 0 || len(s.Texts) != 1 {
		t.Errorf("story: %+v", s)
	}
	if s.Entries[0].Appeared == nil || s.Entries[0].CopyOf != nil {
		t.Errorf("the first entry: %+v", s.Entries[0])
	}
}

func TestDuplicatesKeepCopiesAndOwnWordsApart(t *testing.T) {
	d := get[struct{ Duplicates []duplicateOut }](t, New(sample(), sampleOptions()), "/api/v1/duplicates?copied_from=harbour-post")
	if len(d.Duplicates) != 2 {
		t.Fatalf("%d stories are copied from harbour-post, want 2", len(d.Duplicates))
	}
	strike := d.Duplicates[0]
	if strike.Outlets != 5 || len(strike.Copies) != 2 || len(strike.OwnWords) != 3 {
		t.Fatalf("strike: %+v", strike)
	}
	for _, c := range strike.Copies {
		if c.Of.Outlet != "harbour-post" || c.PerMille < 900 || *c.CopyOf != c.Of.ID {
			t.Errorf("copy: %+v", c)
		}
	}
}

func TestFeedsTellTheirHealth(t *testing.T) {
	f := get[struct{ Feeds []feedOut }](t, New(sample(), sampleOptions()), "/api/v1/feeds")
	byOutlet := map[string]feedOut{}
	for _, x := range f.Feeds {
		byOutlet[x.Outlet] = x
	}
	if got := byOutlet["al-marsad"]; len(f.Feeds) != len(sampleOutlets) || got.Failures != 7 || got.DueReason == "" || got.NextDue == nil {
		t.Errorf("feeds: %+v", f.Feeds)
	}
}

// every address that reads parameters.
var addresses = []string{"/feed.atom", "/feed.rss", "/feed.json", "/api/v1/stories", "/api/v1/duplicates"}

func TestMalformedParametersAreProblems(t *testing.T) {
	h := New(sample(), sampleOptions())
	for _, query := range []string{
		"limit=0", "limit=201", "limit=x", "min_outlets=-1", "since=yesterday", "until=2026-13-01", "copies=maybe", "after=nowhere",
		"after=0.0", "lnag=en", "q=a&q=b", "q=%ff", "q=%00", "%zz", "a;b=c", "lang=" + string(make([]byte, 300)),
	} {
		for _, path := range addresses {
			u := path + "?" + query
			if len(query) > 100 {
				u = path + "?lang=" + url.QueryEscape(query[5:])
			}
			resp := ask(h, "GET", u)
			var p problem
			if err := json.Unmarshal([]byte(body(t, resp)), &p); err != nil || resp.StatusCode != 400 || p.Status != 400 || p.Detail == "" ||
				resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %d %+v (%v)", u, resp.StatusCode, p, err)
			}
		}
	}
	for target, status := range map[string]int{
		"/api/v1/stories/0": 400, "/api/v1/stories/-1": 400, "/api/v1/stories/99999999999999999999": 400,
		"/api/v1/stories/4711": 404, "/nowhere": 404, "/api/v1/": 404, "/feed.atom/": 404,
	} {
		if resp := ask(h, "GET", target); resp.StatusCode != status || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s, want %d", target, resp.StatusCode, resp.Header.Get("Content-Type"), status)
		}
	}
	if resp := ask(h, "POST", "/feed.atom"); resp.StatusCode != 405 {
		t.Errorf("POST: %d", resp.StatusCode)
	}
}

func TestFailureOfTheSourceIsHiddenAndUnhealthy(t *testing.T) {
	src := sample()
	src.fail = errors.New("disk on fire at /secret/path")
	h := New(src, sampleOptions())
	for _, path := range addresses {
		resp := ask(h, "GET", path)
		if b := body(t, resp); resp.StatusCode != 500 || len(b) == 0 || json.Unmarshal([]byte(b), &problem{}) != nil {
			t.Errorf("%s: %d %s", path, resp.StatusCode, b)
		}
	}
	if resp := ask(h, "GET", "/healthz"); resp.StatusCode != 503 {
		t.Errorf("healthz: %d", resp.StatusCode)
	}
}

func TestOneQueryHasOneAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé +&=%"]{0,12}`)
		q := stories.Query{
			CopiedFrom: text.Draw(t, "copied_from"), First: text.Draw(t, "first"), Outlet: text.Draw(t, "outlet"), Lang: text.Draw(t, "lang"),
			CopiedBy: text.Draw(t, "copied_by"), MinShare: rapid.IntRange(0, 100).Draw(t, "min_share"),
			Category: text.Draw(t, "category"), Q: text.Draw(t, "q"), MinOutlets: rapid.IntRange(0, 9).Draw(t, "min"),
			Limit: rapid.IntRange(1, maxLimit).Draw(t, "limit"), CopiesOnly: rapid.Bool().Draw(t, "copies"),
		}
		if rapid.Bool().Draw(t, "times") {
			q.Since, q.Until, q.After = ago(90), ago(3), stories.Cursor{At: 1, Story: 2}
		}
		values, err := url.ParseQuery(writeQuery(q))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := readQuery(values); err != nil || back != q {
			t.Fatalf("%+v is read back as %+v, %v", q, back, err)
		}
	})
}

func FuzzReadQuery(f *testing.F) {
	f.Add("limit=5&since=2026-03-04&after=1.1&q=a+b")
	f.Add("min_outlets=1e3&until=2026-03-04T05:06:07+01:00")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q, err := readQuery(values)
		var p problem
		if err != nil && (!errors.As(err, &p) || p.Status != 400 || len(p.Invalid) == 0) {
			t.Fatalf("%q: %v", query, err)
		}
		if err == nil && (q.Limit < 1 || q.Limit > maxLimit) {
			t.Fatalf("%q: limit %d", query, q.Limit)
		}
	})
}
