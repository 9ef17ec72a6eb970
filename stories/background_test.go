package stories

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	plain "aggregator/feeds/text"
)

var learn = flag.Bool("learn", false, "learn the background table anew from ../shared/streams")

// The background table is learned from real entries: how many of them each word
// stands in, for words in at least minEntries. It holds hashes and counts, no
// text. To make it anew:
//
//	go test ./stories -run TestBackground -learn
const minEntries = 4

func sharedDir(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			shared := filepath.Join(dir, "..", "shared")
			if _, err := os.Stat(filepath.Join(shared, "streams")); err == nil {
				return shared
			}
		}
	}
	t.Skip("no real entries: ../shared is not there")
	return ""
}

func TestBackground(t *testing.T) {
	if !*learn {
		b := decodeBackground(backgroundFile, nil)
		if b.total < 50_000 || len(b.words) < 50_000 {
			t.Errorf("the table that ships rests on %d entries and has %d slots", b.total, len(b.words))
		}
		return
	}
	type count struct{ entries, upper, lower uint32 }
	counts := map[uint32]*count{}
	languages := map[language]uint32{}
	known := map[string]bool{}
	var r reader
	files, _ := filepath.Glob(filepath.Join(sharedDir(t), "streams", "*.jsonl.gz"))
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(z)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var e struct{ Title, Summary, Body, Lang string }
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatal(err)
			}
			if known[e.Title] {
				continue
			}
			known[e.Title] = true
			body := e.Summary
			if len(e.Body) > len(body) {
				body = e.Body
			}
			heads := r.read(nil, plain.Line(e.Title), flagTitle)
			words := r.read(nil, plain.FromHTML(body), 0)
			languages[guess(opening(nil, e.Title, body), e.Lang)]++
			seen := map[uint32]bool{}
			for _, w := range append(heads, words...) {
				c := counts[w.hash]
				if c == nil {
					c = &count{}
					counts[w.hash] = c
				}
				if !seen[w.hash] {
					seen[w.hash] = true
					c.entries++
				}
				if w.flags&(flagTitle|flagStart) == 0 {
					if w.flags&flagUpper != 0 {
						c.upper++
					} else {
						c.lower++
					}
				}
			}
		}
		f.Close()
	}
	var out []byte
	var tags []language
	for l := range languages {
		tags = append(tags, l)
	}
	slices.Sort(tags)
	out = binary.AppendUvarint(out, uint64(len(tags)))
	for _, l := range tags {
		out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(l)), uint64(languages[l]))
	}
	var hashes []uint32
	for h, c := range counts {
		if c.entries >= minEntries {
			hashes = append(hashes, h)
		}
	}
	slices.Sort(hashes)
	out = binary.AppendUvarint(out, uint64(len(hashes)))
	last := uint32(0)
	for _, h := range hashes {
		c := counts[h]
		v := uint64(c.entries) * 2
		if c.upper > 2*c.lower {
			v++
		}
		out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(h-last)), v)
		last = h
	}
	if bytes.Equal(out, backgroundFile) {
		return
	}
	if err := os.WriteFile("background.bin", out, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d languages, %d words, %d bytes", len(tags), len(hashes), len(out))
}
