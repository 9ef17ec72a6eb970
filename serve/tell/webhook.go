package tell

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aggregator/stories"
)

const (
	patience = 24 * time.Hour // after which an event is given up
	batch    = 100            // news read at a time
)

// Source is where news come from, and where it is kept how far each webhook has
// got. All methods are safe for concurrent use.
type Source interface {
	News(after uint64, limit int) (list []stories.News, latest uint64, err error)
	Mark(name string) (seq uint64, ok bool, err error)
	SetMark(ctx context.Context, name string, seq uint64) error
	Story(id uint64) (stories.Story, bool, error)
	Changed() (generation uint64, next <-chan struct{})
}

// Webhook is a receiver of events.
type Webhook struct {
	// URL is where events go; it also names what the receiver has got so far.
	URL    string
	Secret []byte // signs the events
	// Outlets: a story reaches so many outlets; 0 is not told.
	Outlets int
	// CopiesOf: another outlet's copy of a text of one of these appears (outlet
	// IDs, or names of origins that are not followed).
	CopiesOf []string
	// Verdicts: another outlet is said to be first, or with another confidence.
	Verdicts bool
}

// Sender delivers events to one webhook.
type Sender struct {
	Webhook
	Source Source
	// Story gives a story as the API shows it; nil when it is not kept any more.
	Story  func(id uint64) json.RawMessage
	Client *http.Client
	Log    *slog.Logger
	Now    func() time.Time

	after uint64 // the last of the news that was told; Run's alone after Open
}

// Open finds how far the receiver has got. A new one gets what comes from now on.
func (s *Sender) Open(ctx context.Context) error {
	after, known, err := s.Source.Mark(s.mark())
	if err != nil {
		return err
	}
	_, latest, err := s.Source.News(after, 0)
	if err != nil {
		return err
	}
	if !known || after > latest { // new, or the store is another one than it was
		after = latest
		err = s.Source.SetMark(ctx, s.mark(), after)
	}
	s.after = after
	return err
}

// Run delivers what came about since the last event that the receiver has
// accepted, in order, until ctx ends; Open comes before it. Each event is
// delivered at least once, also across restarts: one whose answer was lost comes
// again with the same webhook-id. It returns an error only when the source cannot
// be read.
func (s *Sender) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		_, next := s.Source.Changed()
		list, _, err := s.Source.News(s.after, batch)
		if err != nil {
			return err
		}
		for i := range list {
			n := &list[i]
			if missed := n.Seq - s.after - 1; missed > 0 {
				s.Log.Error("a webhook was away for too long: news that are not kept any more were not told", "url", s.URL, "missed", missed)
			}
			sent, err := s.tell(ctx, n)
			if err != nil || ctx.Err() != nil {
				return err
			}
			s.after = n.Seq
			if !sent && i < len(list)-1 {
				continue // nothing was told: one mark will do
			}
			if err := s.Source.SetMark(ctx, s.mark(), s.after); err != nil && ctx.Err() == nil {
				s.Log.Warn("the place of a webhook in the news was not kept; after a restart it is told again", "url", s.URL, "error", err)
			}
		}
		if len(list) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-next:
		}
	}
	return nil
}

// mark names the receiver in the store, whose names are short.
func (s *Sender) mark() string {
	sum := sha256.Sum256([]byte(s.URL))
	return "webhook " + base64.RawURLEncoding.EncodeToString(sum[:12])
}

// tell delivers the events that a piece of news is for this receiver.
func (s *Sender) tell(ctx context.Context, n *stories.News) (sent bool, err error) {
	st, ok, err := s.Source.Story(n.Story)
	if err != nil {
		return false, err
	}
	var story *stories.Story
	if ok {
		story = &st
	}
	for _, e := range s.events(n, story) {
		e.Data.Story = s.Story(n.Story)
		if !s.deliver(ctx, e) {
			return sent, nil
		}
		sent = true
	}
	return sent, nil
}

// event is what a receiver gets, in the form of Standard Webhooks.
type event struct {
	id   string
	Type string    `json:"type"` // "story.outlets", "story.copy" or "story.verdict"
	At   time.Time `json:"timestamp"`
	Data data      `json:"data"`
}

type data struct {
	Outlets int             `json:"outlets,omitempty"`     // of "story.outlets": how many there are
	Of      string          `json:"copied_from,omitempty"` // of "story.copy": the one of CopiesOf
	Entry   uint64          `json:"entry,omitempty"`       // of "story.copy": the copy
	Was     *claim          `json:"was,omitempty"`         // of "story.verdict"
	Is      *claim          `json:"is,omitempty"`
	Story   json.RawMessage `json:"story"` // as it stands now, as in the API; null when it is gone
}

type claim struct {
	Outlet     string             `json:"outlet"`
	Name       string             `json:"name"`
	Confidence stories.Confidence `json:"confidence"`
}

// events are those that a piece of news is for this receiver; st may be nil.
func (w Webhook) events(n *stories.News, st *stories.Story) (list []event) {
	add := func(kind, more string, d data) {
		list = append(list, event{fmt.Sprintf("%d.%d.%s%s", n.Seq, n.At.UnixMicro(), kind, more), "story." + kind, n.At.UTC(), d})
	}
	if w.Outlets > 0 && n.Before < w.Outlets && n.Now >= w.Outlets {
		add("outlets", "", data{Outlets: n.Now})
	}
	for _, entry := range n.Copies {
		for _, from := range w.CopiesOf {
			if st != nil && copies(st, entry, from) {
				add("copy", fmt.Sprintf(".%d.%s", entry, from), data{Of: from, Entry: entry})
			}
		}
	}
	if w.Verdicts && n.Was != n.Is {
		was, is := claim(n.Was), claim(n.Is)
		add("verdict", "", data{Was: &was, Is: &is})
	}
	return list
}

// copies reports whether an entry of st carries a text of from.
func copies(st *stories.Story, entry uint64, from string) bool {
	for i := range st.Members {
		if m := &st.Members[i]; m.Entry == entry {
			return stories.Query{CopiedFrom: from, CopiedBy: m.Outlet}.Match(st)
		}
	}
	return false
}

// deliver sends one event until it is accepted or given up; false when ctx ended
// first.
func (s *Sender) deliver(ctx context.Context, e event) bool {
	body, err := json.Marshal(e)
	if err != nil { // the story was JSON already
		panic(err)
	}
	begun := s.Now()
	for failures := 0; ; {
		r, err := http.NewRequest(http.MethodPost, s.URL, bytes.NewReader(body))
		status, wait := 0, time.Duration(0)
		if err == nil {
			sign(r.Header, e.id, s.Now(), body, s.Secret)
			status, wait, err = send(ctx, s.Client, r)
		}
		if ctx.Err() != nil {
			return false
		}
		if err == nil && status/100 == 2 {
			if failures > 0 {
				s.Log.Info("a webhook is back", "url", s.URL, "event", e.id)
			}
			return true
		}
		failures++
		wait = max(backOff(failures), wait)
		if s.Now().Add(wait).Sub(begun) > patience {
			s.Log.Error("a webhook did not take an event for a day; it is given up", "url", s.URL, "event", e.id, "status", status, "error", err)
			return true
		}
		if failures == 1 {
			s.Log.Warn("a webhook did not take an event; it is tried again", "url", s.URL, "event", e.id, "status", status, "error", err)
		}
		if !pause(ctx, wait) {
			return false
		}
	}
}

// sign sets the headers of Standard Webhooks (standardwebhooks.com): an id that
// is the same for each attempt, the time of the attempt, and HMAC-SHA256 over
// both and the body.
func sign(h http.Header, id string, at time.Time, body, secret []byte) {
	// An id may hold a name of the configuration; dots separate what is signed.
	id = strings.Map(func(c rune) rune {
		if c > ' ' && c <= '~' {
			return c
		}
		return '_'
	}, id)
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	h.Set("Content-Type", "application/json")
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
