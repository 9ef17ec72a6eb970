package config

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
)

// units of durations, longest first. Months and years are left out: nobody
// means a fixed number of seconds by them.
var units = []struct {
	name string
	is   time.Duration
}{
	{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour},
	{"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// ParseDuration reads "30s", "7d", "1h30m": whole numbers, each with a unit of
// w, d, h, m, s or ms. "0" needs no unit. There are no negative durations.
func ParseDuration(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	rest, total := s, time.Duration(0)
	for rest != "" {
		digits := leading(rest, func(c byte) bool { return '0' <= c && c <= '9' })
		unit := leading(rest[digits:], func(c byte) bool { return 'a' <= c && c <= 'z' })
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		each := time.Duration(0)
		for _, u := range units {
			if u.name == rest[digits:digits+unit] {
				each = u.is
			}
		}
		if err != nil || each == 0 || n > int64((math.MaxInt64-total)/each) {
			return 0, fmt.Errorf("%q is not a duration", cut(s))
		}
		total += time.Duration(n) * each
		rest = rest[digits+unit:]
	}
	if s == "" {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return total, nil
}

func leading(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

// FormatDuration writes a duration as ParseDuration reads it, in whole
// milliseconds: "7d", "1h30m". Weeks are written as days.
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	for _, u := range units[1:] {
		if n := d / u.is; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= n * u.is
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// sizes of bytes, longest name first.
var sizes = []struct {
	name string
	is   int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// ParseSize reads "10MB" (ten million bytes), "512KiB" (times 1024), "900B".
func ParseSize(s string) (int64, error) {
	for _, u := range sizes {
		digits, is := strings.CutSuffix(s, u.name)
		if !is {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 63)
		if err != nil || int64(n) > math.MaxInt64/u.is {
			break
		}
		return int64(n) * u.is, nil
	}
	return 0, fmt.Errorf("%q is not a size", cut(s))
}

// FormatSize writes bytes as ParseSize reads them, in the largest unit that
// holds them without a remainder.
func FormatSize(n int64) string {
	best := sizes[len(sizes)-1]
	for _, u := range sizes {
		if n > 0 && n%u.is == 0 && u.is > best.is {
			best = u
		}
	}
	return strconv.FormatInt(n/best.is, 10) + best.name
}

// text takes a string; check, which may be nil, says what is wrong with it.
func text(p *string, check func(string) (what, write string)) setter {
	return func(v any) (string, string) {
		s, ok := v.(string)
		if !ok {
			if check != nil {
				if _, write := check(shown(v)); write != "" {
					return shown(v) + " is not a text", write
				}
			}
			return shown(v) + " is not a text", fmt.Sprintf("write it in quotes: %q", shown(v))
		}
		if check != nil {
			if what, write := check(s); what != "" {
				return what, write
			}
		}
		*p = s
		return "", ""
	}
}

// nonEmpty is a check for texts that must say something.
func nonEmpty(example string) func(string) (string, string) {
	return func(s string) (string, string) {
		if strings.TrimSpace(s) == "" {
			return "this is empty", fmt.Sprintf("write %q", example)
		}
		return "", ""
	}
}

// texts takes an array of strings; check may be nil.
func texts(p *[]string, check func(string) (what, write string)) setter {
	return func(v any) (string, string) {
		list, ok := v.([]any)
		if !ok {
			return shown(v) + " is not an array", fmt.Sprintf("write [%s]", shown(v))
		}
		if len(list) == 0 {
			*p = nil
			return "", ""
		}
		out := make([]string, len(list))
		for i, v := range list {
			if what, write := text(&out[i], check)(v); what != "" {
				return what, write
			}
		}
		*p = out
		return "", ""
	}
}

// duration takes a duration between least and most.
func duration(p *time.Duration, least, most time.Duration) setter {
	return func(v any) (string, string) {
		s, ok := v.(string)
		if !ok {
			if n, isInt := v.(int64); isInt && n > 0 {
				return shown(v) + " is a number without a unit", fmt.Sprintf(`write "%ds" for seconds or "%dm" for minutes`, n, n)
			}
			return shown(v) + " is not a duration", `write one in quotes, like "30s", "5m" or "7d"`
		}
		d, err := ParseDuration(s)
		switch {
		case err != nil && strings.HasPrefix(s, "-"):
			return fmt.Sprintf("%q is negative", cut(s)), fmt.Sprintf("write %q or more", FormatDuration(least))
		case err != nil:
			return err.Error(), `write whole numbers with units w, d, h, m, s or ms, like "30s", "1h30m" or "7d"`
		case d < least:
			return fmt.Sprintf("%q is too short", s), fmt.Sprintf("write %q or more", FormatDuration(least))
		case d > most:
			return fmt.Sprintf("%q is too long", s), fmt.Sprintf("write %q or less", FormatDuration(most))
		}
		*p = d
		return "", ""
	}
}

// size takes a number of bytes between least and most.
func size(p *int64, least, most int64) setter {
	return func(v any) (string, string) {
		s, ok := v.(string)
		if !ok {
			return shown(v) + " is not a size", `write one in quotes, like "10MB"`
		}
		n, err := ParseSize(s)
		switch {
		case err != nil:
			return err.Error(), `write a whole number with a unit, like "10MB" or "512KiB"`
		case n < least:
			return fmt.Sprintf("%q is too small", s), fmt.Sprintf("write %q or more", FormatSize(least))
		case n > most:
			return fmt.Sprintf("%q is too large", s), fmt.Sprintf("write %q or less", FormatSize(most))
		}
		*p = n
		return "", ""
	}
}

// count takes a whole number between least and most.
func count(p *int, least, most int) setter {
	return func(v any) (string, string) {
		n, ok := v.(int64)
		switch {
		case !ok:
			return shown(v) + " is not a whole number", fmt.Sprintf("write a number from %d to %d, without quotes", least, most)
		case n < int64(least) || n > int64(most):
			return fmt.Sprintf("%d is out of range", n), fmt.Sprintf("write a number from %d to %d", least, most)
		}
		*p = int(n)
		return "", ""
	}
}

// yes takes true or false.
func yes(p *bool) setter {
	return func(v any) (string, string) {
		b, ok := v.(bool)
		if !ok {
			return shown(v) + " is neither true nor false", "write true or false, without quotes"
		}
		*p = b
		return "", ""
	}
}

// choice takes one of the words of a map and stores what it stands for.
func choice(p *string, words map[string]string) setter {
	return func(v any) (string, string) {
		s, _ := v.(string)
		stored, known := words[s]
		if !known {
			quoted := make([]string, 0, len(words))
			for w := range words {
				quoted = append(quoted, strconv.Quote(w))
			}
			sort.Strings(quoted)
			return shown(v) + " is not one of the choices", "write one of " + strings.Join(quoted, ", ")
		}
		*p = stored
		return "", ""
	}
}
