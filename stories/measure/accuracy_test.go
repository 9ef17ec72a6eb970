package measure

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// labels finds the labelled data beside the repository, or skips the test.
func labelsDir(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			labels := filepath.Join(dir, "..", "shared", "labels")
			if _, err := os.Stat(labels); err == nil {
				return labels
			}
		}
	}
	t.Skip("no labelled data: ../shared/labels is not there")
	return ""
}

// floors are what the rules reach today, a little rounded down: pairwise F1. A
// change that falls below one must say why it is worth it.
var floors = map[string]float64{
	"ecbplus feed": .84, "ecbplus full": .80, "wikinews2014 feed": .75, "allsides feed": .75, "uci2014 title": .79,
	"vims feed": .91, "vims full": .95, "basil feed": .91, "kite_silver_2025-12 title": .81,
}

func TestAccuracyHolds(t *testing.T) {
	dir := labelsDir(t)
	for _, b := range Bars {
		items, err := Read[Item](filepath.Join(dir, b.Set+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		items = Prepare(items)
		labels := make([]string, len(items))
		for i := range items {
			labels[i] = items[i].Story
		}
		g, _ := ByRules(b.View)(items)
		name := b.Set + " " + string(b.View)
		if s := Compare(labels, g.Story); s.F1 < floors[name] {
			t.Errorf("%s: pairwise F1 %.3f, was at least %.2f", name, s.F1, floors[name])
		}
	}
}

func TestReportNamesAnEmptyFolder(t *testing.T) {
	var out bytes.Buffer
	if err := Report(&out, t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "none of the labelled sets") {
		t.Errorf("got %v", err)
	}
}

func TestScores(t *testing.T) {
	labels := []string{"a", "a", "b", "b"}
	for _, c := range []struct {
		groups    []int
		p, r, bf1 float64
	}{
		{[]int{1, 1, 2, 2}, 1, 1, 1},
		{[]int{1, 2, 3, 4}, 0, 0, 2. / 3},
		{[]int{1, 1, 1, 1}, 1. / 3, 1, 2. / 3},
	} {
		s := Compare(labels, c.groups)
		if near(s.P, c.p) && near(s.R, c.r) && near(s.BF1, c.bf1) {
			continue
		}
		t.Errorf("%v: P %.3f R %.3f B3 %.3f, want %.3f %.3f %.3f", c.groups, s.P, s.R, s.BF1, c.p, c.r, c.bf1)
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }
