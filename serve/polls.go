package serve

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"aggregator/feeds"
)

// pollOut is one poll that is known: the last one of a feed, or one of its
// latest that failed. Others are not kept.
type pollOut struct {
	Feed    string        `json:"feed"`
	URL     string        `json:"url"`
	Outlet  string        `json:"outlet"`
	Name    string        `json:"name"`
	At      *time.Time    `json:"at"`
	Outcome feeds.Outcome `json:"outcome"`
	Status  int           `json:"status"`
	Problem string        `json:"problem,omitempty"`
	Last    bool          `json:"last"` // the feed's last poll
}

type pollsOut struct {
	Polls []pollOut `json:"polls"`
	nextOut
}

// pollQuery says which polls to list; the zero one is all of them, newest first.
type pollQuery struct {
	feed   string
	failed bool
	limit  int
	after  string
}

// pollFilters describes what readPolls reads.
var pollFilters = []filter{
	{"feed", "string", "feed id, as in /api/v1/feeds: polls of this feed"},
	{"failed", "boolean", "only polls that did not show what the feed holds"},
	{"limit", "integer", "polls on a page, 1 to 200; 50 when absent"},
	{"after", "string", "cursor that the page before gave as next"},
}

func readPolls(r *http.Request) (q pollQuery, err error) {
	values, err := parseQuery(r)
	if err != nil {
		return q, err
	}
	q.limit = defaultLimit
	err = readValues(values, func(name, value string) (err error) {
		switch name {
		case "feed":
			q.feed = value
		case "failed":
			q.failed, err = readBool(value)
		case "limit":
			q.limit, err = number(value, 1, maxLimit)
		case "after":
			q.after, err = value, checkPollCursor(value)
		default:
			err = errUnknownParam
		}
		return err
	})
	return q, err
}

// place is where a poll stands in the list, by time and then by feed.
func (p *pollOut) place() string { return strconv.FormatInt(p.At.UnixMicro(), 10) + "-" + p.Feed }

func checkPollCursor(s string) error {
	at, feed, ok := strings.Cut(s, "-")
	if _, err := strconv.ParseInt(at, 10, 64); err != nil || !ok || feed == "" {
		return errCursor
	}
	return nil
}

// behind orders places, the newest first.
func behind(a, b string) int {
	timeA, feedA, _ := strings.Cut(a, "-")
	timeB, feedB, _ := strings.Cut(b, "-")
	x, _ := strconv.ParseInt(timeA, 10, 64)
	y, _ := strconv.ParseInt(timeB, 10, 64)
	return cmp.Or(cmp.Compare(y, x), strings.Compare(feedA, feedB))
}

func (s *server) apiPolls(r *http.Request) (page, error) {
	q, err := readPolls(r)
	if err != nil {
		return page{}, err
	}
	list, err := s.feedStates()
	if err != nil {
		return page{}, err
	}
	var polls []pollOut
	for _, f := range list {
		if q.feed != "" && f.ID != q.feed {
			continue
		}
		add := func(at *time.Time, outcome feeds.Outcome, status int, problem string, last bool) {
			p := pollOut{f.ID, f.URL, f.Outlet, f.Name, at, outcome, status, problem, last}
			if at != nil && !(q.failed && outcome.Observed()) && (q.after == "" || behind(q.after, p.place()) < 0) {
				polls = append(polls, p)
			}
		}
		add(f.LastRequest, f.Outcome, f.Status, f.Problem, true)
		for _, x := range f.Recent {
			if f.LastRequest == nil || !x.At.Equal(*f.LastRequest) {
				add(x.At, x.Outcome, x.Status, x.Problem, false)
			}
		}
	}
	slices.SortFunc(polls, func(a, b pollOut) int { return behind(a.place(), b.place()) })
	out := pollsOut{Polls: append([]pollOut{}, polls[:min(q.limit, len(polls))]...)}
	if len(polls) > q.limit {
		cursor := polls[q.limit-1].place()
		values := r.URL.Query()
		values.Set("after", cursor)
		further := s.base(r) + address(r.URL.Path, values.Encode())
		out.nextOut = nextOut{&cursor, &further}
	}
	return jsonPage(out, time.Time{})
}
