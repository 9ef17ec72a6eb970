package measure

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pairTables judges the pair sets that are there, and says how many were.
// Pairs of the streams are judged in place when ../streams lies beside dir.
func pairTables(w io.Writer, dir string, o Options) (found int, err error) {
	sets := map[string][]Pair{}
	for _, name := range []string{"gs_pairs", "copy_pairs", "tg_pairs", "ecb_copy_pairs"} {
		ps, err := Read[Pair](filepath.Join(dir, "pairs", name+".jsonl"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return found, err
		}
		sets[name] = ps
		found++
	}
	if found == 0 {
		return 0, nil
	}
	fmt.Fprintf(w, "\nPairs\n%-44s %6s %7s %7s %7s  %-15s %s\n", "set", "pairs", "P", "R", "F1", "95 % of F1", "bar")
	line := func(method, name string, vs []Verdict, judge func([]Verdict) (p, r, f float64), bar string, ok func(p, r, f float64) bool) {
		if len(vs) == 0 {
			return
		}
		p, r, f := judge(vs)
		low, high := bootstrap(vs, judge)
		row := Row{Set: name, Pairs: len(vs), Method: method, Precision: p, Recall: r, F1: f, Low: &low, High: &high}
		if method == "rules" {
			reached := ok(p, r, f)
			row.Bar, row.Reached = bar, &reached
			bar += " " + mark(reached)
		} else {
			kind := "one story"
			if strings.Contains(name, "copies") {
				kind = "copies"
			}
			name, bar = "    "+method+", "+kind, ""
		}
		o.tell(row)
		fmt.Fprintf(w, "%-44s %6d %7.3f %7.3f %7.3f  %.3f to %.3f  %s\n", name, len(vs), p, r, f, low, high, bar)
	}
	each := func(v View, judge func(method string, group func([]Item) (Grouping, error)) error) error {
		if err := judge("rules", ByRules(v)); err != nil || !o.Baselines {
			return err
		}
		for i := range Baselines {
			if Baselines[i].Slow && v == Feed { // a whole stream
				continue
			}
			if err := judge(Baselines[i].Name, Baselines[i].by(v)); err != nil {
				return err
			}
		}
		return nil
	}
	all := append(slices.Clone(sets["gs_pairs"]), sets["copy_pairs"]...)
	streams := filepath.Join(dir, "..", "streams")
	if _, err := os.Stat(streams); err == nil && len(all) > 0 {
		judged := map[string]bool{}
		for i := range sets["gs_pairs"] {
			judged[sets["gs_pairs"][i].ID] = true
		}
		err := each(Feed, func(method string, group func([]Item) (Grouping, error)) error {
			vs, err := InPlace(streams, all, group)
			if err != nil {
				return err
			}
			gs := slices.DeleteFunc(slices.Clone(vs), func(v Verdict) bool { return !judged[v.Pair.ID] })
			line(method, "gs_pairs, one story, in place", gs, JudgeStories, "P .86 at R .75", func(p, r, f float64) bool { return p >= .86 && r >= .75 })
			line(method, "gs_pairs + copy_pairs, copies, in place", vs, JudgeCopies, "P .92 at R .75", func(p, r, f float64) bool { return p >= .92 && r >= .75 })
			if method == "rules" {
				splitPairs(w, vs, o.Worst)
			}
			return nil
		})
		if err != nil {
			return found, err
		}
	}
	for _, s := range []struct {
		set, name, bar string
		least          float64
		judge          func([]Verdict) (p, r, f float64)
	}{
		{"tg_pairs", "tg_pairs, one story, pair by pair", "F1 .82", .82, JudgeStories},
		{"ecb_copy_pairs", "ecb_copy_pairs, copies, pair by pair", "F1 .86", .86, JudgeCopies},
	} {
		err := each(Full, func(method string, group func([]Item) (Grouping, error)) error {
			vs, err := Alone(sets[s.set], group)
			line(method, s.name, vs, s.judge, s.bar, func(p, r, f float64) bool { return f >= s.least })
			return err
		})
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// splitPairs prints the wrong verdicts by cause, which is what the two entries of a pair
// are, and n examples of each.
func splitPairs(w io.Writer, vs []Verdict, n int) {
	causes := map[string][]Verdict{}
	for _, v := range vs {
		one := v.Pair.Label == "same_story" || v.Pair.Label == "copy"
		switch {
		case v.Story != one:
			cause := "stories wrongly together"
			if one {
				cause = "stories wrongly apart"
			}
			causes[cause+": "+v.Pair.Label] = append(causes[cause+": "+v.Pair.Label], v)
		case v.Copy != (v.Pair.Label == "copy") && !v.Pair.SamePublisher && v.Pair.Label != "partly_derived":
			cause := "copies missed"
			if v.Copy {
				cause = "wrong copies"
			}
			causes[cause+": "+v.Pair.Label] = append(causes[cause+": "+v.Pair.Label], v)
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		vs := causes[cause]
		fmt.Fprintf(w, "    errors: %s %d\n", cause, len(vs))
		for _, v := range vs[:min(n, len(vs))] {
			fmt.Fprintf(w, "        %s: %q / %q\n", v.Pair.ID, first(v.Pair.A.Title, 70), first(v.Pair.B.Title, 70))
		}
	}
}

// bootstrap gives the middle 95 % of F1 over a thousand samples of the pairs,
// drawn with replacement from a fixed seed.
func bootstrap(vs []Verdict, judge func([]Verdict) (p, r, f float64)) (low, high float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	fs := make([]float64, 1000)
	sample := make([]Verdict, len(vs))
	for i := range fs {
		for j := range sample {
			sample[j] = vs[rng.IntN(len(vs))]
		}
		_, _, fs[i] = judge(sample)
	}
	slices.Sort(fs)
	return fs[25], fs[974]
}
