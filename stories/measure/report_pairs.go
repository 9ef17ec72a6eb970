package measure

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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
	line := func(name string, vs []Verdict, judge func([]Verdict) (p, r, f float64), bar string, ok func(p, r, f float64) bool) {
		if len(vs) == 0 {
			return
		}
		p, r, f := judge(vs)
		low, high := bootstrap(vs, judge)
		reached := ok(p, r, f)
		o.tell(Row{Set: name, Pairs: len(vs), Method: "rules", Precision: p, Recall: r, F1: f, Low: &low, High: &high, Bar: bar, Reached: &reached})
		fmt.Fprintf(w, "%-44s %6d %7.3f %7.3f %7.3f  %.3f to %.3f  %s %s\n", name, len(vs), p, r, f, low, high, bar, mark(reached))
	}
	all := append(slices.Clone(sets["gs_pairs"]), sets["copy_pairs"]...)
	streams := filepath.Join(dir, "..", "streams")
	if _, err := os.Stat(streams); err == nil && len(all) > 0 {
		vs, err := InPlace(streams, all, ByRules(Feed))
		if err != nil {
			return found, err
		}
		judged := map[string]bool{}
		for i := range sets["gs_pairs"] {
			judged[sets["gs_pairs"][i].ID] = true
		}
		var gs []Verdict
		for _, v := range vs {
			if judged[v.Pair.ID] {
				gs = append(gs, v)
			}
		}
		line("gs_pairs, one story, in place", gs, JudgeStories, "P .86 at R .75", func(p, r, f float64) bool { return p >= .86 && r >= .75 })
		line("gs_pairs + copy_pairs, copies, in place", vs, JudgeCopies, "P .92 at R .75", func(p, r, f float64) bool { return p >= .92 && r >= .75 })
		for _, v := range worstPairs(vs, o.Worst) {
			fmt.Fprintf(w, "    %s (%s): together %v, copies %v: %q / %q\n", v.Pair.ID, v.Pair.Label, v.Story, v.Copy, first(v.Pair.A.Title, 70), first(v.Pair.B.Title, 70))
		}
	}
	tg, err := Alone(sets["tg_pairs"], ByRules(Full))
	if err != nil {
		return found, err
	}
	line("tg_pairs, one story, pair by pair", tg, JudgeStories, "F1 .82", func(p, r, f float64) bool { return f >= .82 })
	ecb, err := Alone(sets["ecb_copy_pairs"], ByRules(Full))
	if err != nil {
		return found, err
	}
	line("ecb_copy_pairs, copies, pair by pair", ecb, JudgeCopies, "F1 .86", func(p, r, f float64) bool { return f >= .86 })
	return found, nil
}

func worstPairs(vs []Verdict, n int) (out []Verdict) {
	for _, v := range vs {
		one := v.Pair.Label == "same_story" || v.Pair.Label == "copy"
		if len(out) < n && (v.Story != one || v.Copy != (v.Pair.Label == "copy") && !v.Pair.SamePublisher && v.Pair.Label != "partly_derived") {
			out = append(out, v)
		}
	}
	return out
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
