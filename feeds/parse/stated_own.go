package parse

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"aggregator/feeds"
)

// hostOf is the host of an absolute address, without "www."; "" when there is
// none.
func hostOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		if rest, ok = strings.CutPrefix(address, "//"); !ok {
			return ""
		}
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:i]
	}
	return strings.TrimPrefix(strings.ToLower(rest), "www.")
}

// sameSite reports whether two hosts are one publisher's: the same registered
// domain, or the same name under two endings (bbc.com, bbc.co.uk).
func sameSite(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a) {
		return true
	}
	l := siteLabel(a)
	return l != "" && l == siteLabel(b)
}

// siteLabel is the part of a host that its owner chose: "bbc" of news.bbc.co.uk.
func siteLabel(host string) string {
	whole, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	label, _, _ := strings.Cut(whole, ".")
	return label
}

// proxies are hosts that only forward or host feeds: a link there says nothing
// of the publisher.
var proxies = map[string]bool{
	"feedproxy.google.com": true, "feeds.feedburner.com": true, "feedburner.com": true, "rss.app": true, "t.co": true,
	"bit.ly": true, "ift.tt": true, "dlvr.it": true, "goo.gl": true, "tinyurl.com": true, "ow.ly": true, "buff.ly": true,
	"is.gd": true, "wp.me": true, "lnkd.in": true, "fb.me": true, "trib.al": true, "feedsportal.com": true,
	"rss.feedsportal.com": true, "pheedo.com": true, "pipes.yahoo.com": true, "feeds.reuters.com": true, "localhost": true,
	"example.com": true, "doi.org": true, "dx.doi.org": true, "archive.org": true, "web.archive.org": true,
	"ads.pheedo.com": true, "c.moreover.com": true, "feeds.feedblitz.com": true, "feedpress.me": true, "feeds.megaphone.fm": true, "anchor.fm": true, "linkis.com": true,
}

// mirrors are the domains of delivery networks, under which each customer has a
// host that says nothing.
var mirrors = []string{".cloudfront.net", ".amazonaws.com", ".akamaized.net", ".fastly.net", ".azureedge.net", ".googleusercontent.com", ".b-cdn.net", ".workers.dev"}

// isProxy reports whether a host says nothing of who publishes on it.
func isProxy(host string) bool {
	if proxies[host] {
		return true
	}
	for _, m := range mirrors {
		if strings.HasSuffix(host, m) {
			return true
		}
	}
	return false
}

// ownHosts are the hosts on which the entry's publication lives.
func (f *finder) ownHosts() []string {
	if f.hosts == nil {
		f.hosts = []string{}
		for _, a := range append([]string{f.own.Home, f.own.FeedURL, f.own.Outlet.Home, f.own.Usual}, f.own.Outlet.Aliases...) {
			if !strings.Contains(a, "://") && strings.Contains(a, ".") && !strings.Contains(a, " ") {
				a = "https://" + a
			}
			if h := hostOf(a); h != "" && !isProxy(h) {
				f.hosts = append(f.hosts, h)
			}
		}
	}
	return f.hosts
}

// ownNames are the names of the entry's publication, folded.
func (f *finder) ownNames() []string {
	if f.names == nil {
		f.names = []string{}
		for _, n := range append([]string{f.own.Title, f.own.Outlet.Name}, f.own.Outlet.Aliases...) {
			if n = foldName(n); n != "" {
				f.names = append(f.names, n)
			}
		}
	}
	return f.names
}

// isOwnHost reports whether a host is one of the entry's publication.
func (f *finder) isOwnHost(host string) bool {
	for _, h := range f.ownHosts() {
		if sameSite(h, host) {
			return true
		}
	}
	return false
}

// isOwn reports whether a name and an address, either of which may be empty,
// are the entry's own publication. The address decides where it can.
func (f *finder) isOwn(name, address string) bool {
	host := hostOf(address)
	if host != "" && f.isOwnHost(host) {
		return true
	}
	if h := bareHost(name); h != "" {
		return f.isOwnHost(h)
	}
	if a, ok := feeds.AgencyNamed(name); ok {
		for _, h := range a.Hosts {
			if f.isOwnHost(h) {
				return true
			}
		}
	}
	n := foldName(name)
	if n == "" {
		return false
	}
	for _, o := range f.ownNames() {
		if o == n || len(n) >= 5 && strings.Contains(o, n) || len(o) >= 5 && strings.HasPrefix(n, o) {
			return host == "" || o == n
		}
	}
	if host == "" {
		for _, h := range f.ownHosts() {
			if l := strings.ReplaceAll(siteLabel(h), "-", ""); l != "" && (l == n || l == "the"+n || abbreviates(l, name)) {
				return true
			}
		}
		first, _, _ := strings.Cut(f.own.Title, " ")
		return len(first) >= 3 && first == strings.ToUpper(first) && abbreviates(strings.ToLower(first), name)
	}
	return false
}

// abbreviates reports whether short is made of the beginnings of all the words
// of a name, in order: "nytimes" and "nyt" of "The New York Times".
func abbreviates(short, name string) bool {
	words := strings.Fields(strings.TrimPrefix(strings.ToLower(name), "the "))
	if len(words) < 2 || len(words) > 6 || len(short) < 3 {
		return false
	}
	return takes(short, words)
}

func takes(short string, words []string) bool {
	if len(words) == 0 {
		return short == ""
	}
	for n := min(len(words[0]), len(short)); n > 0; n-- {
		if words[0][:n] == short[:n] && takes(short[n:], words[1:]) {
			return true
		}
	}
	return false
}

// ownName is how the entry's publication calls itself: the part of the feed's
// title that is also the name of its host ("craigslist" of "craigslist SF bay
// area"), else the whole title, else the host.
func (f *finder) ownName() string {
	title := strings.TrimSpace(f.own.Title)
	for _, h := range f.ownHosts() {
		label := siteLabel(h)
		if label == "" {
			continue
		}
		words := strings.Fields(title)
		for n := 1; n <= 5; n++ {
			for i := 0; i+n <= len(words); i++ {
				run := strings.Trim(strings.Join(words[i:i+n], " "), " ,.:;|–-()[]")
				if fold := strings.Map(labelRune, strings.ToLower(run)); fold != "" && fold == strings.ReplaceAll(label, "-", "") {
					return run
				}
			}
		}
	}
	if title != "" {
		return title
	}
	if f.own.Outlet.Name != "" {
		return f.own.Outlet.Name
	}
	for _, h := range f.ownHosts() {
		return h
	}
	return ""
}

func labelRune(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return r
	}
	return -1
}

// bareHost returns a name that is a host ("grist.org", "www.grist.org"), lower
// case, without "www.".
func bareHost(name string) string {
	if strings.IndexByte(name, '.') < 0 || strings.ContainsAny(name, " /\t@[]()_:,'\"") {
		return ""
	}
	h := strings.TrimPrefix(strings.ToLower(strings.Trim(name, ".")), "www.")
	suffix, icann := publicsuffix.PublicSuffix(h)
	if !icann && !strings.Contains(suffix, ".") || h == suffix {
		return ""
	}
	return h
}

// foldName reduces a name to lower-case letters and digits, without accents
// and a leading article.
func foldName(name string) string {
	var b strings.Builder
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.TrimPrefix(name, "the ")
	for _, r := range norm.NFKD.String(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isRoot reports whether an address is a site's front page, or a section's:
// no more than one short path element, and nothing that tells one article.
func isRoot(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	if len(u.RawQuery) > 0 && !strings.HasPrefix(u.RawQuery, "utm_") {
		return false
	}
	path := strings.Trim(u.Path, "/")
	return path == "" || !strings.Contains(path, "/") && len(path) <= 24 && strings.Count(path, "-") < 2 && !strings.ContainsAny(path, "0123456789.")
}

// hasPath reports whether an address leads further than to a site's front page.
func hasPath(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "")
}
