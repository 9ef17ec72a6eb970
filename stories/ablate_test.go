package stories_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aggregator/stories"
)

var ablate = flag.Bool("ablate", false, "print what each idea brings: how well entries are grouped when the model is fitted without it")

// idea is something that the rules go by, and how to do without it.
type idea struct {
	name         string
	regards      string // those that tell of it
	background   bool   // no table of document frequencies
	forget       bool   // nothing learned from the window
	lists        bool   // no lists of common words of other languages
	frames       bool   // frames of words may join
	careful      bool   // nothing added by hand to what was fitted
	withoutTrees bool
	withoutSum   bool
}

// off is what group does without.
var off idea

func (o *idea) start(x *stories.Index) {
	if o.background {
		x.WithoutBackground()
	}
	if o.lists {
		x.WithoutLists()
	}
}

func (o *idea) after(x *stories.Index) {
	if o.forget {
		x.Forget()
	}
}

// hide has the fit see nothing of some regards.
func (o *idea) hide(r []int32) {
	for _, name := range strings.Fields(o.regards) {
		r[slices.Index(stories.RegardNames[:], name)] = 0
	}
}

// hides reports whether the fit sees nothing of a regard.
func (o *idea) hides(name string) bool { return slices.Contains(strings.Fields(o.regards), name) }

// pass has what was scored pass for no frame of words.
func (o *idea) pass(r []int32) {
	if o.frames {
		r[slices.Index(stories.RegardNames[:], "missing")] = 0
		r[slices.Index(stories.RegardNames[:], "names")] = 1000
	}
}

var ideas = []idea{
	{name: "everything"},
	{name: "background table", background: true},
	{name: "learning from the window", forget: true},
	{name: "rarity outside the story", regards: "localBits localTop localCover localHead"},
	{name: "names and numbers", regards: "missing unmet names opening lacking apart numbers nameHits", frames: true},
	{name: "no story by a frame of words", frames: true},
	{name: "headlines", regards: "head headed missing unmet titles headMean apart numbers localHead headRuns unionHead front nameHits body"},
	{name: "the story beside its best member", regards: "mean union headMean size unionHead rival localBits localTop localCover localHead"},
	{name: "time", regards: "hours late untimed"},
	{name: "lists of other languages' words", lists: true},
	{name: "size of the window, length of the texts", regards: "crowd length short long"},
	{name: "weights set by hand", careful: true},
	{name: "trees", withoutTrees: true},
	{name: "sum", withoutSum: true},
}

// TestAblate prints a table of what the labelled sets lose without each idea:
//
//	go test ./stories -run TestAblate -ablate -v
//
// The model is fitted anew each time, without a third of the stories, and judged on that
// third; F1 and B-cubed F1. The streams are left out.
func TestAblate(t *testing.T) {
	if !*ablate {
		t.Skip("only with -ablate")
	}
	gs := slices.DeleteFunc(grounds(t), func(g *ground) bool { return g.family == "gs" })
	defer func() { off = idea{} }()
	shown := []string{"ecbplus feed", "ecbplus full", "wikinews2014 feed", "allsides feed", "uci2014 title", "vims feed", "basil feed", "tg"}
	t.Logf("| without | %s | mean | look-alikes apart |", strings.Join(shown, " | "))
	for _, off = range ideas {
		var ds []decision
		for _, g := range gs {
			g.place(stories.ShippedModel(), &ds, nil)
		}
		ms := withoutThirds(ds, 1)
		row, mean, apart, n := map[string]string{}, 0., 0., 0.
		for _, g := range gs {
			r := g.placeThirds(ms)
			row[g.name] = fmt.Sprintf("%.3f/%.3f", r.f1, r.b3)
			switch {
			case g.family == "lookalike":
				apart += r.r
				n++
			case g.name == "tg":
				row[g.name] = fmt.Sprintf("%.3f", r.f1)
			case slices.Contains(shown, g.name):
				mean += (r.f1 + r.b3) / 2 / float64(len(shown)-1)
			}
		}
		line := "| " + off.name
		for _, name := range shown {
			line += " | " + row[name]
		}
		t.Logf("%s | %.3f | %.2f |", line, mean, apart/n)
	}
}
