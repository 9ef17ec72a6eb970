package feeds

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// Agency is a news agency, whose texts other outlets carry, or a portal, which
// carries the texts of others.
type Agency struct {
	// Name is the usual full name ("Associated Press").
	Name string
	// Portal: it shows or links what others published (Google News, Yahoo), so
	// that it is hardly ever the first.
	Portal bool
	// Marks are the abbreviations and names that stand in its credits ("AP",
	// "AP News"), case and accents as printed.
	Marks []string
	// Hosts are its sites, without "www.".
	Hosts []string
}

// Site is the address of its home page; empty when it is not known.
func (a Agency) Site() string {
	if len(a.Hosts) == 0 {
		return ""
	}
	return "https://" + a.Hosts[0] + "/"
}

//go:embed agencies.tsv
var agencyTable string

type agencyIndex struct {
	mark, folded, host map[string]Agency
	begins             map[string]bool // the first words of the marks
}

var agencies = sync.OnceValue(func() agencyIndex {
	x := agencyIndex{map[string]Agency{}, map[string]Agency{}, map[string]Agency{}, map[string]bool{}}
	for line := range strings.Lines(agencyTable) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 4 || f[0] == "kind" {
			continue
		}
		a := Agency{Portal: f[0] == "portal", Name: f[1], Hosts: strings.Fields(f[3])}
		for m := range strings.SplitSeq(f[2], ",") {
			if m = strings.TrimSpace(m); m != "" {
				a.Marks = append(a.Marks, m)
			}
		}
		for _, m := range append([]string{a.Name}, a.Marks...) {
			if _, taken := x.mark[m]; !taken {
				x.mark[m] = a
				x.begins[firstWord(m)] = true
			}
			if _, taken := x.folded[strings.ToLower(m)]; !taken {
				x.folded[strings.ToLower(m)] = a
			}
		}
		for _, h := range a.Hosts {
			x.host[h] = a
		}
	}
	return x
})

// AgencyMarked returns the agency of which mark is a credit exactly as printed:
// "AP" is one, "ap" is not. A leading article is no part of it.
func AgencyMarked(mark string) (Agency, bool) {
	a, ok := agencies().mark[withoutArticle(mark)]
	return a, ok && !a.Portal
}

// AgencyBegins reports whether a text begins with the first word of an agency's mark. It
// is a quick look: where it says no, AgencyMarked knows none of the text's beginnings
// that end before a blank, nor the whole text.
func AgencyBegins(s string) bool { return agencies().begins[firstWord(withoutArticle(s))] }

func firstWord(s string) string {
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i]
	}
	return s
}

func withoutArticle(mark string) string {
	mark = strings.TrimSpace(mark)
	for _, article := range []string{"The ", "the ", "Die ", "L'", "L’"} {
		mark = strings.TrimPrefix(mark, article)
	}
	return mark
}

// AgencyNamed is AgencyMarked without regard to case. Portals are found too.
func AgencyNamed(name string) (Agency, bool) {
	name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "the ")
	a, ok := agencies().folded[name]
	return a, ok
}

// AgencyAt returns the agency or portal that owns host or a domain above it.
func AgencyAt(host string) (Agency, bool) {
	host = strings.ToLower(host)
	for host != "" {
		if a, ok := agencies().host[host]; ok {
			return a, true
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return Agency{}, false
}
