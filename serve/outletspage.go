package serve

import (
	"cmp"
	"net/http"
	"slices"
	"sort"
	"time"

	"aggregator/feeds"
)

type outletsView struct {
	frame
	Stories int
	Capped  bool
	Rows    []outletRow
	Columns []leagueRow // of the matrix: the outlets that copy
	Matrix  []matrixRow // one for each outlet, or origin that is not followed, that is copied
}

type outletRow struct {
	leagueRow
	Width int // of the bar, per cent of the longest
	Lag   string
	Home  string
}

type matrixRow struct {
	Outlet, Name string // of an origin that is not followed both are its name
	Outside      bool
	Cells        []cell
}

type cell struct {
	By, Name string
	Count    int
	Heat     int // 0 to 5
	Self     bool
}

// maxMatrix is how many outlets the heat map shows, those with the most copies.
const maxMatrix = 20

func (s *server) outletsPage(r *http.Request) (page, error) {
	q, err := s.query(r)
	if err != nil {
		return page{}, err
	}
	l, err := s.league(q)
	if err != nil {
		return page{}, err
	}
	v := outletsView{frame: s.frame("Outlets", "outlets", q), Stories: l.Stories, Capped: l.Capped}
	most := 1
	for _, row := range l.Rows {
		most = max(most, row.First)
	}
	var copied, copiers []leagueRow
	for _, row := range l.Rows {
		o := outletRow{leagueRow: row, Width: 100 * row.First / most, Home: s.outlets[row.Outlet].Home}
		if row.MedianLag != nil {
			if o.Lag = span(time.Duration(*row.MedianLag) * time.Second); o.Lag == "" {
				o.Lag = "under a minute"
			}
		}
		v.Rows = append(v.Rows, o)
		if row.Copied > 0 {
			copied = append(copied, row)
		}
		if row.Copies > 0 {
			copiers = append(copiers, row)
		}
	}
	for _, o := range l.Origins {
		if o.Copied > 0 {
			copied = append(copied, leagueRow{Outlet: o.Name, Name: o.Name, Copied: o.Copied})
		}
	}
	slices.SortFunc(copied, func(a, b leagueRow) int {
		return cmp.Or(b.Copied-a.Copied, b.First-a.First, cmp.Compare(a.Outlet, b.Outlet))
	})
	sort.SliceStable(copiers, func(i, j int) bool { return copiers[i].Copies > copiers[j].Copies })
	copied, v.Columns = copied[:min(len(copied), maxMatrix)], copiers[:min(len(copiers), maxMatrix)]
	greatest := 1
	for _, by := range l.Copied {
		for _, c := range by {
			greatest = max(greatest, c.stories)
		}
	}
	for _, from := range copied {
		m := matrixRow{Outlet: from.Outlet, Name: from.Name, Outside: l.Origins[from.Outlet] != nil}
		for _, by := range v.Columns {
			c := cell{By: by.Outlet, Name: by.Name, Self: by.Outlet == from.Outlet}
			if p := l.Copied[from.Outlet][by.Outlet]; p != nil {
				c.Count = p.stories
			}
			if c.Count > 0 {
				c.Heat = 1 + 4*(c.Count-1)/max(1, greatest-1)
			}
			m.Cells = append(m.Cells, c)
		}
		v.Matrix = append(v.Matrix, m)
	}
	return s.html("outlets", v, time.Time{})
}

type feedsView struct {
	frame
	Feeds   []feedRow
	Healthy int
	Polls   int64
	Wire    string
}

type feedRow struct {
	feedOut
	Health string // "good", "waiting", "bad" or "new"
	Words  string
}

func (s *server) feedsPage(r *http.Request) (page, error) {
	q, err := s.query(r)
	if err != nil {
		return page{}, err
	}
	list, err := s.feedStates()
	if err != nil {
		return page{}, err
	}
	v := feedsView{frame: s.frame("Feeds", "feeds", q)}
	var wire int64
	for _, f := range list {
		row := feedRow{feedOut: f}
		row.Health, row.Words = health(f)
		if row.Health == "good" {
			v.Healthy++
		}
		v.Polls += f.Polls
		wire += f.Wire
		v.Feeds = append(v.Feeds, row)
	}
	rank := map[string]int{"bad": 0, "waiting": 1, "new": 2, "good": 3}
	sort.SliceStable(v.Feeds, func(i, j int) bool { return rank[v.Feeds[i].Health] < rank[v.Feeds[j].Health] })
	v.Wire = megabytes(wire)
	return s.html("feeds", v, time.Time{})
}

// health puts a feed's state into one word for the eye and one for the reader.
func health(f feedOut) (class, words string) {
	switch {
	case f.LastRequest == nil:
		return "new", "not polled yet"
	case f.Outcome == feeds.RateLimited:
		return "waiting", "asked to wait"
	case !f.Outcome.Observed() && f.Failures < 3:
		return "waiting", string(f.Outcome)
	case !f.Outcome.Observed():
		return "bad", string(f.Outcome)
	case f.Damaged:
		return "waiting", "read in part"
	}
	return "good", string(f.Outcome)
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return itoa(int(n>>10)) + " kB"
	}
	return itoa(int(n>>20)) + " MB"
}
