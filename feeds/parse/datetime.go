package parse

import "strings"

// takeTime finds the time of day in a date, with its zone, and gives what is
// left. ok is false when there is something like a time that cannot be one.
func (d *dateParts) takeTime(s string) (rest string, ok bool) {
	colon := -1
	for i := 1; i < len(s)-1; i++ {
		if s[i] == ':' && isDigit(s[i-1]) && isDigit(s[i+1]) {
			colon = i
			break
		}
	}
	if colon < 0 {
		// no time: a zone may still follow the date, but nothing says so
		return s, true
	}
	from := colon
	for from > 0 && isDigit(s[from-1]) {
		from--
	}
	if colon-from > 2 {
		return "", false
	}
	d.hour = number(s[from:colon])
	tail := s[colon+1:]
	n := digits(tail)
	if n > 2 {
		return "", false
	}
	d.minute = number(tail[:n])
	tail = tail[n:]
	if len(tail) > 1 && tail[0] == ':' && isDigit(tail[1]) {
		n = digits(tail[1:])
		if n > 2 {
			return "", false
		}
		d.second = number(tail[1 : 1+n])
		tail = d.fraction(tail[1+n:])
	}
	before := strings.TrimRight(s[:from], " ")
	// "오후 11:23:17", "下午3:04"
	for _, m := range []struct {
		word string
		add  int
	}{{"오전", 0}, {"오후", 12}, {"上午", 0}, {"下午", 12}, {"午前", 0}, {"午後", 12}} {
		if b, found := strings.CutSuffix(before, m.word); found {
			if d.hour < 1 || d.hour > 12 {
				return "", false
			}
			d.hour = d.hour%12 + m.add
			before = b
		}
	}
	if before != "" {
		switch before[len(before)-1] {
		case '-', 't', ',', ':':
			if b := before[:len(before)-1]; b != "" && (before[len(before)-1] != 't' || isDigit(b[len(b)-1])) {
				before = b
			}
		}
	}
	after, ok := d.halves(strings.TrimLeft(tail, " "))
	if !ok {
		return "", false
	}
	after, ok = d.zoneAndRest(after)
	return strings.TrimSpace(before) + " " + after, ok
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// fraction reads ".123" and gives what follows.
func (d *dateParts) fraction(s string) string {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !isDigit(s[1]) {
		return s
	}
	n := digits(s[1:])
	unit := 100_000_000
	for i := 0; i < n && unit > 0; i++ {
		d.nano += int(s[1+i]-'0') * unit
		unit /= 10
	}
	return s[1+n:]
}

// halves reads "am" and "pm".
func (d *dateParts) halves(s string) (string, bool) {
	for _, m := range []struct {
		word string
		add  int
	}{{"a.m.", 0}, {"p.m.", 12}, {"am", 0}, {"pm", 12}, {"π.μ.", 0}, {"μ.μ.", 12}, {"πμ", 0}, {"μμ", 12}} {
		rest, found := strings.CutPrefix(s, m.word)
		if !found || rest != "" && rest[0] >= 'a' && rest[0] <= 'z' {
			continue
		}
		if d.hour < 1 || d.hour > 12 {
			return "", false
		}
		d.hour = d.hour%12 + m.add
		d.american = true
		return strings.TrimLeft(rest, " ,"), true
	}
	return s, true
}

// zone reads a zone that is all of s.
func (d *dateParts) zone(s string) bool {
	rest, ok := d.zoneAndRest(strings.TrimSpace(s))
	return ok && rest == ""
}

// zoneAndRest reads the zone behind a time of day and gives what follows it.
// A name that is no zone, and no year or day either, is not passed over.
func (d *dateParts) zoneAndRest(s string) (string, bool) {
	s = strings.TrimLeft(s, " ,")
	if s == "" {
		return "", true
	}
	if s[0] == '+' || s[0] == '-' {
		end := 1
		for end < len(s) && (isDigit(s[end]) || s[end] == ':') {
			end++
		}
		if s[0] == '-' && end == 1 {
			return s, false
		}
		off, ok := offset(s[:end])
		if !ok {
			return "", false
		}
		d.offset = off
		rest := strings.TrimSpace(s[end:])
		if w, r := firstWord(rest); w != "" { // "+0200 CEST": the name says it again
			if _, known := zones[w]; known {
				rest = r
			}
		}
		return rest, true
	}
	w, rest := firstWord(s)
	if w == "" {
		return s, true
	}
	if off, known := zones[w]; known {
		d.offset = off * 60
		// "GMT+0200", "UTC -5", "EST -0500": the number counts
		if tight := strings.TrimLeft(rest, " "); len(tight) > 1 && (tight[0] == '+' || tight[0] == '-') && isDigit(tight[1]) {
			return d.zoneAndRest(tight)
		}
		return strings.TrimSpace(rest), true
	}
	if monthNames[strings.TrimSuffix(w, ".")] != 0 || fillers[w] && len(w) > 1 { // one letter would be a military zone
		return s, true // asctime and others: the date goes on
	}
	return "", false
}

// firstWord cuts the letters at the start of s.
func firstWord(s string) (word, rest string) {
	for i, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 0x80 || r == '.' && i > 0) {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// offset reads "+0200", "+02:00", "+2", "-930"; seconds. No zone is more than
// 14 hours from UTC.
func offset(s string) (int, bool) {
	sign, body := 1, s[1:]
	if s[0] == '-' {
		sign = -1
	}
	h, m := 0, 0
	if i := strings.IndexByte(body, ':'); i >= 0 {
		mm := body[i+1:]
		if j := strings.IndexByte(mm, ':'); j >= 0 {
			mm = mm[:j]
		}
		if i < 1 || i > 2 || len(mm) != 2 {
			return 0, false
		}
		h, m = number(body[:i]), number(mm)
	} else {
		switch len(body) {
		case 1, 2:
			h = number(body)
		case 3:
			h, m = number(body[:1]), number(body[1:])
		case 4:
			h, m = number(body[:2]), number(body[2:])
		default:
			return 0, false
		}
	}
	if h > 14 || m > 59 {
		return 0, false
	}
	return sign * (h*60 + m) * 60, true
}

// takeDay reads the day: what is left of a date without its time and zone.
func (d *dateParts) takeDay(s string) bool {
	var nums []string
	var seps []byte // what stands in front of each number
	month, monthAt := 0, -1
	sep := byte(' ')
	for s != "" {
		switch c := s[0]; {
		case isDigit(c):
			n := digits(s)
			if len(nums) == 4 {
				return false
			}
			nums, seps = append(nums, s[:n]), append(seps, sep)
			sep = ' '
			s = s[n:]
			// "1st", "2nd", "3rd", "4th", "1er", "2º"
			if w, rest := firstWord(s); w != "" && ordinals[strings.TrimSuffix(w, ".")] {
				s = rest
			}
		case c >= 'a' && c <= 'z' || c >= 0x80:
			w, rest := firstWord(s)
			w = strings.TrimRight(w, ".")
			s = strings.TrimLeft(rest, ".")
			m := monthNames[w]
			switch {
			case m != 0 && month != 0 && len(nums) > monthAt:
				return false // two months
			case m != 0:
				// of two in front of the first number the former is a weekday: "mar. 2 mar. 2010"
				month, monthAt = m, len(nums)
			case fillers[w]:
			case len(nums) > 1 && d.offset == 0 && zones[w] != 0 && s == "": // "Mon Jan 2 15:04:05 2006 MST"
				d.offset = zones[w] * 60
			case len(nums) > 1 && (w == "gmt" || w == "utc") && s == "":
			case len(nums) > 0:
				return false // an unknown word inside the date
			}
		case c == '/' || c == '-' || c == '.':
			sep = c
			s = s[1:]
		case c == ' ' || c == ',' || c == '\'' || c == '|' || c == ';':
			s = s[1:]
		default:
			return false
		}
	}
	if month != 0 {
		return d.withMonth(month, nums)
	}
	return d.numeric(nums, seps)
}

// withMonth reads the two numbers beside a month's name: day and year.
func (d *dateParts) withMonth(month int, nums []string) bool {
	if len(nums) != 2 {
		return false
	}
	day, year := nums[0], nums[1]
	if len(day) > 2 {
		day, year = year, day
	}
	if len(day) > 2 || len(year) == 1 || len(year) == 3 || len(year) > 4 {
		return false
	}
	d.year, d.month, d.day = fullYear(year), month, number(day)
	return true
}

// numeric reads three numbers. Two that may both be a month are not guessed at.
func (d *dateParts) numeric(nums []string, seps []byte) bool {
	if len(nums) != 3 || seps[1] != seps[2] || seps[1] == ' ' {
		return false
	}
	a, b, c := nums[0], nums[1], nums[2]
	if len(a) == 4 && len(b) <= 2 && len(c) <= 2 {
		d.year, d.month, d.day = number(a), number(b), number(c)
		return true
	}
	if len(a) > 2 || len(b) > 2 || len(c) != 4 && len(c) != 2 {
		return false
	}
	if len(c) == 2 && seps[1] != '.' {
		return false // 03-12-31 or 31-12-03
	}
	x, y := number(a), number(b)
	switch {
	case seps[1] == '.': // written so only where the day comes first
		d.day, d.month = x, y
	case x > 12 && y <= 12:
		d.day, d.month = x, y
	case y > 12 && x <= 12, x == y:
		d.day, d.month = y, x
	case d.american && seps[1] == '/':
		d.day, d.month = y, x
	default:
		return false
	}
	d.year = fullYear(c)
	return true
}

// fullYear completes a two-digit year (RFC 2822, section 4.3).
func fullYear(s string) int {
	y := number(s)
	if len(s) != 2 {
		return y
	}
	if y < 50 {
		return 2000 + y
	}
	return 1900 + y
}
