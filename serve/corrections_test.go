package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"aggregator/stories"
)

// redPen is an Editor that remembers what it was told; story 13 cannot be merged.
type redPen struct {
	list  []stories.Correction
	calls []string
}

func (p *redPen) Corrections() []stories.Correction { return p.list }

func (p *redPen) Split(_ context.Context, entries []uint64, w stories.Word) (stories.Correction, error) {
	p.calls = append(p.calls, fmt.Sprint("split ", entries, " by ", w.By, ": ", w.Why))
	c := stories.Correction{Number: uint64(len(p.list) + 1), Split: true, Entries: entries, Others: []uint64{1}, Story: 1, Other: 9, Said: w}
	p.list = append(p.list, c)
	return c, nil
}

func (p *redPen) Merge(_ context.Context, one, other uint64, w stories.Word) (stories.Correction, error) {
	if other == 13 {
		return stories.Correction{}, stories.CannotCorrect("there is no story 13")
	}
	p.calls = append(p.calls, fmt.Sprint("merge ", one, other, " by ", w.By))
	return stories.Correction{Number: 7, Story: one, Other: other, Said: w}, nil
}

func (p *redPen) Undo(_ context.Context, n uint64, w stories.Word) (stories.Correction, error) {
	p.calls = append(p.calls, fmt.Sprint("undo ", n, " by ", w.By, ": ", w.Why))
	return stories.Correction{Number: n, Undone: &w}, nil
}

func TestCorrectionsNeedAToken(t *testing.T) {
	pen := &redPen{}
	o := sampleOptions()
	o.Editor, o.Now = pen, func() time.Time { return ago(0) }
	o.TokenUser = func(secret string) (string, bool, error) { return "ada", secret == "good", nil }
	h := New(sample(), o)
	send := func(method, path, token, body string, local bool) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		if local {
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.UnixAddr{Net: "unix"})))
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		method, path, token, body string
		local                     bool
		status                    int
		call                      string
	}{
		{"POST", "", "", `{"split":[2]}`, false, 401, ""},
		{"POST", "", "bad", `{"split":[2]}`, false, 401, ""},
		{"POST", "", "good", `{"split":[2,3],"why":"another ferry","by":"mallory"}`, false, 201, "split [2 3] by ada: another ferry"},
		{"POST", "", "", `{"merge":[4,5],"by":"the desk"}`, true, 201, "merge 4 5 by the desk"},
		{"POST", "", "good", `{"merge":[4,13]}`, false, 409, ""},
		{"POST", "", "good", `{"merge":[4]}`, false, 400, ""},
		{"POST", "", "good", `{"split":[4],"merge":[1,2]}`, false, 400, ""},
		{"POST", "", "good", `{}`, false, 400, ""},
		{"POST", "", "good", `{"splt":[4]}`, false, 400, ""},
		{"POST", "", "good", `no json`, false, 400, ""},
		{"POST", "", "good", `{"split":[4],"why":"` + strings.Repeat("x", 2000) + `"}`, false, 400, ""},
		{"DELETE", "/7", "", "", false, 401, ""},
		{"DELETE", "/7?why=no", "good", "", false, 200, "undo 7 by ada: no"},
		{"DELETE", "/seven", "good", "", false, 400, ""},
		{"PUT", "/7", "good", "", false, 405, ""},
	} {
		pen.calls = nil
		w := send(c.method, correctionsPath+c.path, c.token, c.body, c.local)
		if w.Code != c.status || strings.Join(pen.calls, "") != c.call {
			t.Errorf("%s %s %s: %d %s, calls %q", c.method, c.path, c.body, w.Code, w.Body, pen.calls)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: no JSON: %s", c.body, w.Body)
		}
	}
	if got := get[correctionsOut](t, h, correctionsPath); len(got.Corrections) != 1 || got.Corrections[0].Kind != "split" || got.Corrections[0].Undone != nil {
		t.Errorf("%+v", got)
	}
	o.Editor = nil
	h = New(sample(), o)
	if w := send("POST", correctionsPath, "good", `{"split":[2]}`, false); w.Code != 403 {
		t.Error(w.Code)
	}
	get[correctionsOut](t, h, correctionsPath)
}

// The story and its page show what editors said, and escape it.
func TestStoryShowsCorrections(t *testing.T) {
	src := sample()
	undone := stories.Word{By: "bob", At: ago(1)}
	src.list[0].Corrections = []stories.Correction{
		{Number: 1, Split: true, Entries: []uint64{5}, Story: src.list[0].ID, Other: 77, Said: stories.Word{By: "ada", Why: "<b>another</b> ferry", At: ago(2)}},
		{Number: 2, Story: src.list[0].ID, Other: 78, Said: stories.Word{At: ago(2)}, Undone: &undone},
	}
	h := New(src, sampleOptions())
	id := src.list[0].ID
	if got := get[fullStory](t, h, fmt.Sprint("/api/v1/stories/", id)); len(got.Corrections) != 2 || got.Corrections[1].Undone.By != "bob" {
		t.Errorf("%+v", got.Corrections)
	}
	html := body(t, ask(h, "GET", fmt.Sprint("/stories/", id)))
	for _, want := range []string{"What editors corrected", "&lt;b&gt;another&lt;/b&gt; ferry", "story 77", "merged story 78", "Undone by <bdi>bob</bdi>"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// FuzzCorrection: whatever is sent as a correction, it reaches the editor within its bounds
// or is refused with a problem.
func FuzzCorrection(f *testing.F) {
	f.Add("POST", correctionsPath, `{"split": [12, 13], "why": "two events", "by": "ada"}`)
	f.Add("POST", correctionsPath, `{"merge": [1, 2], "why": "one"}{"merge": []}`)
	f.Add("POST", correctionsPath, `{"split": [1], "merge": [1, 2], "why": "\u202e\u0000"}`)
	f.Add("DELETE", correctionsPath+"/1?why=wrong", "")
	f.Add("DELETE", correctionsPath+"/18446744073709551616?by=%ff", "")
	pen := &redPen{}
	o := sampleOptions()
	o.Editor, o.Now = pen, func() time.Time { return ago(0) }
	h := New(sample(), o)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(u.Path, correctionsPath) || method == "" || strings.ContainsFunc(method, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return
		}
		pen.list, pen.calls = nil, nil
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI = method, u, target
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.UnixAddr{Net: "unix"})))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch {
		case w.Code >= 500:
			t.Fatalf("%d %s", w.Code, w.Body)
		case w.Code >= 400 && method != http.MethodHead:
			if err := json.Unmarshal(w.Body.Bytes(), new(problem)); err != nil || len(pen.calls) > 0 {
				t.Fatalf("%d %s after %q", w.Code, w.Body, pen.calls)
			}
		}
		for _, c := range pen.list {
			if len(c.Entries) == 0 || len([]rune(c.Said.Why)) > maxWhy || len([]rune(c.Said.By)) > 100 || !utf8.ValidString(c.Said.Why+c.Said.By) {
				t.Errorf("the editor was given %+v", c)
			}
		}
	})
}
