package stories

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// press makes entries the way outlets do: events that one to ten of them report, in
// words of their own with the event's names among common words that everybody uses
// (Zipf). Of those that are not the event's first, so many are copies that they are 15 %
// of all. A part of the entries come as summaries, the others with 1,500 characters.
type press struct {
	rng  *rand.Rand
	zipf *rand.Zipf
	open []*event // that outlets report just now
}

type event struct {
	left  int      // entries still to come
	words []string // its own: names, places, what happened
	title string   // of the latest entry
	text  string
}

func newPress() *press {
	rng := rand.New(rand.NewPCG(1, 2))
	return &press{rng: rng, zipf: rand.NewZipf(rng, 1.1, 8, 200_000)}
}

// spell makes a pronounceable word of a number, a name of every fourth rare one.
func spell(v uint64) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b []byte
	rare := v > 2000 && v%4 == 0
	for v = v*2654435761%1_000_003 + 1; v > 0; v /= 70 {
		b = append(b, consonants[v%14], vowels[v/14%5])
	}
	if rare {
		b[0] -= 'a' - 'A'
	}
	return string(b)
}

// say appends n words, one of each share being the event's.
func (p *press) say(b *strings.Builder, ev *event, n, share int) {
	for range n {
		if p.rng.IntN(share) == 0 {
			b.WriteString(ev.words[p.rng.IntN(len(ev.words))])
		} else {
			b.WriteString(spell(p.zipf.Uint64()))
		}
		b.WriteByte(' ')
	}
}

// entry makes the next entry, with a full text where full is set.
func (p *press) entry(full bool) *feeds.Entry {
	if len(p.open) < 500 {
		ev := &event{left: 1 + p.rng.IntN(4)*p.rng.IntN(4)}
		for range 14 {
			ev.words = append(ev.words, spell(p.rng.Uint64()%200_000))
		}
		p.open = append(p.open, ev)
	}
	k := p.rng.IntN(len(p.open))
	ev := p.open[k]
	if ev.text == "" || p.rng.IntN(100) >= 22 { // 15 % of all
		var title, text strings.Builder
		p.say(&title, ev, 9, 2)
		n := 30
		if full {
			n = 185
		}
		p.say(&text, ev, n, 12)
		ev.title, ev.text = title.String(), text.String()
	}
	if ev.left--; ev.left == 0 {
		p.open = slices.Delete(p.open, k, k+1)
	}
	outlet := fmt.Sprint("outlet", p.rng.IntN(1000))
	return &feeds.Entry{Outlet: outlet, Link: "https://" + outlet + ".example/", Title: ev.title, Text: ev.text, Language: "en"}
}

// archive keeps sketches outside the garbage collector's sight, as bbolt does.
type archive struct {
	chunks [][]byte
	at     []int // of each sketch, in chunks of chunk bytes; 16 bits more for its length
}

const chunk = 1 << 20

func (a *archive) keep(sketch []byte) {
	n := len(a.chunks)
	if n == 0 || len(a.chunks[n-1])+len(sketch) > chunk {
		a.chunks = append(a.chunks, make([]byte, 0, chunk))
		n++
	}
	last := &a.chunks[n-1]
	a.at = append(a.at, ((n-1)*chunk+len(*last))<<16|len(sketch))
	*last = append(*last, sketch...)
}

func (a *archive) Sketch(id uint64) []byte {
	at := a.at[id-1]
	from := at >> 16 % chunk
	return a.chunks[at>>16/chunk][from : from+at&0xFFFF]
}

// full is a window that holds so many entries; each one placed lets one leave.
type full struct {
	archive
	index *Index
	press *press
	size  int
	at    time.Time
}

func (w *full) place(e *feeds.Entry) {
	w.at = w.at.Add(7 * 24 * time.Hour / time.Duration(w.size))
	w.keep(w.index.Place(w, uint64(len(w.archive.at)+1), e, feeds.Seen{At: w.at}, time.Time{}).Sketch)
}

var windows = map[int]*full{} // a million take minutes to fill

func fullOf(b *testing.B, n int) *full {
	if n > 100_000 && testing.Short() {
		b.Skip("takes minutes")
	}
	w := windows[n]
	if w == nil {
		w = &full{index: NewIndex(Options{}), press: newPress(), size: n, at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
		for i := range n {
			w.place(w.press.entry(i%2 == 0))
		}
		windows[n] = w
	}
	runtime.GC()
	return w
}

// texts makes so many entries of about 1,500 characters.
func (p *press) texts(n int) (list []*feeds.Entry) {
	for range n {
		list = append(list, p.entry(true))
	}
	return list
}

// BenchmarkPlace places entries of about 1,500 characters in a full window; for each
// the oldest one leaves.
func BenchmarkPlace(b *testing.B) {
	for _, window := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint("window=", window), func(b *testing.B) {
			w := fullOf(b, window)
			var list []*feeds.Entry
			b.ReportAllocs()
			for b.Loop() {
				if len(list) == 0 {
					b.StopTimer()
					list = w.press.texts(5000)
					b.StartTimer()
				}
				w.place(list[0])
				list = list[1:]
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// BenchmarkTokenise is the floor: reading the words of the same text and
// nothing else.
func BenchmarkTokenise(b *testing.B) {
	es := newPress().texts(5000)
	var r reader
	var words []word
	chars := 0
	for i := 0; b.Loop(); i++ {
		e := es[i%len(es)]
		words = r.read(words[:0], e.Title, flagTitle)
		words = r.read(words[:0], e.Text, flagText)
		chars += len(e.Text)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(chars)/float64(b.N), "chars/entry")
}

// BenchmarkRestore starts with a full window, and says what memory it takes.
func BenchmarkRestore(b *testing.B) {
	for _, window := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint("window=", window), func(b *testing.B) {
			w := fullOf(b, window)
			s := &w.index.slots
			kept := s.held()
			w.index = nil // makes room; what follows is placed by the restored one
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var x *Index
			for b.Loop() {
				x = NewIndex(Options{})
				for i := range kept {
					if err := x.Restore(kept[i].id, kept[i].story, kept[i].copyOf, w.Sketch(kept[i].id)); err != nil {
						b.Fatal(err)
					}
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			w.index = x
			bytes := 0
			for i := range kept {
				bytes += len(w.Sketch(kept[i].id))
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(window), "B/entry")
			b.ReportMetric(float64(bytes)/float64(len(kept)), "sketchB/entry")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
		})
	}
}
