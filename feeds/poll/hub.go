package poll

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"aggregator/feeds"
	"aggregator/feeds/parse"
	"aggregator/feeds/websub"
)

const (
	// safetyEvery is how often a feed is looked at whose hub pushes what is new.
	safetyEvery = 24 * time.Hour
	// pushTime is how long a hub may take to push what a publisher published.
	pushTime = 10 * time.Minute
	// maxSeen and maxBodies bound what is remembered of pushes.
	maxSeen, maxBodies = 256, 16
	// maxKnown bounds what pushes add to the items of the last document.
	maxKnown = 2000
)

// Hubs hears what the poller remembers of a feed's subscription, and changes it
// through Poller.Subscribe.
type Hubs interface {
	// Changed is called by New with what is remembered, and by the loop at each change,
	// nil meaning nothing: it must not block.
	Changed(feed string, w *feeds.WebSub)
}

// Subscribe changes what is remembered of a feed's subscription at a hub, and
// returns when that is durable. It waits for a poll of the feed that is under way,
// and works while Run does. It is safe for concurrent use.
func (p *Poller) Subscribe(ctx context.Context, url string, change func(feeds.WebSub) feeds.WebSub) error {
	return p.change(ctx, url, func(_ *feed, s *feeds.State) []feeds.Item {
		w := change(*orNone(s.WebSub))
		s.WebSub = &w
		return nil
	})
}

// Push takes what a hub pushed for a feed as a poll would have brought it: it is
// read, and kept through the same Sink. What follows from asking the publisher
// (validators, hints, when it was asked and observed) stays as it is, because nobody
// asked. It returns when that is durable, and is safe for concurrent use.
func (p *Poller) Push(ctx context.Context, url string, body []byte, contentType string) error {
	at := p.clock.wall()
	return p.change(ctx, url, func(f *feed, s *feeds.State) []feeds.Item {
		w := orNone(s.WebSub)
		hash := xxhash.Sum64(body)
		if slices.Contains(w.Bodies, hash) {
			return nil
		}
		a := answer{at: later(at, s.LastRequest), hash: hash}
		a.resp.Body, a.resp.ContentType, a.resp.FinalURL = body, contentType, asked(s)
		a.parse(s, f)
		items := pushed(s, &a)
		if s.WebSub.Hint.Equal(a.at) {
			p.log.Warn("a hub pushed something that is no feed; the feed is polled by its schedule", "feed", s.URL, "problem", a.document.Problem)
		}
		return items
	})
}

// pushed takes a document that a hub pushed into a feed's state and gives the items
// to keep. A push may hold only what is new: the items that the feed held before
// stand in it still, as far as anybody knows.
func pushed(s *feeds.State, a *answer) []feeds.Item {
	w := *orNone(s.WebSub)
	w.Bodies = last(append(slices.Clone(w.Bodies), a.hash), maxBodies)
	if a.document.Status == parse.Refused || len(a.document.Items) == 0 {
		w.Hint = a.at
		s.WebSub = &w
		return nil
	}
	w.Pushes, w.LastPush = w.Pushes+1, a.at
	seen := slices.Clone(w.Seen)
	items, here := slices.Clone(a.document.Items), make(map[uint64]bool, len(a.raws))
	for _, raw := range a.raws {
		here[raw] = true
	}
	known := slices.Clone(a.raws)
	for _, raw := range s.Known {
		if !here[raw] && len(known) < max(maxKnown, len(a.raws)) {
			known, items = append(known, raw), append(items, feeds.Item{Raw: raw})
		}
	}
	for _, item := range a.document.Items {
		if item.Entry != nil {
			seen = append(seen, names(item.Entry)...)
		}
	}
	w.Seen = last(seen, maxSeen)
	if s.Known, s.WebSub = known, &w; a.fresh > 0 {
		s.LastChange = a.at
		s.Rhythm = hear(s.Rhythm, a)
	}
	return items
}

// updateHub keeps which hub a feed names, and notices when the hub keeps back what
// the feed holds.
func updateHub(s, old *feeds.State, a *answer) {
	if !s.Outcome.Observed() {
		return
	}
	links := websub.Links{}
	if a.document != nil {
		links = websub.Links{Hubs: a.document.Hubs, Self: a.document.Self}
	}
	if len(links.Hubs) == 0 && len(a.resp.Header["Link"]) == 0 && s.Outcome != feeds.Changed {
		return // as nearly always
	}
	w := *orNone(old.WebSub)
	hub, topic := websub.Discover(a.resp.Header, links, a.resp.FinalURL, w.Hub)
	// An answer without a document, or with half of one, may leave out what the one
	// before said.
	whole := s.Outcome == feeds.Changed && !s.Damaged
	if (whole || hub != "" && w.Hub == "") && (hub != w.Hub || topic != w.Topic) {
		w = feeds.WebSub{Hub: hub, Topic: topic}
	}
	if s.Outcome == feeds.Changed && w.Until.After(a.at) {
		notePushes(&w, old, a)
	}
	switch {
	case w.Hub == "":
		s.WebSub = nil
	case old.WebSub == nil || changed(old.WebSub, &w):
		s.WebSub = &w
	}
}

// notePushes compares the new entries of a poll with those that the hub had pushed.
// Only entries whose date says that they appeared between the subscription, or the
// last look, and some minutes ago tell something: an old entry that was edited has
// new bytes too.
func notePushes(w *feeds.WebSub, old *feeds.State, a *answer) {
	since, until := later(w.Since, old.LastObserved), a.at.Add(-pushTime)
	seen := make(map[uint64]bool, len(w.Seen))
	for _, h := range w.Seen {
		seen[h] = true
	}
	missed := 0
	for _, item := range a.document.Items {
		if item.Entry == nil || slices.Contains(old.Known, item.Raw) {
			continue
		}
		at := item.Entry.Published.Time
		if at.After(since) && at.Before(until) && !slices.ContainsFunc(names(item.Entry), func(h uint64) bool { return seen[h] }) {
			missed++
		}
	}
	switch {
	case missed > 0:
		w.Late, w.LateAt = w.Late+missed, a.at
	case w.LastPush.After(old.LastObserved):
		w.Late = 0 // it pushed, and nothing was missing
	}
}

// names are hashes of what an entry is known by.
func names(e *feeds.Entry) (list []uint64) {
	for _, name := range []string{e.GUID, e.Link} {
		if name != "" {
			list = append(list, xxhash.Sum64String(name))
		}
	}
	return list
}

// toldUntil is until when there is no need to ask: a hub is subscribed to and pushes
// what is new. Zero when there is none that can be relied on.
func toldUntil(s *feeds.State) time.Time {
	w := s.WebSub
	if w == nil || w.Late > 0 || !w.Until.After(s.LastRequest) || w.Hint.After(s.LastRequest) {
		return time.Time{}
	}
	if safety := s.LastRequest.Add(safetyEvery); safety.Before(w.Until) {
		return safety
	}
	return w.Until
}

// heardSince reports whether a push came since a feed was asked last.
func heardSince(s *feeds.State) bool {
	return s.WebSub != nil && s.WebSub.LastPush.After(s.LastRequest)
}

func changed(a, b *feeds.WebSub) bool {
	return a.Hub != b.Hub || a.Topic != b.Topic || a.Late != b.Late || !a.LateAt.Equal(b.LateAt)
}

// named is what remains of a subscription when nobody subscribes.
func named(w *feeds.WebSub) *feeds.WebSub {
	if w == nil || w.Hub == "" {
		return nil
	}
	return &feeds.WebSub{Hub: w.Hub, Topic: w.Topic}
}

func orNone(w *feeds.WebSub) *feeds.WebSub {
	if w == nil {
		return &feeds.WebSub{}
	}
	return w
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

var errNoFeed = errors.New("there is no such feed")
