package serve

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aggregator/stories"
)

const (
	defaultLimit = 50
	maxLimit     = 200
	maxText      = 200 // characters of a text parameter
)

// readQuery reads the filters of an address. Every parameter that cannot be
// read is named in the error, which is a problem; an unknown one is an error
// too, because a misspelt filter would silently give everything.
func readQuery(values url.Values) (stories.Query, error) {
	q := stories.Query{Limit: defaultLimit}
	err := readValues(values, func(name, value string) error { return readParam(&q, name, value) })
	return q, err
}

var (
	errUnknownParam = errors.New("is not a parameter of this address")
	errCursor       = errors.New("is not a cursor that this address gave as next")
)

// readValues reads each parameter by read, and names all that cannot be read.
// Empty ones are passed over: a form sends its empty fields too.
func readValues(values url.Values, read func(name, value string) error) error {
	var bad []invalid
	for name, all := range values {
		value := all[0]
		var err error
		switch {
		case len(all) > 1:
			err = fmt.Errorf("stands %d times; give it once", len(all))
		case value == "":
		case !utf8.ValidString(value) || utf8.RuneCountInString(value) > maxText || strings.ContainsRune(value, 0):
			err = fmt.Errorf("must be UTF-8 text of at most %d characters", maxText)
		default:
			err = read(name, value)
		}
		if err != nil {
			bad = append(bad, invalid{clip(name, 60), err.Error()})
		}
	}
	if len(bad) == 0 {
		return nil
	}
	sortInvalid(bad)
	return problem{Status: http.StatusBadRequest, Detail: "some parameters cannot be read; docs/api.md lists them", Invalid: bad}
}

func readParam(q *stories.Query, name, value string) (err error) {
	switch name {
	case "copied_from":
		q.CopiedFrom = value
	case "copied_by":
		q.CopiedBy = value
	case "min_share":
		q.MinShare, err = number(value, 1, 100)
	case "first":
		q.First = value
	case "outlet":
		q.Outlet = value
	case "lang":
		q.Lang = value
	case "category":
		q.Category = value
	case "q":
		q.Q = value
	case "min_outlets":
		q.MinOutlets, err = number(value, 1, 1000)
	case "limit":
		q.Limit, err = number(value, 1, maxLimit)
	case "copies":
		q.CopiesOnly, err = readBool(value)
	case "since":
		q.Since, err = readTime(value)
	case "until":
		q.Until, err = readTime(value)
	case "after":
		q.After, err = stories.ParseCursor(value)
	default:
		err = errUnknownParam
	}
	return err
}

func number(value string, low, high int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("must be a whole number from %d to %d", low, high)
	}
	return n, nil
}

func readBool(value string) (bool, error) {
	switch value {
	case "1", "true", "on", "yes":
		return true, nil
	case "0", "false", "off", "no":
		return false, nil
	}
	return false, fmt.Errorf("must be true or false")
}

// readTime reads an RFC 3339 time or a date, which is its first moment in UTC.
func readTime(value string) (time.Time, error) {
	// A "+" that was not escaped arrives as a space.
	value = strings.ReplaceAll(value, " ", "+")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("must be a date (2026-03-04) or a time (2026-03-04T05:06:07Z)")
}

// writeQuery is the inverse of readQuery, in a fixed order: one query has one
// address.
func writeQuery(q stories.Query) string {
	v := url.Values{}
	text := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	text("copied_from", q.CopiedFrom)
	text("copied_by", q.CopiedBy)
	text("first", q.First)
	text("outlet", q.Outlet)
	text("lang", q.Lang)
	text("category", q.Category)
	text("q", q.Q)
	text("after", q.After.String())
	if q.MinOutlets > 0 {
		text("min_outlets", strconv.Itoa(q.MinOutlets))
	}
	if q.MinShare > 0 {
		text("min_share", strconv.Itoa(q.MinShare))
	}
	if q.Limit != defaultLimit && q.Limit > 0 {
		text("limit", strconv.Itoa(q.Limit))
	}
	if q.CopiesOnly {
		text("copies", "true")
	}
	if !q.Since.IsZero() {
		text("since", q.Since.Format(time.RFC3339))
	}
	if !q.Until.IsZero() {
		text("until", q.Until.Format(time.RFC3339))
	}
	return v.Encode()
}

// address joins a path and an encoded query.
func address(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// clip cuts s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func sortInvalid(bad []invalid) {
	sort.Slice(bad, func(i, j int) bool { return bad[i].Name < bad[j].Name })
}
