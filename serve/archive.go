package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"aggregator/stories"
)

// Archived feeds (RFC 5005, section 4). The stories of one day (UTC) are an
// archive document, or several when they are more than maxLimit: it does not
// change when newer stories arrive. The feed that people subscribe to leads to
// the newest archive with prev-archive, each archive to the one before it, and a
// reader that was away long follows them until it comes to what it knows.

const historyNamespace = "http://purl.org/syndication/history/1.0"

// archived is the place of a feed document in the chain of archives.
type archived struct {
	day           time.Time // zero: it is no archive
	current, prev string    // addresses; prev is empty at the end of the chain
}

// readArchive takes the parameter "archive" out of values.
func readArchive(values url.Values) (day time.Time, err error) {
	given, is := values["archive"]
	if !is {
		return day, nil
	}
	delete(values, "archive")
	if len(given) == 1 {
		day, err = time.Parse(time.DateOnly, given[0])
	}
	if len(given) != 1 || err != nil {
		return day, problem{Status: http.StatusBadRequest, Detail: "some parameters cannot be read; docs/merged-feed.md lists them",
			Invalid: []invalid{{"archive", "must be one date (2026-03-04)"}}}
	}
	return day, nil
}

// ofDay narrows q to the stories of a day.
func ofDay(q stories.Query, day time.Time) stories.Query {
	end := day.AddDate(0, 0, 1)
	if q.Since.Before(day) {
		q.Since = day
	}
	if q.Until.IsZero() || q.Until.After(end) {
		q.Until = end
	}
	q.Limit = maxLimit
	return q
}

// archive finds the place of a document in the chain: q are its filters as they
// were given, list its stories, next the cursor behind them.
func (s *server) archive(base, path string, q stories.Query, day time.Time, list []stories.Story, next stories.Cursor) (a archived, err error) {
	filters := q
	filters.After, filters.Limit = stories.Cursor{}, defaultLimit
	address := func(day time.Time, after stories.Cursor) string {
		q := filters
		q.After = after
		v, err := url.ParseQuery(writeQuery(q))
		if err != nil { // it was written the line above
			panic(err)
		}
		v.Set("archive", day.Format(time.DateOnly))
		return fmt.Sprintf("%s%s?%s", base, path, v.Encode())
	}
	a.day, a.current = day, base+path
	if query := writeQuery(filters); query != "" {
		a.current += "?" + query
	}
	dayOf := func(st *stories.Story) time.Time { return st.Time().UTC().Truncate(24 * time.Hour) }
	before := day
	switch {
	case !day.IsZero() && !next.IsZero(): // the day goes on
		a.prev = address(day, next)
		return a, nil
	case day.IsZero() && (next.IsZero() || !q.After.IsZero() || len(list) == 0): // all of it is here, or it is a further page
		return a, nil
	case day.IsZero():
		if oldest := dayOf(&list[len(list)-1]); oldest.Before(dayOf(&list[0])) {
			a.prev = address(oldest, stories.Cursor{})
			return a, nil
		}
		before = dayOf(&list[0]) // a busy day, which is not over: the rest of it is behind rel="next"
	}
	earlier := filters
	earlier.Limit = 1
	if earlier.Until.IsZero() || earlier.Until.After(before) {
		earlier.Until = before
	}
	found, _, err := s.source.Stories(earlier)
	if err == nil && len(found) > 0 {
		a.prev = address(dayOf(&found[0]), stories.Cursor{})
	}
	return a, err
}
