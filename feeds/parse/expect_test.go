package parse

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"aggregator/feeds"
	"aggregator/feeds/text"

	"github.com/mmcdole/gofeed"
)

// expectation is one "path == literal" in a comment of the feedparser suite.
type expectation struct {
	path string // "entries.0.title_detail.value"
	want string // of a string; "(2004, 1, 1, …)" of a tuple
}

var (
	expectLine = regexp.MustCompile(`(?m)^\s*Expect:\s*(.*?)\s*$`)
	expectPart = regexp.MustCompile(`^\s*((?:entries|feed)(?:\[[^\]]+\]|\.[a-z_]+)+)\s*==\s*(.*)$`)
	pathStep   = regexp.MustCompile(`\[['"]?([a-z_0-9]+)['"]?\]|\.([a-z_]+)|^([a-z]+)`)
	header     = regexp.MustCompile(`(?mi)^\s*Header:\s*(content-[a-z]+):\s*(.*?)\s*$`)
)

// expectations reads what the suite's comment says of a document.
func expectations(body []byte) (out []expectation) {
	s, _ := decode(body, "")
	m := expectLine.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	for _, part := range splitAnd(m[1]) {
		if part = strings.TrimSpace(part); strings.HasPrefix(part, "(") && strings.HasSuffix(part, ")") {
			part = part[1 : len(part)-1]
		}
		p := expectPart.FindStringSubmatch(part)
		if p == nil {
			continue
		}
		var steps []string
		for _, st := range pathStep.FindAllStringSubmatch(p[1], -1) {
			steps = append(steps, st[1]+st[2]+st[3])
		}
		want, ok := pythonLiteral(strings.TrimSpace(p[2]))
		if ok {
			out = append(out, expectation{strings.Join(steps, "."), want})
		}
	}
	return out
}

// splitAnd cuts at " and " outside of quotes.
func splitAnd(s string) (parts []string) {
	var quote byte
	from := 0
	for i := 0; i < len(s); i++ {
		switch {
		case quote != 0 && s[i] == '\\':
			i++
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '\'' || s[i] == '"':
			quote = s[i]
		case strings.HasPrefix(s[i:], " and "):
			parts = append(parts, s[from:i])
			from = i + 5
		}
	}
	return append(parts, s[from:])
}

// pythonLiteral reads a string literal, or keeps a tuple as it is.
func pythonLiteral(s string) (string, bool) {
	s = strings.TrimLeft(s, "ub")
	if strings.HasPrefix(s, "(") {
		return strings.ReplaceAll(s, " ", ""), true
	}
	if len(s) < 2 || s[0] != '\'' && s[0] != '"' {
		return "", false
	}
	q := s[0]
	if strings.HasPrefix(s, `"""`) || strings.HasPrefix(s, `'''`) {
		s = s[2 : len(s)-2]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		c := s[i]
		if c == q {
			rest := strings.TrimSpace(s[i+1:])
			if more, ok := strings.CutPrefix(rest, "+"); ok { // 'one' + 'two'
				tail, ok := pythonLiteral(strings.TrimSpace(more))
				return b.String() + tail, ok
			}
			return b.String(), rest == ""
		}
		if c != '\\' || i+1 >= len(s) {
			b.WriteByte(c)
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'x', 'u':
			n := map[byte]int{'x': 2, 'u': 4}[s[i]]
			if i+n < len(s) {
				if v, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32); err == nil {
					b.WriteRune(rune(v))
					i += n
				}
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", false
}

// ours gives what we have where the suite's path points; ok is false for what
// is not asked of us.
func ours(d Document, path string) (got []string, ok bool) {
	steps := strings.Split(path, ".")
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return fmt.Sprintf("(%d,%d,%d,%d,%d,%d,%d,%d,0)", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), (int(t.Weekday())+6)%7, t.YearDay())
	}
	if steps[0] == "feed" {
		switch strings.Join(steps[1:], ".") {
		case "title", "title_detail.value":
			return []string{d.Title}, true
		case "link":
			return []string{d.Home}, true
		case "subtitle", "subtitle_detail.value", "tagline", "tagline_detail.value", "description", "description_detail.value", "info", "info_detail.value":
			return []string{d.Description}, true
		case "language":
			return []string{d.Language}, true
		}
		return nil, false
	}
	if len(steps) < 3 {
		return nil, false
	}
	n, _ := strconv.Atoi(steps[1])
	e := &feeds.Entry{}
	if n < len(d.Items) {
		e = d.Items[n].Entry
	}
	switch field := strings.Join(steps[2:], "."); field {
	case "title", "title_detail.value":
		return []string{e.Title}, true
	case "summary", "summary_detail.value", "description", "description_detail.value":
		return []string{e.Summary, e.Content}, true
	case "content.0.value", "content.1.value":
		return []string{e.Content, e.Summary}, true
	case "link", "links.0.href":
		return []string{e.Link}, true
	case "id", "guid":
		return []string{e.GUID}, true
	case "published", "issued", "created", "updated", "modified", "date":
		return []string{e.Published.Raw, e.Updated.Raw}, true
	case "published_parsed", "issued_parsed", "created_parsed":
		return []string{stamp(e.Published.Time)}, true
	case "updated_parsed", "modified_parsed", "date_parsed":
		return []string{stamp(e.Updated.Time), stamp(e.Published.Time)}, true
	case "author", "author_detail.name", "authors.0.name", "authors.1.name":
		return e.Authors, true
	case "source.title":
		return []string{e.Source.Name}, true
	}
	return nil, false
}

// same compares a value with an expectation. feedparser gives titles as HTML
// and languages in lower case; its sanitiser takes elements away, where ours
// works later: there the texts are compared.
func same(got []string, want, path string, sanitised bool) bool {
	for _, g := range got {
		if g == want || strings.TrimSpace(g) == strings.TrimSpace(want) || path == "feed.language" && strings.EqualFold(g, want) {
			return true
		}
		if sanitised && text.FromHTML(g) == text.FromHTML(want) {
			return true
		}
		if strings.Contains(path, "title") || strings.HasPrefix(path, "feed.") {
			if text.Line(want) == g || text.Plain(want) == g {
				return true
			}
		}
	}
	return false
}

// gofeedAlone is what gofeed's universal items say, in our words.
func gofeedAlone(body []byte) (d Document) {
	f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		return d
	}
	d.Title, d.Home, d.Description, d.Language = f.Title, f.Link, f.Description, f.Language
	for _, it := range f.Items {
		e := &feeds.Entry{Title: it.Title, Link: it.Link, GUID: it.GUID, Summary: it.Description, Content: it.Content,
			Published: feeds.Date{Raw: it.Published}, Updated: feeds.Date{Raw: it.Updated}}
		if it.PublishedParsed != nil {
			e.Published.Time = *it.PublishedParsed
		}
		if it.UpdatedParsed != nil {
			e.Updated.Time = *it.UpdatedParsed
		}
		for _, a := range it.Authors {
			e.Authors = append(e.Authors, a.Name)
		}
		d.Items = append(d.Items, feeds.Item{Entry: e})
	}
	return d
}

// TestMeasureExpectations checks what the feedparser suite expects of its documents.
func TestMeasureExpectations(t *testing.T) {
	root := filepath.Join(shared(t, "feeds"), "feedparser")
	type count struct{ met, alone, all int }
	folders := map[string]*count{}
	_ = filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		list := expectations(body)
		if len(list) == 0 {
			return nil
		}
		in := Input{Body: body, URL: "http://127.0.0.1:8097/" + strings.TrimPrefix(p, root+"/")}
		for _, h := range header.FindAllSubmatch(body[:min(len(body), 2000)], -1) {
			switch strings.ToLower(string(h[1])) {
			case "content-type":
				in.ContentType = string(h[2])
			case "content-location":
				in.URL = resolve(in.URL, string(h[2]))
			}
		}
		d, alone := Parse(in), gofeedAlone(body)
		dir := strings.TrimPrefix(filepath.Dir(p), root+"/tests/")
		if folders[dir] == nil {
			folders[dir] = &count{}
		}
		for _, x := range list {
			got, asked := ours(d, x.path)
			if !asked || dir == "wellformed/cdf" { // a format of 1997 that nobody publishes
				continue
			}
			folders[dir].all++
			if got, _ := ours(alone, x.path); same(got, x.want, x.path, strings.HasSuffix(dir, "sanitize")) {
				folders[dir].alone++
			}
			if same(got, x.want, x.path, strings.HasSuffix(dir, "sanitize")) {
				folders[dir].met++
			} else if testing.Verbose() {
				t.Logf("%s: %s: got %q, want %q", strings.TrimPrefix(p, root+"/tests/"), x.path, got, x.want)
			}
		}
		return nil
	})
	var names []string
	for n := range folders {
		names = append(names, n)
	}
	sort.Strings(names)
	var b bytes.Buffer
	all := count{}
	for _, n := range names {
		c := folders[n]
		if c.all == 0 {
			continue
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", n, c.all, c.met, c.alone)
		all.alone += c.alone
		all.met += c.met
		all.all += c.all
	}
	t.Logf("\n| folder | expectations | met | met by gofeed alone |\n|---|---|---|---|\n%s| all | %d | %d | %d |", b.String(), all.all, all.met, all.alone)
	if all.met*100 < all.all*95 {
		t.Errorf("only %d of %d expectations are met", all.met, all.all)
	}
}
