package measure

// Score is how well a grouping agrees with the labels.
type Score struct {
	P, R, F1    float64 // of pairs
	BP, BR, BF1 float64 // B-cubed: the mean over entries
	ARI         float64 // adjusted Rand index
}

// Compare scores a grouping (equal numbers are one group) against labels.
func Compare[G comparable](labels []string, groups []G) Score {
	type cell struct {
		l string
		g G
	}
	cells, ls, gs := map[cell]float64{}, map[string]float64{}, map[G]float64{}
	for i, l := range labels {
		cells[cell{l, groups[i]}]++
		ls[l]++
		gs[groups[i]]++
	}
	pairs := func(n float64) float64 { return n * (n - 1) / 2 }
	var s Score
	var both, inLabels, inGroups float64
	n := float64(len(labels))
	for c, k := range cells {
		both += pairs(k)
		s.BP += k * k / gs[c.g] / n
		s.BR += k * k / ls[c.l] / n
	}
	for _, k := range ls {
		inLabels += pairs(k)
	}
	for _, k := range gs {
		inGroups += pairs(k)
	}
	s.P, s.R, s.F1 = Rates(both, inGroups-both, inLabels-both)
	s.BF1 = harmonic(s.BP, s.BR)
	expected := inLabels * inGroups / max(pairs(n), 1)
	if mean := (inLabels + inGroups) / 2; mean != expected {
		s.ARI = (both - expected) / (mean - expected)
	}
	return s
}

// Rates gives precision, recall and F1 of counts of right, wrong and missed.
func Rates(right, wrong, missed float64) (p, r, f float64) {
	if right+wrong > 0 {
		p = right / (right + wrong)
	}
	if right+missed > 0 {
		r = right / (right + missed)
	}
	return p, r, harmonic(p, r)
}

func harmonic(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return 2 * a * b / (a + b)
}
