package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"aggregator/cmd/aggregator/demo"
)

// The demo shows the Syria story attributed to The Whistler with its evidence,
// and its three merged feeds parse back and hold the same stories.
func TestDemoShowsTheSyriaStory(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	start := time.Now().Add(-time.Hour) // everything is published already
	samples, err := demo.Start(ctx, demo.Options{Start: start})
	if err != nil {
		t.Fatal(err)
	}
	defer samples.Close()
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := runDemo(ctx, samples, "127.0.0.1:0", t.TempDir()+"/demo.db", write)
		write.CloseWithError(err)
		done <- err
	}()

	var output strings.Builder
	lines := bufio.NewScanner(io.TeeReader(read, &output))
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Still serving") {
	}
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(output.String())
	if address == "" {
		t.Fatalf("the demo names no address:\n%s", &output)
	}
	go io.Copy(io.Discard, read)

	for _, want := range []string{
		"Probably first published on The Whistler", // one statement, and a feed that lags
		"is first published on The Whistler Newspaper”",
		"First published on Reuters",
		"carries the text of Reuters",
	} {
		if !strings.Contains(strings.Join(strings.Fields(output.String()), " "), want) { // wherever lines break
			t.Errorf("the demo does not say %q", want)
		}
	}
	if t.Failed() {
		t.Logf("it says:\n%s", &output)
	}

	var first []string
	for _, kind := range []string{"atom", "rss", "json"} {
		titles := readFeed(t, address+"/feed."+kind)
		if !slices.Contains(titles, "One Thousand Syrian Soldiers Flee To Iraq After Fall Of Assad’s Regime") &&
			!slices.Contains(titles, "One Thousand Syrian Soldiers Flee To Iraq After Fall Of Assad's Regime") {
			t.Errorf("feed.%s does not hold the Syria story: %q", kind, titles)
		}
		slices.Sort(titles)
		if first == nil {
			first = titles
		}
		if !slices.Equal(first, titles) {
			t.Errorf("feed.%s and feed.atom hold different stories:\n%q\n%q", kind, titles, first)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("the demo did not end cleanly: %v", err)
	}
}

// readFeed parses a merged feed with gofeed and asks for it again, conditionally.
func readFeed(t *testing.T, url string) (titles []string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	feed, err := gofeed.NewParser().Parse(resp.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	for _, it := range feed.Items {
		titles = append(titles, it.Title)
	}
	again, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Header.Set("If-None-Match", resp.Header.Get("ETag"))
	resp2, err := http.DefaultClient.Do(again)
	if err != nil {
		t.Fatal(err)
	}
	resp2.Body.Close()
	if resp2.StatusCode != http.StatusNotModified {
		t.Errorf("%s answers %s to its own ETag", url, fmt.Sprint(resp2.StatusCode))
	}
	return titles
}
