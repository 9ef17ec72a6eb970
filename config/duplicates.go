package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// duplicates reports outlets that share an id or a name, and feeds that are
// written twice, also when only the scheme or a trailing slash differs.
func (r *reader) duplicates(c *Config) {
	ids, names, urls := map[string]int{}, map[string]int{}, map[string]Feed{}
	for i := range c.Outlets {
		o := &c.Outlets[i]
		path := fmt.Sprintf("outlet[%d]", i)
		if line, twice := ids[o.ID]; twice && o.ID != "" {
			r.problem(join(path, "id"), fmt.Sprintf("the id %q belongs to the outlet of line %d already", o.ID, line),
				"write its feeds below that outlet if it is the same one, or another id here")
		} else {
			ids[o.ID] = o.Line
		}
		own := map[string]bool{}
		for j, name := range append([]string{o.Name}, o.Aliases...) {
			at := join(path, "name")
			if j > 0 {
				at = fmt.Sprintf("%s.aliases[%d]", path, j-1)
			}
			name = strings.ToLower(strings.TrimSpace(name))
			line, twice := names[name]
			if twice && j == 0 && line == ids[o.ID] && line != o.Line {
				continue // the id derived from it was reported
			}
			if twice && name != "" && !own[name] {
				r.problem(at, fmt.Sprintf("the outlet of line %d goes by the name %q too, so that a credit to it would name nobody", line, name),
					"write it for one of the two only")
				continue
			}
			if !twice {
				names[name] = o.Line
			}
			own[name] = true
		}
		for _, f := range o.Feeds {
			r.duplicateFeed(path, urls, f)
		}
	}
}

func (r *reader) duplicateFeed(path string, seen map[string]Feed, f Feed) {
	twin := feedKey(f.URL)
	first, twice := seen[twin]
	if !twice {
		seen[twin] = f
		return
	}
	what := fmt.Sprintf("%q is the feed of line %d again", cut(f.URL), first.Line)
	write := "take one of the two out; a feed is asked for once"
	if f.URL != first.URL {
		what = fmt.Sprintf("%q differs from line %d (%q) only by %s: it is the same feed", cut(f.URL), first.Line, cut(first.URL), difference(f.URL, first.URL))
		write = "keep the one that answers without a redirect"
	}
	r.problems = append(r.problems, Problem{File: r.file, Line: f.Line, Key: "outlet.feed.url", What: what, Write: write})
}

// feedKey is equal for addresses that differ only by scheme, the host's case,
// a default port or a trailing slash.
func feedKey(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	host := strings.ToLower(u.Hostname())
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		host = net.JoinHostPort(host, p)
	}
	key := host + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	return key
}

func difference(a, b string) string {
	ua, _ := url.Parse(a)
	ub, _ := url.Parse(b)
	var by []string
	if ua.Scheme != ub.Scheme {
		by = append(by, "http and https")
	}
	if ua.Host != ub.Host {
		by = append(by, "the way its host is written")
	}
	if ua.Path != ub.Path {
		by = append(by, "a trailing slash")
	}
	if len(by) == 0 {
		by = append(by, "the way it is written")
	}
	return strings.Join(by, " and ")
}
