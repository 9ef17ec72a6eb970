package serve

import (
	"cmp"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

// The JSON of /api/v1. docs/api.md describes it; fields are added, never
// renamed. Unknown times are null.

type storyOut struct {
	ID       uint64     `json:"id"`
	Headline string     `json:"headline"`
	URL      string     `json:"url"`
	Page     string     `json:"page"`
	Language string     `json:"language"`
	Outlets  int        `json:"outlets"`
	Copies   int        `json:"copies"`
	Created  *time.Time `json:"created"`
	Changed  *time.Time `json:"changed"`
	First    firstOut   `json:"first_published"`
	Entries  []entryOut `json:"entries"`
	Texts    []textOut  `json:"texts"`
}

// fullStory is a story shown alone, with its evidence and every verdict it had.
type fullStory struct {
	storyOut
	History []change `json:"history"`
	// Corrections are those that speak of its entries.
	Corrections []correctionOut `json:"corrections,omitempty"`
}

type firstOut struct {
	Outlet     string             `json:"outlet"`
	Name       string             `json:"name"`
	URL        string             `json:"url"`
	Entry      uint64             `json:"entry,omitempty"`
	SeenHere   uint64             `json:"seen_here,omitempty"`
	After      *time.Time         `json:"after"`
	At         *time.Time         `json:"at"`
	Basis      stories.Basis      `json:"basis"`
	Confidence stories.Confidence `json:"confidence"`
	Reason     string             `json:"reason"`
	Evidence   []evidenceOut      `json:"evidence,omitempty"`
}

type evidenceOut struct {
	Entry uint64 `json:"entry"`
	Kind  string `json:"kind"`
	Text  string `json:"text"`
	For   bool   `json:"for"`
}

type entryOut struct {
	ID         uint64      `json:"id"`
	Outlet     string      `json:"outlet"`
	Name       string      `json:"name"`
	Title      string      `json:"title"`
	URL        string      `json:"url"`
	Language   string      `json:"language"`
	Category   string      `json:"category,omitempty"`
	Published  *time.Time  `json:"published"`
	Updated    *time.Time  `json:"updated"`
	Redated    []redating  `json:"redated,omitempty"`
	SeenAfter  *time.Time  `json:"seen_after"`
	FirstSeen  *time.Time  `json:"first_seen"`
	Appeared   *time.Time  `json:"appeared"`
	LagSeconds *int64      `json:"lag_seconds"`
	CopyOf     *uint64     `json:"copy_of"`
	PerMille   int         `json:"copied_per_mille,omitempty"`
	TextOf     string      `json:"text_of,omitempty"` // the origin that is not followed whose text it carries
	Stated     []statedOut `json:"stated"`
	Reasons    []string    `json:"reasons"`
}

// redating is a date that the feeds gave the entry at a later poll.
type redating struct {
	Seen      *time.Time `json:"seen"`
	Published *time.Time `json:"published"` // null: it was taken away
}

type statedOut struct {
	Kind   feeds.StatedKind `json:"kind"`
	Outlet string           `json:"outlet"`
	URL    string           `json:"url"`
	Phrase string           `json:"phrase"`
	Where  string           `json:"where"`
}

type textOut struct {
	Original uint64   `json:"original"`
	Entries  []uint64 `json:"entries"`
	First    firstOut `json:"first_published"`
}

type change struct {
	At      *time.Time `json:"at"`
	Because string     `json:"because"`
	First   firstOut   `json:"first_published"`
}

func timeOut(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (s *server) firstOut(v *stories.Verdict, full bool) firstOut {
	f := firstOut{
		Outlet: v.Outlet, Name: v.Name, URL: v.URL, Entry: v.Entry, SeenHere: v.SeenHere, After: timeOut(v.After), At: timeOut(v.At),
		Basis: v.Basis, Confidence: v.Confidence, Reason: v.Reason,
	}
	if f.Name == "" {
		f.Name = s.nameOf(v.Outlet)
	}
	if full {
		for _, e := range v.Evidence {
			f.Evidence = append(f.Evidence, evidenceOut(e))
		}
	}
	return f
}

func (s *server) entryOut(st *stories.Story, m, lead *stories.Member) entryOut {
	e := entryOut{
		ID: m.Entry, Outlet: m.Outlet, Name: s.nameOf(m.Outlet), Title: m.Title, URL: m.Link, Language: m.Language, Category: m.Category,
		Published: timeOut(m.Published.Time), Updated: timeOut(m.Updated.Time), SeenAfter: timeOut(m.Seen.After), FirstSeen: timeOut(m.Seen.At),
		Appeared: timeOut(st.Appeared(m)), Stated: []statedOut{}, Reasons: append([]string{}, m.Reasons...),
	}
	if m.CopyOf != 0 {
		of := m.CopyOf
		e.CopyOf, e.PerMille = &of, m.Share
	}
	if a, b := st.Appeared(lead), st.Appeared(m); !a.IsZero() && !b.IsZero() {
		lag := int64(b.Sub(a).Seconds())
		e.LagSeconds = &lag
	}
	for _, r := range m.Redated {
		e.Redated = append(e.Redated, redating{timeOut(r.Seen), timeOut(r.Published.Time)})
	}
	for _, x := range m.Stated {
		e.Stated = append(e.Stated, statedOut(x))
	}
	return e
}

// storyOut shows a story; full adds the evidence.
func (s *server) storyOut(st *stories.Story, base string, full bool) storyOut {
	it := newItem(st)
	o := storyOut{
		ID: st.ID, Headline: it.title(), URL: it.link(base), Page: base + storyPath(st.ID), Language: it.lead.Language, Outlets: it.outlets,
		Copies: it.copies(), Created: timeOut(st.Created), Changed: timeOut(st.Changed), First: s.firstOut(&st.Verdict, full),
		Entries: []entryOut{}, Texts: []textOut{},
	}
	for i := range st.Members {
		e := s.entryOut(st, &st.Members[i], &it.lead)
		e.TextOf = it.outside[e.ID]
		o.Entries = append(o.Entries, e)
	}
	for i := range st.Groups {
		g := &st.Groups[i]
		o.Texts = append(o.Texts, textOut{g.Original, append([]uint64{}, g.Members...), s.firstOut(&g.Verdict, full)})
	}
	return o
}

// named gives reasons with the entries that they name by number named by outlet and
// headline as well. Most are of the story; one that cannot be read keeps its number.
func (s *server) named(st *stories.Story, reasons []string) []string {
	out := []string{}
	for _, reason := range reasons {
		out = append(out, stories.Named(reason, func(id uint64) (outlet, headline string) {
			for i := range st.Members {
				if m := &st.Members[i]; m.Entry == id {
					return s.nameOf(m.Outlet), m.Title
				}
			}
			e, ok, err := s.source.Entry(id)
			if err != nil || !ok {
				return "", ""
			}
			return s.nameOf(e.Outlet), e.Title
		}))
	}
	return out
}

func (s *server) fullStory(st *stories.Story, base string) fullStory {
	o := fullStory{storyOut: s.storyOut(st, base, true), History: []change{}}
	for i := range o.Entries {
		o.Entries[i].Reasons = s.named(st, o.Entries[i].Reasons)
	}
	if len(st.Corrections) > 0 {
		o.Corrections = toCorrectionsOut(st.Corrections)
	}
	for i := range st.History {
		c := &st.History[i]
		o.History = append(o.History, change{timeOut(c.At), c.Because, s.firstOut(&c.Verdict, false)})
	}
	return o
}

// query reads the filters of r.
func (s *server) query(r *http.Request) (stories.Query, error) {
	values, err := parseQuery(r)
	if err != nil {
		return stories.Query{}, err
	}
	return readQuery(values)
}

func parseQuery(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, problem{Status: http.StatusBadRequest, Detail: "the part of the address after “?” is not well-formed"}
	}
	return values, nil
}

// list reads the filters of r and the stories that match.
func (s *server) list(r *http.Request, adjust func(*stories.Query)) (q stories.Query, list []stories.Story, next stories.Cursor, err error) {
	if q, err = s.query(r); err != nil {
		return q, nil, next, err
	}
	if adjust != nil {
		adjust(&q)
	}
	list, next, err = s.source.Stories(q)
	return q, list, next, err
}

// newest is when the last of the stories changed.
func newest(list []stories.Story) (last time.Time) {
	for i := range list {
		if t := newItem(&list[i]).modified(); t.After(last) {
			last = t
		}
	}
	return last
}

// nextOut is the cursor and the address of the following page.
type nextOut struct {
	Next    *string `json:"next"`
	NextURL *string `json:"next_url"`
}

func (s *server) nextOut(r *http.Request, q stories.Query, next stories.Cursor) (n nextOut) {
	if next.IsZero() {
		return n
	}
	q.After = next
	cursor, further := next.String(), s.base(r)+address(r.URL.Path, writeQuery(q))
	return nextOut{&cursor, &further}
}

func jsonPage(v any, modified time.Time) (page, error) {
	body, err := encodeJSON(v)
	return page{body: body, kind: "application/json", modified: modified}, err
}

type storiesOut struct {
	Stories []storyOut `json:"stories"`
	nextOut
}

func (s *server) apiStories(r *http.Request) (page, error) {
	q, list, next, err := s.list(r, nil)
	if err != nil {
		return page{}, err
	}
	out := storiesOut{[]storyOut{}, s.nextOut(r, q, next)}
	for i := range list {
		out.Stories = append(out.Stories, s.storyOut(&list[i], s.base(r), false))
	}
	return jsonPage(out, newest(list))
}

// story finds the story that the path names.
func (s *server) story(r *http.Request) (stories.Story, error) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil || id == 0 {
		return stories.Story{}, problem{Status: http.StatusBadRequest, Detail: "a story is named by its number, as in /stories/42"}
	}
	st, ok, err := s.source.Story(id)
	if err == nil && !ok {
		err = notFound("there is no story %d; it may have been removed with age", id)
	}
	return st, err
}

func (s *server) apiStory(r *http.Request) (page, error) {
	st, err := s.story(r)
	if err != nil {
		return page{}, err
	}
	p, err := jsonPage(s.fullStory(&st, s.base(r)), newItem(&st).modified())
	p.header = http.Header{"Content-Location": {"/api/v1" + storyPath(st.ID)}}
	return p, err
}

// articleOut is one entry with its text.
type articleOut struct {
	ID         uint64      `json:"id"`
	Story      uint64      `json:"story"`
	Outlet     string      `json:"outlet"`
	Name       string      `json:"name"`
	Feed       string      `json:"feed"`
	GUID       string      `json:"guid"`
	URL        string      `json:"url"`
	Title      string      `json:"title"`
	HTML       string      `json:"content_html"`
	Text       string      `json:"text"`
	Language   string      `json:"language"`
	Authors    []string    `json:"authors"`
	Categories []string    `json:"categories"`
	Rights     string      `json:"rights"`
	Published  *time.Time  `json:"published"`
	Updated    *time.Time  `json:"updated"`
	Stated     []statedOut `json:"stated"`
}

// apiEntry shows an entry of a story: /api/v1/stories/{id}/entries/{entry}.
func (s *server) apiEntry(r *http.Request) (page, error) {
	st, err := s.story(r)
	if err != nil {
		return page{}, err
	}
	id, err := strconv.ParseUint(r.PathValue("entry"), 10, 64)
	if err != nil || id == 0 {
		return page{}, problem{Status: http.StatusBadRequest, Detail: "an entry is named by its number"}
	}
	for i := range st.Members {
		if st.Members[i].Entry != id {
			continue
		}
		e, ok, err := s.source.Entry(id)
		if err != nil || !ok {
			return page{}, cmp.Or(err, notFound("entry %d is not kept any more", id))
		}
		out := articleOut{
			ID: id, Story: st.ID, Outlet: e.Outlet, Name: s.nameOf(e.Outlet), Feed: e.Feed, GUID: e.GUID, URL: e.Link, Title: e.Title,
			HTML: contentHTML(e), Text: e.Text, Language: e.Language, Authors: append([]string{}, e.Authors...),
			Categories: append([]string{}, e.Categories...), Rights: e.Rights, Published: timeOut(e.Published.Time),
			Updated: timeOut(e.Updated.Time), Stated: []statedOut{},
		}
		for _, x := range e.Stated {
			out.Stated = append(out.Stated, statedOut(x))
		}
		return jsonPage(out, newItem(&st).modified())
	}
	return page{}, notFound("story %d has no entry %d", st.ID, id)
}

// duplicateOut is a story that several outlets carry: who copied whose text,
// and who told it in their own words. The two are never mixed.
type duplicateOut struct {
	Story    uint64     `json:"story"`
	Headline string     `json:"headline"`
	Page     string     `json:"page"`
	Outlets  int        `json:"outlets"`
	First    firstOut   `json:"first_published"`
	Copies   []copyOut  `json:"copies"`
	OwnWords []entryOut `json:"own_words"`
}

type copyOut struct {
	entryOut
	Of entryRef `json:"of"`
}

type entryRef struct {
	ID     uint64 `json:"id"`
	Outlet string `json:"outlet"`
	Name   string `json:"name"`
	Title  string `json:"title"`
	URL    string `json:"url"`
}

type duplicatesOut struct {
	Duplicates []duplicateOut `json:"duplicates"`
	nextOut
}

func (s *server) apiDuplicates(r *http.Request) (page, error) {
	q, list, next, err := s.list(r, func(q *stories.Query) { q.MinOutlets = max(q.MinOutlets, 2) })
	if err != nil {
		return page{}, err
	}
	out := duplicatesOut{[]duplicateOut{}, s.nextOut(r, q, next)}
	for i := range list {
		st := &list[i]
		it := newItem(st)
		d := duplicateOut{
			Story: st.ID, Headline: it.title(), Page: s.base(r) + storyPath(st.ID), Outlets: it.outlets,
			First: s.firstOut(&st.Verdict, false), Copies: []copyOut{}, OwnWords: []entryOut{},
		}
		for _, c := range append([]carrier{{Member: it.lead}}, it.carriers...) {
			e := s.entryOut(it.story, &c.Member, &it.lead)
			e.TextOf = it.outside[e.ID]
			if c.Of == nil {
				d.OwnWords = append(d.OwnWords, e)
				continue
			}
			e.PerMille = c.Share
			of := c.Of.Entry
			e.CopyOf = &of
			d.Copies = append(d.Copies, copyOut{e, entryRef{of, c.Of.Outlet, s.nameOf(c.Of.Outlet), c.Of.Title, c.Of.Link}})
		}
		out.Duplicates = append(out.Duplicates, d)
	}
	return jsonPage(out, newest(list))
}

type feedsOut struct {
	Feeds []feedOut `json:"feeds"`
}

type feedOut struct {
	ID           string        `json:"id"`
	URL          string        `json:"url"`
	Outlet       string        `json:"outlet"`
	Name         string        `json:"name"`
	Title        string        `json:"title"`
	Type         string        `json:"type"`
	Damaged      bool          `json:"damaged,omitempty"`
	Outcome      feeds.Outcome `json:"outcome"`
	Status       int           `json:"status"`
	Problem      string        `json:"problem,omitempty"`
	Failures     int           `json:"failures"`
	Polls        int64         `json:"polls"`
	Entries      int           `json:"entries"`
	Wire         int64         `json:"wire_bytes"`
	LastRequest  *time.Time    `json:"last_request"`
	LastObserved *time.Time    `json:"last_observed"`
	LastChange   *time.Time    `json:"last_change"`
	NotBefore    *time.Time    `json:"not_before"`
	NextDue      *time.Time    `json:"next_due"`
	DueReason    string        `json:"due_reason"`
	Recent       []failureOut  `json:"recent_failures"`
}

type failureOut struct {
	At      *time.Time    `json:"at"`
	Outcome feeds.Outcome `json:"outcome"`
	Status  int           `json:"status"`
	Problem string        `json:"problem"`
}

// feedStates gives every feed's state, in order of address.
func (s *server) feedStates() ([]feedOut, error) {
	out := []feedOut{}
	if s.States == nil {
		return out, nil
	}
	states, err := s.States()
	if err != nil {
		return nil, err
	}
	for _, f := range s.Feeds { // those that were not polled yet too
		if _, ok := states[f.URL]; !ok {
			out = append(out, feedOut{ID: feedID(f.URL), URL: f.URL, Outlet: f.Outlet, Name: s.nameOf(f.Outlet), Title: f.Title, Recent: []failureOut{}})
		}
	}
	for key, st := range states {
		f := feedOut{
			ID: feedID(key), URL: key, Title: st.Title, Type: st.Type, Damaged: st.Damaged, Outcome: st.Outcome, Status: st.Status,
			Problem: st.Problem, Failures: st.Failures, Polls: st.Polls, Entries: st.Entries, Wire: st.Wire, LastRequest: timeOut(st.LastRequest),
			LastObserved: timeOut(st.LastObserved), LastChange: timeOut(st.LastChange), NotBefore: timeOut(st.NotBefore),
			NextDue: timeOut(st.NextDue), DueReason: st.DueReason, Recent: []failureOut{},
		}
		f.Outlet = s.feedOutlet[key]
		f.Name = s.nameOf(f.Outlet)
		for _, r := range st.Recent {
			f.Recent = append(f.Recent, failureOut{timeOut(r.At), r.Outcome, r.Status, r.Problem})
		}
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].URL < out[j].URL })
	return out, nil
}

func (s *server) apiFeeds(r *http.Request) (page, error) {
	list, err := s.feedStates()
	if err != nil {
		return page{}, err
	}
	return jsonPage(feedsOut{list}, time.Time{})
}
