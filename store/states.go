package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"aggregator/feeds"
)

// A feed's state stands in two records: bucketPolled holds what every poll
// changes, bucketFeeds the rest, so that a poll that brings nothing new writes
// few bytes. State.Known is what bucketPresent holds.

// feedRow is a record of bucketFeeds.
type feedRow struct {
	URL          string        `cbor:"1,keyasint"`
	Outlet       uint32        `cbor:"2,keyasint"`
	Title        string        `cbor:"3,keyasint,omitempty"`
	Home         string        `cbor:"4,keyasint,omitempty"`
	Language     string        `cbor:"5,keyasint,omitempty"`
	Type         string        `cbor:"6,keyasint,omitempty"`
	Damaged      bool          `cbor:"7,keyasint,omitempty"`
	BodyHash     uint64        `cbor:"8,keyasint,omitempty"`
	LastChange   instant       `cbor:"9,keyasint,omitempty"`
	Entries      int           `cbor:"10,keyasint,omitempty"`
	FreshFor     time.Duration `cbor:"11,keyasint,omitempty"`
	TTL          time.Duration `cbor:"12,keyasint,omitempty"`
	SkipHours    []int         `cbor:"13,keyasint,omitempty"`
	SkipDays     []int         `cbor:"14,keyasint,omitempty"`
	LastFull     instant       `cbor:"15,keyasint,omitempty"`
	ValidatorsOf string        `cbor:"16,keyasint,omitempty"`
	Lies         int           `cbor:"17,keyasint,omitempty"`
	PollURL      string        `cbor:"18,keyasint,omitempty"`
	MovedTo      string        `cbor:"19,keyasint,omitempty"`
	MovedSince   instant       `cbor:"20,keyasint,omitempty"`
	Recent       []failure     `cbor:"21,keyasint,omitempty"`
	ETag         string        `cbor:"22,keyasint,omitempty"`
	LastModified string        `cbor:"23,keyasint,omitempty"`
	WebSub       *webSub       `cbor:"24,keyasint,omitempty"`
	LedTo        string        `cbor:"25,keyasint,omitempty"`
}

// polledRow is a record of bucketPolled.
type polledRow struct {
	LastRequest  instant `cbor:"1,keyasint,omitempty"`
	LastObserved instant `cbor:"2,keyasint,omitempty"`
	NotBefore    instant `cbor:"3,keyasint,omitempty"`
	NextDue      instant `cbor:"4,keyasint,omitempty"`
	DueReason    string  `cbor:"5,keyasint,omitempty"`
	Outcome      string  `cbor:"6,keyasint,omitempty"`
	Status       int     `cbor:"7,keyasint,omitempty"`
	Failures     int     `cbor:"8,keyasint,omitempty"`
	Problem      string  `cbor:"9,keyasint,omitempty"`
	Polls        int64   `cbor:"10,keyasint,omitempty"`
	Wire         int64   `cbor:"11,keyasint,omitempty"`
	LastHeaders  string  `cbor:"12,keyasint,omitempty"`
	Ignored      int     `cbor:"13,keyasint,omitempty"`
	MovedPolls   int     `cbor:"14,keyasint,omitempty"`
	Rhythm       *rhythm `cbor:"15,keyasint,omitempty"`
	LedAt        instant `cbor:"16,keyasint,omitempty"`
	FrozenUntil  instant `cbor:"17,keyasint,omitempty"`
	Setting      uint64  `cbor:"18,keyasint,omitempty"` // of the clock, at LastObserved: see feeds.Clock.Of
}

// rhythm is feeds.Rhythm.
type rhythm struct {
	Watched float64     `cbor:"1,keyasint"`
	Entries float64     `cbor:"2,keyasint"`
	Hours   [24]float64 `cbor:"3,keyasint"`
	Days    [7]float64  `cbor:"4,keyasint"`
}

// webSub is feeds.WebSub.
type webSub struct {
	Hub      string   `cbor:"1,keyasint,omitempty"`
	Topic    string   `cbor:"2,keyasint,omitempty"`
	Token    string   `cbor:"3,keyasint,omitempty"`
	Secret   string   `cbor:"4,keyasint,omitempty"`
	Asked    instant  `cbor:"5,keyasint,omitempty"`
	Awaiting bool     `cbor:"6,keyasint,omitempty"`
	Since    instant  `cbor:"7,keyasint,omitempty"`
	Until    instant  `cbor:"8,keyasint,omitempty"`
	Next     instant  `cbor:"9,keyasint,omitempty"`
	Failures int      `cbor:"10,keyasint,omitempty"`
	Problem  string   `cbor:"11,keyasint,omitempty"`
	Pushes   int64    `cbor:"12,keyasint,omitempty"`
	LastPush instant  `cbor:"13,keyasint,omitempty"`
	Hint     instant  `cbor:"14,keyasint,omitempty"`
	Bodies   []uint64 `cbor:"15,keyasint,omitempty"`
	Seen     []uint64 `cbor:"16,keyasint,omitempty"`
	Late     int      `cbor:"17,keyasint,omitempty"`
	LateAt   instant  `cbor:"18,keyasint,omitempty"`
}

func toWebSub(w *feeds.WebSub) *webSub {
	if w == nil {
		return nil
	}
	return &webSub{w.Hub, w.Topic, w.Token, w.Secret, toInstant(w.Asked), w.Awaiting, toInstant(w.Since), toInstant(w.Until), toInstant(w.Next),
		w.Failures, w.Problem, w.Pushes, toInstant(w.LastPush), toInstant(w.Hint), w.Bodies, w.Seen, w.Late, toInstant(w.LateAt)}
}

func (w *webSub) state() *feeds.WebSub {
	if w == nil {
		return nil
	}
	return &feeds.WebSub{Hub: w.Hub, Topic: w.Topic, Token: w.Token, Secret: w.Secret, Asked: w.Asked.time(), Awaiting: w.Awaiting,
		Since: w.Since.time(), Until: w.Until.time(), Next: w.Next.time(), Failures: w.Failures, Problem: w.Problem, Pushes: w.Pushes,
		LastPush: w.LastPush.time(), Hint: w.Hint.time(), Bodies: w.Bodies, Seen: w.Seen, Late: w.Late, LateAt: w.LateAt.time()}
}

type failure struct {
	At      instant `cbor:"1,keyasint,omitempty"`
	Outcome string  `cbor:"2,keyasint,omitempty"`
	Status  int     `cbor:"3,keyasint,omitempty"`
	Problem string  `cbor:"4,keyasint,omitempty"`
}

func toRows(outlet uint32, s *feeds.State) (feedRow, polledRow) {
	f := feedRow{URL: s.URL, Outlet: outlet, Title: s.Title, Home: s.Home, Language: s.Language, Type: s.Type, Damaged: s.Damaged,
		BodyHash: s.BodyHash, LastChange: toInstant(s.LastChange), Entries: s.Entries, FreshFor: s.FreshFor, TTL: s.TTL,
		SkipHours: s.SkipHours, LastFull: toInstant(s.LastFull), ValidatorsOf: s.ValidatorsOf, Lies: s.Lies, PollURL: s.PollURL,
		MovedTo: s.MovedTo, MovedSince: toInstant(s.MovedSince), ETag: s.ETag, LastModified: s.LastModified,
		WebSub: toWebSub(s.WebSub), LedTo: s.LedTo}
	for _, d := range s.SkipDays {
		f.SkipDays = append(f.SkipDays, int(d))
	}
	for _, r := range s.Recent {
		f.Recent = append(f.Recent, failure{toInstant(r.At), string(r.Outcome), r.Status, r.Problem})
	}
	p := polledRow{LastRequest: toInstant(s.LastRequest), LastObserved: toInstant(s.LastObserved), NotBefore: toInstant(s.NotBefore),
		NextDue: toInstant(s.NextDue), DueReason: s.DueReason, Outcome: string(s.Outcome), Status: s.Status, Failures: s.Failures,
		Problem: s.Problem, Polls: s.Polls, Wire: s.Wire, LastHeaders: s.LastHeaders, Ignored: s.Ignored, MovedPolls: s.MovedPolls,
		LedAt: toInstant(s.LedAt), FrozenUntil: toInstant(s.FrozenUntil)}
	if r := s.Rhythm; r != nil {
		p.Rhythm = &rhythm{r.Watched, r.Entries, r.Hours, r.Days}
	}
	return f, p
}

func fromRows(f *feedRow, p *polledRow, known []uint64) feeds.State {
	s := feeds.State{URL: f.URL, Title: f.Title, Home: f.Home, Language: f.Language, ETag: f.ETag, LastModified: f.LastModified,
		BodyHash: f.BodyHash, Type: f.Type, Damaged: f.Damaged, LastRequest: p.LastRequest.time(), LastObserved: p.LastObserved.time(),
		LastChange: f.LastChange.time(), NotBefore: p.NotBefore.time(), NextDue: p.NextDue.time(), DueReason: p.DueReason,
		Outcome: feeds.Outcome(p.Outcome), Status: p.Status, Failures: p.Failures, Problem: p.Problem, Polls: p.Polls,
		Entries: f.Entries, Wire: p.Wire, Known: known, FreshFor: f.FreshFor, TTL: f.TTL, SkipHours: f.SkipHours,
		LastFull: f.LastFull.time(), LastHeaders: p.LastHeaders, ValidatorsOf: f.ValidatorsOf, Ignored: p.Ignored, Lies: f.Lies,
		PollURL: f.PollURL, MovedTo: f.MovedTo, MovedSince: f.MovedSince.time(), MovedPolls: p.MovedPolls,
		WebSub: f.WebSub.state(), LedTo: f.LedTo, LedAt: p.LedAt.time(), FrozenUntil: p.FrozenUntil.time()}
	if r := p.Rhythm; r != nil {
		s.Rhythm = &feeds.Rhythm{Watched: r.Watched, Entries: r.Entries, Hours: r.Hours, Days: r.Days}
	}
	for _, d := range f.SkipDays {
		s.SkipDays = append(s.SkipDays, time.Weekday(d))
	}
	for _, r := range f.Recent {
		s.Recent = append(s.Recent, feeds.Failure{At: r.At.time(), Outcome: feeds.Outcome(r.Outcome), Status: r.Status, Problem: r.Problem})
	}
	return s
}

// present is what one document held: bucketPresent, in the document's order.
type present struct {
	raw   uint64
	entry uint64
}

func packPresent(rows []present) []byte {
	b := make([]byte, 0, len(rows)*12)
	for _, r := range rows {
		b = binary.BigEndian.AppendUint64(b, r.raw)
		b = binary.AppendUvarint(b, r.entry)
	}
	return b
}

func unpackPresent(b []byte) ([]present, error) {
	var rows []present
	for len(b) > 0 {
		if len(b) < 9 {
			return nil, fmt.Errorf("damaged list of what a feed holds")
		}
		entry, size := binary.Uvarint(b[8:])
		if size <= 0 {
			return nil, fmt.Errorf("damaged list of what a feed holds")
		}
		rows = append(rows, present{binary.BigEndian.Uint64(b), entry})
		b = b[8+size:]
	}
	return rows, nil
}
