package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aggregator/config"
)

// shape is what docs/formats.md says of a JSON value.
type shape struct {
	fields   map[string]*shape // nil: no object, or one whose names are data
	list     bool
	optional bool
	seen     bool
}

// TestJSONIsAsDocumented runs every command that has --json and holds what it
// prints against docs/formats.md: no field that is not there, none missing, and in
// all no documented one that never comes.
func TestJSONIsAsDocumented(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fillStore(check, "d.db")
	site := httptest.NewServer(http.HandlerFunc(contractSite))
	defer site.Close()
	check(os.CopyFS(".", os.DirFS(filepath.Join(repository, "cmd/aggregator/testdata/contract"))))
	for _, name := range []string{"a.toml", "miniflux.json"} {
		text, err := os.ReadFile(name)
		check(err)
		text = bytes.ReplaceAll(text, []byte("SITE"), []byte(site.URL))
		check(os.WriteFile(name, text, 0o600))
		check(os.WriteFile("bad-"+name, bytes.Replace(text, []byte("url ="), []byte("ulr ="), 1), 0o600))
	}

	documented := documentedShapes(t)
	api := apiShapes(t)
	tried := map[string]bool{}
	for _, run := range []struct{ name, args string }{
		{"stories", "stories --store d.db"}, {"duplicates", "duplicates --store d.db"}, {"outlets", "outlets --store d.db"},
		{"outlets --matrix", "outlets --matrix --store d.db"}, {"feeds", "feeds --store d.db"}, {"why", "why --store d.db inland"},
		{"story", "story 2 --store d.db"}, {"first", "first --store d.db Ferry service to Skerry Island"}, {"first", "first --store d.db https://nowhere.example/x"},
		{"split", "split --store d.db 4"}, {"explain", "explain 2 --store d.db"}, {"corrections undo", "corrections undo --store d.db 1"},
		{"merge", "merge --store d.db 1 3"}, {"corrections", "corrections --store d.db"},
		{"users add", "users add --store d.db ada"}, {"users token", "users token --store d.db ada script"}, {"users", "users --store d.db"},
		{"backup FILE", "backup --store d.db copy.db"}, {"verify", "verify --store d.db"}, {"compact", "compact --store d.db"},
		{"prune", "prune --store d.db --older-than 36500d"}, {"reindex", "reindex --store d.db"}, {"restore", "restore --store d.db copy.db"},
		{"check", "check -c a.toml"}, {"check", "check -c bad-a.toml"}, {"check", "check -c a.toml --fetch"}, {"poll", "poll -c a.toml"},
		{"discover", "discover -c a.toml " + site.URL + "/home.html"}, {"discover", "discover -c a.toml " + site.URL + "/rich.xml"},
		{"import FILE.opml", "import list.opml"}, {"import --from", "import -c a.toml --from miniflux miniflux.json"},
		{"parse", "parse --base https://relay.example/feed rich.xml rich.atom missing.xml"}, {"group", "group entries.ndjson"},
		{"eval", "eval labels"}, {"version", "version"},
	} {
		tried[run.name] = true
		want := documented[run.name]
		if path := want.fields["="]; path != nil {
			for name := range path.fields {
				want = api[name]
			}
		}
		if want == nil {
			t.Errorf("docs/formats.md does not list the fields of %s", run.name)
			continue
		}
		args := strings.Fields(run.args)
		if run.name != "parse" && run.name != "group" {
			args = append(args, "--json")
		}
		var out bytes.Buffer
		root := rootCommand()
		root.SetArgs(args)
		root.SetOut(&out)
		root.SetErr(io.Discard)
		root.SetIn(strings.NewReader("correct horse battery staple"))
		if err := root.ExecuteContext(t.Context()); err != nil && out.Len() == 0 {
			t.Errorf("aggregator %s: %v", run.args, err)
			continue
		}
		for lines := json.NewDecoder(&out); ; {
			var v any
			err := lines.Decode(&v)
			if errors.Is(err, io.EOF) {
				break
			}
			check(err)
			want.hold(t, run.name, v)
		}
	}
	for name, s := range documented {
		if !tried[name] {
			t.Errorf("docs/formats.md lists the fields of %s, which was not tried", name)
		} else if s.fields["="] == nil {
			s.unseen(t, name)
		}
	}
}

// contractSite serves a page with its feeds, one of which has moved and one of which
// is broken.
func contractSite(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/moved":
		http.Redirect(w, r, "/rich.xml?moved", http.StatusMovedPermanently)
	case "/broken":
		w.WriteHeader(http.StatusInternalServerError)
	default:
		data, err := os.ReadFile(filepath.Join(repository, "cmd/aggregator/testdata/contract", filepath.Base(r.URL.Path)))
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(data)
	}
}

// hold says where a value is not of the shape.
func (s *shape) hold(t *testing.T, at string, v any) {
	s.seen = true
	if list, is := v.([]any); is {
		if !s.list {
			t.Errorf("%s is a list", at)
		}
		for _, one := range list {
			if object, is := one.(map[string]any); is {
				s.holdObject(t, at+"[]", object)
			}
		}
	} else if object, is := v.(map[string]any); is {
		s.holdObject(t, at, object)
	} else if v != nil && (s.list || s.fields != nil) {
		t.Errorf("%s is %v", at, v)
	}
}

func (s *shape) holdObject(t *testing.T, at string, object map[string]any) {
	if s.fields == nil {
		return
	}
	for name, v := range object {
		if f := s.fields[name]; f == nil {
			t.Errorf("%s has %q, which is not documented", at, name)
		} else {
			f.hold(t, at+"."+name, v)
		}
	}
	for name, f := range s.fields {
		if _, has := object[name]; !has && !f.optional {
			t.Errorf("%s lacks %q", at, name)
		}
	}
}

// unseen says which documented fields never came.
func (s *shape) unseen(t *testing.T, at string) {
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		if f := s.fields[name]; !f.seen {
			t.Errorf("%s.%s is documented and never came", at, name)
		} else {
			f.unseen(t, at+"."+name)
		}
	}
}

var shapeWords = regexp.MustCompile(`[^\s{}?\[\]]+|\[\]|[{}?]`)

// documentedShapes reads the list at the end of docs/formats.md.
func documentedShapes(t *testing.T) map[string]*shape {
	text := readRepo(t, "docs/formats.md")
	_, list, found := strings.Cut(text, "## Every field of `--json`")
	_, list, ok := strings.Cut(list, "```text\n")
	if !found || !ok {
		t.Fatal("docs/formats.md has no list of fields")
	}
	list, _, _ = strings.Cut(list, "```")
	shapes := map[string]*shape{}
	for line := range strings.Lines(strings.ReplaceAll(list, "\n"+strings.Repeat(" ", 22), " ")) {
		name := strings.TrimSpace(line[:22])
		words := shapeWords.FindAllString(line[22:], -1)
		if len(words) > 0 && words[0] == "=" {
			address := strings.Join(strings.Fields(line[24:]), " ")
			shapes[name] = &shape{fields: map[string]*shape{"=": {fields: map[string]*shape{address: {}}}}}
			continue
		}
		shapes[name] = &shape{fields: readFields(&words)}
	}
	return shapes
}

// readFields reads fields up to a closing brace.
func readFields(words *[]string) map[string]*shape {
	fields := map[string]*shape{}
	var last *shape
	for len(*words) > 0 {
		w := (*words)[0]
		*words = (*words)[1:]
		switch w {
		case "}":
			return fields
		case "{":
			if last == nil { // no fields at all
				continue
			}
			if last.fields = readFields(words); len(last.fields) == 0 {
				last.fields = nil
			}
		case "?":
			last.optional = true
		case "[]":
			last.list = true
		default:
			last = &shape{}
			fields[w] = last
		}
	}
	return fields
}

// apiShapes reads the API's own description, by address and, where it is not GET,
// method.
func apiShapes(t *testing.T) map[string]*shape {
	cfg := config.Default()
	cfg.Store.Path = "d.db"
	cl, err := openClient(cfg, false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.close()
	body, err := cl.raw(t.Context(), "/api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	shapes := map[string]*shape{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			name := strings.TrimPrefix(strings.ToUpper(method)+" "+path, "GET ")
			shapes[name] = schemaShape(op.Responses["200"].Content["application/json"].Schema)
		}
	}
	return shapes
}

func schemaShape(schema map[string]any) *shape {
	if either, is := schema["anyOf"].([]any); is { // or null
		for _, one := range either {
			if one := one.(map[string]any); one["type"] != "null" {
				return schemaShape(one)
			}
		}
	}
	if items, is := schema["items"].(map[string]any); is {
		s := schemaShape(items)
		s.list = true
		return s
	}
	s := &shape{}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for name, p := range properties {
		if s.fields == nil {
			s.fields = map[string]*shape{}
		}
		f := schemaShape(p.(map[string]any))
		f.optional = !slices.Contains(required, any(name))
		s.fields[name] = f
	}
	return s
}

// readRepo reads a file of the repository, wherever the test stands.
func readRepo(t *testing.T, path string) string {
	data, err := os.ReadFile(filepath.Join(repository, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// repository is where the tests begin.
var repository = func() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}()
