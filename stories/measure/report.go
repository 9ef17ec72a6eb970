package measure

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aggregator/feeds"
)

// Bar is what a collection in a view must reach: pairwise and B-cubed F1.
type Bar struct {
	Set        string
	View       View
	Pair, Cube float64
}

// Bars are the collections that are measured, and the floor for each; 0 is none.
var Bars = []Bar{
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

// Options say what a report holds.
type Options struct {
	// Worst is how many of the worst examples are printed for each table.
	Worst int
	// Baselines also computes the simple rules on each collection.
	Baselines bool
	// Each is given every row of the tables as it is known; nil: nobody is.
	Each func(Row)
}

// Row is a line of the tables. The shares are from 0 to 1; what a set does not
// have is nil, 0 or empty.
type Row struct {
	Set       string   `json:"set"`
	View      View     `json:"view"`  // of a collection
	Pairs     int      `json:"pairs"` // of a set of pairs: how many were judged
	Method    string   `json:"method"`
	Precision float64  `json:"precision"`
	Recall    float64  `json:"recall"`
	F1        float64  `json:"f1"`
	BF1       *float64 `json:"bcubed_f1"` // of a collection
	ARI       *float64 `json:"ari"`       // of a collection; below 0 is worse than chance
	Low       *float64 `json:"f1_low"`    // of pairs: the middle 95 % of F1
	High      *float64 `json:"f1_high"`
	Bar       string   `json:"bar"` // what must be reached, if anything
	Reached   *bool    `json:"reached"`
}

func (o *Options) tell(r Row) {
	if o.Each != nil {
		o.Each(r)
	}
}

// Report measures the labelled sets in dir and writes tables to w. Sets that
// are not there are left out; it is an error when none is.
func Report(w io.Writer, dir string, o Options) error {
	found := 0
	fmt.Fprintf(w, "Stories: pairs of entries, and B-cubed\n%-22s %-5s %-24s %7s %7s %7s %7s %7s  %s\n", "set", "view", "method", "P", "R", "F1", "B3", "ARI", "bar F1/B3")
	for _, b := range Bars {
		items, err := Read[Item](filepath.Join(dir, b.Set+".jsonl"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		found++
		items = Prepare(items)
		if err := collection(w, &b, items, o); err != nil {
			return err
		}
	}
	pairs, err := pairTables(w, dir, o)
	if err != nil {
		return err
	}
	if found+pairs == 0 {
		return fmt.Errorf("%s holds none of the labelled sets (ecbplus.jsonl, pairs/gs_pairs.jsonl and so on)", dir)
	}
	return nil
}

func collection(w io.Writer, b *Bar, items []Item, o Options) error {
	labels, copies := make([]string, len(items)), make([]string, len(items))
	entries := make([]*feeds.Entry, len(items))
	for i := range items {
		labels[i], copies[i] = items[i].Story, items[i].Group
		entries[i], _ = items[i].Entry(b.View)
	}
	g, _ := ByRules(b.View)(items)
	s := Compare(labels, g.Story)
	bar, reached := "", s.F1 >= b.Pair && s.BF1 >= b.Cube
	if b.Pair > 0 {
		bar = fmt.Sprintf("%.2f/%.2f", b.Pair, b.Cube)
	}
	o.row(w, b, "rules", s, bar, reached)
	var plain [][]uint64 // by each baseline
	if o.Baselines {
		for _, m := range Baselines {
			plain = append(plain, m.Group(entries))
		}
	}
	for i, groups := range plain {
		o.row(w, b, Baselines[i].Name, Compare(labels, groups), "", false)
	}
	if b.Set == "ecbplus" && b.View == Full {
		s := Compare(copies, g.Copy)
		o.row(w, b, "rules, copies", s, ".80", s.F1 >= .80)
		for i, groups := range plain {
			o.row(w, b, Baselines[i].Name+", copies", Compare(copies, groups), "", false)
		}
		worst(w, items, copies, g.Copy, g.copyCause, o.Worst)
	}
	worst(w, items, labels, g.Story, g.storyCause, o.Worst)
	return nil
}

func (o *Options) row(w io.Writer, b *Bar, method string, s Score, bar string, reached bool) {
	r := Row{Set: b.Set, View: b.View, Method: method, Precision: s.P, Recall: s.R, F1: s.F1, BF1: &s.BF1, ARI: &s.ARI, Bar: bar}
	if bar != "" {
		r.Reached = &reached
		bar += " " + mark(reached)
	}
	o.tell(r)
	fmt.Fprintf(w, "%-22s %-5s %-24s %7.3f %7.3f %7.3f %7.3f %7.3f  %s\n", b.Set, b.View, method, s.P, s.R, s.F1, s.BF1, s.ARI, bar)
}

func mark(ok bool) string {
	if ok {
		return "reached"
	}
	return "MISSED"
}

// split counts the wrong pairs by whether they were brought together or kept apart, and
// by cause, and puts it in words; nothing when there is none.
func split(labels []string, groups []uint64, cause func(a, b int) string) (together, apart string) {
	var causes [2]map[string]int
	var all [2]int
	for k := range causes {
		causes[k] = map[string]int{}
	}
	for b := range labels {
		for a := range b {
			if same := groups[a] == groups[b]; same != (labels[a] == labels[b]) {
				k := 0
				if !same {
					k = 1
				}
				causes[k][cause(a, b)]++
				all[k]++
			}
		}
	}
	var out [2]string
	for k, m := range causes {
		out[k] = fmt.Sprint(all[k])
		for i, c := range slices.SortedFunc(maps.Keys(m), func(a, b string) int {
			if m[a] != m[b] {
				return m[b] - m[a]
			}
			return strings.Compare(a, b)
		}) {
			out[k] += fmt.Sprintf("%s%s: %d", [2]string{" (", ", "}[min(i, 1)], c, m[c])
		}
		if len(m) > 0 {
			out[k] += ")"
		}
	}
	return out[0], out[1]
}

// worst prints the split of errors and what cost most: groups that mix events, and events that were
// torn apart.
func worst(w io.Writer, items []Item, labels []string, groups []uint64, cause func(a, b int) string, n int) {
	type fault struct {
		cost int
		text string
	}
	var faults []fault
	mixed, torn := map[uint64]map[string][]int{}, map[string]map[uint64][]int{}
	for i, l := range labels {
		if mixed[groups[i]] == nil {
			mixed[groups[i]] = map[string][]int{}
		}
		if torn[l] == nil {
			torn[l] = map[uint64][]int{}
		}
		mixed[groups[i]][l] = append(mixed[groups[i]][l], i)
		torn[l][groups[i]] = append(torn[l][groups[i]], i)
	}
	for _, parts := range mixed {
		if len(parts) > 1 {
			var lists [][]int
			for _, p := range parts {
				lists = append(lists, p)
			}
			faults = append(faults, fault{apartPairs(lists), "wrongly together: " + samples(items, lists)})
		}
	}
	for _, parts := range torn {
		if len(parts) > 1 {
			var lists [][]int
			for _, p := range parts {
				lists = append(lists, p)
			}
			faults = append(faults, fault{apartPairs(lists), "wrongly apart: " + samples(items, lists)})
		}
	}
	together, apart := split(labels, groups, cause)
	fmt.Fprintf(w, "    errors: pairs wrongly together %s; wrongly apart %s\n", together, apart)
	slices.SortFunc(faults, func(a, b fault) int {
		if a.cost != b.cost {
			return b.cost - a.cost
		}
		return strings.Compare(a.text, b.text)
	})
	for _, f := range faults[:min(n, len(faults))] {
		fmt.Fprintf(w, "    %6d pairs %s\n", f.cost, f.text)
	}
}

// apartPairs counts the pairs across lists.
func apartPairs(lists [][]int) int {
	sum, squares := 0, 0
	for _, l := range lists {
		sum += len(l)
		squares += len(l) * len(l)
	}
	return (sum*sum - squares) / 2
}

// samples shows an entry of the two largest lists.
func samples(items []Item, lists [][]int) string {
	slices.SortFunc(lists, func(a, b []int) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return a[0] - b[0]
	})
	name := func(l []int) string {
		it := &items[l[0]]
		s := it.Title
		if s == "" {
			s = it.Body
		}
		return fmt.Sprintf("%q (%d)", first(s, 70), len(l))
	}
	return name(lists[0]) + " / " + name(lists[1])
}
