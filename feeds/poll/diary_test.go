package poll

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
)

// diaryAt opens a diary as a program does that starts now on a machine with these clocks.
func diaryAt(path string, boot byte, now time.Time, up time.Duration) *Diary {
	return &Diary{path: path, boot: [16]byte{boot}, clock: clock{wall: func() time.Time { return now }, running: func() time.Duration { return up }}}
}

func TestTheDiaryTellsHowLongAgoTheLastRequestWas(t *testing.T) {
	const feed = "https://courier.example/feed"
	asked := at("2026-03-02T10:00:00Z")
	stored := feeds.State{URL: feed, LastRequest: asked.Add(-30 * time.Minute), NotBefore: asked.Add(2 * time.Hour), Outcome: feeds.NotModified, Polls: 3}
	for _, c := range []struct {
		name string
		boot byte          // of the machine, at the restart; 1 before it
		now  time.Time     // at the restart
		up   time.Duration // then; one hour at the request
		kept bool          // the answer reached the store
		want time.Duration // since the request
	}{
		{"killed", 1, asked.Add(time.Minute), 61 * time.Minute, false, time.Minute},
		{"killed, and the clock set forward", 1, asked.Add(5 * time.Hour), 61 * time.Minute, false, time.Minute},
		{"killed, and the clock set back", 1, asked.Add(-5 * time.Hour), 61 * time.Minute, false, time.Minute},
		{"killed, and the machine started again", 2, asked.Add(time.Minute), time.Minute, false, time.Minute},
		{"stopped", 1, asked.Add(time.Minute), 61 * time.Minute, true, time.Minute},
		{"stopped, and the clock set forward", 1, asked.Add(5 * time.Hour), 61 * time.Minute, true, time.Minute},
		{"stopped, and the clock set back", 1, asked.Add(-5 * time.Hour), 61 * time.Minute, true, time.Minute},
	} {
		path := filepath.Join(t.TempDir(), "diary")
		d := diaryAt(path, 1, asked, time.Hour)
		_, places, err := d.open([]string{"https://other.example/", feed})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.note(places[feed], asked, time.Hour); err != nil {
			t.Fatal(err)
		}
		d.Close()
		// A reload, and another start that is killed before it asks: neither loses it.
		for range 2 {
			again := diaryAt(path, c.boot, c.now, c.up)
			if _, _, err := again.open([]string{feed, "https://new.example/"}); err != nil {
				t.Fatal(err)
			}
			again.Close()
		}
		s := stored
		if c.kept {
			s.LastRequest = asked
		}
		p := must(New([]Subscription{subscription(feed, normal())}, map[string]feeds.State{feed: s}, &memory{}, Options{Diary: diaryAt(path, c.boot, c.now, c.up)}))
		got := p.feeds[0].state
		if since := c.now.Sub(got.LastRequest); since != c.want && since != c.want-time.Microsecond {
			t.Errorf("%s: asked %s ago, not %s", c.name, since, c.want)
		}
		if left := got.NotBefore.Sub(got.LastRequest); left != stored.NotBefore.Sub(asked) && c.boot == 1 {
			t.Errorf("%s: the server's pause became %s", c.name, left)
		}
		if plan := p.Plan(s); !plan.LastRequest.Equal(got.LastRequest) || plan.NextDue.Before(got.NotBefore) {
			t.Errorf("%s: shown as asked at %s, due at %s", c.name, plan.LastRequest, plan.NextDue)
		}
		// Nobody who asks by hand knows better how long the machine was off.
		late := *p.feeds[0]
		late.state.LastRequest, late.state.NotBefore = c.now.Add(-time.Hour), time.Time{}
		if why := early(&late, c.now); strings.Contains(why, "machine was started") != (c.boot == 2) {
			t.Errorf("%s: it may be asked at once, because %q", c.name, why)
		}
		if lost := got.Outcome == feeds.Failed; lost == c.kept || got.Failures != 0 {
			t.Errorf("%s: %s, %d failures", c.name, got.Outcome, got.Failures)
		}
		p.opts.Diary.Close()
	}
}

// What is no diary, or cut, costs no more than what stood in it.
func TestADamagedDiaryIsAnEmptyOne(t *testing.T) {
	const feed = "https://courier.example/feed"
	path := filepath.Join(t.TempDir(), "diary")
	now := at("2026-03-02T10:00:00Z")
	for _, content := range []string{"", "agdiary1", "something else, and rather longer than any head of a diary would be", "agdiary1" + string(make([]byte, 40))} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		d := diaryAt(path, 1, now, time.Hour)
		told, places, err := d.open([]string{feed})
		if err != nil || !told[feed].wall.IsZero() {
			t.Errorf("%q: %v %v", content, told, err)
		}
		if err := d.note(places[feed], now, time.Hour); err != nil {
			t.Error(err)
		}
		if told, _, _ := d.open([]string{feed}); !told[feed].wall.Equal(now) {
			t.Errorf("%q: then %v", content, told)
		}
		d.Close()
	}
	d := diaryAt(filepath.Join(path, "no directory"), 1, now, time.Hour)
	if _, places, err := d.open([]string{feed}); err == nil || d.note(places[feed], now, time.Hour) != nil {
		t.Error("a diary that cannot be written says so once, and costs no poll")
	}
}

// FuzzDiary: whatever stands in the file, it opens as one with a row for each feed, what is
// noted is read again, and no feed waits long because of it.
func FuzzDiary(f *testing.F) {
	const feed, other = "https://courier.example/feed", "https://other.example/"
	now := at("2026-03-02T10:00:00Z")
	path := filepath.Join(f.TempDir(), "seed")
	d := diaryAt(path, 1, now, time.Hour)
	_, places, err := d.open([]string{feed, other})
	if err == nil {
		err = d.note(places[feed], now, time.Hour)
	}
	if err != nil {
		f.Fatal(err)
	}
	d.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-5])
	far := append([]byte(nil), good...)
	for i := diaryHead; i < len(far); i++ {
		if (i-diaryHead)%diaryRow >= 8 {
			far[i] = 0x7f
		}
	}
	f.Add(far)
	f.Add([]byte("another program's file, of some length"))
	path = filepath.Join(f.TempDir(), "diary")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		d := diaryAt(path, 1, now, 2*time.Hour)
		defer d.Close()
		p := must(New([]Subscription{subscription(feed, normal()), subscription(other, normal())}, map[string]feeds.State{}, &memory{}, Options{Diary: d}))
		for _, f := range p.feeds {
			if _, err := f.state.LastRequest.MarshalJSON(); err != nil { // it could not be shown
				t.Errorf("asked at %s: %v", f.state.LastRequest, err)
			}
			settle(&f.state, now) // as a run begins
			if due, why := next(&f.state, &f.rules); due.Sub(now) > 48*time.Hour {
				t.Errorf("asked at %s, it waits until %s: %s", f.state.LastRequest, due, why)
			}
		}
		if err := d.note(diaryHead+8, now, 2*time.Hour); err != nil {
			t.Fatal(err)
		}
		told, _, err := d.open([]string{feed, other})
		if err != nil {
			t.Fatal(err)
		}
		if !told[feed].wall.Equal(now) && !told[other].wall.Equal(now) {
			t.Errorf("what was noted is not read again: %v", told)
		}
	})
}
