package stories

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"aggregator/feeds"
)

// Directory knows the followed outlets by their names, aliases and hosts, so
// that "The Whistler Newspaper", "The Whistler" and thewhistler.ng are one. It
// is built once and only read afterwards; reading is safe from many goroutines.
type Directory struct {
	byID   map[string]feeds.Outlet
	agency map[string]feeds.Agency // by ID, of the outlets that are one, or a portal
	byName map[string]string       // folded name -> ID; "" when two outlets share it
	byRoot map[string]string       // the same without words like "newspaper"
	byHost map[string][]site
}

type site struct{ path, id string }

// NewDirectory makes the directory of these outlets. A name or host that two of
// them claim belongs to neither.
func NewDirectory(outlets []feeds.Outlet) *Directory {
	d := &Directory{map[string]feeds.Outlet{}, map[string]feeds.Agency{}, map[string]string{}, map[string]string{}, map[string][]site{}}
	for _, o := range outlets {
		d.byID[o.ID] = o
		claim(d.byName, foldName(o.ID), o.ID)
		for _, name := range append([]string{o.Name, o.Home}, o.Aliases...) {
			if host, path := siteHost(name); host != "" {
				d.byHost[host] = append(d.byHost[host], site{strings.TrimRight(path, "/"), o.ID})
				if strings.Contains(name, "/") {
					continue
				}
			}
			claim(d.byName, foldName(name), o.ID)
			claim(d.byRoot, rootName(name), o.ID)
		}
	}
	// An outlet that is itself an agency answers to the agency's other names,
	// unless several of them are the same agency.
	other := map[string]string{}
	for _, o := range outlets {
		a, ok := agencyOf(o)
		if ok {
			d.agency[o.ID] = a
		}
		if ok && !a.Portal {
			for _, name := range append([]string{a.Name}, a.Marks...) {
				claim(other, foldName(name), o.ID)
			}
		}
	}
	for name, id := range other {
		if _, taken := d.byName[name]; !taken && id != "" {
			d.byName[name] = id
		}
	}
	return d
}

// claim gives name to id, or to nobody when another outlet has it.
func claim(names map[string]string, name, id string) {
	if name == "" {
		return
	}
	if other, taken := names[name]; taken && other != id {
		id = ""
	}
	names[name] = id
}

// Outlet returns the followed outlet with this ID.
func (d *Directory) Outlet(id string) (feeds.Outlet, bool) {
	o, ok := d.byID[id]
	return o, ok
}

// Find returns the followed outlet that a name, an address or both mean; either
// may be empty. The address goes first, because hosts are unique and names are
// not: "The Guardian" with a link to theguardian.com is not the Guardian of
// Lagos, even when only that one is followed.
func (d *Directory) Find(name, address string) (feeds.Outlet, bool) {
	if id := d.owner(address); id != "" {
		return d.byID[id], true
	}
	if id := d.owner(name); id != "" { // the name is a host
		return d.byID[id], true
	}
	for _, id := range []string{d.byName[foldName(name)], d.byRoot[rootName(name)]} {
		if id != "" && d.mayOwn(id, address) {
			return d.byID[id], true
		}
	}
	return feeds.Outlet{}, false
}

// mayOwn reports whether an address on a host that nobody claims can be the
// outlet's: there is none, the host serves many publishers, or it is the
// outlet's name under another ending (bbc.com, bbc.co.uk).
func (d *Directory) mayOwn(id, address string) bool {
	host, _ := siteHost(address)
	if host == "" || manyPublishers[host] {
		return true
	}
	if a, ok := feeds.AgencyAt(host); ok && a.Portal {
		return true
	}
	home, _ := siteHost(d.byID[id].Home)
	return home == "" || siteLabel(home) == siteLabel(host)
}

// siteLabel is the part of a host that its owner chose: "bbc" of news.bbc.co.uk.
func siteLabel(host string) string {
	whole, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		whole = host
	}
	label, _, _ := strings.Cut(whole, ".")
	return label
}

// owner returns the ID of the outlet on whose host (or a host below it) the
// address lies; the longest matching path wins where outlets share a host.
func (d *Directory) owner(address string) string {
	host, path := siteHost(address)
	for host != "" {
		best, id, shared := -1, "", false
		for _, s := range d.byHost[host] {
			under := s.path == "" || path == s.path || strings.HasPrefix(path, s.path+"/")
			switch {
			case !under && len(d.byHost[host]) > 1, !under && manyPublishers[host]:
			case len(s.path) > best:
				best, id, shared = len(s.path), s.id, false
			case len(s.path) == best && s.id != id:
				shared = true
			}
		}
		if best >= 0 {
			if shared {
				return ""
			}
			return id
		}
		if manyPublishers[host] {
			return ""
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return ""
}

// manyPublishers are hosts where the first part of the path, not the host,
// says who publishes.
var manyPublishers = map[string]bool{
	"medium.com": true, "facebook.com": true, "x.com": true, "twitter.com": true, "linkedin.com": true,
	"youtube.com": true, "t.me": true, "reddit.com": true, "tumblr.com": true, "github.com": true,
}

// siteHost splits an address or a bare host name ("thewhistler.ng") into its host
// without "www." and its path. It returns "" for what is neither.
func siteHost(address string) (host, path string) {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		if strings.ContainsAny(address, " \t\n@") || !strings.Contains(address, ".") || strings.HasSuffix(address, ".") {
			return "", ""
		}
		address = "https://" + address
	}
	host, path, ok := plainAddress(address)
	if !ok {
		u, err := url.Parse(address)
		if err != nil {
			return "", ""
		}
		host, path = strings.ToLower(u.Hostname()), u.Path
	}
	if !strings.Contains(host, ".") {
		return "", ""
	}
	for _, prefix := range []string{"www.", "m.", "amp.", "feeds.", "rss."} {
		if rest, ok := strings.CutPrefix(host, prefix); ok && strings.Contains(rest, ".") {
			host = rest
		}
	}
	return host, path
}

// plainAddress splits an ordinary address, as nearly all are, without the cost
// of url.Parse; ok is false for one that must be parsed: with a user, escapes,
// capitals in the host, or characters that no address should have.
func plainAddress(address string) (host, path string, ok bool) {
	rest, found := strings.CutPrefix(address, "https://")
	if !found {
		if rest, found = strings.CutPrefix(address, "http://"); !found {
			return "", "", false
		}
	}
	end := len(rest)
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case c == '/' || c == '?' || c == '#':
			end = min(end, i)
		case c == '%', c <= ' ', c >= 0x7f, c == '[', c == ']':
			return "", "", false
		case end == len(rest) && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != ':':
			return "", "", false
		}
	}
	host, path = rest[:end], rest[end:]
	host, port, _ := strings.Cut(host, ":")
	if strings.Trim(port, "0123456789") != "" {
		return "", "", false
	}
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return host, path, true
}

// SameName reports whether two names of outlets differ only in case, accents,
// punctuation, a leading article or a legal suffix.
func SameName(a, b string) bool {
	a, b = foldName(a), foldName(b)
	return a != "" && a == b
}

var (
	articles = map[string]bool{"the": true, "der": true, "die": true, "das": true, "le": true, "la": true, "el": true, "il": true, "o": true}
	legal    = map[string]bool{"inc": true, "ltd": true, "llc": true, "limited": true, "gmbh": true, "plc": true, "ag": true, "corp": true, "co": true, "sa": true, "srl": true}
	generic  = map[string]bool{"newspaper": true, "newspapers": true, "online": true, "magazine": true, "daily": false, "com": true, "net": true, "org": true, "www": true, "website": true, "blog": true, "rss": true, "feed": true}
)

// foldName reduces a name to lower-case letters and digits, without accents,
// leading article or legal suffix. All the words are kept joined, so that
// "Sahara Reporters" and "SaharaReporters" are one.
func foldName(name string) string { return strings.Join(nameWords(name, nil), "") }

// rootName is foldName without words that any newspaper may add to its name.
func rootName(name string) string { return strings.Join(nameWords(name, generic), "") }

func nameWords(name string, drop map[string]bool) []string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mc, r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	if len(words) > 1 && articles[words[0]] {
		words = words[1:]
	}
	for len(words) > 1 && legal[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	kept := words[:0:0]
	for _, w := range words {
		if !drop[w] {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return words
	}
	return kept
}

// agencyOf returns the agency or portal that an outlet is.
func agencyOf(o feeds.Outlet) (feeds.Agency, bool) {
	if host, _ := siteHost(o.Home); host != "" {
		if a, ok := feeds.AgencyAt(host); ok {
			return a, true
		}
	}
	return feeds.AgencyNamed(o.Name)
}
