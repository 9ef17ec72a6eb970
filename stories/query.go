package stories

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Query says which stories to list. All filters that are set must hold; the
// zero Query matches every story. Stories are listed newest first: by Position,
// the greatest first.
type Query struct {
	// CopiedFrom is an outlet ID (or, for an origin that is not followed here,
	// its name): another outlet carries a copy of its text.
	CopiedFrom string
	// CopiedBy is an outlet ID: it carries a copy of another one's text, of
	// CopiedFrom's when that is set too.
	CopiedBy string
	// MinShare is how much of the shorter text, per cent, at least one of the
	// copies (those that the two filters above leave) must have; 0 is any.
	MinShare int
	// First is the outlet ID (or the name, as for CopiedFrom) of the verdict.
	First string
	// MinOutlets is the least number of different outlets that carry the story.
	MinOutlets int
	// Outlet is an outlet ID: one of the carriers; or several with commas between
	// them, each of which carries the story.
	Outlet string
	// Lang is a BCP 47 tag: one of the entries is in it or in a variant of it
	// ("pt" matches "pt-BR"). Upper and lower case are the same.
	Lang string
	// Category is the category of one of the carriers' outlets, case aside.
	Category string
	// Q are words that must all stand in the headline of one entry, case aside;
	// a word matches inside longer words.
	Q string
	// Since and Until bound the story's time (see Position): Since <= t < Until.
	// Zero is no bound.
	Since, Until time.Time
	// CopiesOnly leaves out stories in which no outlet copies another one.
	CopiesOnly bool

	// Limit is the greatest number of stories to return; 0 leaves it to the one
	// who answers. It is not looked at by Match.
	Limit int
	// After is where the page before ended; zero is the start. It is not looked
	// at by Match.
	After Cursor
}

// Match reports whether s passes all filters of q. Limit and After are not
// filters. It does not change s and is safe for concurrent use.
func (q Query) Match(s *Story) bool {
	if !q.Since.IsZero() || !q.Until.IsZero() {
		at := s.Time()
		if !q.Since.IsZero() && at.Before(q.Since) || !q.Until.IsZero() && !at.Before(q.Until) {
			return false
		}
	}
	switch {
	case q.First != "" && !s.Verdict.names(q.First):
	case q.MinOutlets > 1 && s.Outlets() < q.MinOutlets:
	case q.MinOutlets == 1 && len(s.Members) == 0:
	case q.Outlet != "" && !s.carriedBy(q.Outlet):
	case q.Lang != "" && !s.any(func(m *Member) bool { return speaks(m.Language, q.Lang) }):
	case q.Category != "" && !s.any(func(m *Member) bool { return strings.EqualFold(m.Category, q.Category) }):
	case !s.headlineHas(q.Q):
	case (q.CopiesOnly || q.CopiedFrom != "" || q.CopiedBy != "" || q.MinShare > 0) && !s.copied(q.CopiedFrom, q.CopiedBy, q.MinShare):
	default:
		return true
	}
	return false
}

// Time is the story's place in time: when it was first published as far as is
// known, or when its first entry was kept if no time is known.
func (s *Story) Time() time.Time {
	if s.Verdict.At.IsZero() {
		return s.Created
	}
	return s.Verdict.At
}

// Appeared is the best known time at which the entry appeared at its outlet:
// the date it claims where that agrees with what the polls saw, else the poll
// that first had it. It is zero when neither is known.
func (m *Member) Appeared() time.Time { return appearance(m).best }

// FirstSeen is when the first of its entries was seen; Created when that is not
// known.
func (s *Story) FirstSeen() time.Time {
	var first time.Time
	for i := range s.Members {
		if t := s.Members[i].Seen.At; !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if first.IsZero() {
		return s.Created
	}
	return first
}

// Appeared is when a member of s appeared, by what the verdicts know of it: an
// original's time may be known from its copies, and a copy of an original that
// an entry names appeared no earlier than that, whatever its date says. It is
// zero when the time is not known.
func (s *Story) Appeared(m *Member) time.Time {
	at := m.Appeared()
	if m.Entry == s.Verdict.Entry && s.Verdict.Confidence != Unknown && !s.Verdict.At.IsZero() {
		return s.Verdict.At
	}
	for i := range s.Groups {
		v := &s.Groups[i].Verdict
		if v.Basis != Stated || v.Entry == 0 || v.Confidence != Certain && v.Confidence != Likely || !slices.Contains(s.Groups[i].Members, m.Entry) {
			continue
		}
		if m.Entry == v.Entry && !v.At.IsZero() {
			return v.At
		}
		if at.Before(v.At) && !m.Seen.At.Before(v.At) {
			return m.Seen.At
		}
	}
	return at
}

// Outlets counts the different outlets that carry the story.
func (s *Story) Outlets() int {
	n := 0
	for i := range s.Members {
		seen := false
		for j := 0; j < i && !seen; j++ {
			seen = s.Members[j].Outlet == s.Members[i].Outlet
		}
		if !seen {
			n++
		}
	}
	return n
}

func (s *Story) carriedBy(outlets string) bool {
	for id := range strings.SplitSeq(outlets, ",") {
		if !s.any(func(m *Member) bool { return m.Outlet == id }) {
			return false
		}
	}
	return true
}

func (s *Story) any(ok func(*Member) bool) bool {
	for i := range s.Members {
		if ok(&s.Members[i]) {
			return true
		}
	}
	return false
}

func (s *Story) headlineHas(q string) bool {
	words := strings.Fields(strings.ToLower(norm.NFC.String(q)))
	if len(words) == 0 {
		return true
	}
	return s.any(func(m *Member) bool {
		title := strings.ToLower(m.Title)
		for _, w := range words {
			if !strings.Contains(title, w) {
				return false
			}
		}
		return true
	})
}

// copied reports whether an outlet carries a copy of the text of another one,
// which is from unless that is empty. The origin of a text is the one that its
// group's verdict names; without a verdict, the outlet of the original. by is the
// outlet that carries it, unless that is empty; minShare is per cent.
func (s *Story) copied(from, by string, minShare int) bool {
	byEntry := func(entry uint64) *Member {
		for i := range s.Members {
			if s.Members[i].Entry == entry {
				return &s.Members[i]
			}
		}
		return nil
	}
	return s.any(func(m *Member) bool {
		if m.CopyOf == 0 || by != "" && m.Outlet != by || m.Share < 10*minShare {
			return false
		}
		original := byEntry(m.CopyOf)
		for i := range s.Groups {
			g := &s.Groups[i]
			if g.Original != m.CopyOf || g.Verdict.Outlet == "" && g.Verdict.Name == "" {
				continue
			}
			// The verdict may name another entry of the group than the original.
			across := m.Outlet != g.Verdict.Outlet || original != nil && original.Outlet != g.Verdict.Outlet
			return across && (from == "" || g.Verdict.names(from))
		}
		return original != nil && original.Outlet != m.Outlet && (from == "" || original.Outlet == from)
	})
}

// names reports whether the verdict is for the outlet with that ID, or for the
// origin of that name when it is not followed here.
func (v *Verdict) names(outlet string) bool {
	if v.Outlet != "" {
		return v.Outlet == outlet
	}
	return v.Name != "" && strings.EqualFold(v.Name, outlet)
}

// speaks reports whether a language tag is the wanted one or a variant of it
// (RFC 4647, basic filtering).
func speaks(tag, want string) bool {
	if len(tag) < len(want) || !strings.EqualFold(tag[:len(want)], want) {
		return false
	}
	return len(tag) == len(want) || tag[len(want)] == '-'
}

// Cursor is a place in the list of stories: the time of a story in Unix seconds
// and its ID. The zero Cursor stands before the newest story.
type Cursor struct {
	At    int64
	Story uint64
}

// Position is where s stands in the list.
func (s *Story) Position() Cursor { return Cursor{s.Time().Unix(), s.ID} }

// IsZero reports whether c is the start of the list.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// Past reports whether a story at c comes later in the list than d, that is, on
// the page after the one that ended at d. Everything is past the zero Cursor.
func (c Cursor) Past(d Cursor) bool {
	if d.IsZero() {
		return true
	}
	return c.At < d.At || c.At == d.At && c.Story < d.Story
}

// String writes the cursor for an address; clients must not read anything
// into it. The zero Cursor is empty.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	return strconv.FormatInt(c.At, 36) + "." + strconv.FormatUint(c.Story, 36)
}

// ParseCursor reads what String wrote; an empty string is the zero Cursor.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	at, id, ok := strings.Cut(text, ".")
	if !ok || len(text) > 32 {
		return Cursor{}, fmt.Errorf("%.32q is not a cursor: use one that an answer gave as the next page", text)
	}
	var c Cursor
	var err1, err2 error
	c.At, err1 = strconv.ParseInt(at, 36, 64)
	c.Story, err2 = strconv.ParseUint(id, 36, 64)
	// Only what String writes is read, so that one place has one address.
	if errors.Join(err1, err2) != nil || c.String() != text {
		return Cursor{}, fmt.Errorf("%q is not a cursor: use one that an answer gave as the next page", text)
	}
	return c, nil
}
