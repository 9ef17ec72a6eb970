package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"

	"aggregator/feeds"
)

var update = flag.Bool("update", false, "write the .want files of testdata/bad anew")

// TestBadFiles shows everything that can be wrong in a file, and what is said
// of it: testdata/bad/NAME.toml and NAME.want.
func TestBadFiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/*.toml")
	if len(files) < 8 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir("testdata/bad") // the secrets that the files name are beside them
			c, err := Parse(filepath.Base(file), data)
			var problems Problems
			if !errors.As(err, &problems) || c != nil {
				t.Fatalf("got %v, %v; want problems only", c, err)
			}
			for _, p := range problems {
				if p.What == "" || p.Write == "" || p.Line < 0 {
					t.Errorf("%+v does not say what is wrong, where, and what to write", p)
				}
			}
			golden := strings.TrimSuffix(filepath.Base(file), ".toml") + ".want"
			got := problems.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestGoodFiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/good/*.toml")
	if len(files) < 4 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		c, err := Load(file)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		for _, s := range c.Subscriptions() {
			if s.Feed.URL == "" || s.Feed.Outlet != s.Outlet.ID || s.Outlet.ID == "" || s.Settings.Timeout == 0 {
				t.Errorf("%s: %+v", file, s)
			}
		}
	}
}

func TestNearestWins(t *testing.T) {
	c, err := Load("testdata/good/nearest-wins.toml")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]feeds.Settings{}
	for _, s := range c.Subscriptions() {
		settings[s.Feed.URL] = s.Settings
	}
	base := feeds.DefaultSettings()
	base.Schedule, base.MaxBody, base.MaxRedirects = "*/45 * * * *", 5<<20, -1
	outlet := base
	outlet.Schedule, outlet.MaxBody, outlet.Timeout = "@hourly", 2e6, 45*time.Second
	feed := outlet
	feed.Schedule, feed.Timeout = "@every 10m", 90*time.Second
	feed.Floor, feed.FullFloor = 10*time.Minute, 10*time.Minute // a schedule of its own
	want := map[string]feeds.Settings{
		"https://savannahcourier.example/feed":         outlet,
		"https://savannahcourier.example/breaking.xml": feed,
		"https://deltamorningpost.example/rss":         base,
	}
	if d := cmp.Diff(want, settings); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestInlineTablesMeanTheSame(t *testing.T) {
	c, err := Load("testdata/good/inline.toml")
	if err != nil {
		t.Fatal(err)
	}
	o := c.Outlets[0]
	if o.ID != "ligne-claire" || o.Language != "fr-FR" || len(o.Feeds) != 2 || o.Feeds[0].Settings.Validators != "etag" ||
		o.Feeds[1].Settings.Spread != 0 || o.Feeds[1].Line != 6 || c.Poll.Schedule != "@every 1h" {
		t.Errorf("%+v", o)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	c, err := Load("testdata/good/secrets.toml")
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	for _, f := range c.Outlets[0].Feeds {
		got = append(got, f.Settings.Header)
		if f.Settings.Proxy != "socks5://127.0.0.1:1080" || len(f.Settings.OptOut) != 1 {
			t.Errorf("%s: proxy %q, opt-outs %v", f.URL, f.Settings.Proxy, f.Settings.OptOut)
		}
	}
	want := []map[string]string{
		{"Authorization": "Basic cmVhZGVyOnBhOnNzIHdvcmQ="}, // reader:pa:ss word
		{"X-Api-Key": "s3cret-key", "Accept-Language": "en"},
		{},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestExampleIsTheDefaults: the example shows every key there is, with the
// value that holds when the key is left out.
func TestExampleIsTheDefaults(t *testing.T) {
	data, err := os.ReadFile("../aggregator.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("aggregator.example.toml", data)
	if err != nil {
		t.Fatalf("\n%v", err)
	}
	if len(c.Outlets) < 12 {
		t.Errorf("only %d outlets", len(c.Outlets))
	}
	shown := *c
	shown.Outlets = nil
	if d := cmp.Diff(*Default(), shown); d != "" {
		t.Errorf("a value in the example is not the default (-default +example)\n%s", d)
	}
	tree := map[string]any{}
	if err := toml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	for _, s := range sections(Default(), true) {
		for _, k := range s.keys {
			if _, there := tree[s.name].(map[string]any)[k.name]; !there {
				t.Errorf("the example does not show %s.%s", s.name, k.name)
			}
		}
	}
	for _, k := range append(outletKeys(new(Outlet)), headerKey(nil, "")) {
		if !regexp.MustCompile(`(?m)^(# )?` + k.name + ` = `).Match(data) {
			t.Errorf("the example does not show outlet.%s", k.name)
		}
	}
	for _, k := range webhookKeys(new(Webhook), "") {
		if !regexp.MustCompile(`(?m)^# ` + k.name + ` = .+`).Match(data) {
			t.Errorf("the example does not show webhook.%s", k.name)
		}
	}
	// Every key has its reason beside it.
	for _, line := range strings.Split(string(data[:strings.Index(string(data), "[[outlet]]")]), "\n") {
		if strings.Contains(line, " = ") && !strings.HasPrefix(line, "#") && !strings.Contains(line, "#") {
			t.Errorf("no reason is given: %s", line)
		}
	}
	overridden := map[string]bool{}
	for _, o := range c.Outlets {
		for _, f := range o.Feeds {
			overridden[f.Settings.Schedule] = true
		}
	}
	if len(overridden) < 4 {
		t.Errorf("the example shows only %d schedules", len(overridden))
	}
}

// TestEverySettingHasAKey: the keys of [poll] are the fields of feeds.Settings
// in lower case, so that a new field cannot be forgotten here.
func TestEverySettingHasAKey(t *testing.T) {
	keys := map[string]bool{"header": true}
	for _, k := range pollKeys(new(feeds.Settings), false) {
		keys[k.name] = true
	}
	fields := reflect.TypeFor[feeds.Settings]()
	for i := range fields.NumField() {
		if name := snake(fields.Field(i).Name); !keys[name] {
			t.Errorf("feeds.Settings.%s has no key %s", fields.Field(i).Name, name)
		}
	}
	if len(keys) != fields.NumField() {
		t.Errorf("%d keys for %d fields", len(keys), fields.NumField())
	}
}

func snake(field string) string {
	var b strings.Builder
	for i, c := range field {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

func TestLoadNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "absent.toml"), dir} {
		_, err := Load(path)
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].File != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	file := filepath.Join(dir, "a.toml")
	data, _ := os.ReadFile("testdata/good/smallest.toml")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file)
	if err != nil || c.Store.Path != filepath.Join(dir, "aggregator.db") {
		t.Errorf("%v %v", c, err)
	}
}

func TestDurationsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, 1<<62).Draw(t, "d")).Truncate(time.Millisecond)
		got, err := ParseDuration(FormatDuration(d))
		if err != nil || got != d {
			t.Fatalf("%v is written %q and read as %v, %v", d, FormatDuration(d), got, err)
		}
	})
	for s, want := range map[string]time.Duration{"0": 0, "2w": 14 * day, "1h30m": 90 * time.Minute, "1500ms": 1500 * time.Millisecond} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("%q is read as %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "5", "m", "5 m", "-5m", "1.5h", "5M", "5µs", "1y", "99999999999999d", "106752d", "5m5"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestSizesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<62).Draw(t, "n")
		got, err := ParseSize(FormatSize(n))
		if err != nil || got != n {
			t.Fatalf("%d is written %q and read as %d, %v", n, FormatSize(n), got, err)
		}
	})
	for _, s := range []string{"", "10", "MB", "-1MB", "1.5MB", "10mb", "9999999999999GB"} {
		if got, err := ParseSize(s); err == nil {
			t.Errorf("%q is read as %d", s, got)
		}
	}
}

func TestRequestsPerDay(t *testing.T) {
	for _, c := range []struct {
		schedule string
		floor    time.Duration
		want     int
	}{
		{"*/30 * * * *", 5 * time.Minute, 4800},
		{"@every 1m", 5 * time.Minute, 28800},
		{"0 * * * *", 2 * time.Hour, 1200},
		{"0 7 * * *", 5 * time.Minute, 100},
		{"0 7 * * 1", 5 * time.Minute, 14},
		{"0 0 1 1 *", 5 * time.Minute, 0},
		{"adaptive", 5 * time.Minute, 28800},
	} {
		got := RequestsPerDay(feeds.Settings{Schedule: c.schedule, Floor: c.floor})
		if got < c.want-1 || got > c.want+1 {
			t.Errorf("%s with a floor of %v: %d hundredths a day, want %d", c.schedule, c.floor, got, c.want)
		}
	}
}

// BenchmarkParse reads a file of 1,000 outlets.
func BenchmarkParse(b *testing.B) {
	var toml strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&toml, "[[outlet]]\nname = \"Outlet %d\"\nhome = \"https://o%d.example/\"\n[[outlet.feed]]\nurl = \"https://o%d.example/feed\"\nschedule = \"%d */2 * * *\"\n", i, i, i, i%60)
	}
	for b.Loop() {
		if _, err := Parse("b.toml", []byte(toml.String())); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzParse: no file panics, and every refusal says what to do.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.toml", "../aggregator.example.toml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, _ := os.ReadFile(file)
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse("f.toml", data)
		if err == nil {
			return
		}
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("%v", err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, p := range problems {
			if p.Line < 0 || p.Line > lines || p.What == "" || p.Write == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
