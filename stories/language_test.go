package stories

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// The scenarios' entries are in the language that they declare (English when they
// declare none). What a feed declares must not be contradicted where it is right, a
// headline alone and a text alone included; without it the language must be found, or be
// left unknown; and "en", which software puts there by itself, must not hide it.
func TestGuess(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "wrong-language-declared.txtar" {
			continue
		}
		for _, f := range a.Files {
			e, _ := scenarioEntry(t, f.Name, string(f.Data))
			is := tag(e.Language)
			if is == 0 {
				is = tag("en")
			}
			for _, text := range []string{e.Title, e.Text, e.Title + "\n" + e.Text} {
				for _, said := range []string{string([]byte{byte(is >> 8), byte(is)}), "", "en"} {
					got := guess([]byte(text), said)
					long := len(text) >= 150
					if got == is || got == 0 && (said == "" || said != e.Language) || said == "en" && got == tag("en") && !long {
						continue
					}
					t.Errorf("%s, %s, declared %q: %c%c: %s", filepath.Base(file), f.Name, said, got>>8, got&255, text)
				}
			}
		}
	}
	for _, c := range []struct{ said, text, want string }{
		{"da", "Regeringen vil have flere elever til at vælge en erhvervsuddannelse, og det er en god idé, siger lærerne på skolerne.", "da"},
		{"te", "The state government has announced a holiday for all schools in the district after heavy rain on Monday.", "en"},
		{"en", "Erdoğan and İmamoğlu are to meet in the capital after the vote.", "en"},
	} {
		if got := guess([]byte(c.text), c.said); got != tag(c.want) {
			t.Errorf("declared %q: %c%c, want %s: %s", c.said, got>>8, got&255, c.want, c.text)
		}
	}
}
