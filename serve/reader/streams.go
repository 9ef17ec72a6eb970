package reader

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aggregator/stories"
)

// stream is a set of items that readers name.
type stream struct {
	kind kind
	name string // the outlet of a feed, the category of a label
}

type kind int

const (
	nothing kind = iota // a set that is always empty here: broadcast, like, ...
	all
	read
	unread
	starred
	kept
	feed
	label
)

// The states of "user/-/state/com.google/...". Marking something that is nothing
// here is no error: readers do so without being asked to.
var states = map[string]kind{
	"reading-list": all, "read": read, "unread": unread, "starred": starred, "kept-unread": kept, "fresh": unread,
	"tracking-kept-unread": nothing, "broadcast": nothing, "broadcast-friends": nothing, "like": nothing, "created": nothing, "skimmed": nothing,
}

// parseStream reads a stream's name. The user in it is the one who asks, whatever
// stands there.
func parseStream(text string) (stream, error) {
	if !utf8.ValidString(text) || len(text) > 500 {
		return stream{}, badRequest("a stream's name is UTF-8 text of at most 500 bytes")
	}
	if outlet, ok := strings.CutPrefix(text, "feed/"); ok && outlet != "" {
		return stream{feed, outlet}, nil
	}
	if parts := strings.SplitN(text, "/", 4); len(parts) == 4 && parts[0] == "user" {
		switch parts[2] {
		case "label":
			return stream{label, parts[3]}, nil
		case "state":
			name, ok := strings.CutPrefix(parts[3], "com.google/")
			if k, known := states[name]; ok && known {
				return stream{kind: k}, nil
			}
		}
	}
	return stream{}, badRequest("%.100q is no stream that is known here", text)
}

func parseStreams(texts []string) (list []stream, err error) {
	if len(texts) > 20 {
		return nil, badRequest("at most 20 streams at once")
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		s, err := parseStream(text)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

const statePrefix = "user/-/state/com.google/"

func feedStream(outlet string) string { return "feed/" + outlet }
func labelStream(name string) string  { return "user/-/label/" + name }

// holds reports whether an item is in the stream.
func (h *handler) holds(s stream, ref Ref, state stories.ReadState) bool {
	switch s.kind {
	case all:
		return true
	case read:
		return state&stories.Read != 0
	case unread:
		return state&stories.Read == 0
	case starred:
		return state&stories.Starred != 0
	case kept:
		return state&stories.Kept != 0
	case feed:
		return ref.Outlet == s.name
	case label:
		return h.category(ref.Outlet) == s.name
	}
	return false
}

// selection is what a request asks of a stream.
type selection struct {
	streams  []stream // in one of these
	it, xt   []stream // and in all of these, and in none of those
	from, to time.Time
	oldest   bool // first
	n        int
	after    stories.Cursor
}

// readSelection reads s, it, xt, ot, nt, r, n and c.
func readSelection(v url.Values, n, most int) (q selection, err error) {
	if q.streams, err = parseStreams(v["s"]); err != nil {
		return q, err
	}
	if q.it, err = parseStreams(v["it"]); err != nil {
		return q, err
	}
	if q.xt, err = parseStreams(v["xt"]); err != nil {
		return q, err
	}
	if q.from, err = readStamp(v.Get("ot")); err != nil {
		return q, err
	}
	if q.to, err = readStamp(v.Get("nt")); err != nil {
		return q, err
	}
	switch r := v.Get("r"); r {
	case "o":
		q.oldest = true
	case "", "d", "n", "m", "a", "c":
	default:
		return q, badRequest("r is the order: n for the newest first, o for the oldest")
	}
	q.n = n
	if text := v.Get("n"); text != "" {
		given, err := strconv.Atoi(text)
		if err != nil {
			return q, badRequest("n is how many items to give")
		}
		if given > 0 {
			q.n = min(given, most)
		}
	}
	if q.after, err = stories.ParseCursor(v.Get("c")); err != nil {
		return q, badRequest("c is the continuation that the page before gave")
	}
	return q, nil
}

// readStamp reads a time in seconds since 1970, or in the finer units that some
// readers take: their numbers are longer. "" and 0 are no time.
func readStamp(text string) (time.Time, error) {
	if text == "" || text == "0" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}, badRequest("%.30q is no time: give seconds since 1970", text)
	case n < 1e11:
		return time.Unix(n, 0), nil
	case n < 1e14:
		return time.UnixMilli(n), nil
	case n < 1e17:
		return time.UnixMicro(n), nil
	}
	return time.Unix(0, n), nil
}

// matches reports whether an item is selected, wherever the page begins.
func (h *handler) matches(q *selection, ref Ref, state stories.ReadState, now time.Time) bool {
	in := func(s stream) bool { return h.holds(s, ref, state) }
	all := func(list []stream) bool { return !slices.ContainsFunc(list, func(s stream) bool { return !in(s) }) }
	return !ref.Visible.After(now) && (q.from.IsZero() || !ref.Visible.Before(q.from)) && (q.to.IsZero() || !ref.Visible.After(q.to)) &&
		slices.ContainsFunc(q.streams, in) && all(q.it) && !slices.ContainsFunc(q.xt, in)
}

// page selects the items of one page, and says where the next one begins: the
// zero Cursor is nowhere.
func (h *handler) page(q *selection, user string) (page []Ref, states map[uint64]stories.ReadState, next stories.Cursor, err error) {
	refs, states, err := h.listed(user, slices.ContainsFunc(q.streams, func(s stream) bool { return s.kind == starred }))
	if err != nil {
		return nil, nil, next, err
	}
	now := h.Now()
	for i := range refs {
		ref := refs[i]
		if q.oldest {
			ref = refs[len(refs)-1-i]
		}
		if at := ref.position(); !q.after.IsZero() && (!q.oldest && !at.Past(q.after) || q.oldest && !q.after.Past(at)) {
			continue
		}
		if !h.matches(q, ref, states[ref.Story], now) {
			continue
		}
		if len(page) == q.n {
			return page, states, page[q.n-1].position(), nil
		}
		page = append(page, ref)
	}
	return page, states, stories.Cursor{}, nil
}
