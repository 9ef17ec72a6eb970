package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"aggregator/feeds"
)

// sharedDir finds the labelled data beside the repository, or skips the test.
func sharedDir(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			shared := filepath.Join(dir, "..", "shared")
			if _, err := os.Stat(filepath.Join(shared, "labels")); err != nil {
				break
			}
			return shared
		}
	}
	t.Skip("no labelled data: ../shared is not there")
	return ""
}

// bars are the pairwise and B-cubed F1 below which a change is not taken.
var bars = []struct {
	set       string
	view      View
	pair, cub float64
}{
	{"ecbplus", Feed, .84, .88},
	{"ecbplus", Full, .88, .90},
	{"wikinews2014", Feed, .85, .93},
	{"allsides", Feed, .77, .88},
	{"uci2014", Title, .72, .72},
	{"vims", Feed, .90, .95},
	{"vims", Full, 0, 0},
	{"basil", Feed, .95, .97},
	{"kite_silver_2025-12", Title, 0, 0},
}

func TestAccuracyOfStories(t *testing.T) {
	dir := sharedDir(t)
	for _, b := range bars {
		items, err := Read[Item](filepath.Join(dir, "labels", b.set+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		items = Prepare(items)
		g := Group(len(items), func(i int) (*feeds.Entry, feeds.Seen) { return items[i].Entry(b.view) })
		labels := make([]string, len(items))
		for i := range items {
			labels[i] = items[i].Story
		}
		s := Compare(labels, g.Story)
		mark := ""
		if s.F1 < b.pair || s.BF1 < b.cub {
			mark = "BELOW"
		}
		fmt.Printf("%-20s %-5s P %.3f R %.3f F1 %.3f (%.2f)  B3 %.3f (%.2f) P %.3f R %.3f ARI %.3f %s\n", b.set, b.view, s.P, s.R, s.F1, b.pair, s.BF1, b.cub, s.BP, s.BR, s.ARI, mark)
		if b.set == "ecbplus" && b.view == Full {
			for i := range items {
				labels[i] = items[i].Group
			}
			s := Compare(labels, g.Copy)
			fmt.Printf("%-20s copies P %.3f R %.3f F1 %.3f (.80)\n", b.set, s.P, s.R, s.F1)
		}
	}
}

func TestAccuracyOfPairs(t *testing.T) {
	dir := sharedDir(t)
	read := func(name string) []Pair {
		ps, err := Read[Pair](filepath.Join(dir, "labels", "pairs", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return ps
	}
	gs, cp := read("gs_pairs"), read("copy_pairs")
	all := append(append([]Pair{}, gs...), cp...)
	vs, err := InPlace(filepath.Join(dir, "streams"), all, ByRules(Feed))
	if err != nil {
		t.Fatal(err)
	}
	var onlyGS []Verdict
	in := 0
	for _, v := range vs {
		if v.InPool {
			in++
		}
		if v.Pair.ID[0] == 'p' {
			onlyGS = append(onlyGS, v)
		}
	}
	p, r, f := JudgeStories(onlyGS)
	fmt.Printf("gs_pairs same story  P %.3f R %.3f F1 %.3f  (.86 at .75), %d of %d in pool\n", p, r, f, in, len(vs))
	p, r, f = JudgeCopies(vs)
	fmt.Printf("copies in place      P %.3f R %.3f F1 %.3f  (.92 at .75)\n", p, r, f)
	if os.Getenv("WORST") != "" {
		for _, v := range vs {
			is := v.Pair.Label == "same_story" || v.Pair.Label == "copy"
			if v.Story != is || (v.Copy != (v.Pair.Label == "copy")) && !v.Pair.SamePublisher {
				fmt.Printf("- %s %s story=%v copy=%v samepub=%v\n    %s | %s\n    %s | %s\n    %v\n", v.Pair.ID, v.Pair.Label, v.Story, v.Copy, v.Pair.SamePublisher, v.Pair.A.Title, v.Pair.A.Summary, v.Pair.B.Title, v.Pair.B.Summary, v.Reasons)
			}
		}
	}
	tg, _ := Alone(read("tg_pairs"), ByRules(Full))
	p, r, f = JudgeStories(tg)
	fmt.Printf("tg_pairs             P %.3f R %.3f F1 %.3f  (.82)\n", p, r, f)
	ecb, _ := Alone(read("ecb_copy_pairs"), ByRules(Full))
	p, r, f = JudgeCopies(ecb)
	fmt.Printf("ecb_copy_pairs       P %.3f R %.3f F1 %.3f  (.86)\n", p, r, f)
	p, r, f = rates(ecb, func(v Verdict) (bool, bool, bool) { return v.Copy, v.Pair.Label == "copy", true })
	fmt.Printf("ecb_copy_pairs +pd   P %.3f R %.3f F1 %.3f\n", p, r, f)
	p, r, f = rates(ecb, func(v Verdict) (bool, bool, bool) { return v.Copy, v.Pair.Label != "independent", true })
	fmt.Printf("ecb_copy_pairs pd=c  P %.3f R %.3f F1 %.3f\n", p, r, f)
}
