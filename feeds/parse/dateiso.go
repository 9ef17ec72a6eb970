package parse

import (
	"strings"
	"time"
)

// isoDate reads ISO 8601 dates: whole, without separators, with parts missing
// (W3C-DTF), by week and by day of the year. sure is false for other spellings.
func isoDate(s string) (t time.Time, ok, sure bool) {
	date, clock := s, ""
	if i := strings.IndexAny(s, "t "); i > 0 {
		date, clock = s[:i], s[i+1:]
	} else if i > -1 {
		return
	}
	var d dateParts
	n := digits(date)
	switch {
	case n == len(date) && clock == "" && (n == 9 || n == 10):
		return epoch(number(date), time.Second)
	case n == len(date) && clock == "" && n == 13:
		return epoch(number(date), time.Millisecond)
	case n == len(date) && n == 14 && clock == "": // 20060102150405
		clock = date[8:10] + ":" + date[10:12] + ":" + date[12:]
		d.year, d.month, d.day = number(date[:4]), number(date[4:6]), number(date[6:8])
	case n == len(date) && n == 8:
		d.year, d.month, d.day = number(date[:4]), number(date[4:6]), number(date[6:])
	case n == len(date) && n == 7: // 2006335
		d.year = number(date[:4])
		if !d.ordinal(number(date[4:])) {
			return t, false, true
		}
	case n == len(date) && n == 4 && clock == "":
		d.year, d.month, d.day = number(date), 1, 1
	case n == 4 && len(date) > 4 && date[4] == '-':
		rest := date[5:]
		m := digits(rest)
		switch {
		case len(rest) >= 3 && rest[0] == 'w':
			if !d.week(number(date[:4]), rest[1:]) {
				return t, false, true
			}
		case m == len(rest) && m == 3:
			d.year = number(date[:4])
			if !d.ordinal(number(rest)) {
				return t, false, true
			}
		case m == len(rest) && (m == 1 || m == 2) && clock == "":
			d.year, d.month, d.day = number(date[:4]), number(rest), 1
		case (m == 1 || m == 2) && len(rest) > m+1 && rest[m] == '-':
			k := digits(rest[m+1:])
			if k == 0 || k > 2 {
				return
			}
			d.year, d.month, d.day = number(date[:4]), number(rest[:m]), number(rest[m+1:m+1+k])
			tail := rest[m+1+k:]
			switch {
			case tail == "":
			case tail == "z" && clock == "":
			case (tail[0] == '+' || tail[0] == '-') && clock == "" && len(tail) == 6: // 2006-01-02+01:00
				var ok bool
				if d.offset, ok = offset(tail); !ok {
					return t, false, true
				}
			case tail[0] == '-' && clock != "":
				return
			case tail[0] == ':' || tail[0] == ',' || tail[0] == '.':
				if tail = tail[1:]; tail != "" {
					clock = tail + " " + clock
				}
			default:
				return
			}
		default:
			return
		}
	default:
		return
	}
	clock = strings.TrimPrefix(strings.TrimSpace(clock), "at ")
	clock = strings.TrimSpace(strings.TrimPrefix(clock, "t")) // "2003-07-01 T 01:55"
	if clock != "" && !d.clock(clock) {
		return t, false, true
	}
	t, ok = d.moment()
	return t, ok, true
}

// clock reads "10:14:55.5+01:00", "10:14", "101455z", "10", with a zone or without.
func (d *dateParts) clock(s string) bool {
	n := digits(s)
	switch {
	case (n == 6 || n == 4) && (len(s) == n || s[n] != ':'):
		d.hour, d.minute = number(s[:2]), number(s[2:4])
		if n == 6 {
			d.second = number(s[4:6])
		}
		s = d.fraction(s[n:])
		return d.zone(s)
	case (n == 1 || n == 2) && (len(s) == n || s[n] != ':'):
		d.hour = number(s[:n])
		return d.zone(s[n:])
	}
	rest, ok := d.takeTime(s)
	return ok && strings.Trim(rest, " ") == ""
}

// ordinal sets the month and day from a day of the year.
func (d *dateParts) ordinal(n int) bool {
	day := time.Date(d.year, 1, n, 0, 0, 0, 0, time.UTC)
	d.month, d.day = int(day.Month()), day.Day()
	return n >= 1 && day.Year() == d.year
}

// week reads "12-3" or "123" behind "2003-W" (ISO 8601, weeks start on Monday).
func (d *dateParts) week(year int, s string) bool {
	s = strings.Replace(s, "-", "", 1)
	if digits(s) != len(s) || len(s) < 2 || len(s) > 3 {
		return false
	}
	w, day := number(s[:2]), 1
	if len(s) == 3 {
		day = number(s[2:])
	}
	if w < 1 || w > 53 || day < 1 || day > 7 {
		return false
	}
	jan4 := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := jan4.AddDate(0, 0, -(int(jan4.Weekday())+6)%7)
	t := monday.AddDate(0, 0, (w-1)*7+day-1)
	if y, week := t.ISOWeek(); y != year || week != w {
		return false
	}
	d.year, d.month, d.day = t.Year(), int(t.Month()), t.Day()
	return true
}

// epoch reads a count since 1970; only counts from 1990 on are believed.
func epoch(n int, unit time.Duration) (time.Time, bool, bool) {
	t := time.UnixMilli(int64(n) * unit.Milliseconds()).UTC()
	ok := t.Year() >= 1990 && t.Year() <= lastYear
	if !ok {
		t = time.Time{}
	}
	return t, ok, true
}

// digits counts the digits that s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// number reads at most 18 digits.
func number(s string) int {
	n := 0
	for i := 0; i < len(s) && i < 18; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
