package store

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"aggregator/feeds"
)

// clockRow is feeds.Clock: a record of bucketMeta, which is there once a poll told of a
// running clock.
type clockRow struct {
	Boot     string       `cbor:"1,keyasint,omitempty"`
	Zero     instant      `cbor:"2,keyasint,omitempty"`
	Settings []settingRow `cbor:"3,keyasint,omitempty"`
	Dropped  uint64       `cbor:"4,keyasint,omitempty"`
}

// settingRow is feeds.Setting; durations are in microseconds.
type settingRow struct {
	Entry uint64  `cbor:"1,keyasint,omitempty"`
	Begin instant `cbor:"2,keyasint,omitempty"`
	Ahead int64   `cbor:"3,keyasint,omitempty"`
	Doubt int64   `cbor:"4,keyasint,omitempty"`
	Anew  bool    `cbor:"5,keyasint,omitempty"`
	Right bool    `cbor:"6,keyasint,omitempty"`
	Extra int64   `cbor:"7,keyasint,omitempty"`
}

func toClockRow(c *feeds.Clock) *clockRow {
	row := &clockRow{Boot: c.Boot, Zero: toInstant(c.Zero), Dropped: c.Dropped}
	for _, s := range c.Settings {
		row.Settings = append(row.Settings, settingRow{s.Entry, toInstant(s.Begin), s.Ahead.Microseconds(), s.Doubt.Microseconds(), s.Anew, s.Right, s.Extra.Microseconds()})
	}
	return row
}

func (row *clockRow) clock() *feeds.Clock {
	c := &feeds.Clock{Boot: row.Boot, Zero: row.Zero.time(), Dropped: row.Dropped}
	for _, s := range row.Settings {
		c.Settings = append(c.Settings, feeds.Setting{Entry: s.Entry, Begin: s.Begin.time(), Anew: s.Anew, Right: s.Right,
			Ahead: time.Duration(s.Ahead) * time.Microsecond, Doubt: time.Duration(s.Doubt) * time.Microsecond,
			Extra: time.Duration(s.Extra) * time.Microsecond})
	}
	c.Count()
	return c
}

// keptClock is a clock that was read, with its record.
type keptClock struct {
	record []byte
	clock  *feeds.Clock
}

// clock reads how our clock was set so far. Nobody may change what it returns.
func (s *Store) clock(tx *bbolt.Tx) (*feeds.Clock, error) {
	record := tx.Bucket(bucketMeta).Get(metaClock)
	last := s.clocks.Load()
	if last != nil && bytes.Equal(last.record, record) {
		return last.clock, nil
	}
	var row clockRow
	if record != nil {
		if err := decode(record, &row); err != nil {
			return nil, fmt.Errorf("the settings of the clock: %w", err)
		}
	}
	last = &keptClock{bytes.Clone(record), row.clock()}
	s.clocks.Store(last)
	return last.clock, nil
}

// polled takes in when a poll started, by our clock, which ran so. stood is metaLatest before it. at and latest
// are as the clock is set now, and so is previous: the feed's last observation before, zero when
// there was none.
func (b *batch) polled(start time.Time, ran feeds.Ran, last *polledRow, stood time.Time) (at, previous, latest time.Time, setting uint64, err error) {
	kept, err := b.s.clock(b.tx)
	if err != nil {
		return at, previous, latest, 0, err
	}
	c := *kept
	ran.For = ran.For.Truncate(time.Microsecond)
	at, latest, changed := c.Poll(toInstant(start).time(), ran, stood, b.heads.Sequence()+1)
	if changed {
		if err := b.tx.Bucket(bucketMeta).Put(metaClock, encode(toClockRow(&c))); err != nil {
			return at, previous, latest, 0, err
		}
		clear(b.read) // members know how the clock stood
	}
	if previous = last.LastObserved.time(); !previous.IsZero() {
		previous = previous.Add(c.Of(last.Setting).Ahead - c.Of(c.Now()).Ahead)
	}
	return at, previous, latest, c.Now(), nil
}
