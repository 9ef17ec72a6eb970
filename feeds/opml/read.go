package opml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"aggregator/feeds"
)

// maxDepth is how deep outlines may be nested: no person keeps such folders.
const maxDepth = 100

// Read reads outlets. left are outlines that hold no feed of their own or repeat one,
// and are left out; the error is of type Problems and holds everything that is wrong.
func Read(data []byte) (outlets []Outlet, left Problems, err error) {
	r := &reader{d: xml.NewDecoder(bytes.NewReader(data)), seen: map[string]int{}}
	r.d.CharsetReader = charset.NewReaderLabel
	r.file()
	if len(r.problems) > 0 {
		return nil, nil, r.problems
	}
	return group(r.feeds, r.outlets), r.left, nil
}

type reader struct {
	d        *xml.Decoder
	stack    []folder
	outlets  []*Outlet // of this program's form
	feeds    []loose
	seen     map[string]int // lines of feeds, by URL
	problems Problems
	left     Problems
}

// folder is an open element.
type folder struct {
	name     string // of the element
	category string // for the feeds below
	outlet   *Outlet
	line     int
}

// loose is a feed with its outlet, or with what another reader says of its site.
type loose struct {
	Feed
	outlet                   *Outlet
	home, language, category string
}

func (r *reader) problem(what, write string) {
	line, _ := r.d.InputPos()
	r.problems = append(r.problems, Problem{line, what, write})
}

func (r *reader) file() {
	root := false
	for {
		token, err := r.d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			what := err.Error()
			if errors.As(err, &syntax) {
				what = syntax.Msg
			}
			r.problem("this is not XML: "+what, "export the file again, or correct this line")
			return
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !root && t.Name.Local != "opml" {
				r.problem(fmt.Sprintf("the file holds <%s>, not <opml>", t.Name.Local), "name an OPML file")
				return
			}
			root = true
			if len(r.stack) >= maxDepth {
				r.problem(fmt.Sprintf("more than %d elements inside each other", maxDepth), "write fewer folders")
				return
			}
			r.open(t)
		case xml.EndElement:
			r.close()
		}
	}
	if len(r.problems) > 0 {
		return
	}
	if !root || len(r.feeds) == 0 {
		r.problem("there is no feed in this file", `write an <outline type="rss" text="…" xmlUrl="https://…"/> inside <body>`)
	}
}

func (r *reader) open(t xml.StartElement) {
	line, _ := r.d.InputPos()
	f := folder{name: t.Name.Local, line: line}
	if n := len(r.stack); n > 0 {
		f.category, f.outlet = r.stack[n-1].category, r.stack[n-1].outlet
	}
	if t.Name.Local == "outline" && slices.ContainsFunc(r.stack, func(f folder) bool { return f.name == "body" }) {
		r.outline(t, &f)
	}
	r.stack = append(r.stack, f)
}

func (r *reader) close() {
	f := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	last := len(r.stack) == 0 || r.stack[len(r.stack)-1].outlet != f.outlet
	if f.outlet != nil && last && !slices.ContainsFunc(r.feeds, func(l loose) bool { return l.outlet == f.outlet }) {
		r.problems = append(r.problems, Problem{f.line, fmt.Sprintf("the outlet %q has no feed", f.outlet.Name), "write one below it, or take it out"})
	}
}

// own are the attributes of this program's namespace.
var own = []string{"id", "home", "language", "category", "aliases", "schedule", "floor"}

func (r *reader) outline(t xml.StartElement, f *folder) {
	at, ours := map[string]string{}, map[string]string{}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == Namespace && !slices.Contains(own, a.Name.Local):
			r.problem(fmt.Sprintf("there is no attribute %q in the namespace %s", a.Name.Local, Namespace), "write one of "+strings.Join(own, ", "))
		case a.Name.Space == Namespace:
			ours[a.Name.Local] = a.Value
		case a.Name.Space == "":
			at[strings.ToLower(a.Name.Local)] = a.Value // readers differ in xmlUrl and xmlurl
		}
	}
	name := at["title"]
	if name == "" || ours["id"] != "" {
		name = at["text"]
	}
	address, isFeed := at["xmlurl"]
	kind := strings.ToLower(at["type"])
	switch {
	case ours["id"] != "" && isFeed:
		r.problem("an outline is an outlet and a feed at once", "write the feed as an outline inside that of the outlet")
	case ours["id"] != "" && f.outlet != nil:
		r.problem(fmt.Sprintf("the outlet %q stands inside another one", name), "write them one after the other")
	case ours["id"] != "":
		o := &Outlet{Line: f.line, Schedule: ours["schedule"], Floor: ours["floor"], Outlet: feeds.Outlet{ID: ours["id"], Name: name, Home: ours["home"], Language: ours["language"], Category: ours["category"]}}
		if ours["aliases"] != "" {
			o.Aliases = strings.Split(ours["aliases"], "\n")
		}
		f.outlet = o
		r.outlets = append(r.outlets, o)
	case isFeed && strings.TrimSpace(address) == "", kind == "rss" && !isFeed:
		r.problem(fmt.Sprintf("the feed %q has no address", name), `write xmlUrl="https://…"`)
	case isFeed:
		r.feed(loose{Feed{address, name, ours["schedule"], ours["floor"], f.line}, f.outlet, at["htmlurl"], at["language"], f.category})
	case kind == "link" || kind == "include":
		r.left = append(r.left, Problem{f.line, fmt.Sprintf("%q is a link and no feed", name), "left out"})
	default:
		f.category = name
	}
}

func (r *reader) feed(l loose) {
	if line, twice := r.seen[l.URL]; twice {
		r.left = append(r.left, Problem{l.Line, fmt.Sprintf("%s stands in line %d already", l.URL, line), "left out"})
		return
	}
	r.seen[l.URL] = l.Line
	r.feeds = append(r.feeds, l)
}
