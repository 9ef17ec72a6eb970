package parse

import (
	"bufio"
	"crypto/sha1"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aggregator/feeds"
)

// sharedDir finds ../shared beside the repository, or skips the test.
func sharedDir(t *testing.T, parts ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("no go.mod above the test")
		}
		dir = up
	}
	path := filepath.Join(append([]string{filepath.Dir(dir), "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("skipped: %s is not here", filepath.Join(parts...))
	}
	return path
}

// label is one line of expected.tsv.
type label struct{ id, feed, kind, outlet, url, pattern, language string }

func readLabels(t *testing.T, dir string) []label {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []label
	for s := bufio.NewScanner(file); s.Scan(); {
		f := strings.Split(s.Text(), "\t")
		if len(f) < 7 || f[0] == "id" {
			continue
		}
		out = append(out, label{f[0], f[1], f[2], f[3], f[4], f[5], f[6]})
	}
	return out
}

// anyOutlet compares a name with an expected one that may give alternatives
// ("dpa-AFX / dpa") and a remark in brackets.
func anyOutlet(got, want string) bool {
	plain, _, _ := strings.Cut(want, " (")
	for _, w := range append(strings.Split(want, " / "), want, plain) {
		if sameOutlet(got, w) {
			return true
		}
	}
	return false
}

// sameOutlet compares two names without case, article, punctuation and legal
// suffix; an agency's usual abbreviation counts, and so does a host for the
// name that it is made of.
func sameOutlet(a, b string) bool {
	plain := func(s string) string {
		words := strings.Fields(s)
		for len(words) > 1 {
			switch strings.ToLower(strings.Trim(words[len(words)-1], ".,")) {
			case "inc", "ltd", "llc", "gmbh", "plc", "corp", "co":
				words = words[:len(words)-1]
				continue
			}
			break
		}
		return foldName(strings.TrimPrefix(strings.Join(words, " "), "www."))
	}
	x, y := plain(a), plain(b)
	if x == y {
		return true
	}
	p, ok := feeds.AgencyNamed(a)
	q, too := feeds.AgencyNamed(b)
	if ok && too && p.Name == q.Name {
		return true
	}
	return x != "" && siteLabel(bareHost(b)) == x || y != "" && siteLabel(bareHost(a)) == y
}

// TestMeasureStatedSources measures the labelled entries: kind and outlet both right.
func TestMeasureStatedSources(t *testing.T) {
	dir := sharedDir(t, "labels", "attribution")
	type count struct{ right, wrong, missed, silent, negatives int }
	var all count
	half := map[byte]*count{0: {}, 1: {}}
	for _, l := range readLabels(t, dir) {
		body, err := os.ReadFile(filepath.Join(dir, l.id+".xml"))
		if err != nil {
			t.Error(err)
			continue
		}
		d := Parse(Input{Body: body, URL: l.feed})
		var stated []feeds.Stated
		for _, it := range d.Items {
			if it.Entry != nil {
				stated = append(stated, it.Entry.Stated...)
			}
		}
		side := sha1.Sum([]byte(l.id))[0] % 2
		for _, c := range []*count{&all, half[side]} {
			if l.kind == "none" {
				c.negatives++
				if len(stated) == 0 {
					c.silent++
				}
				continue
			}
			hit := false
			for _, s := range stated {
				if string(s.Kind) == l.kind && anyOutlet(s.Outlet, l.outlet) {
					hit = true
				}
			}
			switch {
			case hit:
				c.right++
			case len(stated) == 0:
				c.missed++
			default:
				c.wrong++
			}
		}
		if testing.Verbose() && os.Getenv("STATED_SHOW") != "" && (os.Getenv("STATED_SHOW") == "2" || side == 0) {
			t.Logf("%s %s %q <%s> %s: %+v", l.id, l.kind, l.outlet, l.pattern, d.Status, stated)
		}
	}
	for _, c := range []struct {
		name string
		*count
	}{{"all", &all}, {"half 0", half[0]}, {"half 1", half[1]}} {
		stated := c.right + c.wrong + c.missed
		spoke := c.right + c.wrong + c.negatives - c.silent
		t.Logf("%s: precision %.3f (of those that state a source %.3f), recall %.3f (%d of %d), negatives silent %.3f (%d of %d)", c.name,
			float64(c.right)/float64(spoke), float64(c.right)/float64(c.right+c.wrong), float64(c.right)/float64(stated), c.right, stated,
			float64(c.silent)/float64(c.negatives), c.silent, c.negatives)
	}
	stated := all.right + all.wrong + all.missed
	if p := float64(all.right) / float64(all.right+all.wrong); p < .97 {
		t.Errorf("precision %.3f is below .97", p)
	}
	if r := float64(all.right) / float64(stated); r < .90 {
		t.Errorf("recall %.3f is below .90", r)
	}
	if n := float64(all.silent) / float64(all.negatives); n < .95 {
		t.Errorf("only %.3f of the hard negatives are silent", n)
	}
}

// TestFooterOfEveryLocale puts the WordPress SEO footer in every locale that is
// listed into an own feed and into somebody else's, with links and without.
func TestFooterOfEveryLocale(t *testing.T) {
	path := sharedDir(t, "labels", "yoast_locales.tsv")
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	locales := 0
	for line := range strings.Lines(string(body)) {
		f := strings.Split(line, "\t")
		if len(f) < 2 || f[0] == "locale" {
			continue
		}
		locales++
		const title, own, other = "Ferry Resumes After Storm", "https://harbour-gazette.net", "https://tidewater-report.org"
		for _, c := range []struct{ kind, outlet, post, site string }{
			{"self", "Harbour Gazette", `<a href="` + own + `/ferry/">` + title + `</a>`, `<a href="` + own + `">Harbour Gazette</a>`},
			{"self", "Harbour Gazette", title, "Harbour Gazette"},
			{"reprint", "Tidewater Report", `<a href="` + other + `/ferry/">` + title + `</a>`, `<a href="` + other + `">Tidewater Report</a>`},
			{"reprint", "Tidewater Report", title, "Tidewater Report"},
		} {
			l := creditLine{kind: c.kind, outlet: c.outlet, fields: map[string]string{"link": own + "/ferry/"},
				html: "{B}<p>" + strings.NewReplacer("%1$s", c.post, "%2$s", c.site).Replace(f[1]) + "</p>"}
			if got := l.stated(); len(got) != 1 || !l.hit(got) {
				t.Errorf("%s: %s: want %s %s, got %+v", f[0], l.html, c.kind, c.outlet, got)
			}
		}
	}
	t.Logf("%d locales", locales)
}
