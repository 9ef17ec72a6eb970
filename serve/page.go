package serve

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"
	"time"

	"aggregator/feeds"
	"aggregator/stories"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// assets are the files under /static by name, with the hash that their
// addresses carry, so that browsers may keep them for ever.
var assets = func() map[string]asset {
	out := map[string]asset{}
	for name, kind := range map[string]string{
		"style.css": "text/css; charset=utf-8", "live.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		body, err := staticFiles.ReadFile("static/" + name)
		if err != nil { // embedded: the build would have failed
			panic(err)
		}
		sum := sha256.Sum256(body)
		out[name] = asset{body, kind, hex.EncodeToString(sum[:6])}
	}
	return out
}()

type asset struct {
	body       []byte
	kind, hash string
}

func (s *server) static(r *http.Request) (page, error) {
	a, ok := assets[r.PathValue("name")]
	if !ok {
		return page{}, notFound("there is no such file")
	}
	return page{body: a.body, kind: a.kind}, nil
}

// functions are what templates may call. None of them reads anything.
var functions = template.FuncMap{
	"static": func(name string) string { return "/static/" + name + "?v=" + assets[name].hash },
	"iso":    stamp,
	"clock":  clock,
	"hm":     func(t time.Time) string { return t.UTC().Format("15:04") },
	"day":    func(t time.Time) string { return t.UTC().Format("Monday 2 January 2006") },
	"dayof":  func(t time.Time) string { return t.UTC().Format("2 Jan") },
	"date": func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.DateOnly)
	},
	"percent": percent,
	"web":     isWeb,
	"story":   storyPath,
	"lower":   strings.ToLower,
	"symbol":  symbol,
}

// symbol tells confidences apart without colour.
func symbol(c stories.Confidence) string {
	switch c {
	case stories.Certain:
		return "●"
	case stories.Likely:
		return "◐"
	case stories.Tie:
		return "="
	}
	return "?"
}

var templates = func() map[string]*template.Template {
	out := map[string]*template.Template{}
	for _, name := range []string{"index", "story", "outlets", "feeds", "problem"} {
		out[name] = template.Must(template.New("layout.html").Funcs(functions).ParseFS(templateFiles, "templates/layout.html", "templates/"+name+".html"))
	}
	return out
}()

// frame is what every page has around its content.
type frame struct {
	Site     string // Options.Title
	Title    string // of this page
	Nav      string // the entry of the menu that is this page
	Query    stories.Query
	FeedPath string // query of the feeds with the same filters, "?…" or ""
	Live     bool   // the list is replaced when stories change
	NoIndex  bool
}

func (s *server) html(name string, data any, modified time.Time) (page, error) {
	var b bytes.Buffer
	if err := templates[name].Execute(&b, data); err != nil {
		return page{}, err
	}
	return page{body: b.Bytes(), kind: "text/html; charset=utf-8", modified: modified}, nil
}

// storyView is a story as the page shows it.
type storyView struct {
	item
	s        *server
	Headline string
	Link     string
	Lang     string
	At       time.Time
	Lead     string // "First published on", or what else the verdict allows
	Name     string // whom the verdict names
	Single   bool   // nobody else carries it, and nobody else is said to have had it
	Verdict  *stories.Verdict
	Display  string // the outlet of the entry that is shown
	Carriers []carrierView
	Strip    []dot
	Scale    string // what the whole strip stands for
	More     int    // carriers that are not listed
}

type carrierView struct {
	Name, Link, Title, Lang string
	Lag                     string
	Copy                    bool
	Of, TextOf              string // the outlet whose text it copies; the origin that is not followed whose text it carries
	Share                   string
}

// ID is the story's number.
func (v storyView) ID() uint64 { return v.story.ID }

// Outlets counts those that carry the story.
func (v storyView) Outlets() int { return v.outlets }

// Copies counts the entries that copy another outlet's text.
func (v storyView) Copies() int { return v.copies() }

const maxCarriers = 8 // listed under a headline

func (s *server) storyView(st *stories.Story, base string) storyView {
	it := newItem(st)
	v := storyView{
		item: it, s: s, Headline: it.title(), Link: it.link(base), Lang: it.lead.Language, At: it.published(),
		Lead: leadWords(&st.Verdict), Name: st.Verdict.Name, Verdict: &st.Verdict, Display: s.nameOf(it.lead.Outlet),
	}
	v.Strip, v.Scale = strip(it)
	// With nobody to compare it with, "probably first" would say more than is meant.
	if v.outlets == 1 && st.Verdict.Outlet == it.lead.Outlet {
		v.Lead, v.Single = "So far only on", true
	}
	if v.Name == "" {
		v.Name = s.nameOf(st.Verdict.Outlet)
	}
	for i, c := range it.carriers {
		if i == maxCarriers {
			v.More = len(it.carriers) - i
			break
		}
		v.Carriers = append(v.Carriers, s.carrierView(c))
	}
	return v
}

func (s *server) carrierView(c carrier) carrierView {
	v := carrierView{Name: s.nameOf(c.Outlet), Link: c.Link, Title: c.Title, Lang: c.Language, Lag: "time unknown", TextOf: c.TextOf}
	if c.HasLag {
		switch words := span(c.Lag); {
		case words == "":
			v.Lag = "same minute"
		case c.Lag < 0:
			v.Lag = "−" + words
		default:
			v.Lag = "+" + words
		}
	}
	if c.Of != nil {
		v.Copy, v.Of = true, s.nameOf(c.Of.Outlet)
		if c.Share > 0 {
			v.Share = percent(c.Share)
		}
	}
	return v
}

// leadWords says no more than the verdict does; the name follows.
func leadWords(v *stories.Verdict) string {
	switch {
	case v.Name == "" && v.Outlet == "":
		return "Origin not known"
	case v.Confidence == stories.Certain:
		return "First published on"
	case v.Confidence == stories.Likely:
		return "Probably first published on"
	case v.Confidence == stories.Tie:
		return "At the same time as others, on"
	}
	return "Who was first is not known; carried by"
}

// dayView is one day of the list.
type dayView struct {
	Day     time.Time
	Stories []storyView
}

type indexView struct {
	frame
	Days       []dayView
	Count      int
	Next, Top  string
	Filters    []chip
	Outlets    []feeds.Outlet
	Languages  []string
	Categories []string
	Firsts     []bar
}

// chip is one active filter and the address without it.
type chip struct{ Words, Without string }

// bar is one row of a small bar chart, Width in per cent of the longest.
type bar struct {
	ID, Name     string
	Count, Width int
}

func (s *server) index(r *http.Request) (page, error) {
	q, list, next, err := s.list(r, nil)
	if err != nil {
		return page{}, err
	}
	if canonical := writeQuery(q); canonical != r.URL.RawQuery && strings.Contains(r.URL.RawQuery+"&", "=&") {
		// A form sends its empty fields; one selection has one address to share.
		return page{redirect: address("/", canonical)}, nil
	}
	v := indexView{frame: s.frame("Stories", "stories", q), Count: len(list), Outlets: s.byName()}
	v.Live = q.After.IsZero()
	v.Languages, v.Categories = s.choices()
	v.Filters = s.chips(q)
	for i := range list {
		sv := s.storyView(&list[i], s.base(r))
		if n := len(v.Days); n == 0 || !sameDay(v.Days[n-1].Day, sv.At) {
			v.Days = append(v.Days, dayView{Day: sv.At})
		}
		d := &v.Days[len(v.Days)-1]
		d.Stories = append(d.Stories, sv)
	}
	v.Firsts = s.firsts(list)
	if !next.IsZero() {
		further := q
		further.After = next
		v.Next = address("/", writeQuery(further))
	}
	if !q.After.IsZero() {
		q.After = stories.Cursor{}
		v.Top = address("/", writeQuery(q))
	}
	return s.html("index", v, time.Time{})
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

func (s *server) frame(title, nav string, q stories.Query) frame {
	q.After = stories.Cursor{}
	query := writeQuery(q)
	if query != "" {
		query = "?" + query
	}
	return frame{Site: s.Title, Title: title, Nav: nav, Query: q, FeedPath: query, NoIndex: true}
}

// chips are the filters of q, each with the address that drops it.
func (s *server) chips(q stories.Query) (out []chip) {
	q.After = stories.Cursor{}
	without := func(words string, drop func(*stories.Query)) {
		rest := q
		drop(&rest)
		if rest != q {
			out = append(out, chip{words, address("/", writeQuery(rest))})
		}
	}
	without("“"+q.Q+"”", func(q *stories.Query) { q.Q = "" })
	without("first: "+s.nameOf(q.First), func(q *stories.Query) { q.First = "" })
	without("copied from "+s.nameOf(q.CopiedFrom), func(q *stories.Query) { q.CopiedFrom = "" })
	without("copied by "+s.nameOf(q.CopiedBy), func(q *stories.Query) { q.CopiedBy = "" })
	without("at least "+itoa(q.MinShare)+" % copied", func(q *stories.Query) { q.MinShare = 0 })
	without("carried by "+s.namesOf(q.Outlet), func(q *stories.Query) { q.Outlet = "" })
	without("language "+q.Lang, func(q *stories.Query) { q.Lang = "" })
	without("category "+q.Category, func(q *stories.Query) { q.Category = "" })
	without("at least "+itoa(q.MinOutlets)+" outlets", func(q *stories.Query) { q.MinOutlets = 0 })
	without("with copies", func(q *stories.Query) { q.CopiesOnly = false })
	without("since "+q.Since.Format("2 Jan 2006 15:04"), func(q *stories.Query) { q.Since = time.Time{} })
	without("until "+q.Until.Format("2 Jan 2006 15:04"), func(q *stories.Query) { q.Until = time.Time{} })
	return out
}
