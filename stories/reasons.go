package stories

import (
	"fmt"
	"strings"

	"aggregator/feeds"
)

// reasons puts a decision in words, strongest first.
func (x *Index) reasons(entry uint64, e *feeds.Entry, f *features, d *decision) []string {
	var out []string
	if word := x.ruledReason(entry); word != "" {
		out = append(out, word)
	}
	if d.best == nil {
		return append(out, "nothing in the window resembles it")
	}
	other := x.slots.at(d.best.pos).id
	ev := &d.best.ev
	if d.copied != nil {
		out = append(out, fmt.Sprintf("%d.%d %% of the shorter text's word runs stand in entry %d, too (%d of %d)", ev.runs/10, ev.runs%10, other, ev.common, ev.compared))
		if ev.heads > 0 {
			out = append(out, fmt.Sprintf("%d.%d %% of the headline's word runs stand in its headline", ev.heads/10, ev.heads%10))
		}
	} else {
		out = append(out, fmt.Sprintf("reports the event of its story: %d.%02d points, %d.%02d needed, weighed against %d of its entries, most of all entry %d", d.score/1000, d.score%1000/10, joinAt/1000, joinAt%1000/10, d.members, other))
	}
	if words := x.sharedWords(e, f, d.best.f); words != "" {
		out = append(out, "they share "+words)
	}
	return out
}

// sharedWords lists the weightiest words of e that stand in o, as e writes them.
func (x *Index) sharedWords(e *feeds.Entry, f, o *features) string {
	var out []string
	for i := range f.terms {
		if len(out) == 6 {
			break
		}
		h := f.terms[i].hash
		shared := false
		for j := range o.terms {
			shared = shared || o.terms[j].hash == h
		}
		if !shared {
			continue
		}
		if w := x.spelling(e, h); w != "" {
			out = append(out, `"`+w+`"`)
		}
	}
	return strings.Join(out, ", ")
}

// spelling finds how e writes a word. The words of e were just read.
func (x *Index) spelling(e *feeds.Entry, hash uint32) string {
	for _, w := range x.scratch.heads {
		if wordKey(w.hash) == hash {
			return e.Title[w.start:w.end]
		}
	}
	for _, w := range x.scratch.words {
		if wordKey(w.hash) == hash {
			return e.Text[w.start:w.end]
		}
	}
	return ""
}
