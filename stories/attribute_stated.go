package stories

import (
	"sort"

	"aggregator/feeds"
)

// origin is a publication that entries name as theirs, or the publication that
// a text turned out to come from.
type origin struct {
	outlet string // ID; empty when it is not followed
	name   string
	url    string
	entry  *Member // its own entry, if it is here
	kind   feeds.StatedKind
	says   []statement // who says so, in order of arrival
	voices int         // distinct outlets that say so
}

// statement is one entry naming an origin.
type statement struct {
	by   *Member
	what feeds.Stated
}

// statedOrigins collects whom the members name as the origin of their text,
// and which of them repeat a footer of their own (selfs). near are entries that
// may be an origin's own: the members first, then the rest of the story.
func statedOrigins(members, near []*Member, at *addresses, d *Directory) (found []*origin, selfs []statement) {
	byKey := map[string]*origin{}
	for _, m := range members {
		for _, s := range m.Stated {
			o := identify(s, m, near, at, d)
			if o == nil {
				continue
			}
			if o.outlet == m.Outlet {
				selfs = append(selfs, statement{m, s})
				continue
			}
			if s.Kind == feeds.SelfClaim && o.outlet == "" {
				selfs = append(selfs, statement{m, s})
				continue
			}
			key := o.outlet
			if key == "" {
				key = "\x00" + foldName(o.name)
			}
			if byKey[key] == nil {
				byKey[key] = o
				found = append(found, o)
			}
			k := byKey[key]
			if k.url == "" {
				k.url = o.url
			}
			if k.entry == nil {
				k.entry = o.entry
			}
			if s.Kind != feeds.Wire { // a plain statement outweighs a credit
				k.kind = s.Kind
			}
			k.says = append(k.says, statement{m, s})
		}
	}
	for _, o := range found {
		voices := map[string]bool{}
		for _, s := range o.says {
			voices[s.by.Outlet] = true
		}
		o.voices = len(voices)
	}
	return found, selfs
}

// identify returns whom a statement names; nil when it names nobody.
func identify(s feeds.Stated, m *Member, near []*Member, at *addresses, d *Directory) *origin {
	o := &origin{name: s.Outlet, url: s.URL, kind: s.Kind}
	if s.URL != "" { // the very address of an entry that is here
		if n := at.other(m, s.URL); n != nil {
			o.outlet, o.entry = n.Outlet, n
		}
	}
	if o.outlet == "" {
		followed, ok := d.Find(s.Outlet, s.URL)
		agency, known := feeds.AgencyNamed(s.Outlet)
		switch {
		case known && !agency.Portal && agencyName(m, d) == agency.Name:
			o.outlet = m.Outlet // its own credit, whichever of its feeds the name means
		case ok:
			o.outlet = followed.ID
		case known && agency.Portal:
			return nil // a portal only shows what others publish
		case known:
			o.name = agency.Name
			for _, n := range near { // one of several outlets of that agency
				if agencyName(n, d) == agency.Name {
					o.outlet, o.entry = n.Outlet, n
					break
				}
			}
			if o.url == "" {
				o.url = agency.Site()
			}
		case s.Outlet == "":
			return nil
		}
	}
	if o.outlet == "" {
		return o
	}
	followed, _ := d.Outlet(o.outlet)
	o.name = nameOf(o.outlet, d)
	if o.url == "" {
		o.url = followed.Home
	}
	if o.entry == nil && o.outlet != m.Outlet {
		for _, n := range near {
			if n.Outlet == o.outlet && (o.entry == nil || appearance(n).best.Before(appearance(o.entry).best)) {
				o.entry = n
			}
		}
	}
	return o
}

// agencyName is the name of the agency that a member's outlet is; empty when it
// is none.
func agencyName(m *Member, d *Directory) string {
	if a := d.agency[m.Outlet]; !a.Portal {
		return a.Name
	}
	return ""
}

// addresses finds entries by their links: without scheme, "www.", query and
// fragment. It reads the links when it is first asked, since most texts name no
// address, and each only once, since large stories name many.
type addresses struct {
	all []*Member // of the story
	at  map[address][]*Member
}

type address struct{ host, path string }

// addressOf gives what two addresses of one page have in common; ok is false for
// what names no page of a site.
func addressOf(link string) (a address, ok bool) {
	host, path := siteHost(link)
	a = address{host, trimSlash(path)}
	return a, a.host != "" && a.path != ""
}

// other returns the first entry but m whose link is that address, one with the
// text of m before others; nil for none.
func (x *addresses) other(m *Member, link string) *Member {
	want, ok := addressOf(link)
	if !ok {
		return nil
	}
	if x.at == nil {
		x.at = make(map[address][]*Member, len(x.all))
		for _, n := range x.all {
			if a, ok := addressOf(n.Link); ok {
				x.at[a] = append(x.at[a], n)
			}
		}
	}
	var first *Member
	for _, n := range x.at[want] {
		switch {
		case n == m:
		case originalOf(n) == originalOf(m):
			return n
		case first == nil:
			first = n
		}
	}
	return first
}

func trimSlash(path string) string {
	for len(path) > 0 && path[len(path)-1] == '/' {
		path = path[:len(path)-1]
	}
	return path
}

// agreement says how the statements stand to each other.
type agreement int

const (
	disputed   agreement = iota // as many name another origin, or they name each other
	outweighed                  // fewer name another
	agreed                      // all name this one
)

// choose returns the origin that the statements come to, and whether they
// agree. Statements are followed along their chain: when the copy names A and
// A's own entry names B, it is B. Of several, the one that more outlets name
// goes first, then a plain statement before a credit, then the one whose own
// entry is earlier, then the order of arrival.
func choose(found []*origin) (*origin, agreement) {
	ends := make([]*origin, 0, len(found))
	for _, o := range found {
		final := true
		for _, other := range found {
			if other == o || o.outlet == "" {
				continue
			}
			for _, s := range other.says {
				if s.by.Outlet == o.outlet {
					final = false
				}
			}
		}
		if final {
			ends = append(ends, o)
		}
	}
	circle := len(ends) == 0 // they name each other
	if circle {
		ends = append(ends, found...)
	}
	sort.SliceStable(ends, func(i, j int) bool {
		a, b := ends[i], ends[j]
		if a.voices != b.voices {
			return a.voices > b.voices
		}
		if p, q := a.kind != feeds.Wire, b.kind != feeds.Wire; p != q {
			return p
		}
		return a.entry != nil && b.entry != nil && earlier(a.entry, b.entry)
	})
	switch {
	case circle || len(ends) > 1 && ends[0].voices == ends[1].voices && (ends[0].kind == feeds.Wire) == (ends[1].kind == feeds.Wire):
		return ends[0], disputed
	case len(ends) > 1:
		return ends[0], outweighed
	}
	return ends[0], agreed
}
