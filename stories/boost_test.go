package stories_test

import (
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"aggregator/stories"
)

// decision is an entry weighed against a story, and whether they belong
// together.
type decision struct {
	set, family string
	id          string // of the entry and its label: what must not be torn between folds
	yes, extra  bool   // extra: of entries that were made for the fit
	r           []int32
	w           float64
}

// alike weighs decisions so that a family counts by the root of their number (look-alikes
// less), and within it alike every set of a kind: as it is, without times, made for the fit.
func alike(ds []decision) {
	type kind struct{ family, kind string }
	kindOf := func(d *decision) kind {
		switch {
		case d.family == "lookalike":
		case d.extra:
			return kind{d.family, "made"}
		case strings.Contains(d.set, "untimed"):
			return kind{d.family, "untimed"}
		}
		return kind{d.family, ""}
	}
	sets, kinds, families := map[string]float64{}, map[kind]map[string]bool{}, map[string]float64{}
	for i := range ds {
		d := &ds[i]
		k := kindOf(d)
		if kinds[k] == nil {
			kinds[k] = map[string]bool{}
		}
		kinds[k][d.set] = true
		sets[d.set]++
		families[d.family]++
	}
	total := 0.
	for i := range ds {
		d := &ds[i]
		k := kindOf(d)
		part := func(name string, share float64) float64 {
			if len(kinds[kind{d.family, name}]) == 0 {
				return 0
			}
			return share
		}
		made, untimed := part("made", madeShare), part("untimed", untimedShare)
		share := made
		switch k.kind {
		case "untimed":
			share = (1 - made) * untimed
		case "":
			share = (1 - made) * (1 - untimed)
		}
		if d.family == "lookalike" {
			share = lookalikeShare
		}
		d.w = share * math.Pow(families[d.family], power) / float64(len(kinds[k])) / sets[d.set]
		total += d.w
	}
	for i := range ds {
		ds[i].w *= float64(len(ds)) / total
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logistic fits a weighted sum by Newton's method on standardised regards, with
// a little shrinkage; a weight whose sign is known (direction) never gets the
// other one. It gives points for a unit of each regard, and a constant.
func logistic(ds []decision, n int) (weights []float64, constant float64) {
	mean, dev := make([]float64, n), make([]float64, n)
	total := 0.0
	for _, d := range ds {
		total += d.w
		for k := range n {
			mean[k] += d.w * float64(d.r[k])
		}
	}
	for k := range n {
		mean[k] /= total
	}
	for _, d := range ds {
		for k := range n {
			x := float64(d.r[k]) - mean[k]
			dev[k] += d.w * x * x
		}
	}
	for k := range n {
		dev[k] = math.Sqrt(dev[k]/total) + 1e-9
	}
	w := make([]float64, n+1)
	x := make([]float64, n+1)
	for range 12 {
		h := make([][]float64, n+1)
		g := make([]float64, n+1)
		for i := range h {
			h[i] = make([]float64, n+1)
			if i < n {
				h[i][i] = ridge
				g[i] = ridge * w[i]
			}
		}
		for _, d := range ds {
			s := w[n]
			for k := range n {
				x[k] = (float64(d.r[k]) - mean[k]) / dev[k]
				s += w[k] * x[k]
			}
			x[n] = 1
			p := sigmoid(s)
			e := p
			if d.yes {
				e--
			}
			e *= d.w
			hh := max(p*(1-p), 1e-4) * d.w
			for i := range x {
				g[i] += e * x[i]
				for j := 0; j <= i; j++ {
					h[i][j] += hh * x[i] * x[j]
				}
			}
		}
		descend(w, g, h)
	}
	constant = w[n]
	for k := range n {
		weights = append(weights, w[k]/dev[k])
		constant -= w[k] * mean[k] / dev[k]
	}
	return weights, constant
}

// descend moves w to where g + h (w' - w) is nought, one weight after the other,
// as far as their signs allow. Of h the lower half is read.
func descend(w, g []float64, h [][]float64) {
	for range 300 {
		for i := range w {
			to := w[i] - g[i]/h[i][i]
			if i < len(w)-1 && float64(direction[stories.RegardNames[i]])*to < 0 {
				to = 0
			}
			by := to - w[i]
			for j := range g {
				g[j] += h[max(i, j)][min(i, j)] * by
			}
			w[i] = to
		}
	}
}

// direction says which way a regard speaks when all others are equal: +1 for one
// event, -1 against it. Those that are not named may speak either way. What is
// fitted must not contradict it, so that a chance of the labelled sets (a set whose
// wrong pairs happen to be alike) is not taken for a rule.
var direction = map[string]int{
	"head": 1, "headed": 1, "cosine": 1, "mean": 1, "union": 1, "bits": 1, "top": 1, "missing": -1, "unmet": -1, "hours": -1,
	"titles": 1, "headMean": 1, "names": 1, "opening": -1, "lacking": -1, "apart": -1, "numbers": -1, "late": -1, "outlet": -1,
	"localBits": 1, "localTop": 1, "localCover": 1, "localHead": 1, "words": 1, "headRuns": 1, "runs": 1, "unionHead": 1,
	"front": 1, "coverMin": 1, "coverMax": 1, "rival": 1, "nameHits": 1, "third": 1, "body": 1,
}

const (
	maxBins = 32
)

type sum struct {
	g, h float64
	n    int
}

// fittedTree is a tree of stories' model before rounding.
type fittedTree struct {
	which  [8]uint8
	above  [8]int32
	points [8]float64
}

// boost fits trees of three questions one after the other, each to what those
// before it leave unsaid.
func boost(ds []decision, trees int, seed uint64) (constant float64, out []fittedTree) {
	nr := stories.Regards
	bounds := make([][]int32, nr)
	bins := make([]uint8, len(ds)*nr)
	for k := range nr {
		var vs []int32
		for i := range ds {
			vs = append(vs, ds[i].r[k])
		}
		slices.Sort(vs)
		var b []int32
		for q := 1; q < maxBins; q++ {
			b = append(b, vs[len(vs)*q/maxBins])
		}
		u := slices.Compact(slices.Clone(vs))
		if len(u) <= maxBins {
			b = u[:len(u)-1]
		}
		b = slices.Compact(b)
		bounds[k] = b
		for i := range ds {
			at, _ := slices.BinarySearch(b, ds[i].r[k]) // bin i: above bounds[i-1], at most bounds[i]
			bins[i*nr+k] = uint8(at)
		}
	}
	yes, total := 0.0, 0.0
	for i := range ds {
		total += ds[i].w
		if ds[i].yes {
			yes += ds[i].w
		}
	}
	constant = math.Log(yes / (total - yes))
	f := make([]float64, len(ds))
	g, h := make([]float64, len(ds)), make([]float64, len(ds))
	node := make([]uint8, len(ds))
	for i := range f {
		f[i] = constant
	}
	hist := make([]sum, 8*nr*maxBins)
	chance := rand.New(rand.NewPCG(seed, 1))
	for range trees {
		var t fittedTree
		var low, high [16]float64 // of the points below a question
		for i := range low {
			low[i], high[i] = math.Inf(-1), math.Inf(1)
		}
		asked := chance.Perm(nr)[:max(1, nr*columns/100)] // not all each time, so that no single regard decides all
		slices.Sort(asked)
		for i := range ds {
			p := sigmoid(f[i])
			g[i], h[i] = ds[i].w*p, ds[i].w*p*(1-p)
			if ds[i].yes {
				g[i] -= ds[i].w
			}
			node[i] = 1
		}
		for level := 1; level < 8; level *= 2 {
			clear(hist)
			for i := range ds {
				at := int(node[i]) * nr
				row := bins[i*nr : i*nr+nr]
				for _, k := range asked {
					c := &hist[(at+k)*maxBins+int(row[k])]
					c.g += g[i]
					c.h += h[i]
					c.n++
				}
			}
			for at := level; at < 2*level; at++ {
				var all sum
				for b := range maxBins {
					c := hist[(at*nr+asked[0])*maxBins+b]
					all.g += c.g
					all.h += c.h
					all.n += c.n
				}
				best := 1e-9
				t.which[at], t.above[at] = 0, math.MaxInt32
				for l := 2 * at; l < 2*at+2; l++ {
					low[l], high[l] = low[at], high[at]
				}
				for _, k := range asked {
					dir := float64(direction[stories.RegardNames[k]])
					var left sum
					for b := range bounds[k] {
						c := hist[(at*nr+k)*maxBins+b]
						left.g += c.g
						left.h += c.h
						left.n += c.n
						if left.n < fewest || all.n-left.n < fewest {
							continue
						}
						rg, rh := all.g-left.g, all.h-left.h
						gain := left.g*left.g/(left.h+shrink) + rg*rg/(rh+shrink) - all.g*all.g/(all.h+shrink)
						if gain <= best {
							continue
						}
						no := min(max(-left.g/(left.h+shrink), low[at]), high[at])
						yes := min(max(-rg/(rh+shrink), low[at]), high[at])
						if dir*(yes-no) < 0 {
							continue
						}
						best = gain
						t.which[at], t.above[at] = uint8(k), bounds[k][b]
						low[2*at], high[2*at], low[2*at+1], high[2*at+1] = low[at], high[at], low[at], high[at]
						if dir > 0 {
							high[2*at], low[2*at+1] = (no+yes)/2, (no+yes)/2
						} else if dir < 0 {
							low[2*at], high[2*at+1] = (no+yes)/2, (no+yes)/2
						}
					}
				}
			}
			for i := range ds {
				at := node[i]
				if ds[i].r[t.which[at]] > t.above[at] {
					node[i] = 2*at + 1
				} else {
					node[i] = 2 * at
				}
			}
		}
		var leaves [8]sum
		for i := range ds {
			l := &leaves[node[i]-8]
			l.g += g[i]
			l.h += h[i]
		}
		for l := range leaves {
			t.points[l] = rate * min(max(-leaves[l].g/(leaves[l].h+shrink), low[l+8]), high[l+8])
		}
		for i := range ds {
			f[i] += t.points[node[i]-8]
		}
		out = append(out, t)
	}
	return constant, out
}

// bagged is the mean of several fits of trees, each without another part of the
// stories, so that no story of the labelled sets decides by itself.
func bagged(ds []decision) (constant float64, out []fittedTree) {
	for k := range bags {
		some := slices.DeleteFunc(slices.Clone(ds), func(d decision) bool { return crc32.ChecksumIEEE([]byte(d.id))>>8%bags == uint32(k) })
		c, trees := boost(some, treeCount, uint64(k+1))
		constant += c / bags
		for _, t := range trees {
			for i := range t.points {
				t.points[i] /= bags
			}
			out = append(out, t)
		}
	}
	return constant, out
}

// fit makes a model: half of each, the sum and the trees.
func fit(ds []decision) *stories.Model {
	share, careful, carefulConstant := treeShare, careful, carefulConstant
	switch {
	case off.withoutTrees:
		share = 0
	case off.withoutSum:
		share = 1
	}
	if off.careful {
		careful, carefulConstant = nil, 0
	}
	alike(ds)
	ws, c := logistic(ds, stories.InSum)
	b, trees := bagged(ds)
	whole := make([]int32, len(ws))
	for k, w := range ws {
		whole[k] = int32(math.Round(w * 1e4 * (1 - share)))
	}
	for k, name := range stories.RegardNames[:len(whole)] {
		if !off.hides(name) {
			whole[k] += careful[name]
		}
	}
	m := stories.NewModel(int(math.Round((c*(1-share)+b*share)*1e4))+carefulConstant, whole)
	for _, t := range trees {
		var points [8]int32
		for i, p := range t.points {
			points[i] = int32(math.Round(p * 1e3 * share))
		}
		m.Add(t.which, t.above, points)
	}
	return m
}

const (
	rate      = .15
	shrink    = 5.
	fewest    = 120 // decisions in a leaf
	treeCount = 100
	bags      = 4
	columns   = 40 // percent of the regards that a tree may ask
	treeShare = .5 // of the trees in the points, beside the sum
	ridge     = 1.
	power     = .5 // of the number of its decisions, by which a family counts

	madeShare      = .4 // of entries made for the fit, in their family
	untimedShare   = .5 // of round-ups without a time, in what is left of it
	lookalikeShare = .5 // of look-alikes, beside a family
)

// careful is added to what was fitted, in ten-thousandths of a point for a
// unit: names that only one of two headlines has, at both ends, and numbers of
// which they share none, speak against one event more than the labelled sets
// show. Those hold few of the kinds of news that differ in nothing else
// (results of two companies, obituaries, earthquakes); the scenarios do. A large
// window and long texts offer more that only looks alike. carefulConstant gives
// back, in ten-thousandths of a point, what all that takes from the rest.
var careful = map[string]int32{"apart": -17, "numbers": -11000, "missing": -10, "crowd": -170, "length": -10}

const carefulConstant = 8000
