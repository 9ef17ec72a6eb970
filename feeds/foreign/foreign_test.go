package foreign

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var exports = map[Reader]string{
	Miniflux: `{"total":2,"entries":[
{"id":7,"user_id":1,"feed_id":3,"status":"read","hash":"00","title":"One &amp; more","url":"https://a.example/1","comments_url":"","published_at":"2026-03-02T09:00:00+01:00","content":"<p>Text</p>","author":"Ann","starred":true,"reading_time":1,"enclosures":[{"id":1}],"feed":{"id":3,"feed_url":"https://a.example/feed","site_url":"https://a.example/","category":{"id":1}},"tags":["x"]},
{"id":8,"status":"unread","title":"","url":"","feed":{"feed_url":"https://a.example/feed"}}]}
{"total":0,"entries":[]}`,
	FreshRSS: `{"id":"user/-/state/org.freshrss/starred","title":"Starred","author":"ada","items":[
{"id":"tag:google.com,2005:reader/item/0005","crawlTimeMsec":"1772438400000","published":1772438400,"title":"One &amp; more","canonical":[{"href":"https://a.example/1"}],"alternate":[{"href":"https://a.example/1","type":"text/html"}],"categories":["user/-/state/com.google/reading-list","user/-/state/com.google/read","user/-/state/com.google/starred","tag"],"origin":{"streamId":"feed/3","htmlUrl":"https://a.example/","title":"A","feedUrl":"https://a.example/feed"},"content":{"content":"<p>Text</p>"},"guid":"","author":"Ann"},
{"title":"Nowhere","origin":{"streamId":"feed/3"}}]}`,
	Newsboat: `[{"guid":"","title":"One &amp; more","author":"Ann","url":"https://a.example/1","feedurl":"https://a.example/feed","pubDate":1772438400,"content":"<p>Text</p>","unread":0,"flags":"s"},
{"guid":"g2","title":"","author":"","url":"","feedurl":"https://a.example/feed","pubDate":0,"content":"","unread":1,"flags":null}]`,
}

// The three say the same of the same entry.
func TestRead(t *testing.T) {
	want := []Item{{Feed: "https://a.example/feed", URL: "https://a.example/1", Title: "One &amp; more", Author: "Ann", Content: "<p>Text</p>",
		Published: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Read: true, Starred: true}}
	for from, export := range exports {
		var got []Item
		left, err := Read(from, strings.NewReader(export), func(it Item) error { got = append(got, it); return nil })
		if d := cmp.Diff(want, got); d != "" || err != nil || left != 1 {
			t.Errorf("%s: %d left out, %v\n%s", from, left, err, d)
		}
		for n := 1; n < len(export)-30; n += 7 {
			if _, err := Read(from, strings.NewReader(export[:n]), func(Item) error { return nil }); err == nil {
				t.Errorf("%s: cut at %d, no error", from, n)
			}
		}
		stop := errors.New("stop")
		if _, err := Read(from, strings.NewReader(export), func(Item) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%s: %v", from, err)
		}
	}
	if _, err := Read("mosaic", strings.NewReader("[]"), nil); err == nil {
		t.Error("no error")
	}
	if _, err := Read(Newsboat, strings.NewReader("SQLite format 3"), nil); err == nil || !strings.Contains(err.Error(), "no JSON") {
		t.Error(err)
	}
}

// FreshRSS wrote other items in its earlier versions, and its command line others
// again.
func TestFreshRSSOfOtherVersions(t *testing.T) {
	const earlier = `{"id":"user/ada/state/org.freshrss/feed/3","items":[
{"id":"a-1","timestampUsec":"1","categories":["tag","user/-/state/com.google/read"],"title":"One","author":"Ann","published":1772438400,"updated":1772438400,"alternate":[{"href":"https://a.example/1","type":"text/html"}],"content":{"content":"Text"},"origin":{"streamId":3,"feedUrl":"https://a.example/feed?a=1&amp;b=2"}}]}`
	const commandLine = `{"items":[{"id":"tag:google.com,2005:reader/item/0005","title":"One","published":1772438400,"alternate":[{"href":"https://a.example/1"}],"summary":{"content":"Text"},"author":"Ann","categories":["user/-/state/com.google/read"],"origin":{"streamId":"feed/https://a.example/feed?a=1&b=2"}}]}`
	want := Item{Feed: "https://a.example/feed?a=1&b=2", URL: "https://a.example/1", Title: "One", Author: "Ann", Content: "Text",
		Published: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Read: true}
	for export, guid := range map[string]string{earlier: "a-1", commandLine: ""} {
		want.GUID = guid
		var got []Item
		left, err := Read(FreshRSS, strings.NewReader(export), func(it Item) error { got = append(got, it); return nil })
		if d := cmp.Diff([]Item{want}, got); d != "" || err != nil || left != 0 {
			t.Errorf("%d left out, %v\n%s", left, err, d)
		}
	}
}

func TestReadZip(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, text := range map[string]string{"starred_2026.json": exports[FreshRSS], "feeds.opml.xml": "<opml/>"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	if left, err := Read(FreshRSS, &packed, func(Item) error { n++; return nil }); err != nil || n != 1 || left != 1 {
		t.Error(n, left, err)
	}
}

func FuzzRead(f *testing.F) {
	for from, export := range exports {
		f.Add(string(from), []byte(export))
	}
	f.Add("freshrss", []byte(`{"items":[{"id":"a-1","title":"One","origin":{"streamId":3,"feedUrl":"https://a.example/?a&amp;b"}}]}`))
	f.Add("freshrss", []byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, from string, export []byte) {
		_, _ = Read(Reader(from), bytes.NewReader(export), func(it Item) error {
			if it.Feed == "" || it.URL == "" && it.Title == "" {
				t.Errorf("%+v", it)
			}
			return nil
		})
	})
}
