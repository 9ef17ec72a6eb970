package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/xml"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/store"
)

// snapshot is one feed's document at one poll of a captured polling history.
type snapshot struct {
	at   time.Time
	file string // the feed
	body []byte
}

// history reads a captured polling history in the order of its polls.
func history(t *testing.T, archive string) []snapshot {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var list []snapshot
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		at, err := time.Parse("20060102T150405Z", path.Base(path.Dir(h.Name)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, snapshot{at, path.Base(h.Name), body})
	}
	slices.SortFunc(list, func(a, b snapshot) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.file, b.file)
	})
	return list
}

// article is what tells articles apart for this test, read with encoding/xml
// alone: neither parse nor store has a part in it.
type article struct {
	Title string `xml:"title"`
	Link  string `xml:"link"`
	GUID  string `xml:"guid"`
	Text  string `xml:"description"`
}

func articles(t *testing.T, body []byte) []article {
	t.Helper()
	var doc struct {
		Items []article `xml:"channel>item"`
	}
	if err := xml.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Items
}

// keys are the names that two items of one article share: the guid and the
// address without its query.
func (a article) keys(outlet string) []string {
	link, _, _ := strings.Cut(strings.TrimSpace(a.Link), "?")
	return []string{outlet + " guid " + strings.TrimSpace(a.GUID), outlet + " link " + link}
}

// sets joins names that stand on one item, whenever that was.
type sets map[string]string

func (s sets) root(k string) string {
	if s[k] == "" {
		s[k] = k
	}
	for s[k] != k {
		k = s[k]
	}
	return k
}

func (s sets) join(a, b string) { s[s.root(a)] = s.root(b) }

func (s sets) count() (n int) {
	for k, v := range s {
		if k == v {
			n++
		}
	}
	return n
}

// replay feeds snapshots to a store as the poller would: what stood in the
// feed's last document is known by its bytes and not parsed again, and a
// document that has not changed brings nothing.
func replay(t *testing.T, st *store.Store, list []snapshot, outlets map[string]feeds.Outlet) (parsed int) {
	t.Helper()
	for _, s := range list {
		outlet := outlets[s.file]
		url := outlet.Home + s.file
		states, err := st.States()
		if err != nil {
			t.Fatal(err)
		}
		state := states[url]
		hash := xxhash.Sum64(s.body)
		p := feeds.Poll{Feed: url, Outlet: outlet.ID, At: s.at, Outcome: feeds.SameBody}
		if hash != state.BodyHash {
			known := map[uint64]bool{}
			for _, raw := range state.Known {
				known[raw] = true
			}
			doc := parse.Parse(parse.Input{Body: s.body, URL: url, Outlet: outlet, Known: func(raw uint64) bool { return known[raw] }})
			if doc.Status != parse.Read {
				t.Fatalf("%s at %v: %s %s", s.file, s.at, doc.Status, doc.Problem)
			}
			p.Outcome, p.Items, state.Known = feeds.Changed, doc.Items, nil
			for _, it := range doc.Items {
				state.Known = append(state.Known, it.Raw)
				if it.Entry != nil {
					parsed++
				}
			}
		}
		state.URL, state.BodyHash, state.LastRequest, state.LastObserved, state.Outcome = url, hash, s.at, s.at, p.Outcome
		p.State = state
		if err := st.Append(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	return parsed
}

// Five feeds of four newspapers, polled every six hours for a month: as many
// entries as there are articles, in spite of edits, and a second replay adds
// none. An article stays the same entry throughout, its interval is never
// negative, and it appeared no later than the first document that had it.
func TestMeasureReplayOfAPollingHistory(t *testing.T) {
	list := history(t, filepath.Join(shared(t), "streams", "rss-arch-2025-12.tar.gz"))
	paper := func(id, home string) feeds.Outlet { return feeds.Outlet{ID: id, Name: id, Home: home, Language: "en"} }
	wsj := paper("wsj", "https://www.wsj.com/")
	outlets := map[string]feeds.Outlet{
		"wsj_econ.xml": wsj, "wsj_world.xml": wsj,
		"economist.xml": paper("economist", "https://www.economist.com/"),
		"ft-home.xml":   paper("ft", "https://www.ft.com/"),
		"nyt_econ.xml":  paper("nyt", "https://www.nytimes.com/"),
	}
	same := sets{}
	appeared := map[string]time.Time{} // by name
	wordings := map[string]map[string]bool{}
	items := 0
	for _, s := range list {
		for _, a := range articles(t, s.body) {
			items++
			k := a.keys(outlets[s.file].ID)
			same.join(k[0], k[1])
			for _, name := range k {
				if appeared[name].IsZero() {
					appeared[name] = s.at
				}
			}
			w := wordings[k[0]]
			if w == nil {
				w = map[string]bool{}
				wordings[k[0]] = w
			}
			w[strings.Join(strings.Fields(a.Title+"\n"+a.Text), " ")] = true
		}
	}
	edited := 0
	for _, w := range wordings {
		if len(w) > 1 {
			edited++
		}
	}

	file := filepath.Join(t.TempDir(), "store.db")
	var first store.Report
	numbers := map[string]uint64{} // entry by name, after the first replay
	for round := range 2 {
		// The second replay begins where the first one ended: an archive that
		// is polled again, older documents and all.
		st, err := store.Open(file, store.Options{Window: 7 * 24 * time.Hour, Outlets: []feeds.Outlet{wsj, outlets["economist.xml"], outlets["ft-home.xml"], outlets["nyt_econ.xml"]}})
		if err != nil {
			t.Fatal(err)
		}
		parsed := replay(t, st, list, outlets)
		report, err := st.Verify(t.Context())
		if err != nil || !report.OK() {
			t.Fatal(report.Problems, err)
		}
		if report.Entries != same.count() {
			t.Errorf("replay %d: %d entries, there are %d articles", round+1, report.Entries, same.count())
		}
		if round == 0 {
			first = report
			if report.Versions == 0 || edited == 0 {
				t.Errorf("%d versions of %d edited articles", report.Versions, edited)
			}
		} else if more := report.Stories - first.Stories; more < 0 || more > edited/20 {
			// An earlier wording that comes back may leave a story whose others left the window.
			t.Errorf("replay %d: %d stories, there were %d", round+1, report.Stories, first.Stories)
		}
		negative, late, moved := 0, 0, 0
		for id := uint64(1); id <= uint64(report.Entries); id++ {
			e, ok, err := st.Entry(id)
			if err != nil || !ok {
				t.Fatal(id, ok, err)
			}
			n, ok, err := st.StoryOf(id)
			if err != nil || !ok {
				t.Fatal(id, ok, err)
			}
			story, ok, err := st.Story(n)
			if err != nil || !ok {
				t.Fatal(n, ok, err)
			}
			names := article{Link: e.Link, GUID: e.GUID}.keys(e.Outlet)
			for _, m := range story.Members {
				if m.Entry != id {
					continue
				}
				if !m.Seen.After.Before(m.Seen.At) {
					negative++
				}
				if at := appeared[names[0]]; at.IsZero() || m.Seen.At.After(at) {
					late++
				}
			}
			root := same.root(names[0])
			if was := numbers[root]; was != 0 && was != id {
				moved++
			}
			numbers[root] = id
		}
		if negative+late+moved > 0 {
			t.Errorf("replay %d: of the entries, %d have an empty interval, %d appear later than the first document that had them, %d stand under another number",
				round+1, negative, late, moved)
		}
		t.Logf("replay %d: %d documents, %d items, %d parsed: %d entries, %d earlier versions (%d articles were edited), %d stories",
			round+1, len(list), items, parsed, report.Entries, report.Versions, edited, report.Stories)
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
