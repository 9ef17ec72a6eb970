package opml

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"aggregator/feeds"
)

// group gives feeds to their outlets. Those that have none are put together by site;
// this program's outlets stand first.
func group(list []loose, own []*Outlet) []Outlet {
	var order []*Outlet
	sites := map[string]*Outlet{}
	order = append(order, own...)
	for _, l := range list {
		o := l.outlet
		if o == nil {
			key := siteOf(l)
			if o = sites[key]; o == nil {
				o = &Outlet{Line: l.Line, Outlet: feeds.Outlet{Home: homeOf(l), Language: l.language, Category: l.category}}
				sites[key] = o
				order = append(order, o)
			}
		}
		o.Feeds = append(o.Feeds, l.Feed)
	}
	taken := map[string]bool{}
	for _, o := range own {
		taken[strings.ToLower(o.Name)] = true
	}
	out := make([]Outlet, len(order))
	for i, o := range order {
		if o.ID == "" {
			o.Name = unique(nameOf(o), o.Home, taken)
		}
		out[i] = *o
	}
	return out
}

// shared are hosts where each address is somebody else's site.
var shared = map[string]bool{"feeds.feedburner.com": true, "feeds2.feedburner.com": true, "youtube.com": true, "medium.com": true, "reddit.com": true, "rsshub.app": true}

// siteOf is equal for feeds of one site. Where a host holds many people's sites, none
// are put together: two outlets that are one can be joined by hand, but one that is two
// would claim the work of another.
func siteOf(l loose) string {
	address := homeOf(l)
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return l.URL
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	switch {
	case shared[host]:
		return l.URL
	case strings.HasPrefix(first, "~") || strings.HasPrefix(first, "@"):
		return host + "/" + first
	}
	return host
}

// homeOf is the site's page, or the root of the feed's host.
func homeOf(l loose) string {
	if u, err := url.Parse(l.home); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		u.Fragment, u.RawFragment = "", ""
		return u.String()
	}
	if u, err := url.Parse(l.URL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host + "/"
	}
	return l.URL
}

// nameOf is what a site's feeds are called, as far as they agree.
func nameOf(o *Outlet) string {
	name := o.Feeds[0].Title
	for _, f := range o.Feeds[1:] {
		n := 0
		for n < len(name) && n < len(f.Title) && name[n] == f.Title[n] {
			n++
		}
		for n > 0 && n < len(name) && !utf8.RuneStart(name[n]) {
			n--
		}
		name = name[:n]
	}
	name = strings.Join(strings.Fields(strings.TrimRight(name, " \t-–—|:·»>/,(")), " ")
	if u, err := url.Parse(o.Home); err == nil && (name == "" || len(o.Feeds) > 1 && utf8.RuneCountInString(name) < 3) {
		name = cmp.Or(strings.TrimPrefix(u.Host, "www."), name)
	}
	return name
}

// unique makes a name that nobody else has: a credit to it would name nobody.
func unique(name, home string, taken map[string]bool) string {
	name = cmp.Or(name, home)
	try := name
	if u, err := url.Parse(home); err == nil && taken[strings.ToLower(try)] {
		try = fmt.Sprintf("%s (%s)", name, strings.TrimPrefix(u.Host, "www."))
	}
	for n := 2; taken[strings.ToLower(try)]; n++ {
		try = fmt.Sprintf("%s (%d)", name, n)
	}
	taken[strings.ToLower(try)] = true
	return try
}
