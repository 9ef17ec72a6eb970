package store

import (
	"bufio"
	"compress/gzip"
	"crypto/sha1"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// told is one real article.
type told struct {
	ID, Outlet, URL, Title, Summary, Body, Lang, Published, Story string

	FirstSeen time.Time `json:"first_seen"`
}

func (a *told) text() string {
	if a.Body != "" {
		return a.Body
	}
	return a.Summary
}

// side is 0 for an article to choose thresholds on, 1 for one to check them on.
func (a *told) side() int { return int(sha1.Sum([]byte(a.ID))[0] % 2) }

func readTold(t *testing.T, limit int, parts ...string) (list []told) {
	t.Helper()
	f, err := os.Open(filepath.Join(append([]string{"..", "..", "shared"}, parts...)...))
	if err != nil {
		t.Skip("needs real articles: ", err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(f.Name(), ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	for d := json.NewDecoder(bufio.NewReaderSize(r, 1<<20)); d.More() && len(list) < limit; {
		var a told
		if err := d.Decode(&a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

// TestMeasureGivenTexts pastes parts of real articles, edited ones and articles
// that are not there into a store of real ones: how often the right story is
// found, how often a wrong one, and whether the share of the text is right.
func TestMeasureGivenTexts(t *testing.T) {
	kept := readTold(t, 6000, "streams", "global_2026-05.jsonl.gz")
	full := append(readTold(t, 400, "labels", "wikinews2014.jsonl"), readTold(t, 200, "labels", "basil.jsonl")...)
	strangers := append(readTold(t, 4000, "streams", "markets_2025-07_08.jsonl.gz")[2000:], readTold(t, 2000, "labels", "allsides.jsonl")...)
	var unkept []told // of each of Basil's events, one outlet's article is not in the store
	had := map[string]bool{}
	for _, a := range full {
		if a.Outlet != "" && strings.HasPrefix(a.ID, "basil-") && !had[a.Story] {
			had[a.Story] = true
			unkept = append(unkept, a)
		}
	}
	full = slices.DeleteFunc(full, func(a told) bool { return slices.ContainsFunc(unkept, func(u told) bool { return u.ID == a.ID }) })
	begin := kept[len(kept)-1].FirstSeen.Add(-5 * 24 * time.Hour)
	for i := range full {
		full[i].FirstSeen = begin.Add(time.Duration(i) * time.Minute)
	}
	s, _ := openTemp(t)
	number := map[string]uint64{} // of an article's entry
	label := map[uint64]string{}  // of an entry: the event that people say it reports
	events := map[string]string{}
	for _, a := range full {
		events[a.ID] = a.Story
	}
	var batch []feeds.Poll
	last := begin // all of them are in the window
	for _, a := range append(full, kept...) {
		if a.FirstSeen.After(last) {
			last = a.FirstSeen
		}
		outlet := strings.ToLower(strings.ReplaceAll(a.Outlet, " ", "-"))
		e := &feeds.Entry{Outlet: outlet, GUID: a.ID, Link: a.URL, Title: a.Title, Summary: a.Summary, Text: a.text(), Language: a.Lang}
		e.Published.Time, _ = time.Parse(time.RFC3339, a.Published)
		batch = append(batch, running(poll("https://feeds.example/"+outlet+"/"+a.ID, outlet, last, e)))
	}
	together(t, s, batch, 32)
	storyOf := map[uint64]uint64{}
	for _, st := range all(t, s) {
		for _, m := range st.Members {
			storyOf[m.Entry] = st.ID
			e, _, err := s.Entry(m.Entry)
			if err != nil {
				t.Fatal(err)
			}
			number[e.GUID], label[m.Entry] = m.Entry, events[e.GUID]
		}
	}

	words := func(s string, from, n int) string {
		w := strings.Fields(s)
		from = min(from, len(w))
		return strings.Join(w[from:min(len(w), from+n)], " ")
	}
	each := func(s string, n int, change func(i int, w string) string) string { // every nth word
		w := strings.Fields(s)
		for i := n - 1; i < len(w); i += n {
			w[i] = change(i, w[i])
		}
		return strings.Join(w, " ")
	}
	pad := words(strings.Repeat("in other matters the council met to hear what was said of the weather and of the price of bread before lunch ", 40), 0, 300)
	kinds := []struct {
		name        string
		from        []told
		make        func(a *told) string
		want        bool
		least, most float64 // right of those asked, wrong of those asked
	}{
		{"a headline", kept, func(a *told) string { return a.Title }, true, .95, .03},
		{"a headline without every fourth word", kept, func(a *told) string { return each(a.Title, 4, func(int, string) string { return "" }) }, true, .88, .05},
		{"a teaser", kept, func(a *told) string { return a.Summary }, true, .95, .03},
		{"headline and teaser, every sixth word another", kept, func(a *told) string {
			return each(a.Title+". "+a.Summary, 6, func(int, string) string { return "something" })
		}, true, .85, .03},
		{"a paragraph of an article", full, func(a *told) string { return words(a.Body, 60, 45) }, true, .97, .02},
		{"a sentence of an article", full, func(a *told) string { return words(a.Body, 100, 16) }, true, .95, .03},
		{"a whole article", full, func(a *told) string { return a.Title + "\n" + a.Body }, true, .98, .02},
		{"a whole article, every fifth word another", full, func(a *told) string {
			return each(a.Title+"\n"+a.Body, 5, func(int, string) string { return "something" })
		}, true, .90, .03},
		{"a paragraph among 300 other words", full, func(a *told) string { return pad + " " + words(a.Body, 30, 60) }, true, .95, .03},
		{"the event in the words of an outlet that is not here: headline", unkept, func(a *told) string { return a.Title }, true, .70, .05},
		{"the event in the words of an outlet that is not here: article", unkept, func(a *told) string { return a.Title + "\n" + a.Body }, true, .70, .05},
		{"a headline from elsewhere", strangers, func(a *told) string { return a.Title }, false, .93, .07},
		{"a teaser from elsewhere", strangers, func(a *told) string { return a.Summary }, false, .97, .03},
		{"headline and teaser from elsewhere", strangers, func(a *told) string { return a.Title + ". " + a.Summary }, false, .97, .03},
	}
	sample := 60
	if os.Getenv("FIRST_ALL") != "" {
		sample = 600
	}
	for _, k := range kinds {
		var asked, right, wrong [2]int
		offShare, shares := 0, 0
		step := max(1, len(k.from)/(3*sample))
		for i := 0; i < len(k.from); i += step {
			a := &k.from[i]
			given := k.make(a)
			if len(strings.Fields(given)) < 4 || asked[a.side()] >= sample || k.want && number[a.ID] == 0 && events[a.ID] == "" && a.Story == "" {
				continue
			}
			found, err := s.Alike(given, 20)
			if err != nil {
				t.Fatal(err)
			}
			asked[a.side()]++
			switch {
			case !k.want && len(found) == 0:
				right[a.side()]++
			case len(found) == 0:
			case k.want && number[a.ID] == 0 && label[found[0].Entry] == a.Story:
				right[a.side()]++
			case k.want && number[a.ID] != 0 && storyOf[found[0].Entry] == storyOf[number[a.ID]]:
				right[a.side()]++
			default:
				wrong[a.side()]++
				if os.Getenv("FIRST_SHOW") != "" && a.side() == 0 {
					e, _, _ := s.Entry(found[0].Entry)
					t.Logf("%s: %q -> %q | %q %+v", k.name, given, e.Title, words(e.Text, 0, 40), found[0])
				}
			}
			if len(found) > 0 && k.name == "a paragraph among 300 other words" && found[0].Entry == number[a.ID] {
				n := len(strings.Fields(words(a.Body, 30, 60)))
				shares++
				if want := 1000 * n / (300 + n); found[0].Share < want-30 || found[0].Share > want+30 {
					offShare++
				}
			}
		}
		t.Logf("%-64s first half: %3d of %3d right, %2d wrong; second half: %3d of %3d right, %2d wrong", k.name, right[0], asked[0], wrong[0], right[1], asked[1], wrong[1])
		if n := float64(asked[0] + asked[1]); float64(right[0]+right[1]) < k.least*n || float64(wrong[0]+wrong[1]) > k.most*n {
			t.Errorf("%s: not %.0f %% right, or more than %.0f %% wrong", k.name, 100*k.least, 100*k.most)
		}
		if shares > 0 {
			t.Logf("%-48s the share of the text is off by more than 3 points in %d of %d", "", offShare, shares)
			if 20*offShare > shares {
				t.Errorf("the share of the given text is wrong in %d of %d", offShare, shares)
			}
		}
	}
}
