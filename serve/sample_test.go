package serve

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/text"
	"aggregator/stories"
)

// memory is a Source of story values. Safe for concurrent use.
type memory struct {
	mu         sync.Mutex
	list       []stories.Story
	entries    map[uint64]feeds.Entry
	merged     map[uint64]uint64
	generation uint64
	next       chan struct{}
	fail       error
}

func newMemory(list []stories.Story, entries map[uint64]feeds.Entry) *memory {
	m := &memory{entries: entries, merged: map[uint64]uint64{}, next: make(chan struct{})}
	for _, s := range list {
		m.put(s)
	}
	return m
}

// put adds or replaces a story.
func (m *memory) put(s stories.Story) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []stories.Story{s}
	for _, old := range m.list {
		if old.ID != s.ID {
			list = append(list, old)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[j].Position().Past(list[i].Position()) })
	m.list = list
	m.generation++
	close(m.next)
	m.next = make(chan struct{})
}

func (m *memory) Stories(q stories.Query) ([]stories.Story, stories.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []stories.Story
	for i := range m.list {
		s := m.list[i]
		if !s.Position().Past(q.After) || !q.Match(&s) {
			continue
		}
		if q.Limit > 0 && len(out) == q.Limit {
			return out, out[len(out)-1].Position(), m.fail
		}
		out = append(out, s)
	}
	return out, stories.Cursor{}, m.fail
}

func (m *memory) Story(id uint64) (stories.Story, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if to, ok := m.merged[id]; ok {
		id = to
	}
	for _, s := range m.list {
		if s.ID == id {
			return s, true, m.fail
		}
	}
	return stories.Story{}, false, m.fail
}

func (m *memory) Entry(id uint64) (feeds.Entry, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	return e, ok, m.fail
}

func (m *memory) StoryOf(entry uint64) (uint64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.list {
		for _, member := range s.Members {
			if member.Entry == entry {
				return s.ID, true, m.fail
			}
		}
	}
	return 0, false, m.fail
}

func (m *memory) Find(link, canonical string) (ids []uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, e := range m.entries {
		if e.Link == link || e.Link == canonical {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, m.fail
}

func (m *memory) Alike(text string, limit int) (out []stories.Likeness, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := stories.NewProbe(text)
	for id, e := range m.entries {
		if l := p.Measure(id, e.Title, e.Text); p.Alike(l) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b stories.Likeness) int { return cmp.Or(b.Share-a.Share, cmp.Compare(a.Entry, b.Entry)) })
	return out[:min(len(out), limit)], m.fail
}

func (m *memory) Changed() (uint64, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.generation, m.next
}

// sampleNow is the moment at which the sample is looked at.
var sampleNow = time.Date(2026, 3, 4, 14, 37, 0, 0, time.UTC)

var sampleOutlets = []feeds.Outlet{
	{ID: "harbour-post", Name: "The Harbour Post", Home: "https://harbourpost.example/", Language: "en", Category: "africa"},
	{ID: "meridian", Name: "Meridian Wire", Home: "https://meridian.example/", Language: "en", Category: "agency"},
	{ID: "north-ledger", Name: "North Ledger", Home: "https://northledger.example/", Language: "en-GB", Category: "business"},
	{ID: "daily-scoop", Name: "Daily Scoop", Home: "https://dailyscoop.example/", Language: "en", Category: "aggregators"},
	{ID: "kano-courier", Name: "Kano Courier", Home: "https://kanocourier.example/", Language: "en", Category: "africa"},
	{ID: "folha-da-costa", Name: "Folha da Costa", Home: "https://folhadacosta.example/", Language: "pt-BR", Category: "world"},
	{ID: "al-marsad", Name: "المرصد", Home: "https://almarsad.example/", Language: "ar", Category: "world"},
	{ID: "city-radio", Name: "City Radio 94", Home: "https://cityradio.example/", Language: "en", Category: "africa"},
}

// draft is one entry of a sample story, with times in minutes before sampleNow.
type draft struct {
	outlet, title, html string
	claimed             int // minutes before now; 0: no date
	after, at           int // the polls around it; after 0: no earlier poll
	copyOf              int // place of the original among the drafts, from 1
	share               int
	lang                string
	stated              []feeds.Stated
	reasons             []string
}

func ago(minutes int) time.Time {
	if minutes == 0 {
		return time.Time{}
	}
	return sampleNow.Add(-time.Duration(minutes) * time.Minute)
}

// build makes a story and its entries from drafts; the verdict is what the
// rules say of them.
func build(id uint64, drafts []draft) (stories.Story, map[uint64]feeds.Entry) {
	s := stories.Story{ID: id}
	entries := map[uint64]feeds.Entry{}
	for i, d := range drafts {
		number := id*100 + uint64(i) + 1
		var outlet feeds.Outlet
		for _, o := range sampleOutlets {
			if o.ID == d.outlet {
				outlet = o
			}
		}
		lang := d.lang
		if lang == "" {
			lang = outlet.Language
		}
		link := fmt.Sprintf("%s%d/%d", outlet.Home, 2026, number)
		m := stories.Member{
			Entry: number, Outlet: d.outlet, Title: d.title, Link: link, Language: lang, Category: outlet.Category,
			Seen: feeds.Seen{After: ago(d.after), At: ago(d.at)}, Published: feeds.Date{Time: ago(d.claimed), Element: "pubDate"},
			Share: d.share, Stated: d.stated, Reasons: d.reasons,
		}
		if d.copyOf > 0 {
			m.CopyOf = id*100 + uint64(d.copyOf)
		}
		s.Members = append(s.Members, m)
		plain := text.FromHTML(d.html)
		summary := plain
		if i := strings.IndexByte(plain, '\n'); i > 0 {
			summary = plain[:i]
		}
		entries[number] = feeds.Entry{
			Outlet: d.outlet, Feed: outlet.Home + "feed.xml", GUID: link, Link: link, Title: d.title, Content: d.html, Summary: summary, Text: plain,
			Language: lang, Categories: []string{outlet.Category}, Rights: "© " + outlet.Name, Published: m.Published, Stated: d.stated,
		}
	}
	sort.SliceStable(s.Members, func(i, j int) bool { return s.Members[i].Seen.At.Before(s.Members[j].Seen.At) })
	s.Created = s.Members[0].Seen.At
	directory := stories.NewDirectory(sampleOutlets)
	// Its history: the verdict after each arrival, where it changed.
	for n := 1; n <= len(s.Members); n++ {
		v, groups := stories.Attribute(s.Members[:n], directory)
		at := s.Members[n-1].Seen.At
		because := sampleOutletName(s.Members[n-1].Outlet) + "’s entry arrived"
		if n == 1 || v.Outlet != s.Verdict.Outlet || v.Confidence != s.Verdict.Confidence {
			s.History = append(s.History, stories.Change{At: at, Verdict: v, Because: because})
		}
		if n == 1 || v.Outlet != s.Verdict.Outlet {
			s.Changed = at
		}
		s.Verdict, s.Groups = v, groups
	}
	return s, entries
}

func sampleOutletName(id string) string {
	for _, o := range sampleOutlets {
		if o.ID == id {
			return o.Name
		}
	}
	return id
}

// sample is a dozen stories of a day, all of them invented.
func sample() *memory {
	m := newMemory(nil, map[uint64]feeds.Entry{})
	for i, drafts := range sampleDrafts {
		s, entries := build(uint64(i)+1, drafts)
		for n, e := range entries {
			m.entries[n] = e
		}
		m.put(s)
	}
	return m
}

func sampleStates() (map[string]feeds.State, error) {
	states := map[string]feeds.State{}
	for i, o := range sampleOutlets {
		url := o.Home + "feed.xml"
		st := feeds.State{
			URL: url, Title: o.Name + " – Latest", Type: "rss 2.0", Outcome: feeds.NotModified, Status: 304, Polls: int64(412 + i*17), Entries: 20 + 5*i,
			LastRequest: ago(9 + i), LastObserved: ago(9 + i), LastChange: ago(20 + 3*i), NextDue: sampleNow.Add(time.Duration(21-i) * time.Minute),
			DueReason: "schedule */30 * * * *, own phase", Wire: int64(180_000 + 51_000*i),
		}
		switch i {
		case 2:
			st.Outcome, st.Status, st.Type = feeds.Changed, 200, "atom 1.0"
		case 3:
			st.Outcome, st.Status, st.Failures, st.Problem = feeds.RateLimited, 429, 2, "the server asks to wait: Retry-After 3600"
			st.NextDue, st.NotBefore, st.DueReason = sampleNow.Add(49*time.Minute), sampleNow.Add(49*time.Minute), "Retry-After of the publisher"
			st.Recent = []feeds.Failure{{At: ago(40), Outcome: feeds.RateLimited, Status: 429, Problem: st.Problem}}
		case 6:
			st.Outcome, st.Status, st.Failures, st.Problem = feeds.Failed, 0, 7, "look up almarsad.example: no such host"
			st.LastObserved, st.NextDue, st.DueReason = ago(60*19), sampleNow.Add(4*time.Hour), "back-off after 7 failures"
		}
		states[url] = st
	}
	return states, nil
}

func sampleFeeds() (list []feeds.Feed) {
	for _, o := range sampleOutlets {
		list = append(list, feeds.Feed{URL: o.Home + "feed.xml", Outlet: o.ID})
	}
	return list
}
