package opml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

// What is written is read back, whatever the texts hold that XML can carry.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab\t\n\r <>&\"'é漢😀]")))
	rapid.Check(t, func(t *rapid.T) {
		var list []Outlet
		for i := range rapid.IntRange(1, 4).Draw(t, "outlets") {
			id := string(rune('a' + i))
			o := Outlet{Outlet: feeds.Outlet{ID: id, Name: "n" + text.Draw(t, "name"), Home: text.Draw(t, "home"),
				Language: text.Draw(t, "language"), Category: text.Draw(t, "category")}}
			o.Schedule, o.Floor = text.Draw(t, "own schedule"), text.Draw(t, "own floor")
			for range rapid.IntRange(0, 3).Draw(t, "aliases") {
				o.Aliases = append(o.Aliases, "x"+strings.ReplaceAll(text.Draw(t, "alias"), "\n", ""))
			}
			for j := range rapid.IntRange(1, 3).Draw(t, "feeds") {
				o.Feeds = append(o.Feeds, Feed{URL: "https://" + id + "/" + string(rune('a'+j)) + text.Draw(t, "url"), Title: "t" + text.Draw(t, "title"),
					Schedule: text.Draw(t, "schedule"), Floor: text.Draw(t, "floor")})
			}
			list = append(list, o)
		}
		var b bytes.Buffer
		if err := Write(&b, text.Draw(t, "file"), list); err != nil {
			t.Fatal(err)
		}
		got, left, err := Read(b.Bytes())
		if err != nil || len(left) > 0 {
			t.Fatalf("%v %v\n%s", err, left, b.String())
		}
		for i := range got {
			got[i].Line = 0
			for j := range got[i].Feeds {
				got[i].Feeds[j].Line = 0
			}
		}
		if d := cmp.Diff(list, got); d != "" {
			t.Errorf("%s\n%s", d, b.String())
		}
	})
}

// Another reader's feeds become outlets by their sites; where a host has many people's
// sites each is its own, and no two are called alike.
func TestFeedsOfOneSiteAreOneOutlet(t *testing.T) {
	got, _, err := Read([]byte(`<opml version="2.0"><body>
<outline text="The Lagoon - News" xmlUrl="https://lagoon.example/news" htmlUrl="https://www.lagoon.example/"/>
<outline text="Home" xmlUrl="https://feeds.feedburner.com/one"/><outline text="Home" xmlUrl="https://feeds.feedburner.com/two"/>
<outline text="The Lagoon - Sport" xmlUrl="https://lagoon.example/sport"/>
<outline text="Notes" xmlUrl="https://uni.example/ann.xml" htmlUrl="https://uni.example/~ann/"/>
<outline text="Notes" xmlUrl="https://uni.example/bob.xml" htmlUrl="https://uni.example/~bob/"/>
</body></opml>`))
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	for _, o := range got {
		short = append(short, fmt.Sprintf("%s %d", o.Name, len(o.Feeds)))
	}
	want := []string{"The Lagoon 2", "Home 1", "Home (feeds.feedburner.com) 1", "Notes 1", "Notes (uni.example) 1"}
	if d := cmp.Diff(want, short); d != "" {
		t.Error(d)
	}
}

func TestBadFiles(t *testing.T) {
	const head = "<opml version=\"2.0\" xmlns:a=\"" + Namespace + "\"><body>\n"
	const tail = "\n</body></opml>"
	for _, c := range []struct{ file, want string }{
		{"", "line 1: there is no feed in this file"},
		{"<html>\n</html>", "line 1: the file holds <html>, not <opml>"},
		{head + "<outline text='a'>\n</body>", "line 3: this is not XML: "},
		{head + "<outline text='a'/>" + tail, "line 3: there is no feed in this file"},
		{head + "<outline text='a' type='rss'/>\n<outline text='b' xmlUrl=' '/>" + tail, "line 2: the feed \"a\" has no address; write xmlUrl=\"https://…\"\nline 3: the feed \"b\" has no address"},
		{head + "<outline text='a' a:id='a'/>\n<outline xmlUrl='x'/>" + tail, "line 2: the outlet \"a\" has no feed"},
		{head + "<outline text='a' a:id='a'>\n<outline text='b' a:id='b'><outline xmlUrl='x'/></outline></outline>" + tail, "line 3: the outlet \"b\" stands inside another one"},
		{head + "<outline text='a' a:id='a' xmlUrl='x'/>" + tail, "line 2: an outline is an outlet and a feed at once"},
		{head + "<outline text='a' xmlUrl='x' a:shedule='@hourly'/>" + tail, "line 2: there is no attribute \"shedule\""},
		{head + strings.Repeat("<outline text='a'>", 2*maxDepth), "line 2: more than 100 elements inside each other"},
		{"<?xml version='1.0' encoding='klingon'?><opml/>", "line 1: this is not XML: "},
	} {
		outlets, _, err := Read([]byte(c.file))
		var problems Problems
		if !errors.As(err, &problems) || outlets != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80q: %v, want %s", c.file, err, c.want)
		}
	}
}

// No file makes reading fail otherwise than by naming lines.
func FuzzRead(f *testing.F) {
	f.Add([]byte("<opml xmlns:a='" + Namespace + "'><body><outline a:id='x' text='y'><outline xmlUrl='https://x/'/></outline><outline text='f'><outline xmlUrl='b' htmlUrl='http://h/~u/'/></outline></body></opml>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		outlets, _, err := Read(data)
		if (err == nil) == (len(outlets) == 0) {
			t.Errorf("%d outlets, %v", len(outlets), err)
		}
		names := map[string]bool{}
		for _, o := range outlets {
			if o.ID == "" && (o.Name == "" || names[strings.ToLower(o.Name)]) {
				t.Errorf("the name %q", o.Name)
			}
			if names[strings.ToLower(o.Name)] = true; len(o.Feeds) == 0 {
				t.Errorf("%q has no feed", o.Name)
			}
		}
	})
}
