package serve

import (
	"cmp"
	"net/http"
	"slices"
	"sort"
	"time"

	"aggregator/stories"
)

// league is what the stories say of the outlets: who is first, who copies whom.
type league struct {
	Stories int  // looked at
	Capped  bool // there are older ones that were not
	// Ties and Unknown count the stories in which nobody is first: too close to
	// call, and not to be known. The others are Certain or Likely.
	Certain, Likely, Ties, Unknown int
	Rows                           []leagueRow
	// Origins are those that stories and texts come from and that are not
	// followed here: agencies, outlets without a feed. By name.
	Origins map[string]*originOut
	// Copied tells who copies whose text: Copied[origin][copier]. The origin is
	// an outlet's ID, or the name of one that is not followed.
	Copied map[string]map[string]*copying
}

// copying is what one outlet copies of another.
type copying struct {
	stories int
	shares  []int           // of the text, per mille, an entry each
	lags    []time.Duration // behind the original, where both times are known
}

// originOut is an origin that is not followed here.
type originOut struct {
	Name    string `json:"name"`
	First   int    `json:"first"`   // stories that it was first with (certain or likely)
	Copied  int    `json:"copied"`  // stories in which outlets carry its text
	Outlets int    `json:"outlets"` // how many outlets do
}

type leagueRow struct {
	Outlet  string `json:"outlet"`
	Name    string `json:"name"`
	Entries int    `json:"entries"` // in the stories that are looked at
	Carried int    `json:"carried"` // stories that it carries
	First   int    `json:"first"`   // of them, those that it was first with (certain or likely)
	Alone   int    `json:"alone"`   // of those, carried by nobody else
	Copied  int    `json:"copied"`  // stories in which others copy its text
	Copies  int    `json:"copies"`  // stories in which it copies another's text
	// Undecided counts the stories that it carries together with others and in
	// which nobody is first: ties do not count as firsts.
	Undecided int `json:"undecided"`
	// MedianLag is the median time behind whoever was first, in seconds, over
	// the stories that it carries and was not first with; null when there are none.
	MedianLag *int64 `json:"median_lag_seconds"`
	lags      []time.Duration
}

// maxLeague is how many stories are looked at, the newest.
const maxLeague = 5000

// league reads the stories that match q in pages and counts.
func (s *server) league(q stories.Query) (league, error) {
	l := league{Copied: map[string]map[string]*copying{}, Origins: map[string]*originOut{}}
	rows := map[string]*leagueRow{}
	for _, o := range s.Outlets {
		rows[o.ID] = &leagueRow{Outlet: o.ID, Name: s.nameOf(o.ID)}
	}
	q.Limit, q.After = 500, stories.Cursor{}
	for {
		list, next, err := s.source.Stories(q)
		if err != nil {
			return l, err
		}
		for i := range list {
			l.count(rows, newItem(&list[i]), s)
		}
		l.Stories += len(list)
		if next.IsZero() || len(list) == 0 {
			break
		}
		if l.Stories >= maxLeague {
			l.Capped = true
			break
		}
		q.After = next
	}
	for _, r := range rows {
		if len(r.lags) > 0 {
			seconds := int64(median(r.lags).Seconds())
			r.MedianLag = &seconds
		}
		l.Rows = append(l.Rows, *r)
	}
	sort.Slice(l.Rows, func(i, j int) bool {
		a, b := l.Rows[i], l.Rows[j]
		switch {
		case a.First != b.First:
			return a.First > b.First
		case a.Carried != b.Carried:
			return a.Carried > b.Carried
		}
		return a.Outlet < b.Outlet
	})
	return l, nil
}

func (l *league) count(rows map[string]*leagueRow, it item, s *server) {
	row := func(outlet string) *leagueRow {
		if rows[outlet] == nil {
			rows[outlet] = &leagueRow{Outlet: outlet, Name: s.nameOf(outlet)}
		}
		return rows[outlet]
	}
	v := &it.story.Verdict
	first := ""
	switch {
	case firm(v):
		first = v.Outlet
		if v.Outlet == "" && v.Name != "" {
			l.origin(v.Name).First++
		}
		if v.Confidence == stories.Certain {
			l.Certain++
		} else {
			l.Likely++
		}
	case v.Confidence == stories.Tie:
		l.Ties++
	default:
		l.Unknown++
	}
	carried, copies, copied := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range append([]carrier{{Member: it.lead}}, it.carriers...) {
		if c.Outlet == "" {
			continue
		}
		row(c.Outlet).Entries++
		if !carried[c.Outlet] {
			carried[c.Outlet] = true
			row(c.Outlet).Carried++
			if first != "" && c.Outlet != first && c.HasLag && c.Lag >= 0 {
				row(c.Outlet).lags = append(row(c.Outlet).lags, c.Lag)
			}
			if !firm(v) && it.outlets > 1 {
				row(c.Outlet).Undecided++
			}
		}
		from, name := "", it.outside[c.Entry]
		switch {
		case name != "": // two that carry an agency's text do not copy each other
			from = name
		case c.Of == nil || c.Of.Outlet == c.Outlet:
			continue
		default:
			from = c.Of.Outlet
		}
		if !copies[c.Outlet] {
			copies[c.Outlet] = true
			row(c.Outlet).Copies++
		}
		if !copied[from] {
			copied[from] = true
			if name != "" {
				l.origin(name).Copied++
			} else {
				row(from).Copied++
			}
		}
		l.copying(it.story, from, c, !copied[from+"\n"+c.Outlet], name == "")
		copied[from+"\n"+c.Outlet] = true
	}
	if first != "" && carried[first] {
		row(first).First++
		if it.outlets == 1 {
			row(first).Alone++
		}
	}
}

// outsideTexts gives, by entry, whose text it carries when that is an origin
// which is not followed.
func outsideTexts(st *stories.Story) map[uint64]string {
	var of map[uint64]string
	for i := range st.Groups {
		g := &st.Groups[i]
		if !firm(&g.Verdict) || g.Verdict.Outlet != "" || g.Verdict.Name == "" {
			continue
		}
		if of == nil {
			of = map[uint64]string{}
		}
		for _, id := range g.Members {
			of[id] = g.Verdict.Name
		}
	}
	return of
}

func (l *league) origin(name string) *originOut {
	if l.Origins[name] == nil {
		l.Origins[name] = &originOut{Name: name}
	}
	return l.Origins[name]
}

// copying counts one entry that copies; measured says that the original is at
// hand.
func (l *league) copying(st *stories.Story, from string, c carrier, newStory, measured bool) {
	if l.Copied[from] == nil {
		l.Copied[from] = map[string]*copying{}
	}
	p := l.Copied[from][c.Outlet]
	if p == nil {
		p = &copying{}
		l.Copied[from][c.Outlet] = p
	}
	if newStory {
		p.stories++
	}
	if !measured {
		return
	}
	p.shares = append(p.shares, c.Share)
	if a, b := st.Appeared(c.Of), st.Appeared(&c.Member); !a.IsZero() && !b.IsZero() {
		p.lags = append(p.lags, b.Sub(a))
	}
}

func (s *server) apiLeague(r *http.Request) (league, error) {
	// The filters are those of the stories; the paging is not.
	q, err := s.query(r)
	if err != nil {
		return league{}, err
	}
	return s.league(q)
}

// certaintyOut says how many of the stories looked at have a first, and how
// firmly.
type certaintyOut struct {
	Certain int `json:"certain"`
	Likely  int `json:"likely"`
	Tie     int `json:"tie"`
	Unknown int `json:"unknown"`
}

type outletsOut struct {
	Stories     int          `json:"stories"`
	Capped      bool         `json:"capped"`
	Verdicts    certaintyOut `json:"verdicts"`
	Outlets     []outletOut  `json:"outlets"`
	NotFollowed []originOut  `json:"not_followed"`
}

type outletOut struct {
	leagueRow
	Home     string `json:"home"`
	Language string `json:"language"`
	Category string `json:"category"`
}

func (s *server) apiOutlets(r *http.Request) (page, error) {
	l, err := s.apiLeague(r)
	if err != nil {
		return page{}, err
	}
	out := outletsOut{l.Stories, l.Capped, certaintyOut{l.Certain, l.Likely, l.Ties, l.Unknown}, []outletOut{}, []originOut{}}
	for _, row := range l.Rows {
		o := s.outlets[row.Outlet]
		out.Outlets = append(out.Outlets, outletOut{row, o.Home, o.Language, o.Category})
	}
	for _, o := range l.Origins {
		o.Outlets = len(l.Copied[o.Name])
		out.NotFollowed = append(out.NotFollowed, *o)
	}
	slices.SortFunc(out.NotFollowed, func(a, b originOut) int {
		return cmp.Or(b.First-a.First, b.Copied-a.Copied, cmp.Compare(a.Name, b.Name))
	})
	return jsonPage(out, time.Time{})
}

// pairOut counts the stories in which one outlet copies another one's text.
type pairOut struct {
	From     string `json:"from"` // an outlet's id, or the name of an origin that is not followed
	FromName string `json:"from_name"`
	Followed bool   `json:"followed"` // whether from is
	By       string `json:"by"`
	ByName   string `json:"by_name"`
	Stories  int    `json:"stories"`
	// PerMille is the median share of the shorter text that stands in the other,
	// Lag the median time behind the original; null when from is not followed.
	PerMille *int   `json:"median_copied_per_mille"`
	Lag      *int64 `json:"median_lag_seconds"`
}

type matrixOut struct {
	Stories int       `json:"stories"`
	Capped  bool      `json:"capped"`
	Copies  []pairOut `json:"copies"`
}

func (s *server) apiMatrix(r *http.Request) (page, error) {
	l, err := s.apiLeague(r)
	if err != nil {
		return page{}, err
	}
	out := matrixOut{l.Stories, l.Capped, []pairOut{}}
	for from, by := range l.Copied {
		for copier, c := range by {
			p := pairOut{From: from, FromName: s.nameOf(from), Followed: l.Origins[from] == nil, By: copier, ByName: s.nameOf(copier), Stories: c.stories}
			if len(c.shares) > 0 {
				share := median(c.shares)
				p.PerMille = &share
			}
			if len(c.lags) > 0 {
				lag := int64(median(c.lags).Seconds())
				p.Lag = &lag
			}
			out.Copies = append(out.Copies, p)
		}
	}
	slices.SortFunc(out.Copies, func(a, b pairOut) int {
		return cmp.Or(b.Stories-a.Stories, cmp.Compare(a.From, b.From), cmp.Compare(a.By, b.By))
	})
	return jsonPage(out, time.Time{})
}

// median sorts list, which is not empty, and gives the middle, the greater one of two.
func median[T cmp.Ordered](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}
