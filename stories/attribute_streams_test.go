package stories

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/parse"
)

// carried is a real entry as a poller saw it.
type carried struct {
	ID, Outlet, URL, Title, Summary, Body, Lang string
	Published                                   string    `json:"published"`
	First                                       time.Time `json:"first_seen"`
	Last                                        time.Time `json:"last_seen"`
}

// replayed is a stream with what the polls showed of each entry.
type replayed struct {
	entries []carried
	seen    []feeds.Seen
	outlets []feeds.Outlet
	ids     map[string]string // outlet's name -> ID
}

// readStream reads a stream. The polls of an outlet are the moments at which
// any of its entries was first or last seen; a poll that brought nothing new
// and saw nothing leave is not recorded, so that intervals are rather too long.
func readStream(t *testing.T, path string) replayed {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r := replayed{ids: map[string]string{}}
	polls := map[string]map[int64]bool{}
	homes := map[string]map[string]int{}
	d := json.NewDecoder(bufio.NewReaderSize(z, 1<<20))
	for d.More() {
		var c carried
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		r.entries = append(r.entries, c)
		if polls[c.Outlet] == nil {
			polls[c.Outlet], homes[c.Outlet] = map[int64]bool{}, map[string]int{}
			r.ids[c.Outlet] = fmt.Sprintf("o%d", len(r.ids))
		}
		for _, at := range []time.Time{c.First, c.Last} {
			if !at.IsZero() {
				polls[c.Outlet][at.Unix()] = true
			}
		}
		if u, err := url.Parse(c.URL); err == nil {
			homes[c.Outlet][u.Host]++
		}
	}
	sorted := map[string][]int64{}
	for o, set := range polls {
		for at := range set {
			sorted[o] = append(sorted[o], at)
		}
		sort.Slice(sorted[o], func(i, j int) bool { return sorted[o][i] < sorted[o][j] })
		home, most := "", 0
		for h, n := range homes[o] {
			if n > most || n == most && h < home {
				home, most = h, n
			}
		}
		r.outlets = append(r.outlets, feeds.Outlet{ID: r.ids[o], Name: o, Home: "https://" + home + "/"})
	}
	for _, c := range r.entries {
		s := feeds.Seen{At: c.First}
		all := sorted[c.Outlet]
		if i := sort.Search(len(all), func(i int) bool { return all[i] >= c.First.Unix() }); i > 0 {
			s.After = time.Unix(all[i-1], 0).UTC()
		}
		r.seen = append(r.seen, s)
	}
	return r
}

// member makes entry i a story's member, with what it states of its origin.
func (r *replayed) member(i int) Member {
	c := r.entries[i]
	m := Member{Entry: uint64(i + 1), Outlet: r.ids[c.Outlet], Title: c.Title, Link: c.URL, Language: c.Lang, Seen: r.seen[i]}
	m.Published.Raw = c.Published
	m.Published.Time, _ = time.Parse(time.RFC3339, c.Published)
	text := c.Body
	if text == "" {
		text = c.Summary
	}
	var home string
	for _, o := range r.outlets {
		if o.ID == m.Outlet {
			home = o.Home
		}
	}
	doc, _ := json.Marshal(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": c.Outlet, "home_page_url": home,
		"items": []any{map[string]any{"id": c.ID, "url": c.URL, "title": c.Title, "content_html": text}}})
	for _, it := range parse.Parse(parse.Input{Body: doc, ContentType: "application/feed+json", URL: home}).Items {
		if it.Entry != nil {
			m.Stated = it.Entry.Stated
		}
	}
	return m
}

// TestVerdictsOfRealStreams groups real entries as they were polled, attributes
// every story of two outlets or more, and reports the verdicts. What is called
// certain must not contradict the intervals.
func TestVerdictsOfRealStreams(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	dir := filepath.Join(sharedDir(t), "streams")
	show := os.Getenv("VERDICTS_SHOW") // a file that gets every verdict
	var out *bufio.Writer
	if show != "" {
		f, err := os.Create(show)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out = bufio.NewWriter(f)
		defer out.Flush()
	}
	for _, name := range []string{"global_2026-03", "global_2026-05", "india_2026-02_03", "markets_2025-07_08"} {
		path := filepath.Join(dir, name+".jsonl.gz")
		if _, err := os.Stat(path); err != nil {
			t.Logf("%s is not here", name)
			continue
		}
		r := readStream(t, path)
		d := NewDirectory(r.outlets)
		x := NewIndex(Options{})
		w := sketches{}
		story, copyOf, share := map[uint64]uint64{}, map[uint64]uint64{}, map[uint64]int{}
		into := map[uint64]uint64{}
		for i, c := range r.entries {
			id := uint64(i + 1)
			e := &feeds.Entry{Outlet: r.ids[c.Outlet], Link: c.URL, Title: c.Title, Summary: c.Summary, Content: c.Body, Text: c.Body, Language: c.Lang}
			if e.Text == "" {
				e.Text = c.Summary
			}
			e.Published.Time, _ = time.Parse(time.RFC3339, c.Published)
			p := x.Place(w, id, e, r.seen[i], time.Time{})
			w[id] = p.Sketch
			story[id], copyOf[id], share[id] = p.Story, p.CopyOf, p.Share
			for _, m := range p.Merged {
				into[m] = p.Story
			}
			for _, m := range p.Moved {
				copyOf[m.Entry], share[m.Entry], w[m.Entry] = m.CopyOf, m.Share, m.Sketch
			}
		}
		groups := map[uint64][]int{}
		for i := range r.entries {
			s := story[uint64(i+1)]
			for into[s] != 0 {
				s = into[s]
			}
			groups[s] = append(groups[s], i)
		}
		order := make([]uint64, 0, len(groups))
		for s := range groups {
			order = append(order, s)
		}
		sort.Slice(order, func(i, j int) bool { return order[i] < order[j] })
		count, copies := map[string]int{}, map[string]int{}
		several := 0
		for _, s := range order {
			of := map[string]bool{}
			for _, i := range groups[s] {
				of[r.entries[i].Outlet] = true
			}
			if len(of) < 2 {
				continue
			}
			several++
			var members []Member
			for _, i := range groups[s] {
				m := r.member(i)
				m.CopyOf, m.Share = copyOf[m.Entry], share[m.Entry]
				members = append(members, m)
			}
			v, texts := Attribute(members, d)
			count[string(v.Basis)+" "+string(v.Confidence)]++
			for _, g := range texts {
				copies[string(g.Verdict.Basis)+" "+string(g.Verdict.Confidence)]++
			}
			if v.Confidence == Certain && v.Entry != 0 {
				for _, m := range members {
					if m.Outlet != v.Outlet && m.Seen.Before(r.seen[v.Entry-1]) {
						t.Errorf("%s: %q is certain of %s, but %s was seen before", name, v.Reason, v.Name, m.Outlet)
					}
				}
			}
			if out != nil {
				fmt.Fprintf(out, "== %s %d: %s %s: %s\n", name, s, v.Basis, v.Confidence, v.Reason)
				for _, m := range members {
					fmt.Fprintf(out, "   %d %-18.18s copy %d %d  (%s, %s] claims %s  %.90s %v\n", m.Entry, nameOf(m.Outlet, d), m.CopyOf, m.Share,
						m.Seen.After.Format("02 15:04"), m.Seen.At.Format("02 15:04"), m.Published.Time.Format("02 15:04"), m.Title, m.Stated)
				}
			}
		}
		t.Logf("%s: %d entries, %d stories of two outlets or more", name, len(r.entries), several)
		t.Logf("  stories: %s", shares(count))
		t.Logf("  texts with copies: %s", shares(copies))
	}
}

// TestOriginsOfRealCopies attributes judged pairs of copies whose origin is
// known, each pair as a group of its own.
func TestOriginsOfRealCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, to which the race detector is of no use: the whole run does this")
	}
	dir := sharedDir(t)
	streams := map[string][]string{"g+i-2026-03": {"global_2026-03", "india_2026-02_03"}, "markets-2025": {"markets_2025-07_08"}}
	read := map[string]replayed{}
	inside, right, outside, named, open := 0, 0, 0, 0, 0
	for _, name := range []string{"copy_pairs", "gs_pairs"} {
		file, err := os.Open(filepath.Join(dir, "labels", "pairs", name+".jsonl"))
		if err != nil {
			t.Skip(err)
		}
		defer file.Close()
		for d := json.NewDecoder(file); d.More(); {
			var p struct {
				Pair, Label, Origin, Pool string
				A, B                      carried
			}
			if err := d.Decode(&p); err != nil {
				t.Fatal(err)
			}
			if p.Label != "copy" || p.Origin == "" {
				continue
			}
			pair := replayed{entries: []carried{p.A, p.B}, seen: []feeds.Seen{{At: p.A.First}, {At: p.B.First}}, ids: map[string]string{p.A.Outlet: "a", p.B.Outlet: "b"}}
			for _, s := range streams[p.Pool] {
				if _, ok := read[s]; !ok {
					read[s] = readStream(t, filepath.Join(dir, "streams", s+".jsonl.gz"))
				}
				for i, c := range read[s].entries {
					for j := range pair.entries {
						if c.ID == pair.entries[j].ID {
							pair.seen[j] = read[s].seen[i]
						}
					}
				}
			}
			for o, id := range pair.ids {
				home := ""
				for _, c := range pair.entries {
					host, _ := siteHost(c.URL)
					if c.Outlet == o {
						home = "https://" + host + "/"
					}
					// a portal may link to the other outlet's site
					if other := foldName(strings.Join([]string{p.A.Outlet, p.B.Outlet}[:], "")); c.Outlet == o && strings.Contains(strings.ReplaceAll(other, foldName(o), ""), siteLabel(host)) {
						home = "https://" + strings.ToLower(strings.ReplaceAll(o, " ", "")) + ".com/"
					}
				}
				pair.outlets = append(pair.outlets, feeds.Outlet{ID: id, Name: o, Home: home})
			}
			sort.Slice(pair.outlets, func(i, j int) bool { return pair.outlets[i].ID < pair.outlets[j].ID })
			m := []Member{pair.member(0), pair.member(1)}
			m[1].CopyOf = 1
			v, _ := Attribute(m, NewDirectory(pair.outlets))
			t.Logf("%s origin %s: %q %s %s: %s", p.Pair, p.Origin, v.Outlet, v.Basis, v.Confidence, v.Reason)
			switch {
			case p.Origin == "outside":
				outside++
				if v.Outlet == "" {
					named++
				}
				if v.Confidence == Tie || v.Confidence == Unknown {
					open++
				}
			default:
				inside++
				if v.Outlet == p.Origin {
					right++
				}
			}
		}
	}
	t.Logf("origin inside: %d of %d right; origin outside: %d of %d named as such, %d left open", right, inside, named, outside, open)
	if right*8 < inside*7 {
		t.Errorf("only %d of %d origins are right", right, inside)
	}
}

// sketches keeps every sketch.
type sketches map[uint64][]byte

func (s sketches) Sketch(entry uint64) []byte { return s[entry] }

func shares(count map[string]int) string {
	var keys []string
	all := 0
	for k, n := range count {
		keys = append(keys, k)
		all += n
	}
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%s %d (%.1f %%)  ", k, count[k], 100*float64(count[k])/float64(max(all, 1)))
	}
	return b.String()
}
