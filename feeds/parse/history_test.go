package parse

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path"
	"sort"
	"testing"
)

// snapshots reads a captured polling history: the documents of each feed in
// the order in which they were fetched.
func snapshots(t *testing.T, file string) map[string][][]byte {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if bodies[path.Clean(h.Name)], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	var names []string // they start with the time of the poll
	for n := range bodies {
		names = append(names, n)
	}
	sort.Strings(names)
	out := map[string][][]byte{}
	for _, n := range names {
		out[path.Base(n)] = append(out[path.Base(n)], bodies[n])
	}
	return out
}

// TestMeasureHistory reads real feeds poll after poll. Only what is new or edited is
// parsed, a second reading parses nothing, and an identifier and a canonical
// link name the same article throughout.
func TestMeasureHistory(t *testing.T) {
	for feed, docs := range snapshots(t, shared(t, "streams/rss-arch-2025-12.tar.gz")) {
		known := map[uint64]bool{}
		links, guids := map[string]map[string]bool{}, map[string]map[string]bool{}
		items, parsed := 0, 0
		for i, body := range docs {
			for _, round := range []string{"first", "second"} {
				d := Parse(Input{Body: body, URL: "https://feeds.example/" + feed, Known: func(h uint64) bool { return known[h] }})
				if d.Status != Read || len(d.Items) == 0 {
					t.Errorf("%s, poll %d: %s %s, %d items", feed, i, d.Status, d.Problem, len(d.Items))
				}
				now := map[uint64]bool{}
				for _, it := range d.Items {
					now[it.Raw] = true
					e := it.Entry
					if e == nil {
						continue
					}
					if round == "second" {
						t.Errorf("%s, poll %d: %q is parsed again", feed, i, e.Title)
						continue
					}
					parsed++
					if e.Title == "" || e.Canonical == "" || e.Published.Time.IsZero() && e.Updated.Time.IsZero() {
						t.Errorf("%s, poll %d: %+v", feed, i, e)
					}
					if links[e.Canonical] == nil {
						links[e.Canonical] = map[string]bool{}
					}
					links[e.Canonical][e.GUID] = true
					if guids[e.GUID] == nil {
						guids[e.GUID] = map[string]bool{}
					}
					guids[e.GUID][e.Canonical] = true
				}
				if round == "first" {
					items += len(d.Items)
				}
				known = now
			}
		}
		several := func(m map[string]map[string]bool) (n int) {
			for _, v := range m {
				if len(v) > 1 {
					n++
				}
			}
			return n
		}
		t.Logf("%s: %d polls, %d items, %d parsed; %d links, %d identifiers; links with several identifiers %d, the reverse %d",
			feed, len(docs), items, parsed, len(links), len(guids), several(links), several(guids))
	}
}
