package serve

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

type described struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Required bool
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
}

// everything is the sample with what only some sources have, so that every
// property of the description can be seen.
func everything() (*memory, Options) {
	src, o := sample(), sampleOptions()
	word := stories.Word{By: "ada", Why: "another ferry", At: ago(2)}
	correction := stories.Correction{Number: 1, Story: 1, Other: 2, Said: word, Undone: &word}
	o.Editor = &redPen{list: []stories.Correction{correction}}
	for i := range src.list {
		src.list[i].Corrections = []stories.Correction{correction}
		for j := range src.list[i].Members {
			src.list[i].Members[j].Redated = []stories.Redating{{Seen: ago(1), Published: feeds.Date{Time: ago(9)}}}
		}
	}
	for i := range slices.Backward(src.list) {
		if groups := src.list[i].Groups; len(groups) > 0 {
			groups[0].Verdict = stories.Verdict{Name: "Reuters", Confidence: stories.Certain}
			break
		}
	}
	o.Canonical = func(link string) string { return link }
	o.Why = func(feeds.State, feeds.Around, time.Time) []string { return []string{"because"} }
	o.Around = func(feeds.State) feeds.Around {
		soon := sampleNow.Add(time.Hour)
		return feeds.Around{Host: "harbourpost.example", Paused: soon, PauseWhy: "429", Frozen: []feeds.Freeze{{Target: "hotel.example", Until: soon, Hosts: []string{"a.example"}}}}
	}
	states := o.States
	o.States = func() (map[string]feeds.State, error) {
		list, err := states()
		f := sampleFeeds()[0].URL
		st := list[f]
		st.ETag, st.LastModified, st.LastHeaders, st.Damaged = `"a"`, "yesterday", "Age: 3", true
		st.PollURL, st.MovedTo, st.MovedSince, st.SkipHours, st.SkipDays = f+"?new", f+"?newer", ago(50), []int{3}, []time.Weekday{time.Sunday}
		st.NotBefore, st.Problem, st.Recent = ago(1), "a problem", []feeds.Failure{{At: ago(30), Outcome: feeds.Failed, Problem: "a problem"}}
		st.WebSub = &feeds.WebSub{Hub: "https://hub.example/", Topic: f, Since: ago(9), Until: ago(-9), Asked: ago(9), Next: ago(-5), Problem: "slow", LastPush: ago(1), LateAt: ago(2)}
		list[f] = st
		return list, err
	}
	return src, o
}

// TestOpenAPIIsTrue: every route of the API is described and every description
// is a route; every parameter that is described is read and the other way round;
// every answer holds against its schema, and every property is seen in one.
func TestOpenAPIIsTrue(t *testing.T) {
	src, o := everything()
	h := New(src, o)
	doc := get[described](t, h, "/api/openapi.json")
	if doc.OpenAPI != "3.1.0" {
		t.Fatal(doc.OpenAPI)
	}
	mux := &recorded{ServeMux: http.NewServeMux()}
	o.Traffic = NewTraffic()
	(&server{Options: o, source: src, answers: newAnswers()}).routes(mux)
	routes := 0
	for _, pattern := range mux.patterns {
		method, path, _ := strings.Cut(pattern, " ")
		if !strings.HasPrefix(path, "/api/v1/") {
			continue
		}
		routes++
		if _, ok := doc.Paths[path][strings.ToLower(method)]; !ok {
			t.Errorf("%s is not described", pattern)
		}
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			if routes--; !slices.Contains(mux.patterns, strings.ToUpper(method)+" "+path) {
				t.Errorf("%s %s is described and is no route", method, path)
			}
		}
	}
	if routes != 0 {
		t.Errorf("%d routes too many or too few", routes)
	}

	values := map[string]string{
		"copied_from": "harbour-post", "copied_by": "daily-scoop", "min_share": "90", "first": "harbour-post", "outlet": "daily-scoop", "lang": "en", "category": "africa", "q": "audit", "min_outlets": "2",
		"copies": "true", "since": "2026-01-01", "until": "2027-01-01", "limit": "3", "after": (stories.Cursor{At: 1 << 40, Story: 1}).String(),
		"failed": "true", "feed": feedID(sampleFeeds()[3].URL), "url": src.list[0].Members[0].Link,
	}
	ids := map[string]string{"/api/v1/feeds/{id}": feedID(sampleFeeds()[0].URL)}
	seen := map[string]bool{}
	check := func(name string, resp *http.Response, schema map[string]any) {
		var v any
		if err := json.Unmarshal([]byte(body(t, resp)), &v); err != nil {
			t.Errorf("%s: %d, %v", name, resp.StatusCode, err)
			return
		}
		holds(t, name, schema, v, seen, name[:strings.IndexAny(name+"?", "?")])
	}
	for path, methods := range doc.Paths {
		op, gets := methods["get"]
		if !gets {
			continue
		}
		schema := op.Responses["200"].Content["application/json"].Schema
		if schema == nil {
			continue // the event stream
		}
		failure := op.Responses["default"].Content["application/problem+json"].Schema
		id := ids[path]
		if id == "" {
			id = "1"
		}
		target := strings.NewReplacer("{id}", id, "{entry}", "102").Replace(path)
		must := ""
		for _, p := range op.Parameters {
			if p.In == "query" && p.Required {
				must = p.Name + "=" + url.QueryEscape(values[p.Name])
			}
		}
		asked := []string{target + "?" + must}
		for _, p := range op.Parameters {
			value := values[p.Name]
			if path == "/api/v1/polls" && p.Name == "after" {
				value = "9999999999999999-x"
			}
			if p.In == "query" && !p.Required {
				asked = append(asked, target+"?"+must+"&"+p.Name+"="+url.QueryEscape(value))
			}
		}
		for _, u := range asked {
			resp := ask(h, "GET", u)
			if resp.StatusCode != 200 {
				t.Errorf("%s: %d", u, resp.StatusCode)
			}
			check(u, resp, schema)
		}
		resp := ask(h, "GET", target+"?"+must+"&not_described=1")
		if resp.StatusCode != 400 {
			t.Errorf("%s with a parameter that is not described: %d", target, resp.StatusCode)
		}
		check("problem", resp, failure)
	}
	post := doc.Paths["/api/v1/first"]["post"].Responses["200"].Content["application/json"].Schema
	for _, text := range []string{"Port Salim dockers end nine-day strike after night-shift deal", src.list[0].Members[0].Link + "#x"} {
		r := httptest.NewRequest("POST", "/api/v1/first", strings.NewReader(text))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		check("/api/v1/first", w.Result(), post)
	}
	var missing []string
	for name, is := range seen {
		if !is {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("described and never seen in an answer: %s", strings.Join(missing, ", "))
	}

	// What is read is described.
	for file, list := range map[string][]filter{"params.go": filters, "polls.go": pollFilters} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		for _, m := range regexp.MustCompile(`(?m)^\t+case "([a-z_]+)":\n\t+(q\.|filters\.)`).FindAllStringSubmatch(string(source), -1) {
			read++
			if !slices.ContainsFunc(list, func(f filter) bool { return f.name == m[1] }) {
				t.Errorf("%s is read by %s and not described", m[1], file)
			}
		}
		if read != len(list) {
			t.Errorf("%s reads %d parameters, %d are described", file, read, len(list))
		}
	}
}

// holds checks a value against the part of JSON Schema that we write. seen notes
// which properties, named with what holds them, were described (false) and seen (true).
func holds(t *testing.T, where string, schema map[string]any, v any, seen map[string]bool, path string) {
	t.Helper()
	kinds := []any{schema["type"]}
	if list, ok := schema["type"].([]any); ok {
		kinds = list
	}
	kind := map[reflect.Kind]string{reflect.Invalid: "null", reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "integer", reflect.Slice: "array", reflect.Map: "object"}[reflect.ValueOf(v).Kind()]
	if !slices.Contains(kinds, any(kind)) {
		t.Errorf("%s is %s, described as %v", where, kind, kinds)
		return
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			holds(t, where+"[]", schema["items"].(map[string]any), x, seen, path)
		}
	case map[string]any:
		properties := schema["properties"].(map[string]any)
		for name := range properties {
			if _, noted := seen[path+"."+name]; !noted {
				seen[path+"."+name] = false
			}
		}
		for name, x := range v {
			p, ok := properties[name].(map[string]any)
			if !ok {
				t.Errorf("%s.%s is not described", where, name)
				continue
			}
			seen[path+"."+name] = true
			holds(t, where+"."+name, p, x, seen, name)
		}
		for _, name := range schema["required"].([]any) {
			if _, ok := v[name.(string)]; !ok {
				t.Errorf("%s.%s is missing", where, name)
			}
		}
	}
}
