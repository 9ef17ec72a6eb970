package poll

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The table in docs/politeness.md names tests that exist, and all that exist.
func TestThePolitenessTableIsTrue(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root(t), "docs/politeness.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`(Test[A-Za-z0-9]+|[0-9][0-9][A-Za-z0-9]+)`").FindAllStringSubmatch(string(doc), -1) {
		name := m[1]
		if !strings.HasPrefix(name, "Test") {
			name = "TestPoliteness" + name
		}
		named[name] = true
	}
	exist := map[string]bool{}
	for _, dir := range []string{"feeds/fetch", "feeds/poll", "feeds/websub", "feeds/discover", "serve", "serve/tell", "cmd/aggregator", "config", "store"} {
		files, _ := filepath.Glob(filepath.Join(root(t), dir, "*_test.go"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(string(text), -1) {
				exist[m[1]] = true
			}
		}
	}
	for name := range named {
		if !exist[name] {
			t.Errorf("the table names %s, which does not exist", name)
		}
	}
	for name := range exist {
		if regexp.MustCompile("^TestPoliteness[0-9]").MatchString(name) && !named[name] {
			t.Errorf("the table does not name %s", name)
		}
	}
}
