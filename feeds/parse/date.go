package parse

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Years outside of these are mistakes in a feed, not dates.
const (
	firstYear = 1900
	lastYear  = 2100
)

// Date reads a date in the spellings that feeds use: RFC 822 with its errors
// (also RFC 2822 and 850, asctime), ISO 8601 and W3C-DTF with parts missing,
// seconds and milliseconds since 1970, months and weekdays in many languages,
// two-digit years (RFC 2822, section 4.3: 00 to 49 are 20xx). A date without a
// zone is UTC, one without a time is midnight.
//
// ok is false for what cannot be read for certain: days that do not exist,
// numeric dates that may be day/month or month/day, unknown zones, years
// outside 1900 to 2100. It never guesses. t is in UTC.
func Date(raw string) (t time.Time, ok bool) {
	s := strings.TrimSpace(raw)
	if len(s) < 4 || len(s) > 200 {
		return time.Time{}, false
	}
	if t, ok = usualDate(s); ok {
		return t, true
	}
	s, korean := normalDate(s)
	t, ok = anyDate(s)
	if ok && korean && !zoned.MatchString(s) {
		t = t.Add(-9 * time.Hour) // blog hosts of Korea write their own time and no zone
	}
	return t, ok
}

// zoned finds a zone behind a time of day.
var zoned = regexp.MustCompile(`:\d\d(\.\d+)? ?([-+]\d|[a-z])`)

// anyDate reads a date that normalDate wrote.
func anyDate(s string) (time.Time, bool) {
	if t, ok, sure := isoDate(s); sure {
		return t, ok
	}
	var d dateParts
	if rest, ok := d.takeTime(s); ok && d.takeDay(rest) {
		return d.moment()
	}
	return time.Time{}, false
}

// usualDate reads the two spellings that nearly all feeds use, without any
// allocation: "Mon, 02 Jan 2006 15:04:05 +0000" and "2006-01-02T15:04:05Z".
func usualDate(s string) (time.Time, bool) {
	if len(s) >= 20 && s[4] == '-' && s[10] == 'T' {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return t.UTC(), t.Year() >= firstYear && t.Year() <= lastYear
		}
		return time.Time{}, false
	}
	if len(s) < 25 || s[3] != ',' || s[4] != ' ' {
		return time.Time{}, false
	}
	var d dateParts
	i := 5
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9' && i < 7; i++ {
		d.day = d.day*10 + int(s[i]-'0')
	}
	if i == 5 || len(s) < i+18 || s[i] != ' ' || s[i+4] != ' ' {
		return time.Time{}, false
	}
	if d.month = englishMonth(s[i+1 : i+4]); d.month == 0 {
		return time.Time{}, false
	}
	i += 5
	for end := i + 4; i < end; i++ {
		if s[i] < '0' || s[i] > '9' {
			return time.Time{}, false
		}
		d.year = d.year*10 + int(s[i]-'0')
	}
	c := s[i+1:]
	if s[i] != ' ' || len(c) < 9 || c[2] != ':' || c[5] != ':' || c[8] != ' ' {
		return time.Time{}, false
	}
	two := func(a, b byte) int {
		if a < '0' || a > '9' || b < '0' || b > '9' {
			return -1
		}
		return int(a-'0')*10 + int(b-'0')
	}
	d.hour, d.minute, d.second = two(c[0], c[1]), two(c[3], c[4]), two(c[6], c[7])
	switch zone := c[9:]; {
	case zone == "GMT" || zone == "Z" || zone == "UTC" || zone == "UT":
	case len(zone) == 5 && (zone[0] == '+' || zone[0] == '-'):
		h, m := two(zone[1], zone[2]), two(zone[3], zone[4])
		if h < 0 || h > 14 || m < 0 || m > 59 {
			return time.Time{}, false
		}
		d.offset = (h*60 + m) * 60
		if zone[0] == '-' {
			d.offset = -d.offset
		}
	default:
		return time.Time{}, false
	}
	return d.moment()
}

func englishMonth(s string) int {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	b := [3]byte{s[0] | 0x20, s[1] | 0x20, s[2] | 0x20}
	for i := 0; i < 36; i += 3 {
		if names[i] == b[0] && names[i+1] == b[1] && names[i+2] == b[2] {
			return i/3 + 1
		}
	}
	return 0
}

// dateParts are the parts of a date as they are found.
type dateParts struct {
	year, month, day           int
	hour, minute, second, nano int
	offset                     int  // seconds east of UTC
	american                   bool // written with AM or PM
}

// moment checks the parts. Days that do not exist are refused, 24:00 is the
// end of the day, a leap second is the second before.
func (d dateParts) moment() (time.Time, bool) {
	if d.year < firstYear || d.year > lastYear || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 ||
		d.hour < 0 || d.hour > 24 || d.minute < 0 || d.minute > 59 || d.second < 0 || d.second > 60 {
		return time.Time{}, false
	}
	if d.hour == 24 && (d.minute > 0 || d.second > 0) {
		return time.Time{}, false
	}
	day := time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	if day.Day() != d.day {
		return time.Time{}, false
	}
	second := min(d.second, 59)
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, second, d.nano, time.UTC)
	return t.Add(-time.Duration(d.offset) * time.Second), true
}

// normalDate writes a date in lower case with plain digits, blanks and
// hyphens, and the marks of Chinese, Japanese and Korean dates as separators.
func normalDate(s string) (normal string, korean bool) {
	var b strings.Builder
	comment := 0
	s = strings.NewReplacer("etc/", "").Replace(strings.ToLower(s))
	for _, r := range s {
		korean = korean || unicode.Is(unicode.Hangul, r)
		switch {
		case r == '(':
			comment++
		case r == ')' && comment > 0:
			comment--
			b.WriteByte(' ')
		case comment > 0:
		case r == '年' || r == '月' || r == '년' || r == '월':
			b.WriteByte('-')
		case r == '日' || r == '일':
			b.WriteByte(' ')
		case r == '時' || r == '时' || r == '시' || r == '點' || r == '点':
			b.WriteByte(':')
		case r == '：':
			b.WriteByte(':')
		case r == '−' || r == '–' || r == '‐' || r == '‑':
			b.WriteByte('-')
		case r == '，' || r == '、' || r == '،' || r == 0x200E || r == 0x200F || r == 0x0307:
			b.WriteByte(' ')
		case unicode.IsSpace(r) || r == '_':
			b.WriteByte(' ')
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Nd, r):
			b.WriteByte(digit(r))
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " "), korean
}

// digit gives the ASCII digit of a decimal digit of any script: they stand in
// runs of ten that start at a zero.
func digit(r rune) byte {
	n := 0
	for n < 9 && unicode.Is(unicode.Nd, r-1) {
		r--
		n++
		if n == 9 {
			break
		}
	}
	return byte('0' + n)
}
