package poll

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
)

// Diary keeps in a small file when the last request for each feed started, from
// the moment on at which it does: a store learns of a request with its answer only,
// and a process that is killed in between would forget it and ask again too early.
// Each request overwrites its feed's 16 bytes, unsynced: what reached the page cache
// outlives the process, and a machine that fails is no crash loop. Rows also have
// the time that the clock cannot be set on, so that a program that starts again
// within one boot of the machine knows how long ago a request was whatever happened
// to the clock. It is safe for concurrent use by one Poller after the other.
//
// The file is 32 bytes of mark, boot and a spare number, then rows of 24 bytes,
// sorted by the first number: xxhash64 of the feed's address, wall clock (µs since
// 1970) and running clock (ns) of the request's start. Numbers are little-endian.
type Diary struct {
	path   string
	file   *os.File // nil: it cannot be written
	broken atomic.Bool
	clock  clock
	boot   [16]byte // which boot the running clock counts from
}

const (
	diaryMark = "agdiary1"
	diaryHead = 32
	diaryRow  = 24
)

// end is when times end that can be written for others (RFC 3339).
var end = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// OpenDiary names the file, which nobody else may use while the diary is. It is read
// and written by New; a file that is missing, cut or foreign counts as empty.
func OpenDiary(path string) *Diary {
	return &Diary{path: path, clock: systemClock(), boot: bootID()}
}

// Close closes the file.
func (d *Diary) Close() error {
	if d == nil || d.file == nil {
		return nil
	}
	err := d.file.Close()
	d.file = nil
	return err
}

// entry is what a diary knows of a feed's last request.
type entry struct {
	wall time.Time     // by the clock of then
	at   time.Time     // by the clock of now
	row  [16]byte      // as it stands in the file
	ran  time.Duration // on the running clock; 0 when that was another boot's
}

// open reads the file and makes it one with a row for each of these feeds. told is what
// it said before, and places is where each feed's row is, both by address. After an
// error nothing is noted until the next open, and what was read is good all the same.
func (d *Diary) open(urls []string) (told map[string]entry, places map[string]int64, err error) {
	content, err := os.ReadFile(d.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = d.Close()
		return nil, nil, fmt.Errorf("the diary of requests cannot be read: %w", err)
	}
	rows := d.read(content)
	keys := make([]uint64, len(urls))
	for i, u := range urls {
		keys[i] = xxhash.Sum64String(u)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	told, places = make(map[string]entry, len(urls)), make(map[string]int64, len(urls))
	for _, u := range urls {
		i, _ := slices.BinarySearch(keys, xxhash.Sum64String(u))
		told[u], places[u] = rows[keys[i]], diaryHead+int64(i)*diaryRow+8
	}
	if want := d.write(keys, rows); d.file == nil || !bytes.Equal(content, want) {
		err = d.replace(want, bytes.Equal(content, want))
	}
	return told, places, err
}

// read gives the rows of a file, by key.
func (d *Diary) read(content []byte) map[uint64]entry {
	rows := map[uint64]entry{}
	if len(content) < diaryHead || !strings.HasPrefix(string(content), diaryMark) {
		return rows
	}
	same := d.boot != [16]byte{} && [16]byte(content[8:24]) == d.boot
	wall, run := d.clock.both()
	for b := content[diaryHead:]; len(b) >= diaryRow; b = b[diaryRow:] {
		micros := int64(binary.LittleEndian.Uint64(b[8:]))
		if micros <= 0 || micros >= end.UnixMicro() {
			continue // no request yet, or damaged
		}
		e := entry{wall: time.UnixMicro(micros).UTC(), row: [16]byte(b[8:24])}
		e.at = e.wall
		if ran := time.Duration(binary.LittleEndian.Uint64(b[16:])); same && ran > 0 && ran <= run {
			e.ran = ran
			if at := wall.Add(ran - run); at.Sub(e.wall).Abs() > stepped {
				// Somebody set the clock since. A microsecond is what a store keeps.
				e.at = at.Truncate(time.Microsecond).Add(time.Microsecond)
			}
		}
		rows[binary.LittleEndian.Uint64(b)] = e
	}
	return rows
}

// write gives the file for feeds with these keys.
func (d *Diary) write(keys []uint64, rows map[uint64]entry) []byte {
	out := make([]byte, diaryHead, diaryHead+diaryRow*len(keys))
	copy(out, diaryMark)
	copy(out[8:], d.boot[:])
	for _, k := range keys {
		e := rows[k]
		if e.ran == 0 {
			clear(e.row[8:]) // what another boot counted means nothing in this one
		}
		out = append(binary.LittleEndian.AppendUint64(out, k), e.row[:]...)
	}
	return out
}

// replace puts content into the place of the file, at once and whole, unless the file has
// it already, and opens it.
func (d *Diary) replace(content []byte, has bool) error {
	_ = d.Close()
	d.broken.Store(false)
	if !has {
		if err := os.WriteFile(d.path+".new", content, 0o600); err != nil {
			return fmt.Errorf("the diary of requests cannot be written: %w", err)
		}
		if err := os.Rename(d.path+".new", d.path); err != nil {
			return fmt.Errorf("the diary of requests cannot be replaced: %w", err)
		}
	}
	var err error
	if d.file, err = os.OpenFile(d.path, os.O_WRONLY, 0); err != nil {
		d.file = nil
		return fmt.Errorf("the diary of requests cannot be opened: %w", err)
	}
	return nil
}

// works reports whether requests are noted.
func (d *Diary) works() bool { return d != nil && d.file != nil && !d.broken.Load() }

// note writes down that a request for the feed with that place starts, by both clocks. Of
// the errors since open only the first is given.
func (d *Diary) note(place int64, at time.Time, ran time.Duration) error {
	if !d.works() {
		return nil
	}
	var row [16]byte
	binary.LittleEndian.PutUint64(row[:], uint64(at.UnixMicro()))
	binary.LittleEndian.PutUint64(row[8:], uint64(ran))
	if _, err := d.file.WriteAt(row[:], place); err != nil && d.broken.CompareAndSwap(false, true) {
		return fmt.Errorf("the diary of requests cannot be written: %w", err)
	}
	return nil
}

// recall takes over what the diary says of the feeds, and makes it ready for more.
func (p *Poller) recall() {
	d := p.opts.Diary
	if d == nil {
		return
	}
	urls := make([]string, len(p.feeds))
	for i, f := range p.feeds {
		urls[i] = f.state.URL
	}
	told, places, err := d.open(urls)
	if err != nil {
		p.log.Warn("a request that is under way when the program is killed may be made again too early", "err", err)
	}
	for _, f := range p.feeds {
		e := told[f.state.URL]
		f.place = places[f.state.URL]
		recall(&f.state, e)
		f.here = e.ran > 0 && e.at.Equal(f.state.LastRequest)
		f.wait = f.here && !e.at.Equal(e.wall)
		if !f.here && d.boot != [16]byte{} {
			wall, run := d.clock.both()
			f.booted = wall.Add(f.rules.settings.Floor - run)
		}
	}
	p.told = told
}

// recall makes a state that a store kept know of the request that the diary has.
func recall(s *feeds.State, e entry) {
	if e.wall.IsZero() || e.wall.Before(s.LastRequest) {
		return
	}
	lost := e.wall.After(s.LastRequest)
	s.Shift(e.at.Sub(e.wall))
	s.LastRequest = e.at
	if lost {
		unanswered(s, "the program was ended before the answer was kept")
	}
}
