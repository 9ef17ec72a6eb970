package serve

import (
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
	Rows    []leagueRow
	// Copied counts stories: Copied[origin][copier].
	Copied map[string]map[string]int
}

type leagueRow struct {
	Outlet  string `json:"outlet"`
	Name    string `json:"name"`
	Carried int    `json:"carried"` // stories that it carries
	First   int    `json:"first"`   // of them, those that it was first with (certain or likely)
	Alone   int    `json:"alone"`   // of those, carried by nobody else
	Copied  int    `json:"copied"`  // stories in which others copy its text
	Copies  int    `json:"copies"`  // stories in which it copies another's text
	// MedianLag is the median time behind whoever was first, in seconds, over
	// the stories that it carries and was not first with; null when there are none.
	MedianLag *int64 `json:"median_lag_seconds"`
	lags      []time.Duration
}

// maxLeague is how many stories are looked at, the newest.
const maxLeague = 5000

// league reads the stories that match q in pages and counts.
func (s *server) league(q stories.Query) (league, error) {
	l := league{Copied: map[string]map[string]int{}}
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
			slices.Sort(r.lags)
			seconds := int64(r.lags[len(r.lags)/2].Seconds())
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
	if firm(v) {
		first = v.Outlet
	}
	carried, copies, copied := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range append([]carrier{{Member: it.lead}}, it.carriers...) {
		if c.Outlet == "" {
			continue
		}
		if !carried[c.Outlet] {
			carried[c.Outlet] = true
			row(c.Outlet).Carried++
			if first != "" && c.Outlet != first && c.HasLag && c.Lag >= 0 {
				row(c.Outlet).lags = append(row(c.Outlet).lags, c.Lag)
			}
		}
		if c.Of == nil || c.Of.Outlet == c.Outlet {
			continue
		}
		if !copies[c.Outlet] {
			copies[c.Outlet] = true
			row(c.Outlet).Copies++
		}
		if !copied[c.Of.Outlet] {
			copied[c.Of.Outlet] = true
			row(c.Of.Outlet).Copied++
		}
		pair := c.Of.Outlet + "\n" + c.Outlet
		if !copied[pair] {
			copied[pair] = true
			if l.Copied[c.Of.Outlet] == nil {
				l.Copied[c.Of.Outlet] = map[string]int{}
			}
			l.Copied[c.Of.Outlet][c.Outlet]++
		}
	}
	if first != "" && carried[first] {
		row(first).First++
		if it.outlets == 1 {
			row(first).Alone++
		}
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

type outletsOut struct {
	Stories int         `json:"stories"`
	Capped  bool        `json:"capped"`
	Outlets []outletOut `json:"outlets"`
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
	out := outletsOut{l.Stories, l.Capped, []outletOut{}}
	for _, row := range l.Rows {
		o := s.outlets[row.Outlet]
		out.Outlets = append(out.Outlets, outletOut{row, o.Home, o.Language, o.Category})
	}
	return jsonPage(out, time.Time{})
}

// pairOut counts the stories in which one outlet copies another one's text.
type pairOut struct {
	From    string `json:"from"`
	By      string `json:"by"`
	Stories int    `json:"stories"`
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
		for copier, n := range by {
			out.Copies = append(out.Copies, pairOut{from, copier, n})
		}
	}
	sort.Slice(out.Copies, func(i, j int) bool {
		a, b := out.Copies[i], out.Copies[j]
		if a.Stories != b.Stories {
			return a.Stories > b.Stories
		}
		return a.From+"\n"+a.By < b.From+"\n"+b.By
	})
	return jsonPage(out, time.Time{})
}
