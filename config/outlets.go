package config

import (
	"fmt"
	"net/url"
	"path/filepath"

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
		o.Schedule, o.Floor = settings.Schedule, settings.Floor
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
