package config

import (
	"fmt"
	"strings"
	"time"

	"aggregator/feeds"
)

const day = 24 * time.Hour

// config fills c from the whole file. [poll] comes first, whatever the file's
// order: outlets start from it.
func (r *reader) config(c *Config, tree map[string]any) {
	written := map[string]any{}
	keep := func(name string) key {
		return key{name, func(v any) (string, string) { written[name] = v; return "", "" }}
	}
	top := []key{keep("outlet"), keep("webhook")}
	all := sections(c, !ownServers(tree))
	for _, s := range all {
		top = append(top, keep(s.name))
	}
	r.table("", tree, top, topLevel)
	for _, s := range all {
		if v, set := written[s.name]; set {
			good := r.table(s.name, v, s.keys, func(name string) string {
				if s.name == "poll" && name == "header" {
					return headerBelongs
				}
				return ""
			})
			if s.name == "poll" {
				r.together("poll", &c.Poll, good)
			}
		}
	}
	c.Serve.BaseURL = strings.TrimRight(c.Serve.BaseURL, "/")
	c.WebSub.Callback = strings.TrimRight(c.WebSub.Callback, "/")
	r.outlets(c, written["outlet"])
	r.webhooks(c, written["webhook"])
	if c.Serve.Hub != "" && c.Serve.BaseURL == "" {
		r.problem("serve.hub", "a hub needs the public address of the feeds", `write base_url = "https://…" below [serve]`)
	}
}

// section is a table of the file that stands once.
type section struct {
	name string
	keys []key
}

// sections are all of them, with setters into c. polite holds [poll] to the
// floors that publishers are owed.
func sections(c *Config, polite bool) []section {
	return []section{
		{"store", []key{
			{"path", text(&c.Store.Path, nonEmpty("aggregator.db"))},
			{"keep", duration(&c.Store.Keep, 0, 100*365*day)},
			{"max_size", size(&c.Store.MaxSize, 0, 1<<50)},
		}},
		{"serve", []key{
			{"listen", text(&c.Serve.Listen, checkListen)},
			{"base_url", text(&c.Serve.BaseURL, checkBaseURL)},
			{"title", text(&c.Serve.Title, nonEmpty("aggregator"))},
			{"hub", text(&c.Serve.Hub, checkHub)},
			{"allow_private", texts(&c.Serve.AllowPrivate, checkCIDR)},
		}},
		{"poll", append(pollKeys(&c.Poll, polite), key{"parallel", count(&c.Parallel, 1, 1024)})},
		{"stories", []key{
			{"window", duration(&c.Stories.Window, time.Hour, 90*day)},
			{"settle", duration(&c.Stories.Settle, 0, day)},
		}},
		{"websub", []key{{"callback", text(&c.WebSub.Callback, checkCallback)}}},
		{"cluster", clusterKeys(&c.Cluster)},
	}
}

const headerBelongs = "write it below the [[outlet]] or [[outlet.feed]] that it is for, since everybody would be sent it here"

// topLevel helps with keys that were written outside of their section.
func topLevel(name string) string {
	if _, known := find(pollKeys(new(feeds.Settings), true), name); known || name == "parallel" {
		return "write it below a line [poll]"
	}
	switch name {
	case "header":
		return headerBelongs
	case "feed", "feeds":
		return "write [[outlet.feed]] below the [[outlet]] that owns the feed"
	case "outlets":
		return "write [[outlet]], one for each outlet"
	}
	if best := nearest(name, pollKeys(new(feeds.Settings), true)); best != "" {
		return "write " + best + ", below a line [poll]"
	}
	return ""
}

// ownServers reports whether every feed stands on a private or loopback
// address: then nobody else's server is asked.
func ownServers(tree map[string]any) bool {
	n := 0
	for _, o := range tablesOf(tree["outlet"]) {
		for _, f := range tablesOf(o["feed"]) {
			address, _ := f["url"].(string)
			if _, private := privateHost(address); !private {
				return false
			}
			n++
		}
	}
	return n > 0
}

// tablesOf gives the tables of an array of tables; what else stands there is
// reported elsewhere.
func tablesOf(v any) (tables []map[string]any) {
	list, _ := v.([]any)
	for _, one := range list {
		if t, ok := one.(map[string]any); ok {
			tables = append(tables, t)
		}
	}
	return tables
}

// pollKeys are the settings of polling, which may stand in [poll], [[outlet]]
// and [[outlet.feed]]. For all feeds at once (polite) the floors cannot be
// undercut, unless all are on servers of the operator's own; for one outlet or
// feed they can, because that may be such a server.
func pollKeys(s *feeds.Settings, polite bool) []key {
	floor, gap, fresh, parallel := time.Second, time.Duration(0), time.Second, 64
	if polite {
		floor, gap, fresh, parallel = 5*time.Minute, time.Second, time.Minute, 4
	}
	return []key{
		{"schedule", text(&s.Schedule, checkSchedule)},
		{"spread", duration(&s.Spread, 0, day)},
		{"floor", lessAtOutlet(polite, duration(&s.Floor, floor, 30*day))},
		{"full_floor", lessAtOutlet(polite, duration(&s.FullFloor, floor, 30*day))},
		{"ceiling", duration(&s.Ceiling, time.Minute, 30*day)},
		{"max_fresh", duration(&s.MaxFresh, fresh, 30*day)},
		{"connect_timeout", duration(&s.ConnectTimeout, 100*time.Millisecond, 5*time.Minute)},
		{"header_timeout", duration(&s.HeaderTimeout, 100*time.Millisecond, 10*time.Minute)},
		{"timeout", duration(&s.Timeout, 100*time.Millisecond, time.Hour)},
		{"max_body", size(&s.MaxBody, 1000, 1<<30)},
		{"max_redirects", redirects(&s.MaxRedirects)},
		{"host_gap", lessAtOutlet(polite, duration(&s.HostGap, gap, day))},
		{"host_parallel", count(&s.HostParallel, 1, parallel)},
		{"shared_host", yes(&s.SharedHost)},
		{"user_agent", text(&s.UserAgent, checkUserAgent)},
		{"validators", choice(&s.Validators, map[string]string{"both": "", "etag": "etag", "last-modified": "last-modified"})},
		{"proxy", text(&s.Proxy, checkProxy)},
		{"opt_out", texts(&s.OptOut, checkHost)},
		{"allow_private", texts(&s.AllowPrivate, checkCIDR)},
	}
}

// lessAtOutlet adds where a time that is too short for everybody may stand.
func lessAtOutlet(polite bool, set setter) setter {
	return func(v any) (string, string) {
		what, write := set(v)
		if polite && strings.HasSuffix(what, "is too short") {
			write += ", or less at an [[outlet]] whose server is yours"
		}
		return what, write
	}
}

// redirects takes how many are followed: in the file 0 means none, which
// Settings write as a negative number.
func redirects(p *int) setter {
	return func(v any) (string, string) {
		what, write := count(p, 0, 20)(v)
		if what == "" && *p == 0 {
			*p = -1
		}
		return what, write
	}
}

// together checks the settings at path against each other, where one of them
// was set there: what is inherited was checked where it stands.
func (r *reader) together(path string, s *feeds.Settings, set map[string]bool) {
	for _, part := range []struct {
		name string
		is   time.Duration
	}{{"connect_timeout", s.ConnectTimeout}, {"header_timeout", s.HeaderTimeout}} {
		if (set["timeout"] || set[part.name]) && part.is > s.Timeout {
			name := part.name
			if !set[name] {
				name = "timeout"
			}
			r.problem(join(path, name), fmt.Sprintf("%s (%s) is longer than timeout (%s), which covers the whole request",
				part.name, FormatDuration(part.is), FormatDuration(s.Timeout)),
				fmt.Sprintf("write timeout = %q, or a shorter %s", FormatDuration(part.is), part.name))
		}
	}
	if s.Floor > s.Ceiling && (set["floor"] || set["ceiling"]) {
		name := "ceiling"
		if !set[name] {
			name = "floor"
		}
		r.problem(join(path, name), fmt.Sprintf("the floor (%s) lies above the ceiling (%s)", FormatDuration(s.Floor), FormatDuration(s.Ceiling)),
			fmt.Sprintf("write ceiling = %q, or a lower floor", FormatDuration(s.Floor)))
	}
	if !set["schedule"] {
		return
	}
	if gap := r.shortestGap(s.Schedule); gap < s.Floor {
		write := fmt.Sprintf("write a schedule that leaves %s between polls", FormatDuration(s.Floor))
		if path != "poll" {
			write += fmt.Sprintf(", or floor = %q here if the publisher agrees", FormatDuration(gap))
		}
		r.problem(join(path, "schedule"), fmt.Sprintf("%q asks again after %s, which the floor of %s does not allow",
			s.Schedule, FormatDuration(gap), FormatDuration(s.Floor)), write)
	}
}

func checkUserAgent(s string) (string, string) {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return fmt.Sprintf("%q holds characters that a header cannot carry", cut(s)), "write ASCII letters, digits and punctuation"
		}
	}
	return "", ""
}
