package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"aggregator/feeds"
)

// outlets reads every [[outlet]] and then what must hold between them.
func (r *reader) outlets(c *Config, v any) {
	if v == nil {
		r.problem("", "there is no outlet to follow", "write an [[outlet]] with a [[outlet.feed]] below it, as in aggregator.example.toml")
		return
	}
	for i, v := range r.tables("outlet", v) {
		path := fmt.Sprintf("outlet[%d]", i)
		o := Outlet{Line: r.lines[path]}
		settings := c.Poll
		var list any
		keys := append(outletKeys(&o), pollKeys(&settings, false)...)
		keys = append(keys, headerKey(&settings.Header, filepath.Dir(r.file)), key{"feed", func(v any) (string, string) { list = v; return "", "" }})
		set := r.table(path, v, keys, belowOutlet)
		r.together(path, &settings, set)
		o.Language = canonicalLanguage(o.Language)
		r.feeds(&o, path, settings, list)
		m, isTable := v.(map[string]any)
		if !isTable {
			continue
		}
		r.missing(&o, path, m)
		c.Outlets = append(c.Outlets, o)
	}
	r.duplicates(c)
}

// outletKeys are the keys of [[outlet]] beside its feeds and settings.
func outletKeys(o *Outlet) []key {
	return []key{
		{"id", text(&o.ID, checkID)},
		{"name", text(&o.Name, nonEmpty("The Whistler"))},
		{"home", text(&o.Home, checkURL)},
		{"language", text(&o.Language, checkLanguage)},
		{"category", text(&o.Category, nil)},
		{"aliases", texts(&o.Aliases, nonEmpty("The Whistler Newspaper"))},
	}
}

func belowOutlet(name string) string {
	switch name {
	case "feeds", "url", "rss", "feed_url":
		return "write url below a line [[outlet.feed]]"
	case "parallel":
		return "it holds for all outlets together: write it below [poll]; host_parallel is the one for a single host"
	}
	return ""
}

func (r *reader) feeds(o *Outlet, path string, settings feeds.Settings, v any) {
	if v == nil {
		return
	}
	for i, v := range r.tables(join(path, "feed"), v) {
		at := fmt.Sprintf("%s.feed[%d]", path, i)
		f := Feed{Settings: settings, Line: r.lines[at]}
		keys := append([]key{{"url", text(&f.URL, checkURL)}}, pollKeys(&f.Settings, false)...)
		keys = append(keys, headerKey(&f.Settings.Header, filepath.Dir(r.file)))
		set := r.table(at, v, keys, belowOutlet)
		if m, isTable := v.(map[string]any); isTable && m["url"] == nil {
			r.problem(join(at, "url"), "this feed has no address", `write url = "https://…"`)
		}
		r.together(at, &f.Settings, set)
		if set["schedule"] && !set["full_floor"] {
			// Whoever writes a schedule for this very feed has looked at it: the
			// hourly floor for servers without validators is not for it.
			f.Settings.FullFloor = f.Settings.Floor
		}
		if !set["url"] {
			continue
		}
		f.Line = r.lines[join(at, "url")]
		if what, write := checkPrivate(f); what != "" {
			r.problem(join(at, "url"), what, write)
		}
		if host := optedOut(f); host != "" {
			r.problem(join(at, "url"), fmt.Sprintf("%q asked to be left alone (opt_out)", host), "take the feed out")
		}
		o.Feeds = append(o.Feeds, f)
	}
}

// missing reports the keys that an outlet must have, and derives its ID.
func (r *reader) missing(o *Outlet, path string, m map[string]any) {
	if m["name"] == nil {
		r.problem(join(path, "name"), "this outlet has no name", `write what people call it, like name = "The Whistler"`)
	}
	if m["home"] == nil {
		example := "https://…"
		if len(o.Feeds) > 0 {
			if u, err := url.Parse(o.Feeds[0].URL); err == nil {
				example = u.Scheme + "://" + u.Host + "/"
			}
		}
		r.problem(join(path, "home"), "this outlet has no home page, by which other outlets' credits are recognised",
			fmt.Sprintf("write home = %q, if that is its front page", example))
	}
	if m["feed"] == nil {
		r.problem(path, "this outlet has no feed", `write [[outlet.feed]] and url = "https://…" below it`)
	}
	if m["id"] != nil || o.Name == "" {
		return
	}
	if o.ID = deriveID(o.Name); checkIDs.MatchString(o.ID) {
		return
	}
	o.ID = ""
	r.problem(join(path, "id"), fmt.Sprintf("no id can be derived from the name %q", cut(o.Name)),
		`write id = "…" with lower-case letters a to z, digits and '-'`)
}

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

var checkIDs = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

func checkID(s string) (string, string) {
	if checkIDs.MatchString(s) {
		return "", ""
	}
	write := "write lower-case letters a to z, digits and '-', at most 64"
	if d := deriveID(s); checkIDs.MatchString(d) {
		write = fmt.Sprintf("write %q", d)
	}
	return fmt.Sprintf("%q is not an id", cut(s)), write
}

// deriveID makes an id of a name: accents off, lower case, everything that is
// not an ASCII letter or digit a '-'.
func deriveID(name string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(name) {
		c = unicode.ToLower(c)
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b.WriteRune(c)
		case unicode.Is(unicode.Mn, c), c == '\'', c == '’':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String()[:min(b.Len(), 64)], "-")
}

func checkLanguage(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	if _, err := language.Parse(s); err != nil {
		return fmt.Sprintf("%q is not a language tag (BCP 47)", cut(s)), `write one like "en", "fr", "ar" or "pt-BR"`
	}
	return "", ""
}

// canonicalLanguage puts a tag that checkLanguage accepted into its usual case.
func canonicalLanguage(s string) string {
	if tag, err := language.Parse(s); err == nil && s != "" {
		return tag.String()
	}
	return s
}

// privateHost gives the address of a URL's host when it is a literal one that
// only this machine or network reaches.
func privateHost(rawURL string) (ip netip.Addr, private bool) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ip, false
	}
	host := u.Hostname()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err = netip.ParseAddr(host)
	return ip, err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}

// optedOut is the host on the opt-out list that a feed belongs to, or empty.
func optedOut(f Feed) string {
	u, err := url.Parse(f.URL)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, s := range f.Settings.OptOut {
		if s = strings.ToLower(s); host == s || strings.HasSuffix(host, "."+s) {
			return s
		}
	}
	return ""
}

// checkPrivate reports a feed whose address is a private one that the poller
// would refuse to dial.
func checkPrivate(f Feed) (string, string) {
	ip, private := privateHost(f.URL)
	if !private {
		return "", ""
	}
	for _, s := range f.Settings.AllowPrivate {
		if p, err := netip.ParsePrefix(s); err == nil && p.Contains(ip) {
			return "", ""
		}
	}
	return fmt.Sprintf("%q is on a private address, which is refused unless allowed", cut(f.URL)),
		fmt.Sprintf("write allow_private = [%q] for this feed", netip.PrefixFrom(ip, ip.BitLen()))
}
