package main

import (
	"context"
	"fmt"
	"html"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/feeds/text"
	"aggregator/serve"
	"aggregator/store"
	"aggregator/stories"
)

// words are what texts are made of: several scripts, right-to-left ones too, and
// characters that mean something in XML, HTML and JSON.
var words = []string{"bridge", "council", "Zürich", "naïve", "<5", ">", "&", "&amp;", "AT&T", `"quoted"`, "'tis", "x<y", "]]>",
	"المجلس", "שלום", "橋が閉鎖", "桥梁", "สะพาน", "мост", "🙂", "e\u0301", "100 %", "a/b", "\\n", "{}", "—", "R&D;", "&#8212;", "1 < 2 > 0"}

func drawText(t *rapid.T, label string, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, most).Draw(t, label), " ")
}

// drawHTML writes HTML of the kind that publishers deliver; nothing in it is
// taken away by sanitising but what nobody reads.
func drawHTML(t *rapid.T) string {
	var b strings.Builder
	for range rapid.IntRange(1, 4).Draw(t, "blocks") {
		s := html.EscapeString(drawText(t, "text", 12))
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			b.WriteString("<h2>" + s + "</h2>")
		case 1:
			b.WriteString("<ul><li>" + s + "</li><li>two</li></ul>")
		case 2:
			b.WriteString(`<p>see <a href="https://elsewhere.example/a?b=1&amp;c=2">` + s + "</a> there</p>")
		case 3:
			b.WriteString("<blockquote><p>" + s + "</p></blockquote>")
		case 4:
			b.WriteString("<p>" + s + "<br>and <em>on</em></p><script>alert(1)</script>")
		case 5:
			b.WriteString(`<p><img src="https://herald.example/p.jpg" alt="a picture">` + s + "</p>")
		default:
			b.WriteString("<p>" + s + "</p>")
		}
	}
	return b.String()
}

func drawEntry(t *rapid.T, outlet feeds.Outlet, n int, at time.Time) *feeds.Entry {
	link := fmt.Sprintf("%snews/%d?a=1&b=%%C3%%A9", outlet.Home, n)
	e := &feeds.Entry{
		Outlet: outlet.ID, GUID: fmt.Sprint("tag:", outlet.ID, ",", n), Link: link, Canonical: parse.Canonical(link),
		Title: text.Line(html.EscapeString(drawText(t, "title", 8))), Content: drawHTML(t), Language: outlet.Language,
		Published:  feeds.Date{Time: at, Raw: at.Format(time.RFC3339), Element: "published"},
		Categories: []string{text.Line(drawText(t, "category", 2) + " news")}, Authors: []string{"Jane Doe"},
		Enclosures: []feeds.Enclosure{{URL: link + "&e=.mp3", Type: "audio/mpeg", Length: 1234}},
	}
	e.Text = text.FromHTML(e.Content)
	return e
}

// Entries go into the store and come out as merged feeds; what parse reads in
// these is what was written: each story once, in order, with its id, headline,
// address, time, text, language, categories and enclosures, in every format.
func TestOwnFeedsAreReadAsTheyWereWritten(t *testing.T) {
	outlets := []feeds.Outlet{
		{ID: "herald", Name: "The Herald & Sons", Home: "https://herald.example/", Language: "en"},
		{ID: "presse", Name: "Presse «du» Nord", Home: "https://presse.example/", Language: "fr-CA"},
	}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "reread")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		st, err := store.Open(filepath.Join(dir, "store.db"), store.Options{Window: 7 * 24 * time.Hour, Outlets: outlets})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		var before []*feeds.Entry
		for i, outlet := range outlets {
			p := feeds.Poll{Feed: outlet.Home + "feed", Outlet: outlet.ID, At: now.Add(time.Duration(i) * time.Minute), Outcome: feeds.Changed}
			p.State = feeds.State{URL: p.Feed, LastObserved: p.At, Outcome: p.Outcome}
			for n := range rapid.IntRange(0, 4).Draw(t, "entries") {
				at := now.Add(-time.Duration(rapid.IntRange(1, 100000).Draw(t, "seconds")) * time.Second)
				e := drawEntry(t, outlet, n, at)
				if len(before) > 0 && rapid.IntRange(0, 2).Draw(t, "copies") == 0 {
					c := rapid.SampledFrom(before).Draw(t, "original")
					e.Title, e.Content, e.Text = c.Title, c.Content, c.Text
				}
				before = append(before, e)
				e.Feed = p.Feed
				p.Items = append(p.Items, feeds.Item{Raw: uint64(i*100 + n + 1), Entry: e})
			}
			if err := st.Append(context.Background(), p); err != nil {
				t.Fatal(err)
			}
		}
		list, _, err := st.Stories(stories.Query{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		handler := serve.New(st, serve.Options{BaseURL: "https://reader.example", Title: "All & <everything>", Outlets: outlets})
		for _, format := range []string{"atom", "rss", "json"} {
			answer := httptest.NewRecorder()
			address := "https://reader.example/feed." + format
			handler.ServeHTTP(answer, httptest.NewRequest("GET", address, nil))
			doc := parse.Parse(parse.Input{Body: answer.Body.Bytes(), ContentType: answer.Header().Get("Content-Type"), URL: address})
			if doc.Status != parse.Read || doc.Title != "All & <everything>" || doc.Self != address || len(doc.Items) != len(list) {
				t.Fatalf("%s: %s %s: %q at %q with %d items, want %d", format, doc.Status, doc.Problem, doc.Title, doc.Self, len(doc.Items), len(list))
			}
			ids := map[string]bool{}
			for i, it := range doc.Items {
				got, story := it.Entry, &list[i]
				lead := story.Verdict.Entry
				if lead == 0 {
					lead = story.Verdict.SeenHere
				}
				want, ok, err := st.Entry(lead)
				if err != nil || !ok {
					t.Fatal(lead, ok, err)
				}
				differs := func(what string, got, want any) {
					if fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%s, item %d: %s is\n%q, written was\n%q", format, i, what, got, want)
					}
				}
				if ids[got.GUID] || !strings.HasSuffix(got.GUID, fmt.Sprint("stories/", story.ID)) {
					t.Errorf("%s, item %d: id %q of story %d", format, i, got.GUID, story.ID)
				}
				ids[got.GUID] = true
				differs("headline", got.Title, want.Title)
				differs("address", got.Link, want.Link)
				differs("time", got.Published.Time, story.Time().Truncate(time.Second).UTC())
				// What is below a second there is the story's number.
				differs("time of change", got.Updated.Time.Truncate(time.Second), story.Changed.Truncate(time.Second).UTC())
				differs("language", got.Language, want.Language)
				differs("categories", got.Categories, want.Categories)
				differs("enclosures", got.Enclosures, want.Enclosures)
				// The attribution follows the text.
				if !strings.HasPrefix(got.Text, want.Text) {
					t.Errorf("%s, item %d: text is\n%q, written was\n%q", format, i, got.Text, want.Text)
				}
				if strings.Contains(got.Content, "<script") || !strings.Contains(got.Text, story.Verdict.Name) {
					t.Errorf("%s, item %d: content %q", format, i, got.Content)
				}
			}
		}
	})
}
