package measure

import (
	"path/filepath"
	"slices"
	"strings"

	"aggregator/feeds"
)

// Verdict is what was decided about a judged pair.
type Verdict struct {
	Pair        *Pair
	Story, Copy bool
	Reasons     []string // of the later of the two
	InPool      bool
}

// pools are the streams in which pairs are judged in place.
var pools = map[string][]string{
	"g+i-2026-03": {"global_2026-03.jsonl.gz", "india_2026-02_03.jsonl.gz"},
	"markets":     {"markets_2025-07_08.jsonl.gz"},
}

func poolOf(p *Pair) string {
	if strings.HasPrefix(p.Pool, "markets") {
		return "markets"
	}
	return p.Pool
}

// Stream reads the streams of a pool, in order of first sight.
func Stream(dir, pool string) ([]Item, error) {
	var items []Item
	for _, f := range pools[pool] {
		part, err := Read[Item](filepath.Join(dir, f))
		if err != nil {
			return nil, err
		}
		items = append(items, part...)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return strings.Compare(a.FirstSeen, b.FirstSeen) })
	return items, nil
}

// InPlace groups the streams that pairs come from as a whole, and judges the
// pairs by where their entries ended up. Pairs whose stream is not there are
// grouped by themselves.
func InPlace(dir string, pairs []Pair, group func([]Item) (Grouping, error)) ([]Verdict, error) {
	var out []Verdict
	for _, pool := range []string{"g+i-2026-03", "markets"} {
		if !slices.ContainsFunc(pairs, func(p Pair) bool { return poolOf(&p) == pool }) {
			continue
		}
		items, err := Stream(dir, pool)
		if err != nil {
			return nil, err
		}
		g, err := group(items)
		if err != nil {
			return nil, err
		}
		at := map[string]int{}
		for i := range items {
			at[items[i].ID] = i
		}
		for i := range pairs {
			p := &pairs[i]
			a, okA := at[p.A.ID]
			b, okB := at[p.B.ID]
			if poolOf(p) == pool && okA && okB {
				out = append(out, verdict(p, &g, a, b, true))
			}
		}
	}
	for i := range pairs {
		p := &pairs[i]
		if slices.ContainsFunc(out, func(v Verdict) bool { return v.Pair == p }) {
			continue
		}
		v, err := alone(p, group)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Alone judges each pair by grouping just its two entries.
func Alone(pairs []Pair, group func([]Item) (Grouping, error)) ([]Verdict, error) {
	var out []Verdict
	for i := range pairs {
		v, err := alone(&pairs[i], group)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func alone(p *Pair, group func([]Item) (Grouping, error)) (Verdict, error) {
	items := []Item{p.A, p.B}
	if p.B.FirstSeen < p.A.FirstSeen {
		items[0], items[1] = p.B, p.A
	}
	g, err := group(items)
	return verdict(p, &g, 0, 1, false), err
}

func verdict(p *Pair, g *Grouping, a, b int, in bool) Verdict {
	return Verdict{Pair: p, Story: g.Story[a] == g.Story[b], Copy: g.Copy[a] == g.Copy[b], Reasons: g.Reasons[max(a, b)], InPool: in}
}

// JudgeStories gives precision, recall and F1 of verdicts on "one story".
func JudgeStories(vs []Verdict) (p, r, f float64) {
	return rates(vs, func(v Verdict) (said, is, counts bool) {
		return v.Story, v.Pair.Label == "same_story" || v.Pair.Label == "copy", true
	})
}

// JudgeCopies gives precision, recall and F1 of verdicts on "copy". Pairs of
// one publisher and texts that are partly derived are left out: of the one it
// is no question, of the other it has no answer.
func JudgeCopies(vs []Verdict) (p, r, f float64) {
	return rates(vs, func(v Verdict) (said, is, counts bool) {
		return v.Copy, v.Pair.Label == "copy", !v.Pair.SamePublisher && v.Pair.Label != "partly_derived"
	})
}

func rates(vs []Verdict, judge func(Verdict) (said, is, counts bool)) (p, r, f float64) {
	var right, wrong, missed float64
	for _, v := range vs {
		said, is, counts := judge(v)
		switch {
		case !counts:
		case said && is:
			right++
		case said:
			wrong++
		case is:
			missed++
		}
	}
	return Rates(right, wrong, missed)
}

// ByRules groups items in a view with the rules of package stories.
func ByRules(v View) func([]Item) (Grouping, error) {
	return func(items []Item) (Grouping, error) {
		return Group(len(items), func(i int) (*feeds.Entry, feeds.Seen) { return items[i].Entry(v) }), nil
	}
}
