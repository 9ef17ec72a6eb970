package main

import (
	"os/exec"
	"strings"
	"testing"
)

// allowed lists what each package may import of this module. Imports point
// downwards only: a package that is missing here, or an import that is, fails.
var allowed = map[string]string{
	"feeds":           "",
	"feeds/text":      "feeds",
	"feeds/fetch":     "feeds",
	"feeds/parse":     "feeds feeds/text",
	"feeds/poll":      "feeds feeds/fetch feeds/parse feeds/websub",
	"feeds/websub":    "feeds feeds/fetch",
	"feeds/discover":  "feeds feeds/fetch feeds/parse",
	"feeds/opml":      "feeds",
	"feeds/foreign":   "",
	"stories":         "feeds feeds/text",
	"stories/measure": "feeds feeds/text stories",
	"store":           "feeds stories",
	"serve/reader":    "feeds stories",
	"serve":           "feeds feeds/text serve/reader stories",
	"serve/tell":      "stories",
	"cluster":         "feeds",
	"config":          "feeds feeds/poll",
	// only cmd wires
	"cmd/aggregator":       "cluster config feeds feeds/discover feeds/fetch feeds/foreign feeds/opml feeds/parse feeds/poll feeds/websub serve serve/tell stories stories/measure store cmd/aggregator/demo",
	"cmd/aggregator/demo":  "feeds",
	"bench":                "",
	"packaging/systemtest": "",
}

func TestImportsPointDownwards(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "aggregator/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, imports, _ := strings.Cut(line, ":")
		pkg := strings.TrimPrefix(path, "aggregator/")
		rule, known := allowed[pkg]
		if !known {
			t.Errorf("%s has no import rule: add it to the list and to ARCHITECTURE.md", pkg)
			continue
		}
		may := map[string]bool{}
		for _, p := range strings.Fields(rule) {
			may[p] = true
		}
		for _, imp := range strings.Fields(imports) {
			own, ours := strings.CutPrefix(imp, "aggregator/")
			switch {
			case ours && !may[own]:
				t.Errorf("%s must not import %s", pkg, own)
			case strings.HasPrefix(imp, "github.com/nats-io/") && pkg != "cluster":
				t.Errorf("only cluster may know of NATS: %s must not import %s", pkg, imp)
			case pkg == "feeds" && strings.Contains(strings.Split(imp, "/")[0], "."):
				t.Errorf("feeds is the vocabulary: it must not import %s", imp)
			case pkg == "stories" && (imp == "os" || imp == "net" || imp == "math/rand" || imp == "math/rand/v2"):
				t.Errorf("stories is pure: it must not import %s", imp)
			}
		}
	}
}
