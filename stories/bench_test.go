package stories

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// press makes entries the way outlets do: events that several report with
// some of the words in common, among common words that everybody uses.
type press struct {
	rng   *rand.Rand
	zipf  *rand.Zipf
	words int // of text
}

func newPress(words int) *press {
	rng := rand.New(rand.NewPCG(1, 2))
	return &press{rng: rng, zipf: rand.NewZipf(rng, 1.1, 8, 200_000), words: words}
}

func (n *press) word() string { return spell(n.zipf.Uint64()) }

// spell makes a pronounceable word of a number.
func spell(v uint64) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b []byte
	for v = v*2654435761%1_000_003 + 1; v > 0; v /= 70 {
		b = append(b, consonants[v%14], vowels[v/14%5])
	}
	return string(b)
}

func (n *press) entry(i int) *feeds.Entry {
	event := rand.New(rand.NewPCG(uint64(i/4), 7)) // four outlets report each event
	var title, body strings.Builder
	for range 9 {
		w := spell(event.Uint64() % 200_000)
		if n.rng.IntN(3) == 0 {
			w = n.word()
		}
		title.WriteString(w + " ")
	}
	for range n.words {
		w := n.word()
		if n.rng.IntN(12) == 0 {
			w = spell(event.Uint64() % 200_000)
		}
		body.WriteString(w + " ")
	}
	return &feeds.Entry{Outlet: fmt.Sprint("outlet", i%200), Title: title.String(), Text: body.String(), Language: "en"}
}

// BenchmarkPlace places entries with about 1,500 characters of text, with so
// many entries in the window.
func BenchmarkPlace(b *testing.B) {
	for _, window := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint("window=", window), func(b *testing.B) {
			if window > 100_000 && testing.Short() {
				b.Skip("takes minutes")
			}
			w, _ := filled(window, b)
			n := newPress(250)
			es := make([]*feeds.Entry, 2000)
			for i := range es {
				es[i] = n.entry(i)
			}
			at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
			next := uint64(window)
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				next++
				p := w.index.Place(w, next, es[i%len(es)], feeds.Seen{At: at})
				w.sketch[next] = p.Sketch
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// filled makes a window of so many entries, and says what the index takes.
func filled(n int, b *testing.B) (*world, uint64) {
	w := newWorld(b, Options{})
	room := newPress(25)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		p := w.index.Place(w, uint64(i+1), room.entry(i), feeds.Seen{At: at})
		w.sketch[uint64(i+1)] = p.Sketch
		if i%16 == 0 {
			at = at.Add(time.Second)
		}
	}
	return w, 0
}

// BenchmarkTokenise is the floor: reading the words of the same text and
// nothing else.
func BenchmarkTokenise(b *testing.B) {
	n := newPress(250)
	es := make([]*feeds.Entry, 2000)
	for i := range es {
		es[i] = n.entry(i)
	}
	var r reader
	var words []word
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		e := es[i%len(es)]
		words = r.read(words[:0], e.Title, flagTitle)
		words = r.read(words[:0], e.Text, flagText)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkRestore starts with a full window, and says what memory it takes.
func BenchmarkRestore(b *testing.B) {
	for _, window := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint("window=", window), func(b *testing.B) {
			if window > 100_000 && testing.Short() {
				b.Skip("takes minutes")
			}
			w, _ := filled(window, b)
			kept := append([]slot(nil), w.index.slots.list...)
			w.index = nil
			var before, after runtime.MemStats
			b.ResetTimer()
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				x := NewIndex(Options{})
				for i := range kept {
					if err := x.Restore(kept[i].id, kept[i].story, kept[i].copyOf, w.sketch[kept[i].id]); err != nil {
						b.Fatal(err)
					}
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(x)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(window), "B/entry")
		})
	}
}
